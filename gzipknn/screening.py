"""A shortlist before the exact step: guess which texts are near a query, and compress it with these alone.

How many strings a query shares with each text is counted in an inverted index. From that, C(xy) is estimated by a
linear model, and from this the distance. The distances of the candidates are then exact; what is approximate is who is
among them.
"""

from __future__ import annotations

import math
import time
import warnings
from argparse import ArgumentTypeError
from dataclasses import dataclass, replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Neighbors
from gzipknn.corpus import Corpus
from gzipknn.hubness import draw
from gzipknn.metrics import Lengths
from gzipknn.neighbors import kneighbors, without_self
from gzipknn.pairwise import TrainingTexts
from gzipknn.scores import accuracy
from gzipknn.strings import StringIndex

N_QUERIES = 50
"""Training texts that stand for queries when the model is fitted."""
FEWEST = 20
"""Fitted on fewer texts, a model says nothing, and all are kept."""
N_PAIRED = 200
"""Training texts that each of them is compressed with."""
POOR = 0.75
"""Warn if fewer of the nearest in these pairs are among the best tenth by the estimate."""
N_AUTO = 400
"""Training texts whose exact neighbours tell how many candidates are needed."""
RECALL_AUTO = 0.995
"""Share of these neighbours to be found: a little above the 0.99 promised for other texts, """
MARGIN = 1.1
"""for which a tenth more are kept, as they are less like the training texts than these are."""


@dataclass(frozen=True, eq=False)
class Screen:
    """Estimates C(xy) as a linear function of C(x), C(y), what x and y share, and how many strings y has."""

    strings: tuple[StringIndex, ...]
    by_text: NDArray[np.float64]
    """What does not depend on the query, shape (n,)."""
    coefficients: NDArray[np.float64]
    """Of C(x), C(y), what is shared, the strings of y, and 1."""
    wanted: float | int
    """The share of the texts to keep, or their number."""
    n_fitted: int
    """Of how many texts the model was made."""
    least: int = 1
    """To keep at least."""

    @property
    def nbytes(self) -> int:
        """Memory held by the tables, in bytes."""
        return int(sum(part.tables().nbytes for part in self.strings)) + self.by_text.nbytes

    def n_candidates(self, n: int, k: int) -> int:
        """Return how many of n texts are kept for k neighbours."""
        if self.n_fitted < FEWEST:
            return n
        kept = math.ceil(self.wanted * n) if isinstance(self.wanted, float) else self.wanted
        return min(n, max(k, kept, self.least))

    def shared(self, query: bytes) -> NDArray[np.uint32]:
        """Return the weights of each text's strings that the query holds, added up, shape (n,)."""
        shared = [part.shared(query) for part in self.strings]
        return shared[0] if len(shared) == 1 else np.concatenate(shared)

    def weigh_texts(self, c_y: Lengths, strings: tuple[StringIndex, ...]) -> NDArray[np.float64]:
        """Return what the estimate of C(xy) holds for each text whatever the query, shape (n,)."""
        totals = np.concatenate([part.totals for part in strings])
        weighed: NDArray[np.float64] = self.coefficients[1] * c_y + self.coefficients[3] * totals + self.coefficients[4]
        return weighed

    def distances(self, training: TrainingTexts, query: bytes, c_x: Lengths) -> NDArray[np.float64]:
        """Estimate the distance of a query, of length C(x) with shape (1,), to each text, shape (n,)."""
        estimate = self.shared(query) * self.coefficients[2]
        estimate += self.by_text
        estimate += self.coefficients[0] * c_x
        # no pair takes less than its longer text
        np.maximum(estimate, np.maximum(training.lengths, c_x), out=estimate)
        distances: NDArray[np.float64] = training.distances_from(c_x[:, None], estimate[None, :])[0]
        return distances

    def candidates(self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int) -> NDArray[np.intp]:
        """Return the positions of the texts that seem nearest, in order."""
        n_candidates = self.n_candidates(len(training), k)
        if n_candidates == len(training):
            return np.arange(len(training))
        distances = self.distances(training, query, c_x)
        bound = np.partition(distances, n_candidates - 1)[n_candidates - 1]
        nearer = np.flatnonzero(distances < bound)
        equal = np.flatnonzero(distances == bound)[: n_candidates - len(nearer)]
        return np.sort(np.concatenate([nearer, equal]))


def check_screen(screen: Any) -> None:
    """Raise unless `screen` is None, "auto", a share or a number of texts."""
    if screen is None or (isinstance(screen, str) and screen == "auto"):
        return
    if isinstance(screen, str):
        raise ValueError(
            f"screen must be None, 'auto', a share (float) or a number (int) of texts, got {screen!r:.50}."
        )
    if isinstance(screen, bool) or not isinstance(screen, Real):
        raise TypeError(
            f"screen must be None, 'auto', a share of the training texts (float) or their number (int), "
            f"got {type(screen).__name__} ({screen!r:.50})."
        )
    if isinstance(screen, Integral):
        if int(screen) < 1:
            raise ValueError(f"screen must be a number of texts from 1 on, got {screen}.")
    elif not 0 < float(screen) <= 1:
        raise ValueError(
            f"screen must be a share of the training texts above 0 and up to 1, got {screen}; "
            f"for a number of texts, pass an int."
        )


def n_same_candidates(screen: Any, k: int, n: int) -> int:
    """Return up to how many neighbours are looked for among the same candidates.

    Parameters
    ----------
    screen : None, "auto", float or int
    k : int
        What ``"auto"`` was chosen for, and keeps more texts than.
    n : int
        Number of training texts.
    """
    if screen is None:
        return n
    if isinstance(screen, str):
        return k
    return int(screen) if isinstance(screen, Integral) else math.ceil(screen * n)


def parse_screen(text: str) -> str | int | float:
    """Read a value of `screen` from a command line.

    Examples
    --------
    >>> [parse_screen(text) for text in ("auto", "200", "0.02")]
    ['auto', 200, 0.02]
    """
    try:
        screen: str | int | float = int(text) if text.isdecimal() else float(text)
    except ValueError:
        screen = text
    try:
        check_screen(screen)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(str(error)) from error
    return screen


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
        Of the search for ``"auto"``, as in :func:`gzipknn.neighbors.kneighbors`.

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
        return _choose(training, fitted, min(k, len(training) - 1), **options)
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
    assert screened.screen is not None
    sample = draw(len(training), N_AUTO)
    if k < 1:
        return screened
    queries = training.texts.take(sample)
    _, neighbors = without_self(*kneighbors(training, queries, k + 1, **options), sample)
    c_x = training.compressor.lengths(queries)
    ranks = []
    for row, own in enumerate(sample):
        distances = screened.screen.distances(training, queries[row], c_x[row : row + 1])
        distances[own] = -np.inf  # as near as a text can be, and not to be found
        ranks.append(np.searchsorted(np.sort(distances), distances[neighbors[row]], side="right"))
    kept = min(len(training), math.ceil(MARGIN * np.quantile(np.concatenate(ranks), RECALL_AUTO, method="higher")))
    return replace(screened, screen=replace(screened.screen, wanted=kept / len(training), least=kept))


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
