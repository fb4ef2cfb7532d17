"""``gzipknn evaluate``: label texts of which the labels are known, and tell how many are right."""

from __future__ import annotations

import argparse
import time

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.confidence import Confidence, label_with_odds
from gzipknn.command.evaluation import Evaluation, sentence
from gzipknn.command.models import Model, fit, is_model, load_model
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training, whole
from gzipknn.command.streams import say, warn, write, write_json
from gzipknn.command.texts import Training, load_queries, load_training
from gzipknn.texts.encoding import encode_texts
from gzipknn.utils.escapes import one_line

FOLDS = 5


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "evaluate", run, "train on one file, test on another, print the accuracy")
    add_training(command)
    test_help = "file with labelled texts, or folder with test.*; without it, parts of TRAIN are held out"
    command.add_argument("test", metavar="TEST", nargs="?", help=test_help)
    parts = command.add_mutually_exclusive_group()
    folds_help = f"without TEST: cut TRAIN into so many parts, each tested by a model of the others (default: {FOLDS})"
    parts.add_argument("--folds", type=whole(2), metavar="N", help=folds_help)
    parts.add_argument(
        "--holdout", type=_share, metavar="SHARE", help="without TEST: hold out this share of TRAIN once"
    )
    add_columns(command)
    command.add_argument("--json", action="store_true", help="print JSON, with more figures")
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Print the accuracy, and for people precision and recall of each class."""
    found = evaluate(options, calibrate=options.json)
    if found.leaked.any():
        _warn_of_leaks(options, found)
    if options.json:
        # a part may have been known
        write_json({**found.to_dict(), "seconds": None if options.memory else found.seconds})
        return
    from sklearn.metrics import classification_report  # it takes long to import, as all of sklearn.metrics

    truth, predicted = ([one_line(label) for label in labels] for labels in (found.truth, found.predicted))
    write(classification_report(truth, predicted, zero_division=0))
    taken = "" if options.memory else f" in {found.seconds:.1f} s"
    write(f"{sentence(found.accuracy)}{taken}, {found.n_train:,} training texts")


def evaluate(options: argparse.Namespace, *, calibrate: bool) -> Evaluation:
    """Label the test texts, those of TEST or the parts of TRAIN; tell their confidence, too, if it is wanted."""
    if is_model(options.train):
        if options.test is None:
            raise ValueError(
                f"{options.train} is a model, which knows its training texts: give a TEST file of texts that it does "
                f"not know, or the file of training texts in place of the model, to hold parts of it out."
            )
        return _on_other_file(options, load_model(options))
    training = load_training(options)
    training = training._replace(labels=[str(label) for label in training.labels])
    if options.test is None:
        return _on_parts(options, training, calibrate)
    for name in ("folds", "holdout"):
        if getattr(options, name) is not None:
            raise ValueError(f"--{name} holds out parts of TRAIN, so it goes with no TEST; leave one of them out.")
    return _on_other_file(options, fit(options, training, calibrate=calibrate), training)


def _on_other_file(options: argparse.Namespace, model: Model, training: Training | None = None) -> Evaluation:
    X, y = load_queries(options, options.test, options.label)
    truth = [str(label) for label in y]
    known = {str(label) for label in model.classifier.classes_.tolist()}
    unknown = sorted(set(truth) - known)
    if len(unknown) == len(set(truth)):
        raise ValueError(
            f"no label of {options.test} is a label of {options.train}: {unknown[0]!r:.50} is there, but here are "
            f"{sorted(known)!s:.100}; write them alike in both files, or name the right column with --label."
        )
    if unknown:
        warn(f"{options.train} lacks these labels of {options.test}: {unknown}")
    start = time.perf_counter()
    predicted, odds, _ = label_with_odds(model.classifier, X)
    seconds = time.perf_counter() - start
    confidence = None if model.confidence is None else model.confidence(odds)
    trained_on = set(_training_texts(model) if training is None else encode_texts(training.texts))
    leaked = np.array([bool(text) and text in trained_on for text in encode_texts(X)])
    labels = [str(label) for label in predicted.tolist()]
    rows = list(range(1, len(X) + 1))
    return Evaluation(X, rows, truth, labels, confidence, leaked, model.n_texts, seconds)


def _training_texts(model: Model) -> list[bytes]:
    """Return the training texts of a model; none of one that holds only counts."""
    return list(model.classifier.training_.texts) if hasattr(model.classifier, "training_") else []


def _on_parts(options: argparse.Namespace, training: Training, calibrate: bool) -> Evaluation:
    parts = cut(training.labels, options.folds or FOLDS, options.holdout)
    texts, encoded = training.texts, encode_texts(training.texts)
    labels: list[str] = []
    odds, leaked, confident = [], [], []
    seconds, n_train = 0.0, 0
    for part in parts:
        rest = np.setdiff1d(np.arange(len(texts)), part)
        own = Training(
            [texts[i] for i in rest], [training.labels[i] for i in rest], [training.positions[i] for i in rest]
        )
        model = fit(options, own, calibrate=calibrate and len(parts) == 1)
        start = time.perf_counter()
        predicted, found, _ = label_with_odds(model.classifier, [texts[i] for i in part])
        seconds += time.perf_counter() - start
        labels += predicted.tolist()
        odds.append(found)
        if model.confidence is not None:
            confident.append(model.confidence(found))
        trained_on = {encoded[i] for i in rest}
        leaked += [encoded[i] in trained_on for i in part]
        n_train = max(n_train, len(rest))
    order = np.concatenate(parts)
    back = np.argsort(order)
    truth = [training.labels[i] for i in order]
    right = np.array([one == other for one, other in zip(labels, truth, strict=True)])
    if calibrate and len(parts) > 1:
        confident = _by_the_others(odds, np.split(right, np.cumsum([len(part) for part in parts])[:-1]))
    return Evaluation(
        [texts[order[i]] for i in back],
        [training.positions[order[i]] + 1 for i in back],
        [truth[i] for i in back],
        [labels[i] for i in back],
        np.concatenate(confident)[back] if confident else None,
        np.array(leaked)[back],
        n_train,
        seconds,
    )


def _by_the_others(odds: list[NDArray[np.float64]], right: list[NDArray[np.bool_]]) -> list[NDArray[np.float64]]:
    """Return the confidence of each part, calibrated on the other parts."""
    return [
        Confidence.fit(np.concatenate(odds[:i] + odds[i + 1 :]), np.concatenate(right[:i] + right[i + 1 :]))(odds[i])
        for i in range(len(odds))
    ]


def cut(labels: list[str], folds: int, holdout: float | None) -> list[NDArray[np.intp]]:
    """Return the positions of the parts that are tested, each with its share of every class."""
    n = len(labels)
    drawn = np.random.RandomState(0).permutation(n)
    by_class = drawn[np.argsort(np.array(labels, dtype=object)[drawn], kind="stable")]
    if holdout is None:
        if n < folds:
            raise ValueError(f"{n} texts can't be cut into {folds} parts; lower --folds, or give a TEST file.")
        return [np.sort(by_class[i::folds]) for i in range(folds)]
    counted = np.floor(np.arange(n + 1) * holdout + 0.5)
    part = by_class[np.diff(counted) > 0]
    if not 0 < len(part) < n:
        raise ValueError(f"--holdout {holdout:g} of {n} texts are {len(part)}, so a part is empty; give a TEST file.")
    return [np.sort(part)]


def _warn_of_leaks(options: argparse.Namespace, found: Evaluation) -> None:
    where = [row for row, leaks in zip(found.rows, found.leaked, strict=True) if leaks]
    warn(
        f"{options.test or options.train}: {len(where):,} of {len(found.rows):,} test texts are training texts, too, "
        f"the first in row {where[0]}."
    )
    if not found.leaked.all():
        from gzipknn.utils.accuracy import accuracy

        say(f"without these: {sentence(accuracy(found.right[~found.leaked]))}")


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"must be a share between 0 and 1, such as 0.2, got {text!r:.50}")
    return share
