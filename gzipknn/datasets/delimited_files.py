r"""CSV and TSV: cells are strings as they stand, whatever they look like.

A first line such as ``sep=;``, which Excel reads and writes, tells the separator and is no row.

A row ends at ``\n`` or ``\r\n``. In TSV, as in every file that is separated by tabs, a quote is a letter, so a cell
holds neither a tab nor the end of a line. In CSV a cell may stand between quotes (RFC 4180).
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
LARGEST_CELL = 2**31 - 1  # what a C long holds everywhere; the csv module's own default is 128 KiB
SHOWN = {"\t": "tab"}

_TELLS_SEPARATOR = re.compile('"?sep=([^"\r\n])"?\r?\n')
_QUOTED = re.compile('"(?:[^"]|"")*"')


class Record(NamedTuple):
    """The cells of one row, and the lines of the file that it was read from."""

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
        The wanted columns; without a header they are numbered, from ``"1"`` on.
    label : str or None
        Which of them holds the labels, if one does.
    sep : str
        What separates the cells, one character, unless the first line of the file tells.
    header : bool
        Whether the first row holds the names of the columns.
    encoding : str or None
        None for UTF-8.
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
                f"{len(names)} columns; put a cell that holds the separator {sep!r} between quotes, or pass the right "
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
            f"letters of the text. If they are not meant so, save the file as CSV.",
            UserWarning,
            stacklevel=2,
        )


class _Table:
    """A file of records, which can be read several times."""

    def __init__(self, path: Path, sep: str, encoding: str | None) -> None:
        self.path, self.sep, self.encoding = path, sep, encoding

    def records(self) -> Iterator[Record]:
        """Yield all rows, the header as the first one; without the empty lines between rows of several cells."""
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
        double = 'Inside quotes a quote is written twice (""); a text with stray quotes is best saved as JSON Lines.'
        if "unexpected end of data" in reason:
            return f"{where}, a quoted cell has no end. {double}"
        if "expected after" in reason:
            return f"{where}, a quoted cell is followed by more text. {double}"
        if "new-line character" in reason:
            return (
                f"{where}, a carriage return stands alone, outside of quotes. If it is part of the text, put the cell "
                f"between quotes; if it ends the row, write \\n for it."
            )
        return f"{where}, {reason}."

    def check_quotes(self, suspects: list[tuple[int, Record]], columns: Sequence[int]) -> None:
        """Raise if a quoted cell that looks as if it held whole rows holds a value of another row in some column.

        A stray quote at the beginning of a cell, and one at the end of a cell further down, make one cell of all rows
        between them. That is told from a text of several lines by the values that these rows have in `columns`.
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
                if known is not None and len(known) < 2:  # of two, one is another row
                    known.add(record.line)
        for number, record in suspects:
            # that a cell of the row itself is empty, too, says nothing
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
                    f"and {found[0]!r:.50} is a value of other rows. Remove the stray quote or write it twice; a text "
                    f"that is meant to be so is best saved as JSON Lines."
                )


class _Lines:
    """The lines of a file, of which those of one record are kept."""

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
    """Return what may help where a column is missing."""
    line = _without_end(record.lines[0])
    if "\r" in line and not record.lines[0].endswith("\n"):  # the whole file is one line
        return " Its rows end in \\r alone; write \\n for it."
    if len(record.cells) == 1:
        for other in OTHER_SEPARATORS:
            if other != sep and other in line:
                option = f"sep={other!r} (--sep '{SHOWN.get(other, other)}')"
                return f" Its first line holds {other!r}: if that separates the cells, pass {option}."
    if not header:
        return " Without a header the columns are numbered."
    name = "Name the right one as text or label (--text, --label)."
    return f" {name} If its first row is no header, pass header=False (--no-header)."
