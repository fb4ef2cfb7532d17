"""``gzipknn predict``: a label for each text."""

from __future__ import annotations

import argparse

from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training, classifier
from gzipknn.command.streams import write, write_json
from gzipknn.command.texts import load_queries, load_training, read_queries, text_name
from gzipknn.utils.escapes import one_line


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
    name = text_name(options) if options.json else None
    X_train, y_train, _ = load_training(options)
    X = read_queries(options) if options.input == "-" else load_queries(options, options.input)[0]
    clf = classifier(options).fit(X_train, y_train)
    for text, label in zip(X, clf.predict(X).tolist(), strict=True):
        if name is None:
            write(one_line(label))
        else:
            write_json({name: text, options.label: label})
