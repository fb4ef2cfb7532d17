"""``gzipknn evaluate``: label texts whose labels are known, and report the accuracy."""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.confidence import Confidence, label_with_odds
from gzipknn.command.evaluation import Evaluation, sentence
from gzipknn.command.models import Model, fit, is_model, load_model
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training, whole
from gzipknn.command.report import report_path, write_report
from gzipknn.command.report_results import Part, Results
from gzipknn.command.streams import say, warn, write, write_json
from gzipknn.command.texts import Training, load_queries, load_training
from gzipknn.texts.encoding import encode_texts
from gzipknn.utils.counted import counted
from gzipknn.utils.escapes import one_line

FOLDS = 5


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "evaluate", run, "train on one file, test on another, print the accuracy")
    add_training(command)
    test_help = "file with labelled texts, or folder with test.*; if there is none, parts of TRAIN are held out"
    command.add_argument("test", metavar="TEST", nargs="?", help=test_help)
    parts = command.add_mutually_exclusive_group()
    folds_help = f"without TEST: cut TRAIN into N parts, and test each with a model of the others (default: {FOLDS})"
    parts.add_argument("--folds", type=whole(2), metavar="N", help=folds_help)
    parts.add_argument(
        "--holdout", type=_share, metavar="SHARE", help="without TEST: hold out this share of TRAIN once"
    )
    add_columns(command)
    command.add_argument("--json", action="store_true", help="print JSON, with more figures")
    report_help = "write a page that you can mail: figures with baselines, mistakes with neighbours, copies"
    command.add_argument("--report", type=report_path, metavar="FILE.html", help=report_help)
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Print the accuracy. Unless JSON was chosen, also print precision and recall of each class."""
    is_reported = options.report is not None
    found = evaluate(options, calibrate=options.json or is_reported, keep_parts=is_reported)
    if is_reported:
        write_report(options.report, _results(options, found))
    if found.leaked.any():
        _warn_of_leaks(options, found)
    if options.json:
        # with --memory, some searches may have been kept, so the time says nothing
        write_json({**found.to_dict(), "seconds": None if options.memory else found.seconds})
        return
    from sklearn.metrics import classification_report  # imported here because sklearn.metrics is slow to import

    truth, predicted = ([one_line(label) for label in labels] for labels in (found.truth, found.predicted))
    write(classification_report(truth, predicted, zero_division=0))
    taken = "" if options.memory else f" in {found.seconds:.1f} s"
    write(f"{sentence(found.accuracy)}{taken}, {found.n_train:,} training texts")


def _results(options: argparse.Namespace, found: Evaluation) -> Results:
    train = Path(options.train).name
    held_out = f"{train}, labelled by models of its other parts"
    settings = {name: value for name, value in found.parts[0].classifier.get_params().items() if value is not None}
    return Results(
        held_out if options.test is None else f"{Path(options.test).name}, labelled by a model of {train}",
        found.texts,
        found.rows,
        found.truth,
        found.predicted,
        np.zeros(len(found.texts)) if found.confidence is None else found.confidence,
        found.parts,
        is_one_file=options.test is None,
        confidence_is="the probability that the predicted label is right, calibrated on held-out training texts",
        settings=settings,
    )


def evaluate(options: argparse.Namespace, *, calibrate: bool, keep_parts: bool = False) -> Evaluation:
    """Label the test texts: those of TEST, or each part of TRAIN in turn.

    If they are wanted, also compute the confidence of each label, and keep the classifiers and their training texts.
    """
    if options.test is not None:
        for name in ("folds", "holdout"):
            if getattr(options, name) is not None:
                raise ValueError(f"--{name} holds out parts of TRAIN, so it goes with no TEST; leave one of them out.")
    if is_model(options.train):
        if options.test is None:
            raise ValueError(
                f"{options.train} is a model, which knows its training texts: give a TEST file of texts that it does "
                f"not know, or the file of training texts in place of the model, to hold parts of it out."
            )
        model = load_model(options)
        return _on_other_file(options, model, model.training, calibrate, keep_parts)
    training = load_training(options)
    training = training._replace(labels=[str(label) for label in training.labels])
    if options.test is None:
        return _on_parts(options, training, calibrate, keep_parts)
    return _on_other_file(options, fit(options, training, calibrate=calibrate), training, calibrate, keep_parts)


def _on_other_file(
    options: argparse.Namespace, model: Model, training: Training | None, calibrate: bool, keep_parts: bool
) -> Evaluation:
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
    found = Evaluation.blank(X, range(1, len(X) + 1), truth)
    odds = _label(found, model, training, np.arange(len(X)), calibrate, keep_parts)
    if odds is not None and model.confidence is not None:
        found.confidence = model.confidence(odds)
    return found


def _on_parts(options: argparse.Namespace, training: Training, calibrate: bool, keep_parts: bool) -> Evaluation:
    parts = cut(training.labels, options.folds or FOLDS, options.holdout)
    tested = np.sort(np.concatenate(parts))
    held = training.take(tested)
    found = Evaluation.blank(held.texts, [position + 1 for position in held.positions], held.labels)
    alone = len(parts) == 1
    odds = []
    for part in parts:
        own = training.take(np.setdiff1d(np.arange(len(training.texts)), part))
        model = fit(options, own, calibrate=calibrate and alone)
        odds.append(_label(found, model, own, np.searchsorted(tested, part), calibrate, keep_parts))
        if calibrate and alone and model.confidence is not None:
            found.confidence = model.confidence(odds[0])
    if calibrate and not alone:
        found.confidence = np.empty(len(tested))
        for i, part in enumerate(parts):  # calibrated on the other parts
            others = [j for j in range(len(parts)) if j != i]
            right = found.right[np.searchsorted(tested, np.concatenate([parts[j] for j in others]))]
            confidence = Confidence.fit(np.concatenate([odds[j] for j in others]), right)
            found.confidence[np.searchsorted(tested, part)] = confidence(odds[i])
    return found


def _label(
    found: Evaluation,
    model: Model,
    training: Training | None,
    tested: NDArray[np.intp],
    calibrate: bool,
    keep_parts: bool,
) -> Any:
    """Label some of the test texts. Return the log odds of their shares if these are wanted."""
    texts = [found.texts[i] for i in tested]
    start = time.perf_counter()
    odds = None
    if calibrate:
        predicted, odds, _ = label_with_odds(model.classifier, texts)
    else:
        predicted = model.classifier.predict(texts)
    found.seconds += time.perf_counter() - start
    trained_on = set() if training is None else set(encode_texts(training.texts))
    for i, label, text in zip(tested, predicted.tolist(), encode_texts(texts), strict=True):
        found.predicted[i] = str(label)
        found.leaked[i] = bool(text) and text in trained_on
    found.n_train = max(found.n_train, model.n_texts)
    if keep_parts:
        known = Training([], [], []) if training is None else training
        part = Part(model.classifier, tested.tolist(), rows_train=[position + 1 for position in known.positions])
        found.parts.append(part if training is None else replace(part, X_train=known.texts, y_train=known.labels))
    return odds


def cut(labels: list[str], folds: int, holdout: float | None) -> list[NDArray[np.intp]]:
    """Return the positions of the texts in each tested part. Each part has its share of every class."""
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
    are = "is a training text" if len(where) == 1 else "are training texts"
    first = ": that" if len(where) == 1 else ", the first"
    warn(
        f"{options.test or options.train}: {len(where):,} of {counted(len(found.rows), 'test text')} {are}, too"
        f"{first} in row {where[0]}."
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
