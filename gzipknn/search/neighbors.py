"""The k nearest training texts of each query, ordered by (distance, index)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Neighbors
from gzipknn.memory.cache import Cached
from gzipknn.search.distances import fill_blocks
from gzipknn.search.screen import Screen
from gzipknn.search.training_texts import LazyTraining, TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.interruption import check_wanted


def k_smallest(distances: NDArray[np.float64], k: int) -> Neighbors:
    """Find the k smallest distances of each row, ordered by (distance, index).

    Compressed lengths are often whole bytes, so ties between distances are common. Their order is part of the contract.
    That is why a plain partition, which does not define this order, is not enough.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, m)
        The distances, without NaN.
    k : int
        From 1 to m.

    Returns
    -------
    distances : ndarray of float64, shape (n, k)
    indices : ndarray of intp, shape (n, k)

    Examples
    --------
    >>> distances, indices = k_smallest(np.array([[0.5, 0.2, 0.5, 0.2]]), 3)
    >>> indices.tolist()
    [[1, 3, 0]]
    """
    indices = np.empty((len(distances), k), dtype=np.intp)
    kth = np.partition(distances, k - 1, axis=1)[:, k - 1]
    for row, bound, out in zip(distances, kth, indices, strict=True):
        candidates = np.flatnonzero(row <= bound)
        out[:] = candidates[np.argsort(row[candidates], kind="stable")[:k]]
    return np.take_along_axis(distances, indices, axis=1), indices


def nearest(training: TrainingTexts, queries: Corpus, k: int) -> Neighbors:
    """Return the k nearest training texts of each query of one block."""
    if training.screen is not None:
        return _nearest_of_candidates(training, queries, k)
    found = _nearest_by_part(training, queries, k) if training.order == "query-first" else None
    return k_smallest(training.distances(queries), k) if found is None else found


def _nearest_by_part(training: TrainingTexts, queries: Corpus, k: int) -> Neighbors | None:
    """Search the parts in turn with the fast search of the compressor, or return None if it has none.

    Each part is searched only for texts that are nearer than those found before.
    """
    correction, found = training.normalizer, None
    for part, start in zip(training.parts, training.starts.tolist(), strict=False):
        own = slice(start, start + len(part.texts))
        corrected = None if correction is None else (correction.shift[own], correction.scale[own])
        within = None if found is None or found[0].shape[1] < k else found[0][:, -1]
        among = training.metric, min(k, len(part.texts))
        more = training.compressor.nearest(
            queries, part, part.lengths, *among, shift_and_scale=corrected, within=within
        )
        if more is None:
            return None
        found = more if found is None else _merge(found, (more[0], more[1] + start), k)
    return found


def _merge(found: Neighbors, later: Neighbors, k: int) -> Neighbors:
    """Return the k nearest of the neighbours found before and of those in a later part."""
    distances, indices = (np.concatenate(both, axis=1) for both in zip(found, later, strict=True))
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]  # a stable sort keeps ties in the order of the index
    return np.take_along_axis(distances, order, axis=1), np.take_along_axis(indices, order, axis=1)


def _nearest_of_candidates(training: TrainingTexts, queries: Corpus, k: int) -> Neighbors:
    assert isinstance(training.screen, Screen)
    # before a text is found, its place holds a distance and an index that are larger than all others
    distances = np.full((len(queries), k), np.inf)
    indices = np.full((len(queries), k), np.iinfo(np.int64).max, dtype=np.int64)
    c_x = training.compressor.lengths(queries)
    for row in range(len(queries)):
        check_wanted()
        query, c = queries.rows(row, row + 1), c_x[row : row + 1]
        candidates, best = training.screen.shortlist(training, query[0], c, k)
        found = distances[row], indices[row]
        if _add_nearest(training, query[0], candidates[best], found):  # then most others can be ruled out early
            _add_nearest(training, query[0], np.delete(candidates, best), found)
            continue
        c_xy = training.joint_lengths(query, c, candidates)
        exact = training.distances_from(c[:, None], c_xy, candidates)[0]
        nearest = np.argsort(exact, kind="stable")[:k]  # the candidates are sorted, so ties keep the order of the index
        distances[row], indices[row] = exact[nearest], candidates[nearest]
    return distances, indices.astype(np.intp, copy=False)


def _add_nearest(training: TrainingTexts, query: bytes, chosen: NDArray[np.intp], found: Neighbors) -> bool:
    """Search the `chosen` texts for nearer ones than those found; return False if there is no fast search."""
    if training.order != "query-first" or training.normalizer is not None:
        return False
    return all(
        training.compressor.add_nearest(query, part, training.metric, some, start, found)
        for part, start, some in training.by_part(chosen)
    )


def kneighbors(
    training: TrainingTexts | LazyTraining,
    queries: Corpus,
    k: int,
    *,
    cached: Cached | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> Neighbors:
    """Return the k nearest training texts of each query, searched in blocks, without the full distance matrix.

    Parameters
    ----------
    training : TrainingTexts or LazyTraining
    queries : Corpus of n texts
    k : int
        From 1 to ``len(training)``.

    Returns
    -------
    distances : ndarray of float64, shape (n, k)
    indices : ndarray of intp, shape (n, k)
    """
    distances = np.empty((len(queries), k))
    indices = np.empty((len(queries), k), dtype=np.intp)
    own, search = None if cached is None else cached.of("neighbors"), partial(nearest, k=k)
    fill_blocks([distances, indices], search, training, queries, cached=own, n_jobs=n_jobs, verbose=verbose)
    return distances, indices


def leave_one_out(
    training: TrainingTexts | LazyTraining, k: int, rows: NDArray[np.intp] | None = None, **options: Any
) -> Neighbors:
    """Return the k nearest other training texts of each training text, or of those at the positions `rows`.

    k is at most ``len(training) - 1``.
    """
    own = np.arange(len(training)) if rows is None else rows
    queries = training.texts if len(own) == len(training) else training.texts.take(own)
    return without_self(*kneighbors(training, queries, k + 1, **options), own)


def without_self(distances: NDArray[np.float64], indices: NDArray[np.intp], own: NDArray[np.intp]) -> Neighbors:
    """Remove each text itself, `own`, from its k + 1 nearest neighbours, both of shape (n, k + 1)."""
    n, k_and_one = indices.shape
    keep = indices != own[:, None]
    # a text may not be among its own k + 1 nearest, for example if it has many duplicates; then the farthest is removed
    keep[keep.all(axis=1), -1] = False
    return distances[keep].reshape(n, k_and_one - 1), indices[keep].reshape(n, k_and_one - 1)
