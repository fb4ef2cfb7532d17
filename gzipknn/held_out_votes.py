"""How the neighbours of texts that are held out vote, and how good that is by any of scikit-learn's scores."""

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
    """Texts that are held out at a time, and what is known of the others.

    Attributes
    ----------
    held_out : Corpus
        The texts that are held out.
    labels : ndarray of intp, shape (n_others,)
        The number of the class of each of the other texts.
    counted : ndarray of float64, shape (n_others,)
        What the vote of each of these counts.
    found : list of (Neighbors, float)
        By each metric and correction the neighbours of the texts held out, and the distance of texts that share
        nothing.
    """

    held_out: Corpus
    labels: NDArray[np.intp]
    counted: NDArray[np.float64]
    found: list[tuple[Neighbors, float]]

    def ballots(self, number: int, weights: Any, k: int, n_classes: int, *rule: Any) -> Ballots:
        """Let the k nearest vote by one metric and correction, or all texts where these say nothing, as in predict."""
        (distances, indices), unrelated = self.found[number]
        distances, indices = distances[:, :k], indices[:, :k]
        votes = voting.neighbor_weights(distances, weights) * self.counted[indices]
        nothing = voting.say_nothing(self.held_out, distances, unrelated) | ~votes.any(axis=1)
        return Ballots(self.labels, self.counted, n_classes, indices, votes, nothing, *rule)


class Voted(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier that has voted on all that it will be asked: a scorer asks by the numbers of texts."""

    def __init__(self, classes: NDArray[Any], ballots: list[Ballots]) -> None:
        self.classes_ = classes
        self.ballots = ballots

    def fit(self, X: Any, y: Any) -> Voted:
        """There is nothing to fit."""
        return self

    def predict(self, X: NDArray[np.intp]) -> NDArray[Any]:
        """Return the labels of texts by their numbers."""
        return np.asarray(self.classes_[np.concatenate([one.winners() for one in self.ballots])[X]])

    def predict_proba(self, X: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the shares of the classes in the votes on texts, by their numbers."""
        return np.asarray(np.concatenate([one.shares() for one in self.ballots])[X])


class Score:
    """A score of predictions, the higher the better, by its name or as scikit-learn's scorers are called."""

    def __init__(self, scoring: Any) -> None:
        is_known = isinstance(scoring, str) or callable(scoring)
        if not is_known:
            raise TypeError(
                f"scoring must be the name of a score of scikit-learn or a callable (estimator, X, y) -> float, got "
                f"{type(scoring).__name__} ({scoring!r:.50})."
            )
        self.name = scoring if isinstance(scoring, str) else "score"
        if self.name != "accuracy":
            from sklearn.metrics import check_scoring  # it takes long

            self.score: Callable[..., Any] = check_scoring(Voted(np.empty(0), []), scoring=scoring)

    def __call__(self, classes: NDArray[Any], ballots: list[Ballots], truth: NDArray[np.intp]) -> float:
        """Return the score of all texts that were held out, in whatever fold."""
        if self.name == "accuracy":
            return float(np.mean(np.concatenate([one.winners() for one in ballots]) == truth))
        score = float(self.score(Voted(classes, ballots), np.arange(len(truth)), classes[truth]))
        if np.isnan(score):
            raise ValueError(f"scoring must give numbers to compare settings by, but {self.name!r} gave NaN.")
        return score
