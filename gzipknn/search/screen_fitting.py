"""Fit a screen on pairs of training texts, choose its number of candidates, and report its recall."""

from __future__ import annotations

import math
import time
import warnings
from dataclasses import replace
from numbers import Integral
from typing import Any

import numpy as np

from gzipknn.compressors import Neighbors
from gzipknn.search.hubs import draw
from gzipknn.search.neighbors import kneighbors, without_self
from gzipknn.search.screen import Screen, check_screen
from gzipknn.search.string_index import StringIndex
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.accuracy import accuracy

N_QUERIES = 50
"""The number of training texts that serve as queries when the model is fitted."""
N_PAIRED = 200
"""The number of training texts with which each of these queries is compressed."""
POOR = 0.75
"""Warn if, in a smaller share of these samples, the nearest text is among the tenth with the best estimates."""
N_AUTO = 32
"""The number of training texts whose exact neighbours determine the number of candidates. Each is searched exactly."""
K_AUTO = 5
"""At least this many neighbours of each are used, because fewer ranks would not show the worst one in a hundred."""
RECALL_AUTO = 0.995
"""The share of these neighbours to be found. It is a little above the 0.99 that is promised for other texts."""
MARGIN = 1.5
"""A factor for the number of candidates: the sample is small, and queries are less like the training texts."""


def screen_texts(
    training: TrainingTexts,
    screen: Any,
    k: int,
    strings: tuple[StringIndex, ...] | None = None,
    **options: Any,
) -> TrainingTexts:
    """Return `training` with a screen, fitted on pairs of its texts.

    Parameters
    ----------
    training : TrainingTexts
    screen : None, "auto", float or int
        As in :class:`NCDClassifier`.
    k : int
        The number of neighbours for which ``"auto"`` chooses the number of candidates.
    strings : tuple of StringIndex, default=None
        The string index of each part, if it was made before.
    **options
        Options of the exact search for ``"auto"``, as in :func:`gzipknn.search.neighbors.kneighbors`.

    Returns
    -------
    TrainingTexts
    """
    check_screen(screen)
    if screen is None:
        return training
    if strings is None:
        strings = tuple(StringIndex(part) for part in training.parts)
    wanted = 1.0 if isinstance(screen, str) else int(screen) if isinstance(screen, Integral) else float(screen)
    fitted = replace(training, screen=_fit(training, strings, wanted))
    if isinstance(screen, str):
        return _choose(training, fitted, min(max(k, K_AUTO), len(training) - 1), **options)
    return fitted


def _fit(training: TrainingTexts, strings: tuple[StringIndex, ...], wanted: float | int) -> Screen:
    n, rng = len(training), np.random.RandomState(0)
    totals = np.concatenate([part.totals for part in strings])
    unfitted = Screen(strings, np.zeros(n), np.zeros(5), wanted, n)
    rows, lengths, pairs = [], [], []
    for i in draw(n, N_QUERIES):
        query = training.texts.rows(i, i + 1)
        c_x = training.compressor.lengths(query)
        some = np.setdiff1d(rng.choice(n, min(n, N_PAIRED), replace=False), [i])
        if len(some) == 0:
            continue
        features = [training.lengths[some], unfitted.shared(query[0])[some], totals[some], np.ones(len(some))]
        rows.append(np.stack([np.full(len(some), float(c_x[0])), *features], axis=1))
        lengths.append(training.joint_lengths(query, c_x, some)[0])
        pairs.append((c_x, some))
    if not rows:
        return unfitted
    coefficients = np.linalg.lstsq(np.concatenate(rows), np.concatenate(lengths), rcond=None)[0]
    if n > N_PAIRED and unfitted.n_candidates(n, 1) < n:
        _warn_if_poor(training, pairs, lengths, [features @ coefficients for features in rows])
    fitted = replace(unfitted, coefficients=coefficients)
    return replace(fitted, by_text=fitted.weigh_texts(training.lengths, strings))


def _warn_if_poor(training: TrainingTexts, pairs: list[Any], lengths: list[Any], estimates: list[Any]) -> None:
    found = 0
    for (c_x, some), c_xy, estimate in zip(pairs, lengths, estimates, strict=True):
        exact, guess = (training.distances_from(c_x[:, None], c[None, :], some)[0] for c in (c_xy, estimate))
        found += bool((guess < guess[np.argmin(exact)]).sum() < len(some) // 10)
    if found < POOR * len(pairs):
        warnings.warn(
            f"strings in common say little about this compressor's distances: in only {found} of {len(pairs)} samples, "
            f"the nearest text was in the tenth with the best estimates. So a screen will miss neighbours; see "
            f"screening_report(), raise screen, or set screen=None.",
            RuntimeWarning,
            stacklevel=5,
        )


def _choose(training: TrainingTexts, screened: TrainingTexts, k: int, **options: Any) -> TrainingTexts:
    """Choose the number of candidates that is needed to find the exact neighbours of a sample of the texts."""
    screen = screened.screen
    assert isinstance(screen, Screen)
    sample = draw(len(training), N_AUTO)
    if k < 1:
        return screened
    queries = training.texts.take(sample)
    _, neighbors = without_self(*kneighbors(training, queries, k + 1, **options), sample)
    c_x = training.compressor.lengths(queries)
    ranks = []
    for row, own in enumerate(sample):
        distances = screen.distances(training, queries[row], c_x[row : row + 1])
        distances[own] = -np.inf  # the text itself comes first, but it is not one of the neighbours
        ranks.append(np.searchsorted(np.sort(distances), distances[neighbors[row]], side="right"))
    kept = min(len(training), math.ceil(MARGIN * np.quantile(np.concatenate(ranks), RECALL_AUTO, method="higher")))
    return replace(screened, screen=replace(screen, wanted=kept / len(training), least=kept))


def report(
    training: TrainingTexts, queries: Corpus, k: int, *, n_jobs: int | None, verbose: int
) -> tuple[dict[str, Any], Neighbors, Neighbors]:
    """Search the k nearest texts with and without the screen; return its recall and speed-up, and both results.

    See :meth:`NCDClassifier.screening_report`.
    """
    assert training.screen is not None
    found, seconds = [], []
    for searched in (training, replace(training, screen=None)):
        kneighbors(searched, queries.rows(0, 1), k)  # builds missing tables, so that they are not timed
        start = time.perf_counter()
        found.append(kneighbors(searched, queries, k, n_jobs=n_jobs, verbose=verbose))
        seconds.append(time.perf_counter() - start)
    screened, exact = found
    hits = np.array([np.isin(*rows) for rows in zip(exact[1], screened[1], strict=True)])
    results = {
        "n_queries": len(queries),
        "n_neighbors": k,
        "n_candidates": training.screen.n_candidates(len(training), k),
        "recall": accuracy(hits),
        "recall_at_1": accuracy(exact[1][:, 0] == screened[1][:, 0]),
        "seconds_screened": seconds[0],
        "seconds_exact": seconds[1],
        "speed_up": seconds[1] / seconds[0],
    }
    return results, screened, exact
