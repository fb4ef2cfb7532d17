"""The options that several subcommands share, and the classifier they describe."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from gzipknn.classifier import NCDClassifier
from gzipknn.compressors import COMPRESSORS
from gzipknn.metrics import METRICS
from gzipknn.search.hubs import NORMALIZATIONS
from gzipknn.search.screen import check_screen
from gzipknn.search.training_texts import ORDERS
from gzipknn.utils.escapes import escaped
from gzipknn.voting import TIE_BREAKS, WEIGHTS

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


class Parser(argparse.ArgumentParser):
    """A parser whose messages stay on one line, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, and exit."""
        if "required: " in message and any(name in message for name in ("TRAIN", "TEST", "INPUT", "QUERY")):
            message += " (--text takes all words up to the next option: put it after them)"
        super().error(escaped(message))


def add_command(commands: Commands, name: str, run: Callable[[argparse.Namespace], None], about: str) -> Parser:
    """Add a subcommand, which `run` carries out."""
    command = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    command.set_defaults(run=run)
    return command


def add_training(parser: argparse.ArgumentParser) -> None:
    """Add the file to train on."""
    parser.add_argument("train", metavar="TRAIN", help="file with labelled texts, or folder with train.*")


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Add where in a file the texts and labels are, and how the file is written."""
    text_help = "column of the texts, or several columns, joined by a space (default: text); put it after the files"
    parser.add_argument("--text", metavar="COL", nargs="+", default=["text"], help=text_help)
    parser.add_argument("--label", metavar="COL", default="label", help="column of the labels (default: label)")
    sep_help = "what separates the cells of CSV and TSV files, such as ';' or tab (default: by the ending)"
    parser.add_argument("--sep", type=_separator, metavar="SEP", help=sep_help)
    header_help = "CSV and TSV files begin with a text, not with names; the columns are then named 1, 2, ..."
    parser.add_argument("--no-header", dest="header", action="store_false", help=header_help)
    encoding_help = "encoding of text files and of stdin, such as cp1252 (default: UTF-8)"
    parser.add_argument("--encoding", type=_encoding, metavar="NAME", help=encoding_help)


def _separator(text: str) -> str:
    return "\t" if text in ("tab", "\\t") else text


def _encoding(name: str) -> str:
    try:
        "".encode(name)
    except (LookupError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"there is no encoding {name!r:.50}; give one such as cp1252") from error
    return name


def add_settings(parser: argparse.ArgumentParser, n_neighbors: int) -> None:
    """Add the parameters of the classifier."""
    k_help = f"how many neighbours vote (default: {n_neighbors})"
    parser.add_argument("-k", dest="n_neighbors", type=int, metavar="K", default=n_neighbors, help=k_help)
    parser.add_argument("--compressor", default="gzip", choices=COMPRESSORS, help="default: gzip")
    parser.add_argument("--metric", default="ncd", choices=METRICS, help="default: ncd")
    parser.add_argument("--normalize", choices=NORMALIZATIONS, help="correct for hubs (default: not)")
    screen_help = "compress a query only with this share or number of the training texts, or 'auto' (default: all)"
    parser.add_argument("--screen", type=parse_screen, metavar="N|SHARE|auto", help=screen_help)
    parser.add_argument("--weights", default="uniform", choices=WEIGHTS, help="default: uniform")
    parser.add_argument("--tie-break", default="nearest", choices=TIE_BREAKS, help="default: nearest")
    parser.add_argument("--order", default="query-first", choices=ORDERS, help="default: query-first")
    parser.add_argument("--n-jobs", type=int, default=-1, help="cores to use (default: -1, all)")
    memory_help = "keep in this folder what was searched, and take from it what was searched before"
    parser.add_argument("--memory", metavar="FOLDER", help=memory_help)
    parser.add_argument("--quiet", action="store_true", help="no progress bar (none is shown in a pipe either)")


def classifier(options: argparse.Namespace) -> NCDClassifier:
    """Return the classifier that the options of :func:`add_settings` describe."""
    settings = ("compressor", "metric", "normalize", "screen", "weights", "tie_break", "order", "n_jobs", "memory")
    chosen: dict[str, Any] = {name: getattr(options, name) for name in settings}
    shown = sys.stderr.isatty() and not options.quiet
    return NCDClassifier(options.n_neighbors, verbose=int(shown), random_state=0, **chosen)


def parse_screen(text: str) -> str | int | float:
    """Read a value of `screen` from a command line.

    Examples
    --------
    >>> [parse_screen(text) for text in ("auto", "200", "0.02")]
    ['auto', 200, 0.02]
    """
    try:
        screen: str | int | float = int(text) if text.isdecimal() else float(text)
    except ValueError:
        screen = text
    try:
        check_screen(screen)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(str(error)) from error
    return screen
