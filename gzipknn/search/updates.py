"""Add training texts to a fitted model, or take some away, without indexing the others again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.search.distances import distance_matrix
from gzipknn.search.hubs import N_SAMPLE, Normalizer, draw, fit_normalizer, join_normalizers
from gzipknn.search.screen import Screen
from gzipknn.search.screen_fitting import screen_texts
from gzipknn.search.string_index import StringIndex
from gzipknn.search.training_texts import TrainingTexts, index_parts
from gzipknn.texts.corpus import Corpus


def add_texts(
    training: TrainingTexts, texts: Corpus, screen: Any, k: int, *, n_jobs: int | None, verbose: int
) -> TrainingTexts:
    """Return `training` with more texts behind its own.

    What a compressor has learnt stays as it is; what a screen estimates by, until there are twice as many texts.
    """
    warn_of_long_texts(training.compressor, "new training texts", texts)
    parts = index_parts(texts, training.compressor, training.separator, learnt_from=False)
    grown = training.with_parts(Corpus.join(training.texts, texts), (*training.parts, *parts))
    if training.normalizer is not None:
        sample = training.texts.take(draw(len(training), N_SAMPLE))
        distances = distance_matrix(
            training.with_parts(texts, parts), sample, n_jobs=n_jobs, verbose=verbose, desc="hubs"
        )
        usual, elsewhere = float(np.median(training.normalizer.scale)), np.full(len(sample), -1)
        new = fit_normalizer(distances, elsewhere, training.normalizer.kind, usual)
        grown = replace(grown, normalizer=join_normalizers([training.normalizer, new]))
    if isinstance(training.screen, Screen):
        strings = (*training.screen.strings, *(StringIndex(part) for part in parts))
        if len(grown) >= 2 * training.screen.n_fitted:
            return screen_texts(grown, screen, k, strings, n_jobs=n_jobs, verbose=verbose)
        grown = _with_screen(grown, training.screen, strings)
    return grown


def drop_texts(training: TrainingTexts, indices: NDArray[np.intp]) -> TrainingTexts:
    """Return `training` without the texts at some positions; those behind move up."""
    kept = np.ones(len(training), dtype=bool)
    kept[indices] = False
    starts = training.starts
    parts, strings = [], []
    for number, part in enumerate(training.parts):
        own = kept[starts[number] : starts[number + 1]]
        if not own.any():
            continue
        parts.append(part if own.all() else part.take(np.flatnonzero(own)))
        if isinstance(training.screen, Screen):
            strings.append(training.screen.strings[number] if own.all() else StringIndex(parts[-1]))
    left = training.with_parts(training.texts.take(np.flatnonzero(kept)), tuple(parts))
    if training.normalizer is not None:
        old = training.normalizer
        left = replace(left, normalizer=Normalizer(old.kind, old.shift[kept], old.scale[kept]))
    return _with_screen(left, training.screen, tuple(strings)) if isinstance(training.screen, Screen) else left


def _with_screen(training: TrainingTexts, screen: Screen, strings: tuple[StringIndex, ...]) -> TrainingTexts:
    by_text = screen.weigh_texts(training.lengths, strings)
    return replace(training, screen=replace(screen, strings=strings, by_text=by_text))
