"""Write rows to stdout as CSV or JSON Lines, or to a file in the format of its ending."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from gzipknn.command.streams import flush, write, write_json
from gzipknn.command.whole_files import whole_file
from gzipknn.utils.escapes import plain, to_json

ENDINGS = (".csv", ".jsonl", ".ndjson", ".parquet")

FORM: dict[str, Any] = {"encoding": "utf-8", "errors": "backslashreplace", "newline": ""}

Rows = Iterable[Sequence[Any]]
Writer = Callable[[Rows], None]
"""A function that writes some rows."""


def check_ending(path: str) -> str:
    """Return the path of a file. Raise if its ending does not name a format of rows."""
    if Path(path).suffix.lower() not in ENDINGS:
        raise ValueError(f"-o must name a file that ends in one of {list(ENDINGS)}, got {path!r:.200}.")
    return path


@contextmanager
def open_table(path: str | None, names: Sequence[str], *, as_json: bool, live: bool) -> Iterator[Writer]:
    """Yield a function that writes rows with these names of columns.

    It writes to stdout if `path` is None. A file appears only when it is complete, or if `live` is true, row by row.
    """
    if path is None:
        yield _stdout_json(names) if as_json else _stdout_csv(names)
    elif Path(path).suffix.lower() == ".parquet":
        rows: list[Sequence[Any]] = []
        yield rows.extend
        with whole_file(path) as unfinished:
            _write_parquet(unfinished, names, rows)
    elif live:
        with open(path, "w", **FORM) as file:
            yield _to_file(file, path, names)
    else:
        with whole_file(path) as unfinished, open(unfinished, "w", **FORM) as file:
            yield _to_file(file, path, names)


def _stdout_json(names: Sequence[str]) -> Writer:
    def write_rows(rows: Rows) -> None:
        for row in rows:
            write_json(dict(zip(names, row, strict=True)))
        flush()

    return write_rows


def _stdout_csv(names: Sequence[str]) -> Writer:
    shown = plain if sys.stdout.isatty() else str  # a terminal would obey control characters
    write(shown(_csv(names)))

    def write_rows(rows: Rows) -> None:
        for row in rows:
            write(shown(_csv(row)))
        flush()

    return write_rows


def _to_file(file: TextIO, path: str, names: Sequence[str]) -> Writer:
    is_csv = Path(path).suffix.lower() == ".csv"
    if is_csv:
        file.write(_csv(names) + "\n")

    def write_rows(rows: Rows) -> None:
        file.writelines((_csv(row) if is_csv else to_json(dict(zip(names, row, strict=True)))) + "\n" for row in rows)
        file.flush()

    return write_rows


def _csv(row: Sequence[Any]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_cell(value) for value in row])  # so that both are quoted
    return line.getvalue().removesuffix("\r\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _write_parquet(path: Path, names: Sequence[str], rows: list[Sequence[Any]]) -> None:
    import pyarrow
    from pyarrow import parquet

    columns = {}
    for number, name in enumerate(names):
        values = [row[number] for row in rows]
        try:
            columns[name] = pyarrow.array(values)
        except (pyarrow.ArrowException, OverflowError, UnicodeError):  # the values have several types
            columns[name] = pyarrow.array([None if value is None else to_json(value) for value in values])
    parquet.write_table(pyarrow.table(columns), os.fspath(path))
