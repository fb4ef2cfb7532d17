"""Vectors of texts, and the distances between them, which are the same to the last bit on every machine."""

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
"""The limit of the numbers in a vector: their squares, and the sums of these, are finite."""


@dataclass(frozen=True, eq=False)
class Vectors:
    """The vectors of n texts.

    Attributes
    ----------
    matrix : csr_matrix or ndarray of float64, shape (n, n_features)
    sizes : ndarray of float64, shape (n,)
        The squared norm of each vector, or the size of its set or bag.
    normalizer : Normalizer or None
        The correction for hubs of the distances to these vectors.
    """

    matrix: Any
    sizes: NDArray[np.float64]
    normalizer: Normalizer | None = None

    def __len__(self) -> int:
        return len(self.sizes)

    def rows(self, rows: slice | NDArray[np.intp]) -> Vectors:
        """Return the vectors of some texts as queries, without the correction for hubs."""
        return Vectors(self.matrix[rows], self.sizes[rows])


def check_distance(distance: Any) -> None:
    """Raise unless `distance` is the name of a distance."""
    if not (isinstance(distance, str) and distance in DISTANCES):
        raise ValueError(f"distance must be one of {list(DISTANCES)}, got {distance!r:.50}.")


def check_matrix(made: Any, n_texts: int, n_columns: int | None) -> Any:
    """Return the vectors that a transformer made as a sparse matrix or array of numbers, or raise.

    `n_columns` is the number of features of the training texts; None for the training texts themselves.
    """
    matrix: Any = made.tocsr() if issparse(made) and made.dtype.kind in "biuf" else as_floats(made, "transformer")
    if matrix.ndim != 2 or matrix.shape[0] != n_texts or n_columns not in (None, matrix.shape[1]):
        raise ValueError(
            f"transformer must return one vector for each text, an array of shape ({n_texts}, "
            f"{n_columns or 'n_features'}), got shape {matrix.shape}."
        )
    values = matrix.data if issparse(matrix) else matrix
    if not max(float(values.max(initial=0)), -float(values.min(initial=0))) < LARGEST:
        raise ValueError(f"transformer must return finite numbers below {LARGEST:g}, got NaN, infinite or larger ones.")
    return matrix


def nearest_vectors(training: Vectors, queries: Vectors, distance: str, k: int) -> Neighbors:
    """Find the k nearest training vectors of each query in a block."""
    distances = distances_between(training, queries, distance)
    return k_smallest(distances if training.normalizer is None else training.normalizer(distances), k)


def distances_between(training: Vectors, queries: Vectors, distance: str) -> NDArray[np.float64]:
    """Return the distances between queries and training vectors, not corrected for hubs, shape (n_queries, n_train).

    `distance` is one of :data:`DISTANCES`, or ``"product"``, which is 1 minus the scalar product of the vectors.
    """
    products = queries.matrix @ training.matrix.T
    shared = products.toarray() if issparse(products) else np.asarray(products)
    if distance == "product":
        return np.asarray(1 - shared)
    if distance == "cosine":
        of_all = np.sqrt(np.outer(queries.sizes, training.sizes))
    else:
        of_all = queries.sizes[:, None] + training.sizes - shared
    # a text without words shares nothing with any text
    return np.asarray(1 - np.divide(shared, of_all, out=np.zeros_like(shared), where=of_all > 0))


def decode_texts(texts: list[bytes]) -> list[str]:
    """Decode texts as UTF-8, with U+FFFD in place of bytes that are not valid UTF-8."""
    return [text.decode("utf-8", "replace") for text in texts]


def as_exact(matrix: Any) -> NDArray[np.float64]:
    """Scale dense vectors to norm 1 and round them to 24 binary places.

    Products of two numbers then have 48 binary places, so sums of them are exact in any order. So equal vectors have
    equal distances, on any number of cores.
    """
    vectors = np.asarray(matrix, dtype=np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return np.asarray(np.rint(unit * 2.0**24) / 2.0**24)


def as_counts(matrix: Any, needed_by: str = "distances 'set' and 'bag'") -> Any:
    """Return the counts of words as a sparse matrix without stored zeros; raise if they are not whole numbers.

    `needed_by` names what needs counts, for the message.
    """
    counts = csr_matrix(matrix, dtype=np.float64, copy=True)
    counts.sum_duplicates()
    counts.eliminate_zeros()
    if len(counts.data) and (counts.data.min() < 0 or counts.data.max() >= 2**31 or (counts.data % 1).any()):
        raise ValueError(
            f"{needed_by} need counts (whole numbers from 0 to 2**31 - 1), but the vectors hold other numbers; "
            f"use a CountVectorizer, or VectorNeighborsClassifier with distance='cosine'."
        )
    return counts


def as_bag(counts: Any) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the bags of all texts as sets: two arrays with the number of each element's text, and its code.

    A word that occurs n times in a text gives n elements: its code also holds the number of earlier occurrences. So two
    bags have as many elements in common as these two sets.
    """
    times = counts.data.astype(np.int64)
    text = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    first = np.repeat(np.cumsum(times) - times, times)
    before = np.arange(len(first)) - first
    return np.repeat(text, times), before * counts.shape[1] + np.repeat(counts.indices.astype(np.int64), times)


def row_sums(matrix: Any) -> NDArray[np.float64]:
    """Return the sum of each row, shape (n,)."""
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
