"""A shortlist before the exact step: guess which texts are near a query, and compress it with these alone.

How many strings a query shares with each text is counted in an inverted index. From that, C(xy) is estimated by a
linear model, and from this the distance. The distances of the candidates are then exact; what is approximate is who is
among them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.metrics import Lengths
from gzipknn.search.string_index import StringIndex
from gzipknn.search.training_texts import TrainingTexts

BEST = 20
"""For each neighbour, so many candidates are compressed before the others, which then can be ruled out by less."""
BLOCK = 1 << 14
"""Texts whose distances are estimated in one go."""
FEWEST = 20
"""Fitted on fewer texts, a model says nothing, and all are kept."""


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
        shared, distances = self.shared(query), np.empty(len(training))
        for start in range(0, len(training), BLOCK):  # so that the arrays stay in the cache
            some: Any = slice(start, start + BLOCK)  # indexes like the positions, without a copy
            estimate = shared[some] * self.coefficients[2]
            estimate += self.by_text[some]
            estimate += self.coefficients[0] * c_x
            # no pair takes less than its longer text
            np.maximum(estimate, np.maximum(training.lengths[some], c_x), out=estimate)
            distances[some] = training.distances_from(c_x[:, None], estimate[None, :], some)[0]
        return distances

    def candidates(self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int) -> NDArray[np.intp]:
        """Return the positions of the texts that seem nearest, in order."""
        return self.shortlist(training, query, c_x, k)[0]

    def shortlist(
        self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the positions of the texts that seem nearest, and where the best stand among these; both in order."""
        n, n_best = self.n_candidates(len(training), k), BEST * k
        if n == len(training):
            return np.arange(n), np.arange(min(n, n_best))
        distances = self.distances(training, query, c_x)
        candidates = smallest(distances, n)
        return candidates, smallest(distances[candidates], min(n, n_best))


def smallest(distances: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Return the positions of the n smallest distances, in order; of equal ones the first."""
    bound = np.partition(distances, n - 1)[n - 1]
    chosen = distances < bound
    chosen[np.flatnonzero(distances == bound)[: n - np.count_nonzero(chosen)]] = True
    return np.flatnonzero(chosen)


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
