"""Distances from compressed lengths: NumPy functions of three arrays that broadcast against each other.

In all of them, ``c_x`` holds the lengths C(x) of the queries, ``c_y`` those of the training texts and ``c_xy`` those of
the pairs, all in the same unit (bytes or bits).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.utils.keyed import Keyed

Lengths = NDArray[np.int64 | np.float64]
Metric = Callable[[Any, Any, Any], Any]


def ncd(c_x: Lengths, c_y: Lengths, c_xy: Lengths) -> NDArray[np.float64]:
    """Compute the normalized compression distance, (C(xy) - min(C(x), C(y))) / max(C(x), C(y)).

    It is about 0 for texts that say the same and about 1 for texts that share nothing. With real compressors it may
    also be a little below 0 or above 1. The distance between two texts of length 0 is 0.

    References
    ----------
    Li, Chen, Li, Ma, Vitányi: The Similarity Metric. IEEE Trans. Inf. Theory 50 (2004);
    Cilibrasi, Vitányi: Clustering by Compression. IEEE Trans. Inf. Theory 51 (2005), eq. (2).

    Examples
    --------
    >>> ncd(np.array([20]), np.array([40]), np.array([50])).tolist()
    [0.75]
    """
    return _ratio(c_xy - np.minimum(c_x, c_y), np.maximum(c_x, c_y), undefined=lambda: np.where(c_xy == 0, 0.0, 1.0))


def cdm(c_x: Lengths, c_y: Lengths, c_xy: Lengths) -> NDArray[np.float64]:
    """Compute the compression-based dissimilarity measure, C(xy) / (C(x) + C(y)).

    It is 1/2 for texts that say the same and about 1 for texts that share nothing.

    References
    ----------
    Keogh, Lonardi, Ratanamahatana: Towards Parameter-Free Data Mining. KDD (2004), eq. (5).

    Examples
    --------
    >>> cdm(np.array([20]), np.array([40]), np.array([45])).tolist()
    [0.75]
    """
    return _ratio(c_xy, c_x + c_y, undefined=lambda: np.where(c_xy == 0, 0.5, 1.0))


def clm(c_x: Lengths, c_y: Lengths, c_xy: Lengths) -> NDArray[np.float64]:
    """Compute the Chen-Li metric, 1 - (C(x) + C(y) - C(xy)) / C(xy).

    It is one minus the share of information that the two texts have in common.

    References
    ----------
    Chen, Francia, Li, McKinnon, Seker: Shared Information and Program Plagiarism Detection.
    IEEE Trans. Inf. Theory 50 (2004); with C(xy) in place of C(x|y) as in Sculley, Brodley (DCC 2006).

    Examples
    --------
    >>> clm(np.array([20]), np.array([40]), np.array([48])).tolist()
    [0.75]
    """
    return np.asarray(1.0 - _ratio(c_x + c_y - c_xy, c_xy, undefined=lambda: 1.0), dtype=np.float64)


def nmi(c_x: Lengths, c_y: Lengths, c_xy: Lengths) -> NDArray[np.float64]:
    """Compute one minus the normalized mutual information, 1 - (C(x) + C(y) - C(xy)) / sqrt(C(x) C(y)).

    The information that two texts share is divided by the geometric mean of the information in each, as the cosine does
    with vectors. The distance is about 0 for texts that say the same and about 1 for texts that share nothing. With
    ``"lz77"``, the distance of a training text to itself may be below 0: for the query the strings of the text count as
    known, for the training text they are left out.

    References
    ----------
    Strehl, Ghosh: Cluster Ensembles. JMLR 3 (2002), eq. (2), with compressed lengths for entropies.

    Examples
    --------
    >>> nmi(np.array([20]), np.array([80]), np.array([90])).tolist()
    [0.75]
    """
    shared = _ratio(c_x + c_y - c_xy, np.sqrt(c_x) * np.sqrt(c_y), undefined=lambda: np.where(c_xy == 0, 1.0, 0.0))
    return np.asarray(1.0 - shared, dtype=np.float64)


METRICS: dict[str, Metric] = {"ncd": ncd, "cdm": cdm, "clm": clm, "nmi": nmi}

UNRELATED = 1.0
"""The exact value of all four where texts share nothing: where C(xy) = C(x) + C(y), and one of these is not 0."""


def get_metric(metric: str | Metric | Keyed) -> Metric:
    """Return the function that a metric's name or a :class:`gzipknn.Keyed` stands for; a callable stands for itself."""
    if isinstance(metric, Keyed):
        metric = metric.value
    if callable(metric):
        return metric
    if isinstance(metric, str) and metric in METRICS:
        return METRICS[metric]
    raise ValueError(
        f"metric must be one of {sorted(METRICS)} or a callable (c_x, c_y, c_xy) -> distance, got {metric!r:.80}."
    )


def _ratio(numerator: Any, denominator: Any, undefined: Callable[[], Any]) -> NDArray[np.float64]:
    if np.all(denominator):
        return np.asarray(np.divide(numerator, denominator, dtype=np.float64))
    # a denominator is 0 only where texts compress to nothing: then they say the same if both together also compress
    # to nothing, else they share nothing
    numerator, denominator, elsewhere = np.broadcast_arrays(numerator, denominator, undefined())
    result = np.array(elsewhere, dtype=np.float64)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result
