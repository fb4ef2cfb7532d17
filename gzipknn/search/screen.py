"""The screen: estimate which training texts are near a query, and compress the query only with this shortlist.

An inverted index counts the strings that a query shares with each text. A linear model estimates C(xy) from these
counts, and the metric turns C(xy) into a distance. The texts with the smallest estimates are the candidates. Their
distances are then computed exactly, but a near text may be missing among the candidates.
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
"""For each neighbour, this many candidates are compressed first, so that most of the others can be ruled out early."""
BLOCK = 1 << 14
"""The number of texts whose distances are estimated at once."""
FEWEST = 20
"""With fewer training texts, the model is not reliable, and all texts are candidates."""


@dataclass(frozen=True, eq=False)
class Screen:
    """A linear model of C(xy), given C(x), C(y), the weight of the shared strings and that of all strings of y."""

    strings: tuple[StringIndex, ...]
    by_text: NDArray[np.float64]
    """The part of the estimate that does not depend on the query, shape (n,)."""
    coefficients: NDArray[np.float64]
    """The coefficients of C(x), C(y), the shared weight, the weight of y, and 1, shape (5,)."""
    wanted: float | int
    """The number of candidates, or their share of the texts."""
    n_fitted: int
    """The number of texts on which the model was fitted."""
    least: int = 1
    """The least number of candidates."""

    @property
    def nbytes(self) -> int:
        """Memory held by the tables, in bytes."""
        return int(sum(part.tables().nbytes for part in self.strings)) + self.by_text.nbytes

    def n_candidates(self, n: int, k: int) -> int:
        """Return how many of n texts are candidates in a search of k neighbours."""
        if self.n_fitted < FEWEST:
            return n
        kept = math.ceil(self.wanted * n) if isinstance(self.wanted, float) else self.wanted
        return min(n, max(k, kept, self.least))

    def shared(self, query: bytes) -> NDArray[np.uint32]:
        """Return the total weight of the strings that the query shares with each text, shape (n,)."""
        shared = [part.shared(query) for part in self.strings]
        return shared[0] if len(shared) == 1 else np.concatenate(shared)

    def weigh_texts(self, c_y: Lengths, strings: tuple[StringIndex, ...]) -> NDArray[np.float64]:
        """Return the part of the estimate of C(xy) that does not depend on the query, shape (n,)."""
        totals = np.concatenate([part.totals for part in strings])
        weighed: NDArray[np.float64] = self.coefficients[1] * c_y + self.coefficients[3] * totals + self.coefficients[4]
        return weighed

    def distances(self, training: TrainingTexts, query: bytes, c_x: Lengths) -> NDArray[np.float64]:
        """Estimate the distance of a query, of length C(x) with shape (1,), to each text, shape (n,)."""
        shared, distances = self.shared(query), np.empty(len(training))
        for start in range(0, len(training), BLOCK):  # so that the arrays stay in the processor's cache
            some: Any = slice(start, start + BLOCK)  # indexes like the positions, without a copy
            estimate = shared[some] * self.coefficients[2]
            estimate += self.by_text[some]
            estimate += self.coefficients[0] * c_x
            # the code of a pair is not shorter than that of either text
            np.maximum(estimate, np.maximum(training.lengths[some], c_x), out=estimate)
            distances[some] = training.distances_from(c_x[:, None], estimate[None, :], some)[0]
        return distances

    def candidates(self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int) -> NDArray[np.intp]:
        """Return the positions of the texts with the smallest estimated distances, in ascending order."""
        return self.shortlist(training, query, c_x, k)[0]

    def shortlist(
        self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the positions of the candidates, and the places of the best ones in that list, both ascending."""
        n, n_best = self.n_candidates(len(training), k), BEST * k
        if n == len(training):
            return np.arange(n), np.arange(min(n, n_best))
        distances = self.distances(training, query, c_x)
        candidates = smallest(distances, n)
        return candidates, smallest(distances[candidates], min(n, n_best))


def smallest(distances: NDArray[np.float64], n: int) -> NDArray[np.intp]:
    """Return the positions of the n smallest distances in ascending order. Among ties, the first ones are taken."""
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
    """Return the greatest number of neighbours up to which all searches use the same candidates.

    Parameters
    ----------
    screen : None, "auto", float or int
    k : int
        The number of neighbours for which ``"auto"`` chose its candidates.
    n : int
        The number of training texts.
    """
    if screen is None:
        return n
    if isinstance(screen, str):
        return k
    return int(screen) if isinstance(screen, Integral) else math.ceil(screen * n)
