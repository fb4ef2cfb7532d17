"""Measure how the choices in the definition of lz77 affect accuracy, on validation texts from the training sets.

Each variant changes one choice. The classifier uses 31 neighbours (nmi, half-local, margin). It predicts the labels of
held-out training texts, and the types of files of this machine from fragments. The held-out files are from other
folders. The test sets are not read. The same command continues an interrupted run.

    python experiments/lz77_definition.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from common import add_out, part_of, read_known, run, write_result
from file_fragments import fragments
from numpy.typing import NDArray
from plots import Column, draw_rows
from sets import add_sets, load_sets
from sklearn.model_selection import GroupShuffleSplit

from gzipknn import NCDClassifier
from gzipknn.compressors import LZ77, background, class_weights, lz77
from gzipknn.utils.accuracy import accuracy

SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
FRAGMENTS = {"fragments of 1 kB": (1024, 150), "fragments of 512 B": (512, 150)}
"""The size of the fragments in bytes, and their number for each type of file."""
Changed = tuple[Any, str, float]
"""A module, the name of one of its constants, and the value that the variant gives it."""
VARIANTS: dict[str, tuple[LZ77, Changed | None]] = {
    "as defined": (LZ77(), None),
    "background of order 2": (LZ77(2), None),
    "background of order 1": (LZ77(1), None),
    "background of order 0": (LZ77(0), None),
    "smoothing 250": (LZ77(), (background, "BLEND_SMOOTHING", 250)),
    "smoothing 4000": (LZ77(), (background, "BLEND_SMOOTHING", 4000)),
    "match 2 bits cheaper": (LZ77(), (lz77, "LENGTH_BITS", 1)),
    "match 2 bits dearer": (LZ77(), (lz77, "LENGTH_BITS", 5)),
    "copies as dear as matches": (LZ77(), (lz77, "COPY_MATCHES", 1)),
    "copies three times as dear": (LZ77(), (lz77, "COPY_MATCHES", 3)),
    "with labels, base 0.3": (LZ77(base_weight=0.3), None),
    "with labels, base 0.1": (LZ77(base_weight=0.1), None),
    "with labels, base 0.03": (LZ77(base_weight=0.03), None),
    "with labels, base 0.1, smoothing 2": (LZ77(base_weight=0.1), (class_weights, "SMOOTHING", 2.0)),
    "with labels, base 0.1, smoothing 32": (LZ77(base_weight=0.1), (class_weights, "SMOOTHING", 32.0)),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, SETS)
    parser.add_argument("--train", type=int, default=2500, help="largest number of training texts (default: 2500)")
    parser.add_argument("--validation", type=int, default=500, help="validation texts (default: 500)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    parser.add_argument("--no-fragments", action="store_true", help="leave out the fragments of files")
    add_out(parser)
    options = parser.parse_args()
    path = options.out / "lz77_definition.json"
    part = part_of(parser, options, "train", "validation")
    known = read_known(path, "sets", part)
    for name, X, y, order in sources(options):
        held_out, train = np.split(order[: options.validation + options.train], [options.validation])
        scores = known.setdefault(name, {"n_train": len(train)})
        for variant, (compressor, changed) in VARIANTS.items():
            if variant in scores:
                continue
            clf = NCDClassifier(
                31,
                compressor=compressor,
                metric="nmi",
                normalize="half-local",
                weights="margin",
                n_jobs=options.n_jobs,
            )
            with patch.object(*changed) if changed else nullcontext():
                clf.fit([X[i] for i in train], [y[i] for i in train])
                predicted = clf.predict([X[i] for i in held_out])
            scores[variant] = accuracy(predicted == np.array([y[i] for i in held_out]))
            print(name, variant, scores[variant]["value"], flush=True)
            write_result(path, {"sets": known}, part)
    draw(known, path.with_suffix(".svg"))


def sources(options: argparse.Namespace) -> Iterator[tuple[str, list[Any], list[str], NDArray[np.intp]]]:
    """Yield each data set: its name, texts and labels, and their order: first the held-out texts, then the others."""
    for name, (X, y), _ in load_sets(options.datasets, options.data):
        yield name, X, y, np.random.RandomState(0).permutation(len(X))
    for name, (size, a_type) in {} if options.no_fragments else FRAGMENTS.items():
        X, y, folders = fragments(size, a_type)
        split = GroupShuffleSplit(1, test_size=0.3, random_state=0)
        train, test = next(split.split(X, y, folders))
        random = np.random.RandomState(0)
        yield name, X, y, np.concatenate([random.permutation(test)[: options.validation], random.permutation(train)])


def draw(sets: dict[str, Any], path: Path) -> None:
    """Draw the accuracy of the variants that were measured on every set."""
    known = [variant for variant in VARIANTS if all(variant in found for found in sets.values())]
    scores = {variant: [found[variant]["value"] for found in sets.values()] for variant in known}
    draw_rows([Column("accuracy on validation texts", scores)], path)


if __name__ == "__main__":
    run(main)
