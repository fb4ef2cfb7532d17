"""Search with several metrics and corrections at once, and compress each pair only once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Neighbors
from gzipknn.memory.cache import Cached
from gzipknn.metrics import get_metric
from gzipknn.search.distances import fill_blocks
from gzipknn.search.hubs import fit_normalizer
from gzipknn.search.neighbors import k_smallest
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus


def vary(
    training: TrainingTexts,
    metrics: list[Any],
    normalizations: list[str | None],
    hubs: NDArray[np.intp],
    *,
    cached: Cached | None = None,
    **parallel: Any,
) -> list[TrainingTexts]:
    """Return one copy of `training` for each combination of a metric and a correction for hubs.

    The corrections are computed from the distances to the texts at the positions `hubs`. There may be no hubs if all
    normalizations are None. `cached` must be a cache for these metrics.
    """
    if not len(hubs) and any(normalize is not None for normalize in normalizations):
        raise ValueError(f"normalizations {normalizations} need some hubs, got none; pass positions of training texts.")
    by_metric = [replace(training, metric=get_metric(metric), normalizer=None) for metric in metrics]
    if not len(hubs):
        return [measured for measured in by_metric for _ in normalizations]
    to_hubs = [np.empty((len(hubs), len(training))) for _ in metrics]
    own = None if cached is None else cached.of("distances by")
    search = partial(_distances_by, settings=by_metric)
    fill_blocks(to_hubs, search, training, training.texts.take(hubs), cached=own, desc="hubs", **parallel)
    return [
        measured if normalize is None else replace(measured, normalizer=fit_normalizer(distances, hubs, normalize))
        for measured, distances in zip(by_metric, to_hubs, strict=True)
        for normalize in normalizations
    ]


def neighbors_by(settings: list[TrainingTexts], queries: Corpus, k: int, **options: Any) -> list[Neighbors]:
    """Return the k nearest texts for each of the settings from :func:`vary`, compressing each pair only once.

    `options` are those of :func:`gzipknn.search.distances.fill_blocks`. `cached` must be a cache for these settings.
    """
    found = [(np.empty((len(queries), k)), np.empty((len(queries), k), dtype=np.intp)) for _ in settings]
    out = [array for neighbors in found for array in neighbors]
    fill_blocks(out, partial(_nearest_by, settings=settings, k=k), settings[0], queries, **options)
    return found


def _distances_by(training: TrainingTexts, queries: Corpus, settings: list[TrainingTexts]) -> list[NDArray[np.float64]]:
    c_x = training.compressor.lengths(queries)
    c_xy = training.joint_lengths(queries, c_x)
    return [setting.distances_from(c_x[:, None], c_xy) for setting in settings]


def _nearest_by(training: TrainingTexts, queries: Corpus, settings: list[TrainingTexts], k: int) -> list[NDArray[Any]]:
    found = [k_smallest(distances, k) for distances in _distances_by(training, queries, settings)]
    return [array for neighbors in found for array in neighbors]
