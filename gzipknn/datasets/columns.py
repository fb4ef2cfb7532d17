"""Columns of a file beside its texts and labels: to be kept beside what was predicted."""

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
    """Load some columns of a file, or all, with their values as they stand.

    Parameters
    ----------
    source, split
        As in :func:`load_texts`, but no folder of class folders and no data set of the hub.
    texts_in : sequence of str
        Columns that are known to be there.
    columns : sequence of str, default=None
        None for all, in the order of the file; of JSON, in the order in which they first occur.
    **form
        `sep`, `header` and `encoding`, as in :func:`load_texts`.

    Returns
    -------
    names : list of str
    rows : list of sequences
        The values; None where a row lacks one.
    """
    found = find(source, split)
    if isinstance(found, str) or found.is_dir():
        raise ValueError(f"{found} is no file of rows, so it has no columns to keep.")
    if columns is None:
        columns = list(dict.fromkeys(name for row in read_file(found, texts_in, None, **form) for name in row.names))
    return list(columns), [row.values for row in read_file(found, columns, None, **form)]
