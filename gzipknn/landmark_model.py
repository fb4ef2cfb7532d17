"""Base class of linear models on distances to landmarks: the choice of landmarks and penalty, and the fit."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextEstimator
from gzipknn.held_out_ridge import PENALTIES, HeldOutRidge, LinearModel
from gzipknn.search.fitted import FittedSearch, Settings
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.validation import check_parallel, check_seed

FEWEST, MOST = 1000, 8000
"""The smallest and the largest number of landmarks for "auto", which doubles it from one to the other."""
GAIN = 0.01
"""Doubling the number of landmarks goes on only while the loss falls by at least this share."""

LossOf = Callable[[NDArray[np.float64], NDArray[np.intp]], tuple[float, Any]]
"""Returns the loss of predictions for the training texts at some positions, and anything learnt from them."""


class LandmarkModel(TextEstimator):
    """Base class of ridge regressions on the distances of a text to landmarks, which are some training texts.

    A subclass has the parameters of :class:`gzipknn.landmarks.LandmarkClassifier`, and its ``fit`` calls
    :meth:`_fit_ridge`.
    """

    n_landmarks: Any
    alpha: Any
    compressor: Any
    metric: Any
    random_state: Any
    n_jobs: int | None
    verbose: int
    memory: Any

    def _fit_ridge(
        self,
        texts: list[bytes],
        corpus_for: Callable[[Any, Corpus], Corpus],
        targets: NDArray[np.float64],
        loss_of: LossOf,
        weights: NDArray[np.float64] | None = None,
    ) -> tuple[float, Any]:
        """Choose the number of landmarks and the penalty, and fit.

        Parameters
        ----------
        texts : list of bytes, length n
        corpus_for : callable
            Takes the compressor and the texts, and adds labels to the texts if that compressor learns from labels.
        targets : ndarray of float64, shape (n, n_outputs)
        loss_of : callable
            See ``LossOf``.
        weights : ndarray of float64, shape (n,), or None
            Factors of the squared error of each text.

        Returns
        -------
        loss : float
            The loss on held-out texts, or NaN if nothing can be held out.
        learnt : object
            What `loss_of` learnt from them, or None.
        """
        check_parallel(self.n_jobs, self.verbose)
        random = check_seed(self.random_state)
        total = len(texts) if weights is None else weights.sum()
        sizes, alphas = self._sizes(len(texts)), self._alphas(total)
        settings = Settings.checked(self.compressor, self.metric, "query-first", " ")
        corpus = corpus_for(settings.compressor, Corpus.from_texts(texts))
        drawn = random.permutation(len(texts))[: sizes[-1]]
        every = np.sort(drawn)
        options: dict[str, Any] = {"are_among_texts": True, "memory": self.memory}
        # the compressor learns only once, whatever numbers of landmarks are tried
        search = FittedSearch.to_landmarks(corpus.take(every), corpus, settings, **options)
        ridge = HeldOutRidge(targets, random, weights)
        best: tuple[float, int, float, Any] | None = None
        for before, size in zip([0, *sizes], sizes, strict=False):
            new = np.sort(drawn[before:size])
            to_new = search.take(np.searchsorted(every, new))
            ridge.add(new, _finite(to_new.distances(texts, n_jobs=self.n_jobs, verbose=self.verbose)))
            loss, alpha, learnt = _choose(ridge, alphas, loss_of)
            enough = best is not None and not loss <= best[0] * (1 - GAIN)
            if best is None or loss < best[0]:
                best = loss, size, alpha, learnt
            if enough:
                break
        assert best is not None  # there is at least one size
        loss, size, self.alpha_, learnt = best
        model = ridge.fit(self.alpha_, size)
        order = np.argsort(ridge.landmarks[:size])
        self.landmark_indices_: NDArray[np.intp] = ridge.landmarks[:size][order]
        self.landmarks_ = [texts[i] for i in self.landmark_indices_]
        self._model = LinearModel(model.coef[order], model.intercept)
        self._fitted = search.take(np.searchsorted(every, self.landmark_indices_))
        return loss, learnt

    def _predictions(self, X: Any) -> NDArray[np.float64]:
        """Return the predictions of the linear model, shape (n, n_outputs)."""
        check_is_fitted(self)
        check_parallel(self.n_jobs, self.verbose)
        distances = self._fitted.distances(self._encode(X), n_jobs=self.n_jobs, verbose=self.verbose)
        return self._model(_finite(distances))

    def _sizes(self, n_texts: int) -> list[int]:
        """Return the numbers of landmarks to try."""
        value = self.n_landmarks
        if value is None:
            return [n_texts]
        if isinstance(value, str) and value == "auto":
            most = min(n_texts, MOST)
            return [*(size for size in (FEWEST << i for i in range(10)) if size < most), most]
        expected = "n_landmarks must be 'auto', None (all texts) or an int of 1 or more"
        if isinstance(value, bool) or not isinstance(value, Integral):
            raise TypeError(f"{expected}, got {type(value).__name__} ({value!r:.50}).")
        if value < 1:
            raise ValueError(f"{expected}, got {value}.")
        return [min(int(value), n_texts)]

    def _alphas(self, total: float) -> tuple[float, ...]:
        """Return the penalties to try; `total` is the sum of the weights of all texts."""
        if isinstance(self.alpha, str) and self.alpha == "auto":
            return tuple(total * penalty for penalty in PENALTIES)
        expected = "alpha must be 'auto' or a finite number above 0"
        if isinstance(self.alpha, bool) or not isinstance(self.alpha, Real):
            raise TypeError(f"{expected}, got {type(self.alpha).__name__} ({self.alpha!r:.50}).")
        if not 0 < self.alpha < np.inf:  # type: ignore[operator]  # of Real
            raise ValueError(f"{expected}, got {self.alpha!r:.50}.")
        return (float(self.alpha),)


def _choose(ridge: HeldOutRidge, alphas: tuple[float, ...], loss_of: LossOf) -> tuple[float, float, Any]:
    """Return the lowest loss on the held-out texts, its penalty, and what `loss_of` learnt with it."""
    if not len(ridge.held_out):
        return np.nan, alphas[len(alphas) // 2], None
    found = []
    for alpha, predictions in zip(alphas, ridge.held_out_scores(alphas), strict=True):
        loss, learnt = loss_of(predictions, ridge.held_out)
        found.append((loss, alpha, learnt))
    return min(found, key=lambda one: one[0])


def _finite(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(distances).all():
        raise ValueError(
            "a linear model needs finite distances, but the metric returned infinite ones or NaN; use another metric."
        )
    return distances
