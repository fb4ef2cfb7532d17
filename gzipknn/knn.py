"""What k-nearest-neighbour classifiers share, whatever their distance: labels, neighbours to look at, the vote."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import ClassifierMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.checks import check_int, check_seed
from gzipknn.compressors import Neighbors
from gzipknn.encoding import check_sequence, encode_texts
from gzipknn.estimator import TextEstimator

# Labels that are not there: of pandas and of masked arrays; and NaN and NaT, which alone differ from themselves.
MISSING = ("NAType", "NaTType", "MaskedConstant")
FLOATS = (float, np.floating, np.datetime64, np.timedelta64)


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
        check_int(self.n_neighbors, "n_neighbors", 1)
        self._check_weights()
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


def encode_labels(y: Any, n_texts: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Return the sorted classes and each label's position among them, or raise."""
    if y is None:
        raise ValueError("y must hold a label for each text, got None.")
    check_sequence(y, "y", "label")
    try:
        labels = column_or_1d(y, warn=True)
    except (TypeError, ValueError) as error:
        raise _wrong_labels(y, error) from error
    if np.ma.is_masked(y) or (labels.dtype.kind in "US" and not isinstance(y, np.ndarray)):
        # NumPy has made texts of numbers, "nan" of a missing label, and dropped what is masked
        _check_labels(y, became_text=labels.dtype.kind == "U")
    elif labels.dtype.kind not in "biuUS":
        _check_labels(labels)
    if len(labels) != n_texts:
        raise ValueError(f"X and y must have the same length, got {n_texts} texts and {len(labels)} labels.")
    try:
        check_classification_targets(labels)
    except (TypeError, ValueError) as error:
        raise _wrong_labels(y, error) from error
    classes, encoded = np.unique(labels, return_inverse=True)
    return classes, encoded.astype(np.intp)


def _check_labels(labels: Any, became_text: bool = False) -> None:
    for position, label in enumerate(labels):
        if label is None or type(label).__name__ in MISSING or (isinstance(label, FLOATS) and label != label):
            raise ValueError(f"y must hold a label for each text, but the one at position {position} is {label!r}.")
        if position == 0:
            first = label
        if isinstance(label, str) != isinstance(first, str):
            raise TypeError(
                f"y must hold labels of one kind, but the one at position 0 is {type(first).__name__} ({first!r:.50}) "
                f"and the one at position {position} {type(label).__name__} ({label!r:.50}); convert them to str, say."
            )
        if became_text and isinstance(label, str) and label.endswith("\0"):
            raise ValueError(
                f"y must hold labels that NumPy can keep, but the one at position {position}, {label!r:.50}, ends in "
                f"NUL, which it drops; pass np.array(y, dtype=object)."
            )


def _wrong_labels(y: Any, error: Exception) -> ValueError:
    reason = " ".join(str(error).split())
    return ValueError(
        f"y must hold one label for each text, all of one kind (str, int, bool or whole floats), got "
        f"{type(y).__name__}: {reason:.200}"
    )
