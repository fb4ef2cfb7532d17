"""Compare compression with its rivals on bytes for which there is no pretrained model, in ten tasks.

    python experiments/bytes.py                             all tasks, all methods
    python experiments/bytes.py --tasks dna --methods gzip svm
    python experiments/bytes.py --render                    only make the table and the chart of existing results

The texts of most tasks are files of this machine. Every method chooses its settings on training texts. Every method is
also fitted on four fifths of the training texts and predicts the labels of the last fifth, which comes from other
sources. If there are few training texts, this is done up to five times, each time with another fifth. The accuracy of
these predictions, and not that on the test texts, chooses the best method by compression and the best rival, which are
then compared.

The same command continues an interrupted run. The texts depend on what is installed. If they have changed, --fresh
measures everything again. Each method runs in its own process, so that its peak memory can be measured. Times are
processor times. A task whose data or packages are missing is skipped, and the reason is printed.
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
from byte_tables import render
from byte_tasks import TASKS, MissingDataError, Split, Texts
from common import add_out, check_folder, part_of, read_known, run, write_result
from measuring import few, peak_bytes
from numpy.typing import NDArray
from sets import NOTHING
from sklearn.model_selection import GroupKFold
from tables import in_own_process

from gzipknn.search.hubs import draw
from gzipknn.trials import Splits
from gzipknn.utils.accuracy import accuracy

FEW, SEEDS, FEW_TEST = (1, 5, 20), range(3), 300
"""Of the runs with few training texts: the numbers of training texts per class, the seeds, and the largest number of
test texts."""
HELD_OUT = 500
"""About how many held-out training texts the best methods are chosen on. Small tasks have fewer."""
FEW_MOST = 2000
"""The largest number of training texts that a task may have for runs with few training texts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=TASKS, metavar="NAME")
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="NAME")
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--fresh", action="store_true", help="measure again if the results are of other texts")
    parser.add_argument("--render", action="store_true", help="only make the table and the chart of existing results")
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
    """Run the methods that have no result yet on a task. Return whether the data of the task are available."""
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
            raise ValueError(
                f"{path} holds results on other texts than this machine has now; measure again with --fresh."
            )
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
    """Return the numbers of texts and classes, and a hash of all texts."""
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
    """Fit a method on the training texts, and on parts of them. Return its accuracy on test and held-out texts."""
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
    """Split the training texts so that each split holds out about a fifth of the sources, but no whole class.

    Returns
    -------
    list of (ndarray of intp, ndarray of intp)
        For each split, the positions of the texts that remain and of those that are held out. There are as many splits
        as are needed to hold out about `HELD_OUT` texts together, but at most five.
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
    """Fit a method and return which test texts it labels right."""
    clf = method.make(len(train.X)).fit(values(method, train), train.y)
    return np.asarray(clf.predict(values(method, test)) == np.array(test.y))


def few_shot(method: Method, split: Split) -> dict[str, list[float]]:
    """Return the accuracies with few training texts, by their number per class: one for each seed."""
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
