"""Load further columns of a file, which are written beside the predictions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from gzipknn.datasets.loading import find, read_file


def load_columns(
    source: str | os.PathLike[str],
    split: str | None,
    texts_in: Sequence[str],
    columns: Sequence[str] | None = None,
    **form: Any,
) -> tuple[list[str], list[Sequence[Any]]]:
    """Load some columns of a file, or all columns, with their values unchanged.

    Parameters
    ----------
    source, split
        As in :func:`load_texts`, except that class folders and data sets of the hub are not allowed.
    texts_in : sequence of str
        Columns that the file is known to have.
    columns : sequence of str, default=None
        The columns to load. None means all columns, in the order of the file. The columns of a JSON file come in the
        order in which they first occur.
    **form
        `sep`, `header` and `encoding`, as in :func:`load_texts`.

    Returns
    -------
    names : list of str
    rows : list of sequences
        The values of each row. None stands for a column that a row lacks.
    """
    found = find(source, split)
    if isinstance(found, str) or found.is_dir():
        raise ValueError(
            f"{found} is not a file, so it has no columns to keep; give the path of a file, or keep no columns."
        )
    if columns is None:
        columns = list(dict.fromkeys(name for row in read_file(found, texts_in, None, **form) for name in row.names))
    return list(columns), [row.values for row in read_file(found, columns, None, **form)]
