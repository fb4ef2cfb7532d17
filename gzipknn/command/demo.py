"""``gzipknn demo``: classify the docstrings of the standard library."""

from __future__ import annotations

import argparse
import time

from gzipknn.command.evaluate import score, sentence
from gzipknn.command.options import Commands, add_command, add_settings, classifier
from gzipknn.datasets import load_stdlib_docs


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    about = "classify the docstrings of the standard library, no download needed"
    add_settings(add_command(commands, "demo", run, about), n_neighbors=1)


def run(options: argparse.Namespace) -> None:
    """Print the accuracy, and the neighbours of three texts."""
    docs = load_stdlib_docs()
    print(
        f"Which of {len(docs.target_names)} modules of Python's standard library is a docstring from?\n"
        f"{len(docs.X_train)} training texts, {len(docs.X_test)} test texts."
    )
    clf = classifier(options).fit(docs.X_train, docs.y_train)
    start = time.perf_counter()
    predicted = clf.predict(docs.X_test)
    seconds = time.perf_counter() - start
    print(f"\n{sentence(score(predicted, docs.y_test))} in {seconds:.1f} s\n")
    shown = range(3)
    distances, indices = clf.set_params(verbose=0).kneighbors([docs.X_test[i] for i in shown], n_neighbors=2)
    for i in shown:
        print(f"text      {_line(docs.X_test[i])}\n          is from {docs.y_test[i]}, taken for {predicted[i]}")
        for distance, index in zip(distances[i], indices[i], strict=True):
            print(f"  {distance:.3f}   {_line(docs.X_train[index])}\n          {docs.y_train[index]}")
        print()


def _line(text: str, width: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"
