"""Add training texts to a fitted model, or remove some, without indexing all others again.

New parts are joined as in a log-structured tree: each part is at least twice as large as the next newer one. If n
texts are added one by one, each is indexed about log(n) times, and a query searches about log(n) parts. When the
oldest text is dropped, the part that held it is split into halves, the older half is split again, and so on. So the
texts that are dropped next are in small parts, which are quickly indexed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import TextIndex
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.search.distances import distance_matrix
from gzipknn.search.hubs import N_SAMPLE, Normalizer, draw, fit_normalizer, join_normalizers
from gzipknn.search.screen import Screen
from gzipknn.search.screen_fitting import screen_texts
from gzipknn.search.string_index import StringIndex
from gzipknn.search.training_texts import TrainingTexts, fit_in_a_part, index_parts
from gzipknn.texts.corpus import Corpus

GROWTH = 2
"""The least ratio of the size of a part to that of the next newer one."""
FEW = 8
"""Parts with at most this many texts are not split."""


def add_texts(
    training: TrainingTexts, texts: Corpus, screen: Any, k: int, *, n_jobs: int | None, verbose: int
) -> TrainingTexts:
    """Return `training` with more texts, which follow its own.

    The compressor does not learn again. The screen is fitted again when the number of texts has doubled.
    """
    warn_of_long_texts(training.compressor, "new training texts", texts)
    parts = index_parts(texts, training.compressor, training.separator, learnt_from=False)
    grown = training.with_parts(_join_newest((*training.parts, *parts)))
    if training.normalizer is not None:
        sample = training.texts.take(draw(len(training), N_SAMPLE))
        distances = distance_matrix(training.with_parts(parts), sample, n_jobs=n_jobs, verbose=verbose, desc="hubs")
        usual, elsewhere = float(np.median(training.normalizer.scale)), np.full(len(sample), -1)
        new = fit_normalizer(distances, elsewhere, training.normalizer.kind, usual)
        grown = replace(grown, normalizer=join_normalizers([training.normalizer, new]))
    grown = _with_screen(grown, training)
    if isinstance(grown.screen, Screen) and len(grown) >= 2 * grown.screen.n_fitted:
        strings = grown.screen.strings
        return screen_texts(replace(grown, screen=None), screen, k, strings, n_jobs=n_jobs, verbose=verbose)
    return grown


def drop_texts(training: TrainingTexts, indices: NDArray[np.intp]) -> TrainingTexts:
    """Return `training` without the texts at the positions `indices`. Later texts move up."""
    kept = np.ones(len(training), dtype=bool)
    kept[indices] = False
    starts = training.starts
    parts: list[TextIndex] = []
    for number, part in enumerate(training.parts):
        own = kept[starts[number] : starts[number + 1]]
        if own.all():
            parts.append(part)
        elif own.any():
            # only the oldest part is split; else the number of parts in the middle would grow without limit
            pieces = [np.flatnonzero(own)] if parts else _pieces(part.texts, np.flatnonzero(own))
            parts.extend(part.take(piece) for piece in pieces)
    left = training.with_parts(tuple(parts))
    if training.normalizer is not None:
        old = training.normalizer
        left = replace(left, normalizer=Normalizer(old.kind, old.shift[kept], old.scale[kept]))
    return _with_screen(left, training)


def count_oldest(training: TrainingTexts, n_texts: int | None, n_bytes: int | None) -> int:
    """Return how many of the oldest texts exceed the limits on texts and bytes. At least one text is always kept."""
    n = len(training)
    too_many = 0 if n_texts is None else max(0, n - n_texts)
    if n_bytes is not None:
        sizes = [int(part.texts.offsets[-1] - part.texts.offsets[0]) for part in training.parts]
        excess = sum(sizes) - n_bytes
        for part, size, start in zip(training.parts, sizes, training.starts.tolist(), strict=False):
            if excess > 0:
                before = part.texts.offsets - part.texts.offsets[0]
                too_many = max(too_many, start + int(np.searchsorted(before, min(excess, size))))
            excess -= size
    return min(too_many, n - 1)


def _join_newest(parts: tuple[TextIndex, ...]) -> tuple[TextIndex, ...]:
    """Join the newest parts until each part is `GROWTH` times as large as the next. The oldest part is not joined."""
    sizes = [len(part.texts.buffer) + len(part.texts) for part in parts]  # the second term counts empty texts
    start, n_texts, size = len(parts) - 1, len(parts[-1].texts), sizes[-1]
    while start > 1 and sizes[start - 1] < GROWTH * size:
        n_texts, size = n_texts + len(parts[start - 1].texts), size + sizes[start - 1]
        if not fit_in_a_part(n_texts, size):
            break
        start -= 1
    joined = type(parts[-1]).join(parts[start:]) if start < len(parts) - 1 else None
    return parts if joined is None else (*parts[:start], joined)


def _pieces(texts: Corpus, left: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Split the rest of a part into halves, its older half again, and so on, and return the pieces, oldest first.

    The rest is not split if the part is small, if much was dropped, or if not only the oldest texts were dropped.
    """
    first, end = int(left[0]), int(left[-1]) + 1
    if end - first > len(left) or end < len(texts) or len(left) < 4 * first:
        return [left]
    pieces = []
    sizes = texts.offsets + np.arange(len(texts) + 1)
    while end - first > FEW:
        half = int(np.searchsorted(sizes, (sizes[first] + sizes[end]) // 2))
        half = min(max(half, first + 1), end - 1)
        pieces.append(np.arange(half, end))
        end = half
    return [np.arange(first, end), *pieces[::-1]]


def _with_screen(training: TrainingTexts, before: TrainingTexts) -> TrainingTexts:
    """Return `training` with the screen of `before`, whose tables are reused for the parts that were kept."""
    screen = before.screen
    if not isinstance(screen, Screen):
        return training
    numbers, starts = {id(part): number for number, part in enumerate(before.parts)}, before.starts
    strings, by_text = [], []
    for part in training.parts:
        number = numbers.get(id(part))
        if number is None:
            strings.append(StringIndex(part))
            by_text.append(screen.weigh_texts(part.lengths, (strings[-1],)))
        else:
            strings.append(screen.strings[number])
            by_text.append(screen.by_text[starts[number] : starts[number + 1]])
    return replace(training, screen=replace(screen, strings=tuple(strings), by_text=np.concatenate(by_text)))
