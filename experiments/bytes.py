"""Bytes that no model was trained for: compression against its rivals on ten tasks that a machine has in itself.

    python experiments/bytes.py                             all tasks, all methods
    python experiments/bytes.py --tasks dna --methods gzip svm
    python experiments/bytes.py --render                    only make table and chart of the JSON there is

What a method leaves open it chooses on training texts. Besides, every method is fitted to four fifths of the training
texts and labels the last fifth, which comes from other sources; where the training texts are few, this is done up to
five times, with another fifth each time. By these labels, not by the test texts, the best method by compression and
the best of the rivals are chosen, which are then compared. A run goes on where one was interrupted. Texts depend on
what is installed: where they have changed, --fresh measures again. Each method runs in a process of its own, so that
its peak memory is its own; seconds are those of the processor. A task whose data or package is missing is skipped,
with the reason.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import sys
import time
from inspect import signature
from typing import Any

import numpy as np
from byte_methods import METHODS, Method
from byte_rivals import Splits
from byte_tables import render
from byte_tasks import TASKS, MissingDataError, Split, Texts
from common import add_out, check_folder, part_of, read_known, run, write_result
from measuring import few, peak_bytes
from numpy.typing import NDArray
from sets import NOTHING
from sklearn.model_selection import GroupKFold
from tables import in_own_process

from gzipknn.search.hubs import draw
from gzipknn.utils.accuracy import accuracy

FEW, SEEDS, FEW_TEST = (1, 5, 20), range(3), 300
"""Training texts a class; draws of them; test texts at most."""
HELD_OUT = 500
"""Training texts of a task, at least, by whose labels the best methods are chosen."""
FEW_MOST = 2000
"""Training texts of a task, at most, for draws of few."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS, metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="NAME")
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--fresh", action="store_true", help="measure again what was measured on other texts")
    parser.add_argument("--render", action="store_true", help="only make table and chart of the results there are")
    add_out(parser)
    options = parser.parse_args()
    options.part = part_of(parser, options, "limit_train", "limit_test")
    if not options.render:
        check_folder(options.out, "bytes", options.part)
        made = [run_task(name, options) for name in options.tasks]
        if not any(made):
            sys.exit(NOTHING)
    for path in render(options.out):
        print(f"written: {path}")


def run_task(name: str, options: argparse.Namespace) -> bool:
    """Run the methods on a task that were not run yet; tell whether it could be made."""
    task, path = TASKS[name], options.out / f"bytes_{name}.json"
    known = read_known(path, "methods", options.part)
    wanted = [method for method in options.methods if method not in known]
    if not wanted and not options.fresh:
        return True
    try:
        splits = [limited(split, options) for split in task.make()]
    except MissingDataError as error:
        print(f"{name}: skipped: {error}", file=sys.stderr)
        return False
    about = describe(splits)
    if known and read_known(path, "texts", options.part) != about:
        if not options.fresh:
            raise ValueError(f"{path} holds results on other texts than this machine has; measure anew with --fresh.")
        known, wanted = {}, options.methods
    for method in wanted:
        if METHODS[method].of_series and not splits[0][0].series:
            continue
        result = in_own_process(measure, method, splits)
        if "skipped" in result:
            print(f"{name} {method}: skipped: {result['skipped']}", file=sys.stderr)
            continue
        known[method] = result
        test = result["scores"]["test"]
        print(
            f"{name} {method} {test['value']:.3f}, {result['fit_seconds'] + result['predict_seconds']:.0f} s",
            flush=True,
        )
        in_order = {method: known[method] for method in METHODS if method in known}
        write_result(path, {"title": task.title, "texts": about, "methods": in_order}, options.part)
    return True


def limited(split: Split, options: argparse.Namespace) -> Split:
    train, test = split
    rows = draw(len(train.X), options.limit_train), draw(len(test.X), options.limit_test)
    return train.take(rows[0]), test.take(rows[1])


def describe(splits: list[Split]) -> dict[str, Any]:
    """Return the numbers of texts and classes, and a digest of all texts."""
    digest = hashlib.blake2b(digest_size=8)
    for text in (text for split in splits for texts in split for text in texts.X):
        digest.update(np.asarray(text).tobytes())
    return {
        "n_train": sum(len(train.X) for train, _ in splits),
        "n_test": sum(len(test.X) for _, test in splits),
        "n_classes": sum(len(set(train.y)) for train, _ in splits),
        "digest": digest.hexdigest(),
    }


def measure(name: str, splits: list[Split]) -> dict[str, Any]:
    """Fit a method to four fifths and to all of the training texts, and see how much of the rest it labels right."""
    method, right, held_out, chosen = METHODS[name], [], [], []
    fitting = predicting = 0.0
    try:
        for train, test in splits:
            parts = held_out_sources(train)
            clf = method.make(len(train.X))
            options = {"splits": parts} if "splits" in signature(clf.fit).parameters else {}
            start = time.process_time()
            clf.fit(values(method, train), train.y, **options)
            fitted = time.process_time()
            right.append(clf.predict(values(method, test)) == np.array(test.y))
            fitting, predicting = fitting + fitted - start, predicting + time.process_time() - fitted
            settings = getattr(clf, "chosen_", getattr(clf, "best_params_", {}))
            chosen.append({key: str(value) for key, value in settings.items()})
            if options:
                held_out.append(clf.held_out_right_)
            else:
                held_out += [labelled(method, train.take(rest), train.take(fold)) for rest, fold in parts]
        of_few = few_shot(method, splits[0]) if method.few and not train.series and len(train.X) <= FEW_MOST else {}
    except ModuleNotFoundError as error:
        return {"skipped": str(error)}
    all_right = np.concatenate(right)
    return {
        "title": method.title,
        "compresses": method.compresses,
        "chosen": chosen,
        "validation": accuracy(np.concatenate(held_out)),
        "scores": {"test": accuracy(all_right)},
        "by_set": [accuracy(own) for own in right],
        "right": base64.b64encode(np.packbits(all_right).tobytes()).decode(),
        "n_test": len(all_right),
        "n_test_all": len(all_right),
        "fit_seconds": fitting,
        "predict_seconds": predicting,
        "peak_bytes": peak_bytes(),
        "few": of_few,
    }


def held_out_sources(train: Texts) -> Splits:
    """Hold out the texts of about a fifth of the sources, but no class as a whole, in as many splits as it needs.

    Returns
    -------
    list of (ndarray of intp, ndarray of intp)
        The positions of the texts that remain and of those that are held out: at least `HELD_OUT` of these together,
        in at most five splits.
    """
    n_splits = min(5, -(-HELD_OUT * 5 // len(train.X)))
    labels, splits = np.array(train.y), []
    for rest, fold in GroupKFold(5, shuffle=True, random_state=0).split(train.X, groups=train.groups):
        alone = ~np.isin(labels[fold], labels[rest])
        splits.append((np.sort(np.concatenate([rest, fold[alone]])), fold[~alone]))
    return splits[:n_splits]


def values(method: Method, texts: Texts) -> list[Any]:
    return texts.series if method.of_series else texts.X


def labelled(method: Method, train: Texts, test: Texts) -> NDArray[np.bool_]:
    """Return which test texts are labelled right."""
    clf = method.make(len(train.X)).fit(values(method, train), train.y)
    return np.asarray(clf.predict(values(method, test)) == np.array(test.y))


def few_shot(method: Method, split: Split) -> dict[str, list[float]]:
    """Return the accuracy with so many training texts a class, by draw."""
    train, test = split[0], split[1].take(draw(len(split[1].X), FEW_TEST))
    labels = np.array(train.y)
    found: dict[str, list[float]] = {}
    for n in FEW:
        for seed in SEEDS:
            right = labelled(method, train.take(few(labels, n, seed)), test)
            found.setdefault(str(n), []).append(float(np.mean(right)))
    return found


if __name__ == "__main__":
    run(main)
