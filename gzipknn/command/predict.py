"""``gzipknn predict``: a label for each text."""

from __future__ import annotations

import argparse
import json

from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training, classifier
from gzipknn.command.streams import stdin
from gzipknn.datasets import load_texts


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "predict", run, "print a label for each text of a file, in its order")
    add_training(command)
    input_help = "file with texts, or folder with test.*; or -, a text a line on stdin"
    command.add_argument("input", metavar="INPUT", help=input_help)
    add_columns(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    add_settings(command, n_neighbors=5)


def run(options: argparse.Namespace) -> None:
    """Print the labels, a line each."""
    X_train, y_train = load_texts(options.train, "train", text=options.text, label=options.label)
    if options.input == "-":
        X = [line.removesuffix("\n") for line in stdin()]
    else:
        X, _ = load_texts(options.input, "test", text=options.text, label=None)
    clf = classifier(options).fit(X_train, y_train)
    for text, label in zip(X, clf.predict(X).tolist(), strict=True):
        print(json.dumps({options.text: text, options.label: label}, ensure_ascii=False) if options.json else label)
