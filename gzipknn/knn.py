"""What k-nearest-neighbour classifiers share, whatever their distance: labels, neighbours to look at, the vote."""

from __future__ import annotations

from abc import abstractmethod
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin
from sklearn.utils import check_random_state, check_scalar, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.compressors import Neighbors
from gzipknn.encoding import encode_texts
from gzipknn.estimator import TextEstimator


class KNNClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Classify texts by the labels of the nearest training texts; which these are, a subclass says.

    It has the parameters `n_neighbors`, `weights`, `tie_break` and `random_state` of :class:`gzipknn.NCDClassifier`,
    calls :meth:`_check_voting` and :meth:`_set_labels` in ``fit``, and searches in :meth:`_search`.
    """

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
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode must be one of ['connectivity', 'distance'], got {mode!r}.")
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
        """
        self._check_weights()
        return self._vote(*self._neighbors(X), self.random_state)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return each class's share of the vote.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            Columns in the order of ``classes_``; rows add up to 1.
        """
        self._check_weights()
        distances, indices = self._neighbors(X)
        weights = voting.neighbor_weights(distances, self.weights)
        votes = voting.class_votes(self._y[indices], weights, len(self.classes_))
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))

    def _vote(self, distances: NDArray[np.float64], indices: NDArray[np.intp], random_state: Any) -> NDArray[Any]:
        weights = voting.neighbor_weights(distances, self.weights)
        winners = voting.vote(self._y[indices], weights, len(self.classes_), self.tie_break, random_state)
        return np.asarray(self.classes_[winners])

    def _check_weights(self) -> None:
        voting.check_weights(self.weights)

    def _check_voting(self) -> None:
        check_n_neighbors(self.n_neighbors)
        self._check_weights()
        voting.check_tie_break(self.tie_break)
        check_random_state(self.random_state)

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
        k = check_n_neighbors(self.n_neighbors if n_neighbors is None else n_neighbors)
        if k > available:
            raise ValueError(
                f"n_neighbors must be at most the number of training texts"
                f"{' less one, each leaving itself out' if leave_out else ''}: {available}, got {k}; "
                f"lower n_neighbors or fit on more texts."
            )
        return k


def check_n_neighbors(k: Any) -> int:
    """Return k as an int, or raise."""
    if isinstance(k, bool):
        raise TypeError(f"n_neighbors must be an int, got {k!r}.")
    return int(check_scalar(k, "n_neighbors", Integral, min_val=1))


def encode_labels(y: Any, n_texts: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the sorted classes and each label's position among them, or raise."""
    if y is None:
        raise ValueError("y must hold a label for each text, got None.")
    _check_labels_are_there(y)
    labels = column_or_1d(y, warn=True)
    if len(labels) != n_texts:
        raise ValueError(f"X and y must have the same length, got {n_texts} texts and {len(labels)} labels.")
    check_classification_targets(labels)
    classes, encoded = np.unique(labels, return_inverse=True)
    return classes, encoded.astype(np.intp)


def _check_labels_are_there(y: Any) -> None:
    # before NumPy makes the text "nan" of a missing label among texts
    if not isinstance(y, list | tuple) and getattr(getattr(y, "dtype", None), "kind", None) != "O":
        return
    for position, label in enumerate(y):
        # NaN alone differs from itself; pandas has two more
        if (
            label is None
            or type(label).__name__ in ("NAType", "NaTType")
            or (isinstance(label, float) and label != label)
        ):
            raise ValueError(f"y must hold a label for each text, but the one at position {position} is {label!r}.")
