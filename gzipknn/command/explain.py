"""``gzipknn explain``: what a text has in common with its nearest training texts."""

from __future__ import annotations

import argparse
from dataclasses import replace

from gzipknn.command.models import load_or_fit
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training
from gzipknn.command.streams import read_lines, write, write_html, write_json
from gzipknn.command.texts import warn_of_blank_queries


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    about = "print what a text has in common with the nearest training texts"
    command = add_command(commands, "explain", run, about)
    add_training(command)
    command.add_argument("query", metavar="QUERY", help="the text itself, or - for all of stdin")
    command.add_argument("--neighbors", type=int, metavar="N", default=3, help="how many to explain (default: 3)")
    add_columns(command)
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--html", action="store_true", help="print a page with the phrases marked")
    kinds.add_argument("--json", action="store_true", help="print JSON")
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Print the neighbours and the phrases."""
    model = load_or_fit(options, calibrate=False)
    if not hasattr(model.classifier, "explain"):
        raise ValueError(
            f"{options.train}: a model of each class finds no neighbours, so there is nothing to explain; train with "
            f"another preset than fast."
        )
    positions = model.positions
    query = "\n".join(read_lines(options.encoding)) if options.query == "-" else options.query
    warn_of_blank_queries("the query", [query])
    explanation = model.classifier.explain(query, options.neighbors)
    # the file may hold blank texts, on which the classifier was not trained
    neighbors = (replace(neighbor, index=positions[neighbor.index]) for neighbor in explanation.neighbors)
    explanation = replace(explanation, neighbors=tuple(neighbors))
    if options.html:
        head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        write_html(head + explanation._repr_html_())
    elif options.json:
        write_json(explanation.to_dict())
    else:
        write(str(explanation))
