"""Who votes on each query, and what comes out: the same for predictions and for texts that are held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn import voting


@dataclass(frozen=True, eq=False)
class Ballots:
    """The votes of the neighbours of some queries.

    Attributes
    ----------
    labels : ndarray of intp, shape (n_train,)
        The number of the class of each training text.
    counted : ndarray of float64, shape (n_train,), or None
        What the vote of each training text counts; None if each counts 1.
    n_classes : int
    indices : ndarray of intp, shape (n, k)
        The neighbours of each query.
    weights : ndarray of float64, shape (n, k)
        What the vote of each neighbour counts.
    nothing : ndarray of bool, shape (n,)
        The queries of which the neighbours say nothing. All training texts vote on these.
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
        """Return the share of each class in the vote on each query, shape (n, n_classes)."""
        shares = voting.class_votes(self.labels[self.indices], self.weights, self.n_classes)
        if self.nothing.any():
            shares[self.nothing] = self._sizes()
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def _sizes(self) -> NDArray[np.float64]:
        """Return what the training texts of each class count together."""
        return np.bincount(self.labels, self.counted, self.n_classes).astype(np.float64)
