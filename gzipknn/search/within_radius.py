"""All training texts within a radius of each query."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.search.fitted import FittedSearch

GROWTH = 4
"""How many times as many neighbours are searched again of the queries that have more than were found."""

Lists = tuple[NDArray[np.object_], NDArray[np.object_]]


def within_radius(
    search: FittedSearch, texts: list[bytes] | None, radius: float, n_expected: int, **parallel: Any
) -> Lists:
    """Find all training texts at most `radius` away from some texts, or of each training text (None) all others.

    The nearest `n_expected` are searched first. Of a query whose farthest one is still within the radius, more are
    searched. So few lists cost what a search of few neighbours does, and `memory` and `screen` work as there.

    Returns
    -------
    distances : ndarray of object, shape (n,)
        For each query an array of float64, ascending.
    indices : ndarray of object, shape (n,)
        For each query an array of intp; equal distances stand by index.
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
    for i in rows:  # the only training text, without itself
        distances[i], indices[i] = np.empty(0), np.empty(0, dtype=np.intp)
    return distances, indices
