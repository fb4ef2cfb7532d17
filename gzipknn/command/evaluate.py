"""``gzipknn evaluate``: train on one file, test on another."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training, classifier
from gzipknn.command.report import report_path, write_report
from gzipknn.command.report_results import Part, Results
from gzipknn.command.streams import warn, write, write_json
from gzipknn.command.texts import load_queries, load_training
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.escapes import one_line


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "evaluate", run, "train on one file, test on another, print the accuracy")
    add_training(command)
    command.add_argument("test", metavar="TEST", help="file with labelled texts, or folder with test.*")
    add_columns(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    report_help = "write a page to be mailed: figures beside baselines, mistakes with their neighbours, copies"
    command.add_argument("--report", type=report_path, metavar="FILE.html", help=report_help)
    add_settings(command, n_neighbors=5)


def run(options: argparse.Namespace) -> None:
    """Print the accuracy, and for people precision and recall of each class."""
    X_train, y_train, positions = load_training(options)
    X_test, y_test = load_queries(options, options.test, options.label)
    # as words, so that the 1 of one file is the "1" of another
    y_train, y_test = [str(label) for label in y_train], [str(label) for label in y_test]
    unknown = sorted(set(y_test) - set(y_train))
    if len(unknown) == len(set(y_test)):
        raise ValueError(
            f"no label of {options.test} is a label of {options.train}: {unknown[0]!r:.50} is there, but here are "
            f"{sorted(set(y_train))!s:.100}; write them alike in both files, or name the right column with --label."
        )
    if unknown:
        warn(f"{options.train} lacks these labels of {options.test}: {unknown}")
    clf = classifier(options).fit(X_train, y_train)
    start = time.perf_counter()
    predicted = clf.predict(X_test)
    seconds = time.perf_counter() - start
    scored = score(predicted, y_test)
    if options.report is not None:
        part = Part(clf, range(len(X_test)), X_train, y_train, [position + 1 for position in positions])
        title = f"{Path(options.test).name}, labelled by a model of {Path(options.train).name}"
        rows, shares = range(1, len(X_test) + 1), clf.predict_proba(X_test)
        confidence = shares[np.arange(len(rows)), np.searchsorted(clf.classes_, predicted)]
        settings = {name: value for name, value in clf.get_params().items() if value is not None}
        write_report(
            options.report,
            Results(title, X_test, rows, y_test, predicted.tolist(), confidence, [part], settings=settings),
        )
    if options.json:
        known = {"seconds": None if options.memory else seconds}  # a part may have been known
        write_json({**scored, "n_train": len(X_train), **known})
    else:
        y_shown, predicted_shown = [one_line(label) for label in y_test], [one_line(label) for label in predicted]
        write(classification_report(y_shown, predicted_shown, zero_division=0))
        taken = "" if options.memory else f" in {seconds:.1f} s"
        write(f"{sentence(scored)}{taken}, {len(X_train)} training texts")


def score(predicted: NDArray[Any], truth: list[Any]) -> dict[str, Any]:
    """Return the accuracy, its interval and the number of texts."""
    found = accuracy(predicted == np.array(truth))
    return {"accuracy": found["value"], "interval": found["interval"], "n_test": found["n"]}


def sentence(scored: dict[str, Any]) -> str:
    """Say what :func:`score` found."""
    low, high = scored["interval"]
    return f"accuracy {scored['accuracy']:.3f} of {scored['n_test']} texts (95 % interval {low:.3f} to {high:.3f})"
