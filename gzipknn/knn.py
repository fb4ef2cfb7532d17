"""What k-nearest-neighbour classifiers share, whatever their distance: the vote of the neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.base import TextClassifier
from gzipknn.compressors import Neighbors
from gzipknn.neighborhoods import Neighborhoods
from gzipknn.texts.encoding import encode_texts, warn_of_empty_queries
from gzipknn.utils.validation import check_int, check_seed


class KNNClassifier(Neighborhoods, TextClassifier):
    """Classify texts by the labels of the nearest training texts; which these are, a subclass says.

    It has the parameters `n_neighbors`, `weights`, `tie_break` and `random_state` of :class:`gzipknn.NCDClassifier`,
    calls :meth:`_check_voting` and :meth:`_set_labels` in ``fit``, and searches in :meth:`_search`. It sets
    `_unrelated` to the distance of any training text that shares nothing with a query; NaN if there is no such number.
    """

    _unrelated: float
    weights: Any
    tie_break: str
    random_state: Any

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
        return voting.say_nothing(texts, distances, self._unrelated)

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
