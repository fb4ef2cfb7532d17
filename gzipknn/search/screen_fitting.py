"""Fit a screen on pairs of training texts, choose how many candidates it keeps, and report what it misses."""

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
"""Training texts that stand for queries when the model is fitted."""
N_PAIRED = 200
"""Training texts that each of them is compressed with."""
POOR = 0.75
"""Warn if fewer of the nearest in these pairs are among the best tenth by the estimate."""
N_AUTO = 32
"""Training texts whose exact neighbours tell how many candidates are needed. Each costs an exact search."""
K_AUTO = 5
"""Of at least so many neighbours each, as a few ranks would not tell what the worst in a hundred are."""
RECALL_AUTO = 0.995
"""Share of these neighbours to be found: a little above the 0.99 promised for other texts."""
MARGIN = 1.5
"""Keep so many times as many: the sample is small, and other texts are less like the training texts than these are."""


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
        How many neighbours will be wanted: for ``"auto"``.
    strings : tuple of StringIndex, default=None
        Of each part, if already there.
    **options
        Of the search for ``"auto"``, as in :func:`gzipknn.search.neighbors.kneighbors`.

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
            f"strings in common say little about this compressor's distances: in only {found} of {len(pairs)} samples "
            f"was the nearest text among the tenth that seemed nearest. Neighbours will be missed; see "
            f"screening_report(), raise screen, or set screen=None.",
            RuntimeWarning,
            stacklevel=5,
        )


def _choose(training: TrainingTexts, screened: TrainingTexts, k: int, **options: Any) -> TrainingTexts:
    """Keep as many candidates as it takes to find the exact neighbours of some of the texts."""
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
        distances[own] = -np.inf  # as near as a text can be, and not to be found
        ranks.append(np.searchsorted(np.sort(distances), distances[neighbors[row]], side="right"))
    kept = min(len(training), math.ceil(MARGIN * np.quantile(np.concatenate(ranks), RECALL_AUTO, method="higher")))
    return replace(screened, screen=replace(screen, wanted=kept / len(training), least=kept))


def report(
    training: TrainingTexts, queries: Corpus, k: int, *, n_jobs: int | None, verbose: int
) -> tuple[dict[str, Any], Neighbors, Neighbors]:
    """Search the k nearest twice, with the screen and without; return what it misses and saves, and what was found.

    See :meth:`NCDClassifier.screening_report`.
    """
    assert training.screen is not None
    found, seconds = [], []
    for searched in (training, replace(training, screen=None)):
        kneighbors(searched, queries.rows(0, 1), k)  # which makes tables that there may not be yet
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
