"""The options that several subcommands share, the presets, and the classifier that they describe."""

from __future__ import annotations

import argparse
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from gzipknn.base import TextClassifier
from gzipknn.classifier import NCDClassifier
from gzipknn.compressors import COMPRESSORS
from gzipknn.datasets.text_files import without_mark
from gzipknn.metrics import METRICS
from gzipknn.search.hubs import NORMALIZATIONS
from gzipknn.search.screen import check_screen
from gzipknn.search.training_texts import ORDERS
from gzipknn.utils.escapes import escaped
from gzipknn.voting import TIE_BREAKS, WEIGHTS

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

PRESETS: dict[str, dict[str, Any] | None] = {
    "good": {
        "n_neighbors": 31,
        "compressor": "lz77",
        "metric": "nmi",
        "normalize": "half-local",
        "weights": "margin",
    },
    "paper": {"n_neighbors": 2},
    "fast": None,  # a model of each class, without neighbours
}
"""The settings of each preset. docs/choosing.md recommends "good". Other settings are NCDClassifier's defaults."""
DEFAULT = "good"

OPTIONS = {
    "n_neighbors": "-k",
    "compressor": "--compressor",
    "metric": "--metric",
    "normalize": "--normalize",
    "screen": "--screen",
    "weights": "--weights",
    "tie_break": "--tie-break",
    "order": "--order",
}
"""The options that change the model, by the name of NCDClassifier's parameter."""


class Default(str):
    """The default name of a column. If the user gives no name, the name in a model file replaces it."""


class Parser(argparse.ArgumentParser):
    """A parser whose messages are always on one line."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, and exit."""
        if "required: " in message and any(name in message for name in ("TRAIN", "TEST", "INPUT", "QUERY")):
            message += " (--text takes all words up to the next option: put it after them)"
        super().error(escaped(message))


def add_command(commands: Commands, name: str, run: Callable[[argparse.Namespace], None], about: str) -> Parser:
    """Add a subcommand that calls `run`."""
    command = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
    command.set_defaults(run=run)
    return command


def add_training(parser: argparse.ArgumentParser) -> None:
    """Add the argument TRAIN: a model, or a file to train on."""
    train_help = "file with labelled texts, or folder with train.*; or a model that gzipknn train wrote"
    parser.add_argument("train", metavar="TRAIN", help=train_help)


def add_columns(parser: argparse.ArgumentParser) -> None:
    """Add the options for the columns and the format of files."""
    text_help = "column of the texts, or several columns, joined by a space; put it after the files (default: text)"
    parser.add_argument("--text", metavar="COL", nargs="+", default=[Default("text")], help=text_help)
    label_help = "column of the labels (default: label; with a model, the two columns of its training)"
    parser.add_argument("--label", metavar="COL", default=Default("label"), help=label_help)
    sep_help = "the separator of CSV and TSV files, such as ';' or tab (default: by the ending of the name)"
    parser.add_argument("--sep", type=_separator, metavar="SEP", help=sep_help)
    header_help = "CSV and TSV files have no header; the columns are then named 1, 2, ..."
    parser.add_argument("--no-header", dest="header", action="store_false", help=header_help)
    encoding_help = "encoding of text files and of stdin, such as cp1252 (default: UTF-8)"
    parser.add_argument("--encoding", type=_encoding, metavar="NAME", help=encoding_help)


def _separator(text: str) -> str:
    return "\t" if text in ("tab", "\\t") else text


def _encoding(name: str) -> str:
    try:
        without_mark(name)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error
    return name


def add_settings(parser: argparse.ArgumentParser, n_neighbors: int | None = None) -> None:
    """Add the options of the classifier. The defaults are those of a preset, or gzip with `n_neighbors` if given."""
    if n_neighbors is None:
        about = "settings to begin with: good (lz77, k = 31), paper (gzip, k = 2), fast (a model of each class)"
        parser.add_argument("--preset", choices=PRESETS, help=f"{about} (default: {DEFAULT})")
    else:
        parser.set_defaults(default_neighbors=n_neighbors)
    defaults: dict[str, Any] = {"compressor": "gzip", "metric": "ncd", "weights": "uniform"}
    default = {
        name: "default: by the preset" if n_neighbors is None else f"default: {defaults.get(name, n_neighbors)}"
        for name in ("n_neighbors", "compressor", "metric", "weights")
    }
    k_help = f"how many neighbours vote ({default['n_neighbors']})"
    parser.add_argument("-k", dest="n_neighbors", type=whole(1), metavar="K", help=k_help)
    parser.add_argument("--compressor", choices=COMPRESSORS, help=default["compressor"])
    parser.add_argument("--metric", choices=METRICS, help=default["metric"])
    parser.add_argument("--normalize", choices=(*NORMALIZATIONS, "none"), help="correct for hubs")
    screen_help = "compress a query only with this share or number of the training texts, or 'auto' (default: all)"
    parser.add_argument("--screen", type=parse_screen, metavar="N|SHARE|auto", help=screen_help)
    parser.add_argument("--weights", choices=WEIGHTS, help=default["weights"])
    parser.add_argument("--tie-break", choices=TIE_BREAKS, help="default: nearest")
    parser.add_argument("--order", choices=ORDERS, help="default: query-first")
    parser.add_argument("--n-jobs", type=int, default=-1, help="cores to use (default: -1, all)")
    memory_help = "keep the results of searches in this folder, and use those of earlier searches"
    parser.add_argument("--memory", metavar="FOLDER", help=memory_help)
    parser.add_argument("--quiet", action="store_true", help="no progress bar (none is shown in a pipe either)")


def given(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the user gave, by parameter."""
    found = {name: getattr(options, name) for name in OPTIONS if getattr(options, name, None) is not None}
    return {name: None if value == "none" else value for name, value in found.items()}


def named(settings: dict[str, Any]) -> str:
    """Return the names of the options of some settings."""
    return ", ".join(OPTIONS[name] for name in settings)


def parallel(options: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters that set the number of cores and show a progress bar."""
    return {"n_jobs": options.n_jobs, "verbose": int(sys.stderr.isatty() and not options.quiet)}


def classifier(options: argparse.Namespace, n_texts: int | None = None) -> TextClassifier:
    """Return the classifier with the options of :func:`add_settings`, for a given number of training texts."""
    own = given(options)
    k = own.get("n_neighbors", 1)
    if n_texts is not None and k > n_texts:
        raise ValueError(
            f"-k must be at most the number of training texts: {n_texts:,}, got {k}; lower it, or train on more texts."
        )
    preset = getattr(options, "preset", None) or DEFAULT
    begin = PRESETS[preset]
    if hasattr(options, "default_neighbors"):
        begin = {"n_neighbors": options.default_neighbors}
    if begin is not None:
        settings = {**begin, **own}
        if n_texts is not None:
            settings["n_neighbors"] = min(settings["n_neighbors"], n_texts)
        return NCDClassifier(**settings, **parallel(options), random_state=0, memory=options.memory)
    if own or options.memory is not None:
        wrong = ", ".join([*([named(own)] if own else []), *(["--memory"] if options.memory is not None else [])])
        raise ValueError(f"--preset fast makes a model of each class, without neighbours, so it has no {wrong}.")
    # imported here because it imports scikit-learn's linear models, which is slow
    from gzipknn.baselines.class_compressor import ClassCompressorClassifier

    return ClassCompressorClassifier("kneser-ney", **parallel(options))


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


def whole(least: int) -> Callable[[str], int]:
    """Return a function that reads an option's whole number, which must not be below `least`."""

    def read(text: str) -> int:
        number = int(text) if text.isdecimal() else least - 1
        if number < least:
            raise ArgumentTypeError(f"must be a whole number from {least} on, got {text!r:.50}")
        return number

    return read
