"""Add training texts to a fitted model, or take some away, without indexing the others again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from gzipknn.corpus import Corpus
from gzipknn.hubness import N_SAMPLE, draw, fit_normalizer
from gzipknn.pairwise import Normalizer, TrainingTexts, distance_matrix, index_parts
from gzipknn.screening import Screen
from gzipknn.strings import StringIndex


def add_texts(
    training: TrainingTexts, texts: Corpus, normalize: str | None, *, n_jobs: int | None, verbose: int
) -> TrainingTexts:
    """Return `training` with more texts behind its own.

    What a compressor has learnt, and what a screen estimates by, stays as it is.
    """
    parts = index_parts(texts, training.compressor, training.separator, learnt_from=False)
    grown = training.with_parts(Corpus.join(training.texts, texts), (*training.parts, *parts))
    if training.normalizer is not None and normalize is not None:
        sample = training.texts.take(draw(len(training), N_SAMPLE))
        added = training.with_parts(texts, parts)
        distances = distance_matrix(added, sample, n_jobs=n_jobs, verbose=verbose, desc="hubs")
        new = fit_normalizer(distances, np.full(len(sample), -1), normalize)
        old = training.normalizer
        joined = Normalizer(np.concatenate([old.shift, new.shift]), np.concatenate([old.scale, new.scale]))
        grown = replace(grown, normalizer=joined)
    if training.screen is not None:
        strings = (*training.screen.strings, *(StringIndex(part) for part in parts))
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
        if training.screen is not None:
            strings.append(training.screen.strings[number] if own.all() else StringIndex(parts[-1]))
    left = training.with_parts(training.texts.take(np.flatnonzero(kept)), tuple(parts))
    if training.normalizer is not None:
        left = replace(left, normalizer=Normalizer(training.normalizer.shift[kept], training.normalizer.scale[kept]))
    return left if training.screen is None else _with_screen(left, training.screen, tuple(strings))


def _with_screen(training: TrainingTexts, screen: Screen, strings: tuple[StringIndex, ...]) -> TrainingTexts:
    by_text = screen.weigh_texts(training.lengths, strings)
    return replace(training, screen=replace(screen, strings=strings, by_text=by_text))
