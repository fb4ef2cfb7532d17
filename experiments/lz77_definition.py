"""What the choices in the definition of lz77 are worth, on validation texts cut from the training sets.

Each variant changes one thing. Accuracy of 31 neighbours (nmi, local, margin) of held-out training texts; the test
sets are not read.

    python experiments/lz77_definition.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np
from common import add_out, part_of, read_known, run, write_result
from plots import Column, draw_rows
from sets import add_sets, load_sets

from gzipknn import NCDClassifier
from gzipknn.compressors import LZ77, class_weights, lz77
from gzipknn.utils.accuracy import accuracy

SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
Changed = tuple[ModuleType, str, float]
"""A constant of a module that is set to another value."""
VARIANTS: dict[str, tuple[LZ77, Changed | None]] = {
    "as defined": (LZ77(), None),
    "background of order 1": (LZ77(1), None),
    "background of order 0": (LZ77(0), None),
    "smoothing 2": (LZ77(), (lz77, "SMOOTHING", 2)),
    "smoothing 32": (LZ77(), (lz77, "SMOOTHING", 32)),
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
    parser.add_argument("--train", type=int, default=2500, help="training texts, at most (default: 2500)")
    parser.add_argument("--validation", type=int, default=500, help="validation texts (default: 500)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    add_out(parser)
    options = parser.parse_args()
    path = options.out / "lz77_definition.json"
    part = part_of(parser, options, "train", "validation")
    known = read_known(path, "sets", part)
    for name, (X, y), _ in load_sets(options.datasets, options.data):
        order = np.random.RandomState(0).permutation(len(X))
        held_out, train = np.split(order[: options.validation + options.train], [options.validation])
        known[name] = {"n_train": len(train)}
        for variant, (compressor, changed) in VARIANTS.items():
            clf = NCDClassifier(
                31,
                compressor=compressor,
                metric="nmi",
                normalize="local",
                weights="margin",
                n_jobs=options.n_jobs,
            )
            with patch.object(*changed) if changed else nullcontext():
                clf.fit([X[i] for i in train], [y[i] for i in train])
                predicted = clf.predict([X[i] for i in held_out])
            known[name][variant] = accuracy(predicted == np.array([y[i] for i in held_out]))
            print(name, variant, known[name][variant]["value"], flush=True)
        write_result(path, {"sets": known}, part)
    draw(known, path.with_suffix(".svg"))


def draw(sets: dict[str, Any], path: Path) -> None:
    """Draw the variants that every set was measured with."""
    known = [variant for variant in VARIANTS if all(variant in found for found in sets.values())]
    scores = {variant: [found[variant]["value"] for found in sets.values()] for variant in known}
    draw_rows([Column("accuracy on validation texts", scores)], path)


if __name__ == "__main__":
    run(main)
