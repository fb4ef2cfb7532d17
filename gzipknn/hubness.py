"""Correct distances for hubs: training texts that are near everything, whatever it says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.pairwise import Normalizer, TrainingTexts, distance_matrix

NORMALIZATIONS = ("local", "zscore")

N_SAMPLE = 300
"""To how many training texts each is measured."""
N_LOCAL = 10
"""How many of these, the nearest, are the neighbourhood of a text."""


def evenly_spaced(n: int, size: int) -> NDArray[np.intp]:
    """Choose `size` of n positions, or all: the same in every run, and of each class its share if sorted by class."""
    return np.unique(np.linspace(0, n - 1, min(n, size)).astype(np.intp))


def check_normalize(normalize: Any) -> None:
    """Raise unless `normalize` is None or names a correction."""
    if normalize is not None and normalize not in NORMALIZATIONS:
        raise ValueError(f"normalize must be None or one of {list(NORMALIZATIONS)}, got {normalize!r}.")


def normalize_distances(
    training: TrainingTexts, normalize: str | None, *, n_jobs: int | None = None, verbose: int = 0
) -> TrainingTexts:
    """Return `training` with distances that are corrected, by those of 300 of its texts to all of them.

    Parameters
    ----------
    training : TrainingTexts
    normalize : {None, "local", "zscore"}
        ``"local"``: a distance to y less the mean distance of y to the 10 nearest of the sample. ``"zscore"``: less
        the mean distance of y to the whole sample, in standard deviations of that.

    Returns
    -------
    TrainingTexts

    References
    ----------
    Radovanović, Nanopoulos, Ivanović: Hubs in Space. JMLR 11 (2010), on hubs and z-scores; Conneau et al.: Word
    Translation Without Parallel Data. ICLR (2018), eq. (2), of whose two local means the query's changes no order.
    """
    check_normalize(normalize)
    if normalize is None:
        return training
    sample = evenly_spaced(len(training), N_SAMPLE)
    texts = training.texts.take(sample)
    distances = distance_matrix(training, texts, n_jobs=n_jobs, verbose=verbose)
    return replace(training, normalizer=fit_normalizer(distances, sample, normalize))


def fit_normalizer(distances: NDArray[np.float64], sample: NDArray[np.intp], normalize: str) -> Normalizer:
    """Find each training text's shift and scale from the distances of some of them to all, shape (n_sample, n)."""
    if not np.isfinite(distances).all():
        raise ValueError(f"normalize={normalize!r} needs finite distances, but the metric returned infinite ones.")
    others = np.ones(distances.shape, dtype=bool)
    others[np.arange(len(sample)), sample] = False  # a text's distance to itself says nothing
    if normalize == "local":
        order = np.argsort(np.where(others, distances, np.inf), axis=0)[:N_LOCAL]
        distances, others = (np.take_along_axis(values, order, axis=0) for values in (distances, others))
    count = np.maximum(others.sum(axis=0), 1)
    mean = np.sum(distances * others, axis=0) / count
    if normalize == "local":
        return Normalizer(mean, np.ones(len(mean)))
    deviation = np.sqrt(np.sum((distances - mean) ** 2 * others, axis=0) / count)
    return Normalizer(mean, np.where(deviation > 0, deviation, 1.0))
