"""The votes on held-out texts, and the score of the predictions that they lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from gzipknn import voting
from gzipknn.ballots import Ballots
from gzipknn.compressors import Neighbors
from gzipknn.texts.corpus import Corpus


@dataclass(frozen=True, eq=False)
class Fold:
    """The texts of one fold, which are held out together, and their neighbours among the other texts.

    Attributes
    ----------
    held_out : Corpus
        The held-out texts.
    labels : ndarray of intp, shape (n_others,)
        The number of the class of each of the other texts.
    counted : ndarray of float64, shape (n_others,)
        The weight of the vote of each of the other texts.
    found : list of (Neighbors, float)
        For each metric and correction, the neighbours of the held-out texts, and the distance between texts that share
        nothing.
    """

    held_out: Corpus
    labels: NDArray[np.intp]
    counted: NDArray[np.float64]
    found: list[tuple[Neighbors, float]]

    def ballots(self, number: int, weights: Any, k: int, n_classes: int, *rule: Any) -> Ballots:
        """Return the votes on the held-out texts with the metric and correction of this number, as in ``predict``."""
        (distances, indices), unrelated = self.found[number]
        distances, indices = distances[:, :k], indices[:, :k]
        votes = voting.neighbor_weights(distances, weights) * self.counted[indices]
        nothing = voting.say_nothing(self.held_out, distances, unrelated) | ~votes.any(axis=1)
        return Ballots(self.labels, self.counted, n_classes, indices, votes, nothing, *rule)


class Voted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier whose votes are known already; a scorer of scikit-learn asks for them by the numbers of texts."""

    def __init__(self, classes: NDArray[Any], ballots: list[Ballots]) -> None:
        self.classes_ = classes
        self.ballots = ballots

    def fit(self, X: Any, y: Any) -> Voted:
        """Do nothing, as the votes are known."""
        return self

    def predict(self, X: NDArray[np.intp]) -> NDArray[Any]:
        """Return the predicted labels of the texts with these numbers."""
        return np.asarray(self.classes_[np.concatenate([one.winners() for one in self.ballots])[X]])

    def predict_proba(self, X: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return each class's share of the vote on the texts with these numbers."""
        return np.asarray(np.concatenate([one.shares() for one in self.ballots])[X])


class Score:
    """A score of predictions, where higher is better, given by its name or as a scorer like scikit-learn's."""

    def __init__(self, scoring: Any) -> None:
        is_known = isinstance(scoring, str) or callable(scoring)
        if not is_known:
            raise TypeError(
                f"scoring must be the name of a score of scikit-learn or a callable (estimator, X, y) -> float, got "
                f"{type(scoring).__name__} ({scoring!r:.50})."
            )
        self.name = scoring if isinstance(scoring, str) else "score"
        if self.name != "accuracy":
            from sklearn.metrics import check_scoring  # here, as the import takes long

            self.score: Callable[..., Any] = check_scoring(Voted(np.empty(0), []), scoring=scoring)

    def __call__(self, classes: NDArray[Any], ballots: list[Ballots], truth: NDArray[np.intp]) -> float:
        """Return the score of the held-out texts of all folds together."""
        if self.name == "accuracy":
            return float(np.mean(np.concatenate([one.winners() for one in ballots]) == truth))
        score = float(self.score(Voted(classes, ballots), np.arange(len(truth)), classes[truth]))
        if np.isnan(score):
            raise ValueError(
                f"scoring must give numbers to compare settings by, but {self.name!r} gave NaN; use another score."
            )
        return score
