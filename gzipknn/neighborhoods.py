"""Base class of all estimators that search for neighbours, whatever their distance: the neighbours and their graph."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextEstimator
from gzipknn.compressors import Neighbors
from gzipknn.utils.validation import check_int


class Neighborhoods(TextEstimator):
    """Base class of estimators that find the nearest training texts.

    A subclass has the parameter `n_neighbors`, its ``fit`` sets `n_samples_fit_`, and its :meth:`_search` searches.
    """

    n_neighbors: int
    n_samples_fit_: int

    @abstractmethod
    def _search(self, texts: list[bytes] | None, k: int) -> Neighbors:
        """Find the k nearest training texts of each text; with None, the k nearest others of each training text."""

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Neighbors | NDArray[np.intp]:
        """Find the nearest training texts of each query.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,), default=None
            The queries. None: the training texts, none of which is its own neighbour.
        n_neighbors : int, default=None
            The number of neighbours. None: the `n_neighbors` of the estimator.
        return_distance : bool, default=True

        Returns
        -------
        distances : ndarray of float64, shape (n, n_neighbors)
            Only if `return_distance`.
        indices : ndarray of int, shape (n, n_neighbors)
            Positions in the training set, ordered by (distance, index).
        """
        distances, indices = self._neighbors(X, n_neighbors, leave_out=X is None)
        return (distances, indices) if return_distance else indices

    def kneighbors_graph(self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity") -> csr_matrix:
        """Return the neighbours as a sparse matrix.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,), default=None
            The queries. None: the training texts, none of which is its own neighbour.
        n_neighbors : int, default=None
            The number of neighbours. None: the `n_neighbors` of the estimator.
        mode : {"connectivity", "distance"}, default="connectivity"
            The value of an edge: 1 with ``"connectivity"``, the distance with ``"distance"``.

        Returns
        -------
        csr_matrix of float64, shape (n, n_train)
        """
        check_mode(mode)
        distances, indices = self._neighbors(X, n_neighbors, leave_out=X is None)
        return as_graph(distances, indices, mode, self.n_samples_fit_)

    def _neighbors(self, X: Any, n_neighbors: int | None = None, leave_out: bool = False) -> Neighbors:
        check_is_fitted(self)
        k = self._check_k(n_neighbors, self.n_samples_fit_ - leave_out, leave_out)
        return self._search(None if leave_out else self._encode(X), k)

    def _check_k(self, n_neighbors: int | None, available: int, leave_out: bool = False) -> int:
        k = check_int(self.n_neighbors if n_neighbors is None else n_neighbors, "n_neighbors", 1)
        if k > available:
            raise ValueError(
                f"n_neighbors must be at most the number of {'other ' if leave_out else ''}training texts: "
                f"{available}, got {k}; lower n_neighbors or fit on more texts."
            )
        return k


def check_mode(mode: Any) -> None:
    """Raise unless `mode` is one of the two modes of a graph."""
    if not (isinstance(mode, str) and mode in ("connectivity", "distance")):
        raise ValueError(f"mode must be one of ['connectivity', 'distance'], got {mode!r:.50}.")


def as_graph(distances: NDArray[np.float64], indices: NDArray[np.intp], mode: str, n_train: int) -> csr_matrix:
    """Return neighbours, both arrays of shape (n, k), as a sparse matrix of shape (n, n_train)."""
    n, k = indices.shape
    values = np.ones(n * k) if mode == "connectivity" else distances.ravel()
    return csr_matrix((values, indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, n_train))
