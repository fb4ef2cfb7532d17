"""Find all training texts within a radius of each query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.search.fitted import FittedSearch

GROWTH = 4
"""The factor by which the number of neighbours grows when a query needs another search."""

Lists = tuple[NDArray[np.object_], NDArray[np.object_]]


def within_radius(
    search: FittedSearch, texts: list[bytes] | None, radius: float, n_expected: int, **parallel: Any
) -> Lists:
    """Return all training texts within `radius` of each text; for None, all others within it of each training text.

    The `n_expected` nearest texts are searched first. If the farthest of them is still within the radius, the query is
    searched again for more. So short lists cost as much as a search of few neighbours, and `memory` and `screen` work
    as in that search.

    Returns
    -------
    distances : ndarray of object, shape (n,)
        For each query an array of float64, ascending.
    indices : ndarray of object, shape (n,)
        For each query an array of intp. Ties are ordered by index.
    """
    leave_out = texts is None
    n, available = len(search) if texts is None else len(texts), len(search) - leave_out
    distances, indices = np.empty(n, dtype=object), np.empty(n, dtype=object)
    rows, k = np.arange(n), min(n_expected, available)
    while len(rows) and k:
        if texts is None:
            found = search.others(rows, k, **parallel)
        else:
            found = search.kneighbors([texts[i] for i in rows], k, **parallel)
        inside = found[0] <= radius
        done = ~inside.all(axis=1) | (k == available)
        for i in np.flatnonzero(done):
            distances[rows[i]], indices[rows[i]] = found[0][i, inside[i]], found[1][i, inside[i]]
        rows, k = rows[~done], min(GROWTH * k, available)
    for i in rows:  # the only training text has no others
        distances[i], indices[i] = np.empty(0), np.empty(0, dtype=np.intp)
    return distances, indices
