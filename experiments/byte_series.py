"""Time series: a conversion to bytes, and classifiers by distances of series."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline

from gzipknn import NCDClassifier

NAMES = ("GunPoint", "ArrowHead", "ItalyPowerDemand", "ACSF1", "OSULeaf")
"""Sets of the UCR archive that are in the package sktime. All series of a set have the same number of values."""
LETTERS = {"letters__n_letters": [4, 16], "letters__window": [1, 4], "letters__difference": [False, True]}

Part = tuple[list[NDArray[np.float64]], list[str]]
"""Time series and their classes."""


def load(name: str) -> tuple[Part, Part]:
    """Return the training and the test series of a set."""
    folder = Path(str(distribution("sktime").locate_file("sktime/datasets/data"))) / name
    return _read(folder / f"{name}_TRAIN.ts"), _read(folder / f"{name}_TEST.ts")


def _read(path: Path) -> Part:
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.rpartition(":")[::2] for line in lines if line.strip() and line[0] not in "#@"]
    return [np.array(values.split(","), dtype=np.float64) for values, _ in rows], [label for _, label in rows]


def standardize(X: Any) -> NDArray[np.float64]:
    """Scale each series to mean 0 and standard deviation 1."""
    values = np.asarray(X, dtype=np.float64)
    return (values - values.mean(axis=1, keepdims=True)) / np.maximum(values.std(axis=1, keepdims=True), 1e-9)


class Letters(TransformerMixin, BaseEstimator):
    """A transformer from time series to bytes, by symbolic aggregate approximation (SAX).

    Each letter stands for the mean of a window of values. All letters are equally frequent if the means are normally
    distributed.
    """

    def __init__(self, n_letters: int = 8, window: int = 1, difference: bool = False) -> None:
        self.n_letters = n_letters
        self.window = window
        self.difference = difference

    def fit(self, X: Any, y: Any = None) -> Self:
        """Do nothing, because nothing is learned from the series."""
        return self

    def transform(self, X: Any) -> list[bytes]:
        """Return a text for each series."""
        values = np.asarray(X, dtype=np.float64)
        n = values.shape[1] // self.window * self.window
        means = values[:, :n].reshape(len(values), -1, self.window).mean(axis=2)
        values = standardize(np.diff(means, axis=1) if self.difference else means)
        edges = norm.ppf(np.arange(1, self.n_letters) / self.n_letters)
        return [row.tobytes() for row in (ord("a") + np.searchsorted(edges, values)).astype(np.uint8)]


def choose_letters(X: Any, y: Any) -> Letters:
    """Choose the letters for all methods: those with the best cross-validated accuracy of gzip's nearest neighbour."""
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    steps = Pipeline([("letters", Letters()), ("nearest", NCDClassifier(1, separator=""))])
    search = GridSearchCV(steps, LETTERS, cv=folds, refit=False, error_score="raise").fit(X, y)
    return Letters().set_params(**{name.partition("__")[2]: value for name, value in search.best_params_.items()})


def euclidean() -> Pipeline:
    """Return a classifier by the nearest neighbour in Euclidean distance."""
    return make_pipeline(_Standard(), KNeighborsClassifier(1))


class _Standard(TransformerMixin, BaseEstimator):
    def fit(self, X: Any, y: Any = None) -> Self:
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        return standardize(X)


class WarpingClassifier(ClassifierMixin, BaseEstimator):
    """A classifier by the nearest neighbour in dynamic time warping. Leave-one-out accuracy chooses the window."""

    SHARES = (0.0, 0.02, 0.05, 0.1)
    """The windows to choose from, as shares of the length of a series."""

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the window."""
        self._series, self._labels = standardize(X), np.asarray(y)
        self.classes_ = np.unique(self._labels)
        scores = {}
        for share in self.SHARES:
            distances = self._distances(self._series, share)
            np.fill_diagonal(distances, np.inf)
            scores[share] = np.mean(self._labels[distances.argmin(axis=1)] == self._labels)
        self.chosen_ = {"window": max(scores, key=lambda share: scores[share])}
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each series."""
        distances = self._distances(standardize(X), self.chosen_["window"])
        return np.asarray(self._labels[distances.argmin(axis=1)])

    def _distances(self, queries: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        if share == 0:
            return np.asarray(pairwise_distances(queries, self._series))
        from dtaidistance import dtw

        n, window = len(queries), 1 + round(share * queries.shape[1])
        both = np.vstack([queries, self._series])
        block = ((0, n), (n, len(both)))
        found = dtw.distance_matrix(both, block=block, window=window, use_c=True, compact=False)
        return np.asarray(found[:n, n:])
