"""The confidence of a prediction: the share of such predictions that are right on held-out training texts."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gzipknn.trials import MOST_HELD_OUT
from gzipknn.utils.accuracy import accuracy

ENOUGH = 1000
"""The greatest number of training texts that are held out."""
LEAST = 1e-9
"""The least value that is used for a share of the vote, and for the rest of the vote."""


@dataclass(frozen=True)
class Confidence:
    """A map from the share of the vote of a label to the probability that the label is right.

    The probability is sigmoid(slope * log(share / rest) + shift), which is Platt's scaling. All classes have the same
    two numbers, so few texts are enough to find them. The order of the shares stays the same.

    Attributes
    ----------
    slope, shift : float
    odds : list of float
        The log(share / rest) of each held-out text.
    right : list of bool
        Whether the label of each held-out text was right.
    """

    slope: float
    shift: float
    odds: list[float]
    right: list[bool]

    @classmethod
    def fit(cls, odds: NDArray[np.float64], right: NDArray[np.bool_]) -> Confidence:
        """Find the slope and shift with the least log loss.

        The targets are not 1 and 0, but (n + 1) / (n + 2) for the n texts labelled right, and 1 / (m + 2) for the m
        texts labelled wrong. So a few texts that are all labelled right do not give a probability of 1.
        """
        from scipy.optimize import minimize

        n_right = int(right.sum())
        wanted = np.where(right, (n_right + 1) / (n_right + 2), 1 / (len(right) - n_right + 2))

        def loss(parameters: NDArray[np.float64]) -> float:
            logits = parameters[0] * odds + parameters[1]
            return float(np.mean(np.logaddexp(0, logits) - wanted * logits))

        found = minimize(loss, [1.0, 0.0], method="L-BFGS-B", bounds=[(0, 100), (-100, 100)])
        return cls(float(found.x[0]), float(found.x[1]), odds.tolist(), right.tolist())

    def __call__(self, odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that each label is right, limited by the number of held-out texts."""
        most = 1 - 1 / (len(self.right) + 2)
        return np.asarray(np.minimum(1 / (1 + np.exp(-(self.slope * odds + self.shift))), most))

    @property
    def accuracy(self) -> dict[str, Any]:
        """The share of held-out texts that were labelled right, with its interval."""
        return accuracy(np.array(self.right, dtype=bool))

    def answered(self, below: float) -> NDArray[np.bool_]:
        """Return which of the held-out texts have at least this confidence."""
        return self(np.array(self.odds)) >= below


def label_with_odds(clf: Any, X: Any) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64]]:
    """Return the label of each text, the log odds of its share, and the shares of all classes, shape (n, n_classes)."""
    if hasattr(clf, "predict_with_proba"):  # one search gives both
        labels, shares = clf.predict_with_proba(X)
    else:
        labels, shares = clf.predict(X), clf.predict_proba(X)
    own = shares[np.arange(len(labels)), np.searchsorted(clf.classes_, labels)]
    rest = shares.sum(axis=1) - own
    return labels, np.log(np.maximum(own, LEAST)) - np.log(np.maximum(rest, LEAST)), shares


def fresh(clf: Any, n: int) -> Any:
    """Return a classifier with the same settings for n training texts, not fitted and quiet. Its k is at most n."""
    copy = clone(clf).set_params(verbose=0)
    if getattr(copy, "n_neighbors", 0) > n:
        copy.set_params(n_neighbors=n)
    return copy


def held_out(clf: Any, X: list[Any], y: list[Any]) -> Confidence | None:
    """Label training texts by a classifier with the same settings that was fitted without them.

    Each fold holds out about a fifth of the texts, and there are as few folds as possible. The result is None if there
    are fewer than two texts.
    """
    from tqdm.auto import tqdm  # imported here because only training needs it

    n = len(X)
    if n < 2:
        return None
    # NCDClassifierCV holds out the first texts of this order, and these are the last: no setting was chosen on them
    drawn = np.random.RandomState(0).permutation(n)[::-1][:ENOUGH]
    n_folds = min(len(drawn), -(-len(drawn) * MOST_HELD_OUT // n))
    odds, right = [], []
    for i in tqdm(range(n_folds), desc="held out", unit="part", disable=clf.verbose <= 0):
        fold = drawn[i::n_folds]
        rest = np.setdiff1d(np.arange(n), fold)
        with warnings.catch_warnings():
            # already given for all texts; the numbers of a part would confuse
            warnings.filterwarnings("ignore", "(?s).* looks back", RuntimeWarning)
            fitted = fresh(clf, len(rest)).fit([X[j] for j in rest], [y[j] for j in rest])
            labels, found, _ = label_with_odds(fitted, [X[j] for j in fold])
        odds.append(found)
        right.append(np.array([label == y[j] for label, j in zip(labels.tolist(), fold, strict=True)]))
    return Confidence.fit(np.concatenate(odds), np.concatenate(right))
