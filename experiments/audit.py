"""Count the faults of data sets: duplicates, test texts that are also training texts, texts with several labels.

    python experiments/audit.py --data ../shared/data --datasets r8 20news
    python experiments/audit.py --datasets dengue kirundi               from the Hugging Face hub

If tables.py wrote accuracies into the same folder (--out), they are given again, on all test texts and on the test
texts that are not in the training set.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

import numpy as np
from common import add_out, read_known, run, write_result
from methods import METHODS
from numpy.typing import NDArray
from render import done, part_read, read, right
from sets import Texts, add_sets, load_sets
from tables import HERE

from gzipknn.utils.accuracy import accuracy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, (*HERE, "imdb_rasbt"))
    add_out(parser)
    options = parser.parse_args()
    path, tables, part = options.out / "audit.json", read(options.out, "table"), part_read(options.out, "table")
    known = read_known(path, "sets", part)
    for name, train, test in load_sets(options.datasets, options.data):
        known[name] = {**audit(train, test), "clean": clean_accuracies(tables.get(name, {}), train, test)}
        write_result(path, {"sets": known}, part)
    table = "\n".join(render(known)) + "\n"
    (options.out / "audit.md").write_text(table, encoding="utf-8")
    print(table)


def alike(text: str) -> str:
    """Return a text in lower case with single spaces, so that texts which differ only in these become equal."""
    return " ".join(text.casefold().split())


def audit(train: Texts, test: Texts) -> dict[str, Any]:
    """Count the faults of a data set.

    Two texts are duplicates if :func:`alike` returns the same for both. For ``identical_in_train`` they must be equal.
    """
    labels = defaultdict(set)
    for text, label in zip(*train, strict=True):
        labels[alike(text)].add(label)
    in_train = known_to(train, test)
    identical = set(train[0])
    conflicts = sum(labels[alike(text)] != {label} for text, label in zip(*test, strict=True) if alike(text) in labels)
    return {
        "n_train": len(train[0]),
        "n_test": len(test[0]),
        "empty": sum(not text.strip() for text in train[0] + test[0]),
        "duplicates_in_train": len(train[0]) - len(labels),
        "duplicates_in_test": len(test[0]) - len({alike(text) for text in test[0]}),
        "texts_with_several_labels": sum(len(several) > 1 for several in labels.values()),
        "test_in_train": int(in_train.sum()),
        "identical_in_train": sum(text in identical for text in test[0]),
        "test_in_train_with_another_label": conflicts,
    }


def known_to(train: Texts, test: Texts) -> NDArray[np.bool_]:
    """Mark the test texts that are also training texts."""
    known = {alike(text) for text in train[0]}
    return np.array([alike(text) in known for text in test[0]])


def clean_accuracies(methods: dict[str, Any], train: Texts, test: Texts) -> dict[str, Any]:
    """Score each method on all its test texts, and on those that are not in the training set."""
    in_train, scores = known_to(train, test), {}
    for method, result in done(methods).items():
        by_position = right(result)
        clean = [value for position, value in by_position.items() if not in_train[position]]
        if clean:
            scores[method] = {"all": result["scores"]["test"], "clean": accuracy(np.array(clean))}
    return scores


def render(sets: dict[str, Any]) -> list[str]:
    columns = {
        "n_train": "training texts",
        "n_test": "test texts",
        "empty": "empty",
        "duplicates_in_train": "copies in training",
        "duplicates_in_test": "copies in test",
        "texts_with_several_labels": "training texts with several labels",
        "test_in_train": "test texts in training",
        "identical_in_train": "of these, equal to the byte",
        "test_in_train_with_another_label": "of these, with another label",
    }
    lines = [
        "# What is wrong with the data",
        "",
        "Two texts count as the same if they differ only in case and white space. "
        "`python experiments/audit.py` made these numbers.",
        "",
        f"| set | {' | '.join(columns.values())} |",
        "|---|" + "---|" * len(columns),
    ]
    for name, found in sets.items():
        cells = [str(found[column]) for column in columns]
        cells[list(columns).index("test_in_train")] += f" ({found['test_in_train'] / found['n_test']:.1%})"
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "## Accuracy on all test texts, and without those that are in training", ""]
    scored = {name: found["clean"] for name, found in sets.items() if found["clean"]}
    lines += [f"| method | {' | '.join(scored)} |", "|---|" + "---|" * len(scored)]
    for method in METHODS:
        cells = [
            "{:.3f}, {:.3f}".format(*(scores[method][of]["value"] for of in ("all", "clean")))
            if method in scores
            else ""
            for scores in scored.values()
        ]
        lines.append(f"| {METHODS[method].title} | {' | '.join(cells)} |")
    return lines


if __name__ == "__main__":
    run(main)
