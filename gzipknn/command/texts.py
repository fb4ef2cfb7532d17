"""The texts that the command reads: training texts without blank texts, and texts to label with blank texts."""

from __future__ import annotations

import argparse
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gzipknn.command.streams import read_blocks, warn
from gzipknn.datasets import load_texts
from gzipknn.datasets.columns import load_columns
from gzipknn.utils.escapes import shorten

JOINED = "text"
"""The name in JSON for texts that were joined from several columns."""
STDIN = "stdin"


class Training(NamedTuple):
    """Training texts with their labels."""

    texts: list[Any]
    labels: list[Any]
    positions: list[int]
    """The position of each text in the file."""

    def take(self, indices: Iterable[int]) -> Training:
        """Return some of the texts."""
        some = list(indices)
        return Training(*([column[i] for i in some] for column in self))


def load_training(options: argparse.Namespace) -> Training:
    """Load the labelled texts of TRAIN without the blank ones, and report how many were left out."""
    if options.label in options.text:
        raise ValueError(
            f"the column {options.label!r} was given as --text and as --label, but a label can't be part of the text "
            f"from which it is predicted; name two different columns."
        )
    texts, labels = _load(options, options.train, "train", options.label)
    kept = [position for position, text in enumerate(texts) if text.strip()]
    if not kept:
        raise ValueError(
            f"{options.train}: all {len(texts):,} texts are blank, so there is nothing to train on; name the column "
            f"of the texts with --text."
        )
    if len(kept) < len(texts):
        warn(f"{_count_blank(options.train, len(texts), _blank(texts))}: left out of training.")
    only = labels[kept[0]]
    if all(labels[i] == only for i in kept):  # otherwise an accuracy of 1 would look like a success
        warn(
            f"{options.train}: the label of all training texts is {str(only)!r:.50}, so every text gets it; add "
            f"texts of other classes, or name the right column with --label."
        )
    return Training([texts[i] for i in kept], [labels[i] for i in kept], kept)


def load_queries(options: argparse.Namespace, source: str, label: str | None = None) -> tuple[list[Any], list[Any]]:
    """Load all texts of TEST or INPUT, with the labels of a column, and report how many texts are blank."""
    texts, labels = _load(options, source, "test", label)
    warn_of_blank_queries(source, texts)
    return texts, labels


def load_kept(options: argparse.Namespace) -> tuple[list[str], list[Sequence[Any]]]:
    """Return the names of the columns of INPUT that are kept, and their values in each row."""
    columns = list(dict.fromkeys(options.keep)) or None
    return load_columns(options.input, "test", options.text, columns, **_form(options))


def stream_queries(options: argparse.Namespace) -> Iterator[list[str]]:
    """Yield each line of stdin as a text. Report how many are blank, and whether the lines seem to be a table."""
    n, blank = 0, []
    for texts in read_blocks(options.encoding):
        if n == 0:
            _warn_of_a_table(texts[0], options)
        blank += [(number, text) for number, text in enumerate(texts, n + 1) if not text.strip()]
        n += len(texts)
        yield texts
    if not n:
        raise ValueError(f"{STDIN} holds no texts: a text a line was expected.")
    _warn_of_blank(STDIN, n, blank, "line")


def warn_of_blank_queries(source: str, texts: Sequence[Any]) -> None:
    """Warn if there are blank texts, and say how far their labels can be trusted."""
    _warn_of_blank(source, len(texts), _blank(texts), "row")


def _warn_of_blank(source: str, n: int, blank: Sequence[tuple[int, Any]], place: str) -> None:
    if not blank:
        return
    # white space also consists of strings that a training text may share
    kinds = [("an empty text gets the most frequent class of the training texts", any(not text for _, text in blank))]
    kinds.append(("the label of a text of white space means nothing", any(text for _, text in blank)))
    said = ", and ".join(said for said, is_there in kinds if is_there)
    warn(f"{_count_blank(source, n, blank, place)}; {said}.")


def text_name(options: argparse.Namespace) -> str:
    """Return the name of a text in JSON: the name of its column, or ``"text"`` for several columns."""
    name: str = options.text[0] if len(options.text) == 1 else JOINED
    if name == options.label:
        raise ValueError(
            f"with --json, texts joined from several columns are called {JOINED!r}, as the column of the labels is; "
            f"rename the latter."
        )
    return name


def _load(options: argparse.Namespace, source: str, split: str, label: str | None) -> tuple[list[Any], list[Any]]:
    with warnings.catch_warnings():
        # the command has its own message, which says what it does with blank texts
        warnings.filterwarnings("ignore", "(?s).* texts are blank", UserWarning)
        return load_texts(source, split, text=options.text, label=label, **_form(options))


def _form(options: argparse.Namespace) -> dict[str, Any]:
    return {"sep": options.sep, "header": options.header, "encoding": options.encoding}


def _blank(texts: Sequence[Any]) -> list[tuple[int, Any]]:
    return [(number, text) for number, text in enumerate(texts, 1) if not text.strip()]


def _count_blank(source: str, n: int, blank: Sequence[tuple[int, Any]], place: str = "row") -> str:
    are = "text is" if n == 1 else "texts are" if len(blank) != 1 else "texts is"
    return f"{source}: {len(blank):,} of {n:,} {are} blank, the first in {place} {blank[0][0]}"


def _warn_of_a_table(line: str, options: argparse.Namespace) -> None:
    seems = _seems_a_table(line, options)
    if seems:
        warn(
            f"the first line of {STDIN} reads like {seems} ('{shorten(line, 60)}'), but each line is taken for a "
            f"text, the first one, too; if this is a table, save it as a file and give its name instead of -."
        )


def _seems_a_table(line: str, options: argparse.Namespace) -> str | None:
    """Return what kind of table's header the line looks like, if it names the columns of the texts."""
    if not options.header:  # the columns have no names then
        return None
    wanted = set(options.text)
    for separator in [options.sep] if options.sep else [",", ";", "\t", "|"]:
        if wanted <= {cell.strip().strip('"') for cell in line.split(separator)}:
            return "the header of a table"
    if re.match(r"\s*\{", line):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            return None
        if wanted <= row.keys():
            return "a row of JSON"
    return None
