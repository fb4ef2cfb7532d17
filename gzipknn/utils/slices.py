"""Slices of rows."""

from __future__ import annotations


def cut(rows: slice, size: int) -> list[slice]:
    """Cut a slice into some of at most `size` rows.

    Examples
    --------
    >>> cut(slice(3, 8), 2)
    [slice(3, 5, None), slice(5, 7, None), slice(7, 8, None)]
    """
    return [slice(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size)]
