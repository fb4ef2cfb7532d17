"""The rows that every reader yields, with the unchanged values of the wanted columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One row of a source."""

    number: int
    """The number of the row, from 1 on. A header is not counted."""
    line: int | None
    """The line of the file on which the row begins, from 1 on. None if the source has no lines."""
    values: Sequence[Any]
    """The values of the wanted columns. None stands for a column that the row lacks."""
    names: Collection[str]
    """The names of all columns that the row has."""

    @property
    def place(self) -> str:
        """The place of the row in the source, for messages."""
        return f"row {self.number}" + ("" if self.line is None else f" (line {self.line} of the file)")


class NoColumnError(ValueError):
    """Raised if a source, or one row of it, does not have a column."""

    def __init__(self, message: str, column: str = "") -> None:
        super().__init__(message)
        self.column = column


def no_column(source: Any, column: str, names: Collection[str], cure: str = "", where: str = "") -> NoColumnError:
    """Return the error for a column that a source, or one row of it, does not have."""
    return NoColumnError(f"{source} has no column {column!r}{where}; it has {list(names)!s:.500}.{cure}", column)


def check_names(source: Any, columns: Sequence[str], names: Sequence[str], cure: str = "") -> None:
    """Raise unless each of the wanted columns exists exactly once."""
    for column in columns:
        if column not in names:
            raise no_column(source, column, names, cure)
        if names.count(column) > 1:
            raise ValueError(
                f"{source} has {names.count(column)} columns named {column!r}, so it is not known which one is meant; "
                f"rename all but one."
            )
