"""What k-nearest-neighbour classifiers share, whatever their distance: neighbours to look at, and the vote."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.base import TextClassifier
from gzipknn.compressors import Neighbors
from gzipknn.texts.encoding import encode_texts, warn_of_empty_queries
from gzipknn.utils.validation import check_int, check_seed


class KNNClassifier(TextClassifier):
    """Classify texts by the labels of the nearest training texts; which these are, a subclass says.

    It has the parameters `n_neighbors`, `weights`, `tie_break` and `random_state` of :class:`gzipknn.NCDClassifier`,
    calls :meth:`_check_voting` and :meth:`_set_labels` in ``fit``, and searches in :meth:`_search`. It sets
    `_unrelated` to the distance of any training text that shares nothing with a query; NaN if there is no such number.
    """

    _unrelated: float
    n_neighbors: int
    weights: Any
    tie_break: str
    random_state: Any

    @abstractmethod
    def _search(self, texts: list[bytes] | None, k: int) -> Neighbors:
        """Find the k nearest training texts of some texts, or of each training text (None) the k nearest others."""

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Neighbors | NDArray[np.intp]:
        """Find the nearest training texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,), default=None
            The queries; None for the training texts, each without itself.
        n_neighbors : int, default=None
            None for the `n_neighbors` of the estimator.
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
            The queries; None for the training texts, each without itself.
        n_neighbors : int, default=None
            None for the `n_neighbors` of the estimator.
        mode : {"connectivity", "distance"}, default="connectivity"
            What an edge holds: 1, or the distance.

        Returns
        -------
        csr_matrix of float64, shape (n, n_train)
        """
        if not (isinstance(mode, str) and mode in ("connectivity", "distance")):
            raise ValueError(f"mode must be one of ['connectivity', 'distance'], got {mode!r:.50}.")
        distances, indices = self._neighbors(X, n_neighbors, leave_out=X is None)
        n, k = indices.shape
        values = np.ones(n * k) if mode == "connectivity" else distances.ravel()
        return csr_matrix((values, indices.ravel(), np.arange(0, n * k + 1, k)), shape=(n, self.n_samples_fit_))

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
            Elements of ``classes_``.

        Warns
        -----
        UserWarning
            If there are empty texts.

        Notes
        -----
        On an empty text all training texts vote, not the nearest: it gets the most frequent class. The same holds for
        a text that shares nothing with any training text, where distances tell that exactly: with ``"lz77"`` and a
        named metric, not corrected by `normalize`; and with vectors, where the nearest one is at distance 1. Of classes
        that are equally frequent the lowest is predicted, or any if ``tie_break="random"``.
        """
        texts, found = self._search_to_vote(X)
        return self._decide(texts, *found, self.random_state)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return each class's share of the vote.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            Columns in the order of ``classes_``; rows add up to 1. Of a text that is empty or shares nothing with any
            training text (see :meth:`predict`), the row holds each class's share of the training texts.

        Warns
        -----
        UserWarning
            If there are empty texts.
        """
        texts, found = self._search_to_vote(X)
        return self._shares(texts, *found)

    def predict_with_proba(self, X: Any) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """Return what :meth:`predict` and :meth:`predict_proba` do, by one search."""
        texts, found = self._search_to_vote(X)
        return self._decide(texts, *found, self.random_state), self._shares(texts, *found)

    def _search_to_vote(self, X: Any) -> tuple[list[bytes], Neighbors]:
        """Return the encoded texts and their neighbours, after the checks that can fail before a search."""
        check_is_fitted(self)
        self._check_voting()
        self._check_weights()
        k = self._check_k(None, self.n_samples_fit_)
        texts = encode_texts(X, "X")
        warn_of_empty_queries(texts, stacklevel=4)
        return texts, self._search(texts, k)

    def _say_nothing(self, texts: list[bytes], distances: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Mark the queries of which the neighbours say nothing, as they are no nearer than any other text."""
        return np.asarray(np.array([not text for text in texts]) | (distances[:, 0] == self._unrelated))

    def _class_sizes(self) -> NDArray[np.float64]:
        return np.bincount(self._y, minlength=len(self.classes_)).astype(np.float64)

    def _decide(
        self, texts: list[bytes], distances: NDArray[np.float64], indices: NDArray[np.intp], random_state: Any
    ) -> NDArray[Any]:
        """Let the neighbours vote, or all training texts where the neighbours say nothing."""
        predicted = self._vote(distances, indices, random_state)
        nothing = self._say_nothing(texts, distances)
        most = voting.vote_of_all(self._class_sizes(), int(nothing.sum()), self.tie_break, random_state)
        predicted[nothing] = self.classes_[most]
        return predicted

    def _shares(
        self, texts: list[bytes], distances: NDArray[np.float64], indices: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        weights = voting.neighbor_weights(distances, self.weights)
        shares = voting.class_votes(self._y[indices], weights, len(self.classes_))
        shares[self._say_nothing(texts, distances)] = self._class_sizes()
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def _vote(self, distances: NDArray[np.float64], indices: NDArray[np.intp], random_state: Any) -> NDArray[Any]:
        weights = voting.neighbor_weights(distances, self.weights)
        winners = voting.vote(self._y[indices], weights, self.tie_break, random_state)
        return np.asarray(self.classes_[winners])

    def _check_weights(self) -> None:
        """Raise unless `weights`, which may be changed after ``fit``, goes with the distances of the fitted model."""
        voting.check_weights(self.weights)

    def _check_voting(self) -> None:
        check_int(self.n_neighbors, "n_neighbors", 1)
        voting.check_weights(self.weights)
        voting.check_tie_break(self.tie_break)
        check_seed(self.random_state)

    def _set_labels(self, classes: NDArray[Any], labels: NDArray[np.intp]) -> None:
        """Keep the classes, and of each training text the position of its label among them."""
        self.classes_ = classes
        self._y = labels
        self.n_samples_fit_ = len(labels)
        self.n_features_in_ = 1

    def _neighbors(self, X: Any, n_neighbors: int | None = None, leave_out: bool = False) -> Neighbors:
        check_is_fitted(self)
        k = self._check_k(n_neighbors, self.n_samples_fit_ - leave_out, leave_out)
        return self._search(None if leave_out else encode_texts(X, "X"), k)

    def _check_k(self, n_neighbors: int | None, available: int, leave_out: bool = False) -> int:
        k = check_int(self.n_neighbors if n_neighbors is None else n_neighbors, "n_neighbors", 1)
        if k > available:
            raise ValueError(
                f"n_neighbors must be at most the number of training texts"
                f"{' less one, each leaving itself out' if leave_out else ''}: {available}, got {k}; "
                f"lower n_neighbors or fit on more texts."
            )
        return k
