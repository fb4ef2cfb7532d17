"""Functions for all distances between two sets of texts, or within one set, and for compressed lengths."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import get_compressor
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.metrics import Lengths, Metric
from gzipknn.search.distances import distance_matrix, fill_blocks
from gzipknn.search.hubs import Normalizer as Normalizer  # models of 0.1.0 look for these two here
from gzipknn.search.training_texts import LazyTraining as LazyTraining
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts

MATRICES = ("raw", "distance")
ROWS = 1 << 10
"""The number of rows and columns of a matrix that are handled at a time."""


def pairwise_ncd(
    X: Any,
    Y: Any = None,
    *,
    compressor: Any = "gzip",
    metric: str | Metric = "ncd",
    order: str = "query-first",
    separator: str | bytes = " ",
    matrix: str = "raw",
    n_jobs: int | None = None,
    verbose: int = 0,
) -> NDArray[np.float64]:
    """Compute the compression distance between every text of `X` and every text of `Y`.

    Parameters
    ----------
    X : sequence of str or bytes, shape (n_x,)
        The queries.
    Y : sequence of str or bytes, shape (n_y,), default=None
        The texts that the queries are compared with. None: `X` itself. ``"lz77"`` learns from them which strings are
        common, so its distances depend on all of `Y`.
    compressor : str, Compressor or callable, default="gzip"
        As in :class:`NCDClassifier`.
    metric : {"ncd", "cdm", "clm", "nmi"} or callable, default="ncd"
        As in :class:`NCDClassifier`.
    order : {"query-first", "train-first", "symmetric"}, default="query-first"
        As in :class:`NCDClassifier`. If it is ``"symmetric"`` and `Y` is None, the result is exactly symmetric for
        every compressor, because each text counts as a training text in both roles.
    separator : str or bytes, default=" "
        As in :class:`NCDClassifier`.
    matrix : {"raw", "distance"}, default="raw"
        ``"raw"``: return the distances as the metric gives them. ``"distance"``: return a distance matrix for
        clustering and embedding. This matrix is exactly symmetric, its diagonal is exactly 0, and no number is below 0.
        Its elements are the means of the distances from x to y and from y to x; means below 0 and the diagonal are set
        to 0. It needs ``Y=None``.
    n_jobs : int, default=None
        The number of cores, as in joblib: None means 1 unless in a ``parallel_config`` context, and -1 means all cores.
    verbose : int, default=0
        Above 0, show a progress bar over the queries.

    Returns
    -------
    ndarray of float64, shape (n_x, n_y)

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here; the message says what was got and the cure.

    Warns
    -----
    RuntimeWarning
        If texts are longer than the window of the compressor, see docs/choosing.md.

    See Also
    --------
    NCDTransformer : The same as a scikit-learn transformer.
    compressed_lengths : The compressed lengths alone (with ``"lz77"``, without learning from `Y`).

    Notes
    -----
    Raw distances are neither symmetric nor 0 between equal texts. They are not symmetric because a compressor that
    reads y after x finds other repetitions than one that reads x after y, and because ``"lz77"`` leaves a training text
    out of the counts by which its own strings are measured. They are not 0 between equal texts because the second copy
    of a text and the separator before it cost something. With the metric ``"cdm"``, equal texts are about 1/2 apart;
    ``matrix="distance"`` changes that only on the diagonal.

    Examples
    --------
    >>> from gzipknn import pairwise_ncd
    >>> pairwise_ncd(["to be or not to be", "the die is cast"], ["to be or not", "the cast of dice"]).round(2)
    array([[0.17, 0.44],
           [0.46, 0.31]])

    SciPy's dendrograms, and scikit-learn's HDBSCAN and MDS with ``metric="precomputed"``, take a distance matrix:

    >>> from scipy.spatial.distance import squareform
    >>> distances = pairwise_ncd(["to be or not to be", "to be or not", "the cast of dice"], matrix="distance")
    >>> squareform(distances).round(2)
    array([0.14, 0.43, 0.47])
    """
    if not (isinstance(matrix, str) and matrix in MATRICES):
        raise ValueError(f"matrix must be one of {list(MATRICES)}, got {matrix!r:.50}.")
    if matrix == "distance" and Y is not None:
        raise ValueError(
            "matrix='distance' holds the distances among the texts of X, so it needs Y=None, "
            f"got {type(Y).__name__}; leave Y out, or use matrix='raw'."
        )
    queries = Corpus.from_texts(encode_texts(X, "X"))
    texts = queries if Y is None else Corpus.from_texts(encode_texts(Y, "Y"))
    training = TrainingTexts.prepare(texts, compressor, metric, order, separator)
    warn_of_long_texts(training.compressor, "texts", *([texts] if Y is None else [queries, texts]))
    if Y is None and order == "symmetric":
        distances = _symmetric(training, n_jobs=n_jobs, verbose=verbose)
    else:
        distances = distance_matrix(training, queries, n_jobs=n_jobs, verbose=verbose)
    if matrix == "distance":
        _combine(distances, lambda there, back: np.maximum((there + back) / 2, 0.0))
        np.fill_diagonal(distances, 0.0)
    return distances


def _symmetric(training: TrainingTexts, **parallel: Any) -> NDArray[np.float64]:
    """Return the distances among the training texts, where C(xy) is the smaller length of both orders.

    Each pair is compressed once in each order. A search in both orders would take twice that.
    """
    lengths = training.lengths
    queries = _Measured(training.texts.buffer, training.texts.offsets, lengths)
    matrix = np.empty((len(training), len(training)))  # holds lengths first, and distances in the end
    fill_blocks([matrix], _joint_lengths, replace(training, order="query-first"), queries, **parallel)
    _combine(matrix, np.minimum)
    for start in range(0, len(training), ROWS):
        rows = slice(start, start + ROWS)
        c_xy = matrix[rows].astype(lengths.dtype, copy=False)
        matrix[rows] = training.distances_from(lengths[rows, None], c_xy)
    return matrix


@dataclass(frozen=True, eq=False)
class _Measured(Corpus):
    """Queries that are training texts, with their lengths as training texts."""

    lengths: Lengths

    def rows(self, start: int, stop: int) -> _Measured:
        rows = super().rows(start, stop)
        return _Measured(rows.buffer, rows.offsets, self.lengths[start:stop])


def _joint_lengths(training: TrainingTexts, queries: Corpus) -> tuple[Lengths]:
    assert isinstance(queries, _Measured)
    return (training.joint_lengths(queries, queries.lengths),)


def _combine(matrix: NDArray[np.float64], combine: Callable[[Any, Any], Any]) -> None:
    """Replace each number and its mirror image at the diagonal by `combine` of both, a strip at a time."""
    for start in range(0, len(matrix), ROWS):
        strip = slice(start, start + ROWS)
        combined = combine(matrix[strip, start:], matrix[start:, strip].T)
        matrix[strip, start:] = combined
        matrix[start:, strip] = combined.T


def compressed_lengths(X: Any, compressor: Any = "gzip") -> Lengths:
    """Compute C(x), the compressed length of every text.

    Parameters
    ----------
    X : sequence of str or bytes, shape (n,)
    compressor : str, Compressor or callable, default="gzip"
        As in :class:`NCDClassifier`.

    Returns
    -------
    ndarray of int64 or float64, shape (n,)
        Integers are lengths in bytes. With ``"lz77"`` and ``"huffman"``, the lengths are float64 and in bits; with
        ``"lz77"``, every byte that repeats nothing costs 8 bits, because there are no training texts to learn from. If
        a callable returns other than whole numbers, the lengths are float64 as well.

    Examples
    --------
    >>> from gzipknn import compressed_lengths
    >>> compressed_lengths(["", "abc", "abc" * 100])
    array([20, 23, 27])
    """
    return get_compressor(compressor).lengths(Corpus.from_texts(encode_texts(X, "X")))
