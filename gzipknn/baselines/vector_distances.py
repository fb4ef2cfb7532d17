"""Vectors of texts and the distances between them, the same to the last bit on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse

from gzipknn.compressors import Neighbors
from gzipknn.search.hubs import Normalizer
from gzipknn.search.neighbors import k_smallest
from gzipknn.utils.validation import as_floats

DISTANCES = ("cosine", "set", "bag")

LARGEST = 1e100
"""In a vector: squares and sums of these are finite."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """Vectors of texts.

    Attributes
    ----------
    matrix : csr_matrix or ndarray of float64, shape (n, n_features)
    sizes : ndarray of float64, shape (n,)
        Of each vector its squared norm, or the size of its set or bag.
    normalizer : Normalizer or None
        What corrects the distances to these vectors for hubs.
    """

    matrix: Any
    sizes: NDArray[np.float64]
    normalizer: Normalizer | None = None

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, rows: slice | NDArray[np.intp]) -> Vectors:
        """Return those of some texts, to be used as queries."""
        return Vectors(self.matrix[rows], self.sizes[rows])


def check_distance(distance: Any) -> None:
    """Raise unless `distance` names one."""
    if not (isinstance(distance, str) and distance in DISTANCES):
        raise ValueError(f"distance must be one of {list(DISTANCES)}, got {distance!r:.50}.")


def check_matrix(made: Any, n_texts: int, n_columns: int | None) -> Any:
    """Return the vectors that a transformer made, as numbers, or raise; the training texts come first."""
    matrix: Any = made.tocsr() if issparse(made) and made.dtype.kind in "biuf" else as_floats(made, "transformer")
    if matrix.ndim != 2 or matrix.shape[0] != n_texts or n_columns not in (None, matrix.shape[1]):
        raise ValueError(
            f"transformer must return vectors of shape ({n_texts}, {n_columns or 'n_features'}), one for each text and "
            f"all as long, got shape {matrix.shape}."
        )
    values = matrix.data if issparse(matrix) else matrix
    if not max(float(values.max(initial=0)), -float(values.min(initial=0))) < LARGEST:
        raise ValueError(f"transformer must return finite numbers below {LARGEST:g}, got NaN, infinite or larger ones.")
    return matrix


def nearest_vectors(training: Vectors, queries: Vectors, distance: str, k: int) -> Neighbors:
    """Find the k nearest of the training vectors for each of a block of queries."""
    distances = distances_between(training, queries, distance)
    return k_smallest(distances if training.normalizer is None else training.normalizer(distances), k)


def distances_between(training: Vectors, queries: Vectors, distance: str) -> NDArray[np.float64]:
    """Return the distances of queries to training vectors, not corrected for hubs, shape (n_queries, n_train).

    `distance` is one of :data:`DISTANCES`, or ``"product"``: 1 less the product of the vectors.
    """
    products = queries.matrix @ training.matrix.T
    shared = products.toarray() if issparse(products) else np.asarray(products)
    if distance == "product":
        return np.asarray(1 - shared)
    if distance == "cosine":
        of_all = np.sqrt(np.outer(queries.sizes, training.sizes))
    else:
        of_all = queries.sizes[:, None] + training.sizes - shared
    # nothing is shared with a text without words
    return np.asarray(1 - np.divide(shared, of_all, out=np.zeros_like(shared), where=of_all > 0))


def decode_texts(texts: list[bytes]) -> list[str]:
    """Return encoded texts as str, with a mark in place of what is no UTF-8."""
    return [text.decode("utf-8", "replace") for text in texts]


def as_exact(matrix: Any) -> NDArray[np.float64]:
    """Scale dense vectors to norm 1 and round them to 24 binary places.

    Their products then have 48, so that sums of them are exact in whatever order they are made: equal vectors are
    equally far, on any number of cores.
    """
    vectors = np.asarray(matrix, dtype=np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return np.asarray(np.rint(unit * 2.0**24) / 2.0**24)


def as_counts(matrix: Any, needed_by: str = "distances 'set' and 'bag'") -> Any:
    """Return whole numbers of words, sparse, without zeros; or raise, and say what needs them."""
    counts = csr_matrix(matrix, dtype=np.float64, copy=True)
    counts.sum_duplicates()
    counts.eliminate_zeros()
    if len(counts.data) and (counts.data.min() < 0 or counts.data.max() >= 2**31 or (counts.data % 1).any()):
        raise ValueError(
            f"{needed_by} need counts (whole numbers from 0 on, below 2**31), the vectors hold others; "
            f"use a CountVectorizer, or VectorNeighborsClassifier with distance='cosine'."
        )
    return counts


def as_bag(counts: Any) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the elements of each text's bag: its number, and a code of the word and of how often it stood before.

    Two bags have as many elements in common as two sets of these.
    """
    times = counts.data.astype(np.int64)
    text = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    first = np.repeat(np.cumsum(times) - times, times)
    before = np.arange(len(first)) - first
    return np.repeat(text, times), before * counts.shape[1] + np.repeat(counts.indices.astype(np.int64), times)


def row_sums(matrix: Any) -> NDArray[np.float64]:
    """Return the sum of each row, shape (n,)."""
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
