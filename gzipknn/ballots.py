"""The votes on queries and their outcome, both for predictions and for held-out texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn import voting


@dataclass(frozen=True, eq=False)
class Ballots:
    """The votes on some queries: of the neighbours or, if these say nothing, of all training texts.

    Attributes
    ----------
    labels : ndarray of intp, shape (n_train,)
        The number of the class of each training text.
    counted : ndarray of float64, shape (n_train,), or None
        The weight of the vote of each training text; None if every weight is 1.
    n_classes : int
    indices : ndarray of intp, shape (n, k)
        The neighbours of each query.
    weights : ndarray of float64, shape (n, k)
        The weight of the vote of each neighbour.
    nothing : ndarray of bool, shape (n,)
        Whether the neighbours of a query say nothing, so that all training texts vote on it.
    tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`.
    """

    labels: NDArray[np.intp]
    counted: NDArray[np.float64] | None
    n_classes: int
    indices: NDArray[np.intp]
    weights: NDArray[np.float64]
    nothing: NDArray[np.bool_]
    tie_break: str
    random_state: Any

    def winners(self) -> NDArray[np.intp]:
        """Return the winning class of each query."""
        rule = (self.tie_break, self.random_state)
        winners = voting.vote(self.labels[self.indices], self.weights, *rule)
        if self.nothing.any():
            winners[self.nothing] = voting.vote_of_all(self._sizes(), int(self.nothing.sum()), *rule)
        return winners

    def shares(self) -> NDArray[np.float64]:
        """Return each class's share of the vote on each query, shape (n, n_classes)."""
        shares = voting.class_votes(self.labels[self.indices], self.weights, self.n_classes)
        if self.nothing.any():
            shares[self.nothing] = self._sizes()
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def _sizes(self) -> NDArray[np.float64]:
        """Return the sum of the weights of each class's training texts, shape (n_classes,)."""
        return np.bincount(self.labels, self.counted, self.n_classes).astype(np.float64)
