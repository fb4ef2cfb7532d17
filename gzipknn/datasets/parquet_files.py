"""Read the wanted columns of a Parquet file, one batch of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gzipknn.datasets.rows import Row, check_names

MARK = b"PAR1"


def read_parquet(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a Parquet file, with class names in place of the numbers of a ``datasets.ClassLabel``."""
    from pyarrow import parquet

    # pass an open file, because pyarrow could take the path for a pattern or an address
    with open(path, "rb") as binary, _told(path):
        if binary.read(len(MARK)) != MARK:  # pyarrow checks only the end of the file
            raise ValueError(f"{path} is not a Parquet file: it does not begin with {MARK.decode()}.")
        yield from _rows(path, parquet.ParquetFile(binary), columns)


def _rows(path: Path, file: Any, columns: Sequence[str]) -> Iterator[Row]:
    with file:
        names = list(file.schema_arrow.names)
        check_names(path, columns, names)
        class_names = [_class_names(path, file.schema_arrow, column) for column in columns]
        number = 0
        for batch in file.iter_batches(columns=list(dict.fromkeys(columns))):
            lists = [_values(batch.column(column), known) for column, known in zip(columns, class_names, strict=True)]
            for values in zip(*lists, strict=True):
                number += 1
                yield Row(number, None, values, names)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn the errors of pyarrow about a damaged file into one clear error."""
    import pyarrow

    try:
        yield
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} can't be read as Parquet: {_one_line(error):.300}.") from error


def _one_line(error: Exception) -> str:
    """Return the message of an error on one line, without unprintable bytes that pyarrow quotes from the file."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(error)).split())


def _class_names(path: Path, schema: Any, column: str) -> list[str] | None:
    import datasets
    import pyarrow

    if b"huggingface" not in (schema.metadata or {}):
        return None
    alone = pyarrow.schema([schema.field(column)], metadata=schema.metadata)
    try:
        feature = datasets.Features.from_arrow_schema(alone)[column]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} has a description of its columns that datasets can't read: {error}.") from error
    return list(feature.names) if isinstance(feature, datasets.ClassLabel) else None


def _values(column: Any, class_names: list[str] | None) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if class_names is None:
        return values
    # -1 means that the label is not known
    return [class_names[value] if value is not None and 0 <= value < len(class_names) else None for value in values]
