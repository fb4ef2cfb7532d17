"""Base class of all k-nearest-neighbour classifiers, whatever their distance: the vote of the neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.ballots import Ballots
from gzipknn.base import TextClassifier
from gzipknn.compressors import Neighbors
from gzipknn.neighborhoods import Neighborhoods
from gzipknn.targets import Targets, check_class_weight, vote_weights
from gzipknn.texts.encoding import check_sequence, only_column, warn_of_empty_queries
from gzipknn.utils.validation import check_int, check_seed


class KNNClassifier(Neighborhoods, TextClassifier):
    """Base class of classifiers in which the nearest training texts vote on the label of a query.

    A subclass has the parameters `n_neighbors`, `weights`, `tie_break` and `random_state` of
    :class:`gzipknn.NCDClassifier`. Its ``fit`` calls :meth:`_check_voting` and :meth:`_set_targets`, and its
    :meth:`_search` finds the neighbours. It sets `_unrelated` to the distance between a query and a training text that
    share nothing, or to NaN if there is no such number.
    """

    _unrelated: float
    _targets: Targets
    class_weight: Any = None  # for subclasses without this parameter
    weights: Any
    tie_break: str
    random_state: Any

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,) or (n, 1)

        Returns
        -------
        ndarray, shape (n,) or (n, n_outputs)
            Elements of ``classes_``, in as many columns as the `y` of ``fit`` had.

        Warns
        -----
        UserWarning
            If there are empty texts.

        Notes
        -----
        In three cases all training texts vote instead of the nearest, so the most frequent class is predicted:

        - The text is empty.
        - The text shares nothing with any training text. This is known only where distances tell it exactly: with
          ``"lz77"`` and a named metric, or with vectors if the nearest one is at distance 1, both with
          ``normalize=None``.
        - No neighbour has a vote, because the weights of their classes are zero.

        The frequency of a class is the sum of the weights of its training texts. If several classes are equally
        frequent, the lowest is predicted, or any of them with ``tie_break="random"``.
        """
        texts, found = self._search_to_vote(X)
        return self._decide(texts, *found, self.random_state)

    def predict_proba(self, X: Any) -> Any:
        """Return each class's share of the vote.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,) or (n, 1)

        Returns
        -------
        ndarray of float64, shape (n, n_classes), or a list of these
            The columns are in the order of ``classes_``, and each row adds up to 1. If all training texts vote (see the
            notes of :meth:`predict`), the row holds each class's share of the training texts. If the `y` of ``fit`` had
            several columns, a list with one array for each.

        Warns
        -----
        UserWarning
            If there are empty texts.
        """
        texts, found = self._search_to_vote(X)
        return self._shares(texts, *found)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithm of the shares of :meth:`predict_proba`; -inf for a class without a vote."""
        return log_shares(self.predict_proba(X))

    def predict_with_proba(self, X: Any) -> tuple[NDArray[Any], Any]:
        """Return the results of :meth:`predict` and :meth:`predict_proba`, from one search."""
        texts, found = self._search_to_vote(X)
        return self._decide(texts, *found, self.random_state), self._shares(texts, *found)

    def _search_to_vote(self, X: Any) -> tuple[list[bytes], Neighbors]:
        """Check the parameters, and return the encoded texts and their neighbours."""
        check_is_fitted(self)
        self._check_voting()
        self._check_weights()
        k = self._check_k(None, self.n_samples_fit_)
        texts = self._encode(X)
        warn_of_empty_queries(texts, stacklevel=4)
        return texts, self._search(texts, k)

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy: the share of texts that are labelled right.

        If texts have several labels, a text counts as right only if all its labels are.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,) or (n, 1)
        y : array-like, shape (n,) or (n, n_outputs)
            Their labels, of the same kind as those of ``fit``.
        sample_weight : array-like, shape (n,), default=None

        Returns
        -------
        float
        """
        check_is_fitted(self)
        texts = only_column(X, "X")
        check_sequence(texts, "X")
        truth = Targets.encode(y, len(texts))
        self._targets.check_like(truth)
        right = np.asarray(self.predict(X) == truth.as_y(truth.labels))
        return float(np.average(right.all(axis=1) if truth.has_columns else right, weights=sample_weight))

    def _say_nothing(
        self, texts: list[bytes], distances: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Mark the queries on which all training texts must vote: the neighbours share nothing, or have no vote.

        `weights`, shape (n, k), are the weights of the neighbours' votes.
        """
        return voting.say_nothing(texts, distances, self._unrelated) | ~weights.any(axis=1)

    def _weights_of_all(self) -> NDArray[np.float64] | None:
        """Return the weight of each training text's vote, shape (n_train,); None if every weight is 1."""
        if self.class_weight is None:
            return self._targets.weights
        return vote_weights(self._targets, self.class_weight)

    def _ballots(
        self, texts: list[bytes], distances: NDArray[np.float64], indices: NDArray[np.intp], random_state: Any
    ) -> list[Ballots]:
        """Return the votes on some texts, one :class:`Ballots` for each output."""
        weights, of_all = voting.neighbor_weights(distances, self.weights), self._weights_of_all()
        if of_all is not None:
            weights = weights * of_all[indices]
        nothing = self._say_nothing(texts, distances, weights)
        votes = (indices, weights, nothing, self.tie_break, random_state)
        outputs = zip(self._targets.labels.T, self._targets.classes, strict=True)
        return [Ballots(labels, of_all, len(classes), *votes) for labels, classes in outputs]

    def _decide(
        self, texts: list[bytes], distances: NDArray[np.float64], indices: NDArray[np.intp], random_state: Any
    ) -> NDArray[Any]:
        """Return the label of each text, by the vote of its neighbours or, if these say nothing, of all texts."""
        ballots = self._ballots(texts, distances, indices, random_state)
        return self._targets.as_y(np.stack([one.winners() for one in ballots], axis=1))

    def _shares(self, texts: list[bytes], distances: NDArray[np.float64], indices: NDArray[np.intp]) -> Any:
        shares = [one.shares() for one in self._ballots(texts, distances, indices, self.random_state)]
        return shares if self._targets.has_columns else shares[0]

    def _check_weights(self) -> None:
        """Raise unless `weights`, which may be changed after ``fit``, suits the distances of the fitted model."""
        voting.check_weights(self.weights)

    def _check_voting(self) -> None:
        check_int(self.n_neighbors, "n_neighbors", 1)
        check_class_weight(self.class_weight)
        voting.check_weights(self.weights)
        voting.check_tie_break(self.tie_break)
        check_seed(self.random_state)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags

    @property
    def _y(self) -> NDArray[np.intp]:
        """The position of each training text's label among the classes, in columns if `y` had several."""
        return self._targets.labels if self._targets.has_columns else self._targets.labels[:, 0]

    def _set_targets(self, targets: Targets) -> None:
        """Store the labels of the training texts."""
        self._targets = targets
        self.outputs_2d_ = targets.has_columns
        self.classes_: Any = list(targets.classes) if targets.has_columns else targets.classes[0]
        self.n_samples_fit_ = len(targets)


def log_shares(shares: Any) -> Any:
    """Return the logarithm of an array of shares, or of each array in a list."""
    if isinstance(shares, list):
        return [log_shares(one) for one in shares]
    with np.errstate(divide="ignore"):
        return np.log(shares)
