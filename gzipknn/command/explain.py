"""``gzipknn explain``: show the neighbours that voted on each text, and the phrases that they share with it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from gzipknn.command.models import load_or_fit
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training
from gzipknn.command.streams import read_lines, write, write_html, write_json
from gzipknn.command.texts import load_queries, warn_of_blank_queries
from gzipknn.explanation import Explanation

HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<meta name="color-scheme" content="light dark"><title>Why these labels?</title></head><body>'
)


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    about = "print how the neighbours voted on a text, and the phrases that it shares with the nearest ones"
    command = add_command(commands, "explain", run, about)
    add_training(command)
    query_help = "texts, each in quotes; or - for one text, all of stdin"
    command.add_argument("query", metavar="QUERY", nargs="*", help=query_help)
    command.add_argument("--file", metavar="FILE", help="explain the texts of a file instead")
    command.add_argument("--neighbors", type=int, metavar="N", help="how many to explain (default: up to 3)")
    add_columns(command)
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--html", action="store_true", help="print a page with the phrases marked")
    kinds.add_argument("--json", action="store_true", help="print JSON, a line for each text")
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Print the neighbours and the phrases of each text."""
    if bool(options.query) == (options.file is not None):
        raise ValueError("give either texts to explain (put --text after them), or a file of them with --file.")
    model = load_or_fit(options, calibrate=False)
    if not hasattr(model.classifier, "explain_each"):
        raise ValueError(
            f"{options.train}: a model of each class finds no neighbours, so there is nothing to explain; train with "
            f"another preset than fast."
        )
    queries = load_queries(options, options.file)[0] if options.file is not None else _given(options)
    explanations = model.classifier.explain_each(queries, options.neighbors)
    # the classifier was not trained on blank texts of the file
    show([_placed(explanation, model.positions) for explanation in explanations], options)


def show(explanations: Sequence[Explanation], options: argparse.Namespace) -> None:
    """Print explanations in the form that was chosen."""
    if options.html:
        write_html(HEAD + "<hr>".join(one._repr_html_() for one in explanations) + "</body></html>")
    for number, explanation in enumerate(explanations):
        if options.json:
            write_json(explanation.to_dict())
        elif not options.html:
            write("\n\n" * bool(number) + str(explanation))


def _given(options: argparse.Namespace) -> list[str]:
    queries = ["\n".join(read_lines(options.encoding))] if options.query == ["-"] else list(options.query)
    warn_of_blank_queries("the query" if len(queries) == 1 else "the queries", queries)
    return queries


def _placed(explanation: Explanation, positions: Sequence[int]) -> Explanation:
    neighbors = (replace(neighbor, index=positions[neighbor.index]) for neighbor in explanation.neighbors)
    return replace(explanation, neighbors=tuple(neighbors))
