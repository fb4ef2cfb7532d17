"""Correct distances for hubs, that is, for training texts that are near most queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.memory.cache import Cached
from gzipknn.search.distances import distance_matrix
from gzipknn.search.training_texts import Correction, TrainingTexts


@dataclass(frozen=True, eq=False)
class Normalizer:
    """A correction of distances: the shift of each training text is subtracted, and its scale divides, shape (n,)."""

    kind: str
    shift: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, distances: NDArray[np.float64], indices: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        """Correct distances to all texts, shape (rows, n), or to those at `indices`."""
        which = slice(None) if indices is None else indices
        return (distances - self.shift[which]) / self.scale[which]


NORMALIZATIONS = ("half-local", "local", "zscore")

N_SAMPLE = 300
"""The size of the sample to which the distances of each training text are measured."""
N_LOCAL = 10
"""The number of nearest texts of the sample that are the neighbourhood of a text."""
LEAST_SCALE = 0.1
"""Standard deviations below this share of the median one are raised to it."""
BLOCK = 1 << 12
"""The number of training texts that are processed at once."""


def draw(n: int, size: int) -> NDArray[np.intp]:
    """Return `size` of n positions, or all, sorted. They are drawn at random, but are the same in every run."""
    return np.sort(np.random.RandomState(0).permutation(n)[:size])


def check_normalize(normalize: Any) -> None:
    """Raise unless `normalize` is None or the name of a correction."""
    if normalize is not None and not (isinstance(normalize, str) and normalize in NORMALIZATIONS):
        raise ValueError(f"normalize must be None or one of {list(NORMALIZATIONS)}, got {normalize!r:.50}.")


def normalize_distances(
    training: TrainingTexts,
    normalize: str | None,
    *,
    cached: Cached | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
) -> TrainingTexts:
    """Return `training` with distances that are corrected for hubs, by means of a sample of 300 training texts.

    Parameters
    ----------
    training : TrainingTexts
    normalize : {None, "half-local", "local", "zscore"}
        How the distance from a query to a training text y is corrected. The sample are 300 of the training texts, y
        itself not among them.

        - ``"local"``: the mean distance of y to the 10 nearest texts of the sample is subtracted.
        - ``"half-local"``: half of that mean is subtracted.
        - ``"zscore"``: the mean distance of y to the whole sample is subtracted, and the difference is divided by the
          standard deviation of these distances.

    Returns
    -------
    TrainingTexts

    References
    ----------
    Radovanović, Nanopoulos, Ivanović: Hubs in Space. JMLR 11 (2010), on hubs and z-scores.

    Conneau et al.: Word Translation Without Parallel Data. ICLR (2018), eq. (2): cross-domain similarity local scaling
    (CSLS), 2 cos(x, y) - r(x) - r(y), where r is the mean similarity to the nearest texts. Half of it, stated for
    distances, is d(x, y) - r(x) / 2 - r(y) / 2. The term r(x) is the same for all training texts, so it changes no
    order and is left out: what remains is ``"half-local"``.

    Mutual proximity (Schnitzer et al., JMLR 13, 2012) did worse than ``"local"`` and ``"zscore"`` on validation data.
    """
    check_normalize(normalize)
    if normalize is None:
        return training
    sample = draw(len(training), N_SAMPLE)
    texts = training.texts.take(sample)
    fitted = []
    parallel: dict[str, Any] = {"n_jobs": n_jobs, "verbose": verbose, "desc": "hubs"}
    for part, start in zip(training.parts, training.starts, strict=False):  # so that the matrix stays small
        alone = training.with_parts((part,))
        own = None if cached is None else cached.of("part", int(start))
        distances = distance_matrix(alone, texts, cached=own, **parallel)
        fitted.append(fit_normalizer(distances, sample - start, normalize))
    return replace(training, normalizer=join_normalizers(fitted))


def join_normalizers(fitted: Sequence[Correction]) -> Normalizer:
    """Join the corrections of several parts, which must be of one kind."""
    shift, scale = (np.concatenate([getattr(one, name) for one in fitted]) for name in ("shift", "scale"))
    return Normalizer(fitted[0].kind, shift, scale)


def fit_normalizer(
    distances: NDArray[np.float64], sample: NDArray[np.intp], normalize: str, usual_scale: float | None = None
) -> Normalizer:
    """Compute the shift and scale of each text from the distances of a sample to all texts, shape (n_sample, n).

    `sample` holds the positions of the sample among the texts. A position outside of 0 to n - 1 means that the text is
    not one of them. `usual_scale` is the median scale, by default that of these texts.
    """
    if not np.isfinite(distances).all():
        raise ValueError(f"normalize={normalize!r} needs finite distances, but the metric returned infinite ones.")
    n = distances.shape[1]
    shift, scale = np.zeros(n), np.ones(n)
    for start in range(0, n, BLOCK):  # so that copies stay small
        columns = slice(start, min(start + BLOCK, n))
        itself = sample[:, None] == np.arange(columns.start, columns.stop)  # the distance to itself does not count
        others = np.ma.array(distances[:, columns], mask=itself)
        if normalize == "zscore":
            scale[columns] = others.std(axis=0).filled(0.0)
        else:
            others = np.ma.sort(others, axis=0)[:N_LOCAL]
        shift[columns] = others.mean(axis=0).filled(0.0)
    if normalize == "half-local":
        shift /= 2
    if normalize == "zscore":
        # if all distances are equal, the scale is only a rounding error
        scale = np.maximum(scale, LEAST_SCALE * (np.median(scale) if usual_scale is None else usual_scale))
        scale[scale < np.finfo(np.float64).eps * np.abs(shift).max(initial=1.0)] = 1.0
    return Normalizer(normalize, shift, scale)
