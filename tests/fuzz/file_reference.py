"""A plain reader of files of texts, with which fuzz_files.py compares.

It is slow, holds the whole file, and uses nothing of the library. The docstring of fuzz_files.py states its rules.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from file_tables import Case


class WrongError(Exception):
    """The file must be refused. The message contains this word and one of these rows or lines, if there are any."""

    def __init__(self, why: str, rows: set[int] | None = None, word: str = "", lines: set[int] | None = None) -> None:
        super().__init__(why)
        self.rows, self.word, self.lines = rows, word, lines or set()


class UnclearError(Exception):
    """The rules allow the file to be refused. Otherwise these values are returned, where None stands for any value."""

    def __init__(self, why: str, values: tuple[list[str], list[Any]] | None = None) -> None:
        super().__init__(why)
        self.values = values


Table = tuple[list[str], list[list[Any]]]


def read(case: Case, name: str, data: bytes) -> tuple[list[str], list[Any]]:
    """Return texts and labels, or raise one of the two exceptions."""
    unpacked = name.lower().removesuffix(".gz")
    ending = Path(unpacked).suffix
    if ending not in (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"):
        raise WrongError(f"the ending {ending!r}")
    if name.lower().endswith(".gz"):
        if ending == ".parquet":
            raise UnclearError("a packed Parquet file")
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise WrongError(f"gzip: {error}") from error
    if ending == ".parquet":
        return read_parquet(case, data)
    text = decode(case, data)
    if ending in (".csv", ".tsv"):
        sep = case.sep if case.pass_sep else {".csv": ",", ".tsv": "\t"}[ending]
        lines: list[list[str]] = []
        try:
            lines += read_tabs(text) if sep == "\t" else []
            if sep != "\t":
                read_csv(text, sep, lines)
        except WrongError as error:
            error.rows = in_row(case, lines)
            if error.rows:
                in_columns(case, lines)  # an earlier row may also be wrong
            raise
        values = of_cells(case, *in_columns(case, lines))
        if text.endswith("\r"):
            raise UnclearError("a letter, or the half of a line's end")
        if sep != "\t" and re.search(r"\r(?!\n)", re.sub(r'"[^"]*"', "", text)):
            raise UnclearError("a \\r outside quotes", values)
        if sep != "\t" and any(looks_swallowed(line, sep) for line in lines):
            raise UnclearError("a cell that looks like rows", values)
        return values
    return read_json(case, text, ending)


def decode(case: Case, data: bytes) -> str:
    if case.encoding is None and data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise WrongError("UTF-16", word="utf-?16")
    try:
        text = data.decode(case.encoding or "utf-8")
    except LookupError as error:
        raise WrongError(str(error)) from error
    except ValueError as error:
        raise WrongError(str(error), word="encoding|gzip" if case.encoding is None else "") from error
    return text.removeprefix("\ufeff")


# ---- separated cells ----


def read_tabs(text: str) -> list[list[str]]:
    lines = re.split("\r?\n", text)
    if lines[-1] == "":
        lines.pop()
    return [line.split("\t") if line else [] for line in lines]


def read_csv(text: str, sep: str, rows: list[list[str]]) -> None:
    """Add the cells of each line by RFC 4180. An empty line has no cells."""
    end, behind_quotes = (re.compile(re.escape(sep) + rf"|\r{few}\n|\r?\Z") for few in "?*")
    row: list[str] = []
    here = 0
    while row or here < len(text):
        start = here
        if not row:
            line = text.count("\n", 0, here) + 1
        if text.startswith('"', here):
            parts: list[str] = []
            while True:
                close = text.find('"', here + 1)
                if close < 0:
                    raise WrongError("the end inside quotes", lines={line})
                parts.append(text[here + 1 : close])
                here = close + 1
                if not text.startswith('"', here):
                    break
                parts.append('"')
            cell, found = "".join(parts), behind_quotes.match(text, here)
            if not found:
                raise WrongError("text after closing quotes", lines={line})
        else:
            found = end.search(text, here)
            assert found
            cell = text[here : found.start()]
        here = found.end()
        row.append(cell)
        if found.group() != sep:
            rows.append([] if row == [""] and found.start() == start else row)
            row = []


def looks_swallowed(cells: list[str], sep: str) -> bool:
    """Tell whether a cell, with the cells around it, looks like several rows of this number of cells."""
    return any("\n" in cell and sep in cell for cell in cells) and all(
        line.count(sep) == len(cells) - 1 for line in sep.join(cells).split("\n")
    )


def in_row(case: Case, before: list[list[str]]) -> set[int] | None:
    """Return the number of the row after some lines, with and without the empty lines."""
    full = sum(map(bool, before))
    return {n for n in (len(before), full) if n} or None if case.header else {len(before) + 1, full + 1}


def in_columns(case: Case, lines: list[list[str]]) -> Table:
    full = next((line for line in lines if line), None)
    if full is None:
        raise WrongError("nothing but empty lines")
    if len(full) > 1:
        kept = [(i, line) for i, line in enumerate(lines) if line]
    elif lines[0]:
        kept = [(i, line or [""]) for i, line in enumerate(lines)]
    else:
        raise UnclearError("one column that begins with empty lines")
    names = full
    if case.header:
        start, kept = kept[0][0] + 1, kept[1:]
    else:
        start, names = 0, [str(i + 1) for i in range(len(full))]
    for row, (line_number, line) in enumerate(kept, start=1):
        if len(line) != len(names):
            raise WrongError(f"row {row} of {len(line)} cells", {row, line_number - start + 1})
    return names, [line for _, line in kept]


def of_cells(case: Case, names: list[str], rows: list[list[Any]]) -> tuple[list[str], list[Any]]:
    wanted = [*case.texts, *([] if case.label is None else [case.label])]
    for name in wanted:
        if names.count(name) != 1:
            raise WrongError(f"{names.count(name)} columns {name!r}")
    if not rows:
        raise WrongError("no rows", word="no rows")
    where = [names.index(name) for name in case.texts]
    if len(where) == 1 and all(isinstance(row[where[0]], bytes) for row in rows):
        raise UnclearError("bytes as texts", ([row[where[0]] for row in rows], labels_of(case, names, rows)))
    for number, row in enumerate(rows, start=1):
        for i in where:
            if row[i] is not None and not isinstance(row[i], str):
                raise WrongError(f"text {row[i]!r} in row {number}", {number})
    texts = [" ".join("" if row[i] is None else row[i] for i in where) for row in rows]
    return texts, check_labels(labels_of(case, names, rows), texts)


def labels_of(case: Case, names: list[str], rows: list[list[Any]]) -> list[Any]:
    return [] if case.label is None else [row[names.index(case.label)] for row in rows]


def check_labels(labels: list[Any], texts: list[str]) -> list[Any]:
    for number, label in enumerate(labels, start=1):
        if not isinstance(label, str | int | float) or label == "" or label != label:
            raise WrongError(f"label {label!r} in row {number}", {number})
        if type(label) is not type(labels[0]):
            raise WrongError(f"labels {labels[0]!r}, {label!r}", {number, 1})
    if labels and isinstance(labels[0], float):
        raise UnclearError("fractions as labels", (texts, labels))
    return labels


# ---- JSON ----


class Again(dict[str, Any]):
    """An object that has a name twice."""


def read_json(case: Case, text: str, ending: str) -> tuple[list[str], list[Any]]:
    constants: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in items]
        return dict(items) if len(set(names)) == len(names) else Again(items)

    decoder = json.JSONDecoder(
        object_pairs_hook=pairs, parse_constant=lambda name: constants.append(name) or float("nan")
    )
    try:
        objects = one_by_one(decoder, text) if ending == ".json" else by_line(decoder, text)
    except RecursionError as error:
        raise UnclearError("deep nesting") from error
    except json.JSONDecodeError as error:
        raise WrongError(str(error)) from error
    except ValueError as error:  # from an int with too many digits
        raise UnclearError(str(error)) from error
    for number, value in enumerate(objects, start=1):
        if not isinstance(value, dict):
            raise WrongError(f"{type(value).__name__} in row {number}", {number})
    names = list(dict.fromkeys(name for value in objects for name in value))
    if objects and case.label is not None and case.label not in names:
        raise WrongError(f"no column {case.label!r}")
    values = of_cells(case, names, [[value.get(name) for name in names] for value in objects])
    if constants:
        raise UnclearError(f"{constants[0]} in a column that nobody asked for", values)
    if any(isinstance(value, Again) for value in objects):
        raise UnclearError("a name twice in an object", values)
    return values


def by_line(decoder: json.JSONDecoder, text: str) -> list[Any]:
    try:
        values = [decoder.decode(line) for line in text.split("\n") if line.strip(" \t\r")]
        if len(values) == 1 and isinstance(values[0], list):
            raise UnclearError("an array in JSON Lines")
        return values
    except json.JSONDecodeError:
        objects = one_by_one(decoder, text)  # raises an error if this is not JSON either
        raise UnclearError(f"{len(objects)} objects that are not one a line") from None


def one_by_one(decoder: json.JSONDecoder, text: str) -> list[Any]:
    objects, here = [], len(text) - len(text.lstrip(" \t\r\n"))
    while here < len(text):
        value, here = decoder.raw_decode(text, here)
        objects.append(value)
        while text[here : here + 1] in (" ", "\t", "\r", "\n"):
            here += 1
    if objects and isinstance(objects[0], list):
        if len(objects) > 1:
            raise WrongError("something behind the array")
        return list(objects[0])
    return objects


# ---- Parquet ----


def read_parquet(case: Case, data: bytes) -> tuple[list[str], list[Any]]:
    if data[:4] != b"PAR1" or data[-4:] != b"PAR1" or len(data) < 12:
        raise WrongError("no Parquet file")
    try:
        table = pq.ParquetFile(io.BytesIO(data)).read()
        names, columns = table.column_names, [column.to_pylist() for column in table.columns]
    except Exception as error:  # errors of pyarrow and Unicode, perhaps from a column that is not used
        raise UnclearError(f"{type(error).__name__}: {error}") from error
    if case.class_names and case.label in names:
        if case.flaw is not None:
            raise UnclearError("class names in a damaged file")
        i = names.index(case.label)
        columns[i] = [case.class_names[number] for number in columns[i]]
    return of_cells(case, names, [list(row) for row in zip(*columns, strict=True)])
