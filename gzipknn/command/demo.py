"""``gzipknn demo``: classify the docstrings of the standard library."""

from __future__ import annotations

import argparse
import time

import numpy as np

from gzipknn.command.evaluation import sentence
from gzipknn.command.options import Commands, add_command, add_settings, classifier
from gzipknn.command.streams import write
from gzipknn.datasets import load_stdlib_docs
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.escapes import shorten


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    about = "classify the docstrings of the standard library, no download needed"
    add_settings(add_command(commands, "demo", run, about), n_neighbors=1)


def run(options: argparse.Namespace) -> None:
    """Print the accuracy, and the neighbours of three texts."""
    docs = load_stdlib_docs()
    write(
        f"Which of {len(docs.target_names)} modules of Python's standard library is a docstring from?\n"
        f"{len(docs.X_train)} training texts, {len(docs.X_test)} test texts."
    )
    clf = classifier(options).fit(docs.X_train, docs.y_train)
    start = time.perf_counter()
    predicted = clf.predict(docs.X_test)
    seconds = time.perf_counter() - start
    write(f"\n{sentence(accuracy(predicted == np.array(docs.y_test)))} in {seconds:.1f} s\n")
    shown = range(3)
    distances, indices = clf.set_params(verbose=0).kneighbors([docs.X_test[i] for i in shown], n_neighbors=2)
    for i in shown:
        write(f"text      {shorten(docs.X_test[i], 100)}\n          is from {docs.y_test[i]}, taken for {predicted[i]}")
        for distance, index in zip(distances[i], indices[i], strict=True):
            write(f"  {distance:.3f}   {shorten(docs.X_train[index], 100)}\n          {docs.y_train[index]}")
        write()
