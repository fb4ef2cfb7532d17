r"""Read CSV and TSV files. Every cell is an unchanged string, even if it looks like a number or a date.

A first line such as ``sep=;``, which Excel reads and writes, names the separator and is not a row.

A row ends at ``\n`` or ``\r\n``. In TSV, and in every other file that is separated by tabs, a quote is an ordinary
letter, so a cell cannot hold a tab or a line end. In CSV a cell may be enclosed in quotes (RFC 4180).
"""

from __future__ import annotations

import csv
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from gzipknn.datasets.rows import Row, check_names
from gzipknn.datasets.text_files import open_text

OTHER_SEPARATORS = (",", ";", "\t", "|")
LARGEST_CELL = 2**31 - 1  # a C long holds this on every platform; the default of the csv module is 128 KiB
SHOWN = {"\t": "tab"}

_TELLS_SEPARATOR = re.compile('"?sep=([^"\r\n])"?\r?\n')
_QUOTED = re.compile('"(?:[^"]|"")*"')


class Record(NamedTuple):
    """The cells of one row, and the lines of the file from which it was read."""

    line: int
    cells: list[str]
    lines: Sequence[str]


def read_delimited(
    path: Path, columns: Sequence[str], label: str | None, *, sep: str, header: bool, encoding: str | None
) -> Iterator[Row]:
    """Yield the rows of a CSV or TSV file.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        The wanted columns. Without a header their names are ``"1"``, ``"2"``, ...
    label : str or None
        The one of these columns that holds the labels, or None.
    sep : str
        The separator of the cells, one character. If the first line of the file names another one, that is used.
    header : bool
        Whether the first row holds the names of the columns.
    encoding : str or None
        The encoding of the file. None means UTF-8.
    """
    table = _Table(path, sep, encoding)
    number, n_quoted = 0, 0
    names: list[str] = []
    suspects: list[tuple[int, Record]] = []
    for record in table.records():
        if not names:
            names = record.cells if header else [str(i + 1) for i in range(len(record.cells))]
            sep = table.sep
            check_names(path, columns, names, _cure(record, sep, header, columns))
            wanted = [names.index(column) for column in columns]
            if header:
                continue
        number += 1
        if len(record.cells) != len(names):
            raise ValueError(
                f"{path} has {len(record.cells)} cells in row {number} (line {record.line} of the file), but "
                f"{len(names)} columns; enclose a cell that holds the separator {sep!r} in quotes, or pass the right "
                f"separator as sep (--sep)."
            )
        if len(record.lines) > 1 and len(names) > 1 and all(_has_cells(line, sep, len(names)) for line in record.lines):
            suspects.append((number, record))
        values = [record.cells[i] for i in wanted]
        n_quoted += sep == "\t" and any(value[:1] == '"' and _QUOTED.fullmatch(value) is not None for value in values)
        yield Row(number, record.line, values, names)
    if suspects:
        others = [names.index(label)] if label is not None else [i for i in range(len(names)) if i not in wanted]
        table.check_quotes(suspects, others)
    if n_quoted:
        warnings.warn(
            f"{path} has quotes around cells in {n_quoted} of {number} rows. In a file separated by tabs they are "
            f"letters of the text. If they are not part of the texts, save the file as CSV.",
            UserWarning,
            stacklevel=2,
        )


class _Table:
    """A file of rows that can be read several times."""

    def __init__(self, path: Path, sep: str, encoding: str | None) -> None:
        self.path, self.sep, self.encoding = path, sep, encoding

    def records(self) -> Iterator[Record]:
        """Yield all rows, beginning with the header. Empty lines are skipped, unless the rows have only one cell."""
        with open_text(self.path, self.encoding) as file:
            first = file.readline()
            told = _TELLS_SEPARATOR.fullmatch(first)
            if told:
                self.sep = told[1]
            read = self._tab_separated if self.sep == "\t" else self._comma_separated
            n_cells = 0
            for record in read(file if told else itertools.chain([first] if first else [], file), 2 if told else 1):
                n_cells = n_cells or len(record.cells)
                if record.cells or n_cells == 1:
                    yield record if record.cells else record._replace(cells=[""])

    def _tab_separated(self, file: Iterable[str], begin: int) -> Iterator[Record]:
        for number, line in enumerate(file, begin):
            row = _without_end(line)
            yield Record(number, row.split("\t") if row else [], (line,))

    def _comma_separated(self, file: Iterable[str], begin: int) -> Iterator[Record]:
        csv.field_size_limit(max(csv.field_size_limit(), LARGEST_CELL))
        lines = _Lines(iter(file))
        reader = csv.reader(lines, delimiter=self.sep, strict=True)
        while True:
            lines.kept.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise ValueError(self._reason(begin, str(error))) from error
            yield Record(begin, cells, tuple(lines.kept))
            begin += len(lines.kept)

    def _reason(self, line: int, reason: str) -> str:
        where = f"{self.path} can't be read as CSV: in the row that begins in line {line} of the file"
        double = 'Inside quotes, write a quote twice (""). If texts have stray quotes, save the file as JSON Lines.'
        if "unexpected end of data" in reason:
            return f"{where}, a quoted cell has no end. {double}"
        if "expected after" in reason:
            return f"{where}, a quoted cell is followed by more text. {double}"
        if "new-line character" in reason:
            return (
                f"{where}, a carriage return stands alone, outside of quotes. If it is part of the text, enclose the "
                f"cell in quotes; if it ends the row, replace it by \\n."
            )
        return f"{where}, {reason}."

    def check_quotes(self, suspects: list[tuple[int, Record]], columns: Sequence[int]) -> None:
        """Raise if a quoted cell seems to hold whole rows that were meant as rows of their own.

        A stray quote at the beginning of a cell, and another at the end of a later cell, turn all rows between them
        into one cell. A text of several lines is no such case unless its lines repeat values that other rows have in
        `columns`.
        """
        swallowed = {
            (number, column, _without_end(line).split(self.sep)[column])
            for number, record in suspects
            for line in record.lines[:-1]
            for column in columns
        }
        places: dict[tuple[int, str], set[int]] = {(column, value): set() for _, column, value in swallowed}
        for record in self.records():
            for column in columns:
                known = places.get((column, record.cells[column]))
                if known is not None and len(known) < 2:  # two lines are enough, because one of them is another row
                    known.add(record.line)
        for number, record in suspects:
            # an empty value counts only if a row other than this one has it
            own = {record.line}
            found = [
                value
                for row, column, value in swallowed
                if row == number and (places[column, value] if value else places[column, value] - own)
            ]
            if found:
                raise ValueError(
                    f"{self.path} has a quoted cell in row {number} (line {record.line} of the file) that seems to "
                    f"have swallowed other rows: each of its {len(record.lines)} lines has {len(record.cells)} cells, "
                    f"and {found[0]!r:.50} is a value of other rows. Remove the stray quote or write it twice. If the "
                    f"cell is right, save the file as JSON Lines."
                )


class _Lines:
    """An iterator over the lines of a file that keeps the lines of the current row."""

    def __init__(self, file: Iterator[str]) -> None:
        self.file = file
        self.kept: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self.file)
        self.kept.append(line)
        return line


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")


def _has_cells(line: str, sep: str, n: int) -> bool:
    return line.count(sep) == n - 1


def _cure(record: Record, sep: str, header: bool, columns: Sequence[str]) -> str:
    """Return advice for the message about a missing column."""
    line = _without_end(record.lines[0])
    if "\r" in line and not record.lines[0].endswith("\n"):  # the whole file is one line
        return " Its rows end in \\r alone; replace it by \\n."
    if len(record.cells) == 1:
        for other in OTHER_SEPARATORS:
            if other != sep and other in line:
                option = f"sep={other!r} (--sep '{SHOWN.get(other, other)}')"
                return f" Its first line holds {other!r}: if that separates the cells, pass {option}."
    if not header:
        return " Without a header the columns are numbered."
    name = "Name the right one as text or label (--text, --label)."
    return f" {name} If the first row is not a header, pass header=False (--no-header)."
