"""Ridge regression on distances to landmarks, with predictions for held-out texts and calibrated probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, solve
from scipy.optimize import minimize
from scipy.special import log_expit
from sklearn.preprocessing import StandardScaler

PENALTIES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""The penalties to choose from, for each training text: the squares of a feature add up to the number of texts."""
N_FOLDS = 5
ENOUGH = 1000
"""The number of held-out texts that suffices: no fold is larger, and no more folds are made than it takes."""


@dataclass(frozen=True)
class Calibration:
    """Probabilities from scores: sigmoid(slope * score + shift) for each class, divided by the sum over the classes.

    The slope and the shift are the same for all classes. As the sigmoid rises everywhere, the most probable class is
    the one with the highest score.
    """

    slope: float = 4.0
    shift: float = 0.0

    @classmethod
    def fit(
        cls, scores: NDArray[np.float64], labels: NDArray[np.intp], weights: NDArray[np.float64] | None = None
    ) -> Calibration:
        """Find the slope and the shift with the lowest log loss; the texts must not be those the scores were fitted to.

        Parameters
        ----------
        scores : ndarray of float64, shape (n, n_classes)
        labels : ndarray of intp, shape (n,)
        weights : ndarray of float64, shape (n,), default=None
            The weight of each text. None: every weight is 1.

        Notes
        -----
        This is Platt scaling of each class against the rest, with two parameters for all classes together. As in [1]_,
        each label is taken as only (n + 1) / (n + 2) certain. Otherwise a few texts that are all labelled right would
        give probabilities of 0 and 1.

        References
        ----------
        .. [1] Platt: Probabilistic Outputs for Support Vector Machines. Advances in Large Margin Classifiers (1999).
        """
        n, n_classes = scores.shape
        if n == 0 or n_classes < 2:
            return cls()
        doubt = 1 / (n + 2)
        wanted = np.full(scores.shape, doubt / (n_classes - 1))
        wanted[np.arange(n), labels] = 1 - doubt

        def loss(parameters: NDArray[np.float64]) -> float:
            log_slope, shift = parameters
            gained = (wanted * cls(np.exp(log_slope), shift).log_probabilities(scores)).sum(axis=1)
            return -float(np.average(gained, weights=weights))

        found = minimize(loss, [np.log(cls.slope), cls.shift], method="L-BFGS-B", bounds=[(-3, 4), (-10, 10)])
        return cls(float(np.exp(found.x[0])), float(found.x[1]))

    def log_probabilities(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the logarithm of each class's probability, shape (n, n_classes)."""
        each = log_expit(self.slope * scores + self.shift)
        return np.asarray(each - np.logaddexp.reduce(each, axis=1, keepdims=True))

    def log_loss(
        self, scores: NDArray[np.float64], labels: NDArray[np.intp], weights: NDArray[np.float64] | None = None
    ) -> float:
        """Return the weighted mean of -log(probability of the true label) over the texts, in nats."""
        of_truth = self.log_probabilities(scores)[np.arange(len(labels)), labels]
        return -float(np.average(of_truth, weights=weights))


@dataclass(frozen=True, eq=False)
class LinearModel:
    """A linear function of the distances to landmarks."""

    coef: NDArray[np.float64]
    """Shape (n_landmarks, n_outputs)."""
    intercept: NDArray[np.float64]
    """Shape (n_outputs,)."""

    def __call__(self, distances: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the predictions, shape (n, n_outputs), for distances of shape (n, n_landmarks)."""
        return distances @ self.coef + self.intercept


def one_against_rest(labels: NDArray[np.intp], n_classes: int) -> NDArray[np.float64]:
    """Return the regression targets of a classification, shape (n, n_classes): 1 for the class of a text, else -1."""
    return np.where(np.eye(n_classes)[labels] > 0, 1.0, -1.0)


class HeldOutRidge:
    """Ridge regression of targets on standardized distances to landmarks.

    Landmarks are training texts, and each is its own nearest landmark. A query is never a landmark. So a held-out text
    must not be a landmark either: a fold leaves out its texts and those landmarks that are among them. Otherwise a far
    too large penalty would seem best.

    The distances are computed only once. The normal equations of a fold are those of all texts, minus the contribution
    of the fold's own texts.

    Parameters
    ----------
    targets : ndarray of float64, shape (n, n_outputs)
        The targets of the training texts.
    random_state : RandomState
        The generator that draws the folds. There are no folds if all targets are the same.
    weights : ndarray of float64, shape (n,), default=None
        Factors of the squared error of each text. None: every factor is 1.
    """

    def __init__(
        self,
        targets: NDArray[np.float64],
        random_state: np.random.RandomState,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        n = len(targets)
        self.targets = targets
        self.weights = np.ones(n) if weights is None else weights
        self._sample_weight = weights
        self.folds: list[NDArray[np.intp]] = []
        if (targets != targets[0]).any():
            size, drawn = min(-(-n // N_FOLDS), ENOUGH), random_state.permutation(n)
            n_folds = min(-(-n // size), max(round(ENOUGH / size), 1))
            self.folds = [np.sort(drawn[start : start + size]) for start in range(0, n_folds * size, size)]
        self.held_out = np.concatenate([np.empty(0, dtype=np.intp), *self.folds])
        self.landmarks = np.empty(0, dtype=np.intp)
        self._blocks: list[NDArray[np.float64]] = []
        self._means: list[NDArray[np.float64]] = []
        self._scales: list[NDArray[np.float64]] = []
        self._gram = np.empty((0, 0))
        self._moments = np.empty((0, targets.shape[1]))

    def add(self, landmarks: NDArray[np.intp], distances: NDArray[np.float64]) -> None:
        """Add the training texts at the positions `landmarks` as landmarks.

        `distances` holds the distances of all training texts to them, shape (n, len(landmarks)). It is overwritten.
        """
        scaler = StandardScaler(copy=False)
        block = scaler.fit_transform(distances, sample_weight=self._sample_weight)
        self._means.append(scaler.mean_)
        self._scales.append(scaler.scale_)
        self.landmarks = np.concatenate([self.landmarks, landmarks])
        weighted = block if self._sample_weight is None else block * self.weights[:, np.newaxis]
        beside = [old.T @ weighted for old in self._blocks]
        across = np.vstack(beside) if beside else np.empty((0, len(landmarks)))
        self._gram = np.block([[self._gram, across], [across.T, block.T @ weighted]])
        self._moments = np.vstack([self._moments, weighted.T @ self.targets])
        self._blocks.append(block)

    def held_out_scores(self, alphas: tuple[float, ...]) -> NDArray[np.float64]:
        """Return the predictions for the held-out texts with each penalty, by models that were not fitted to them.

        Returns
        -------
        ndarray of float64, shape (len(alphas), len(held_out), n_outputs)
        """
        total, sums = self.weights.sum(), self.weights @ self.targets
        parts = [np.empty((len(alphas), 0, self.targets.shape[1]))]
        for fold in self.folds:
            kept = np.flatnonzero(~np.isin(self.landmarks, fold))
            own = np.hstack([block[fold] for block in self._blocks])[:, kept]
            weights, targets = self.weights[fold], self.targets[fold]
            rest, weighted = total - weights.sum(), own * weights[:, np.newaxis]
            # the features have mean 0 over all texts, but not over those outside the fold
            mean, level = -weighted.sum(axis=0) / rest, (sums - weights @ targets) / rest
            gram = self._gram[np.ix_(kept, kept)] - own.T @ weighted - rest * np.outer(mean, mean)
            moments = self._moments[kept] - weighted.T @ targets - rest * np.outer(mean, level)
            parts.append(np.stack([(own - mean) @ _ridge(gram, moments, alpha) + level for alpha in alphas]))
        return np.concatenate(parts, axis=1)

    def fit(self, alpha: float, n_landmarks: int) -> LinearModel:
        """Fit to all training texts with the penalty `alpha`, using only the first `n_landmarks` landmarks."""
        few = slice(n_landmarks)
        coef = _ridge(self._gram[few, few], self._moments[few], alpha)  # no intercept, as the features have mean 0
        coef = coef / np.concatenate(self._scales)[few, None]
        level = np.average(self.targets, axis=0, weights=self.weights)
        return LinearModel(coef, level - np.concatenate(self._means)[few] @ coef)


def _ridge(gram: NDArray[np.float64], moments: NDArray[np.float64], alpha: float) -> NDArray[np.float64]:
    penalized = gram.copy()
    penalized.flat[:: len(gram) + 1] += alpha
    try:
        return np.asarray(solve(penalized, moments, assume_a="pos", overwrite_a=True))
    except LinAlgError as error:
        raise ValueError(
            f"the penalty alpha={alpha:g} is too small for the distances to {len(gram):,} landmarks, some of which are "
            f"(nearly) the same; raise alpha, or use alpha='auto'."
        ) from error
