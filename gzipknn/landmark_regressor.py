"""LandmarkRegressor: ridge regression on the distances to some training texts, the landmarks."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from gzipknn.landmark_model import LandmarkModel
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts
from gzipknn.texts.numbers import encode_numbers


class LandmarkRegressor(RegressorMixin, LandmarkModel):  # type: ignore[misc]  # scikit-learn has no types
    """Ridge regression on the distances of a text to landmarks, which are some of the training texts.

    :class:`gzipknn.NCDRegressor` trusts every distance equally, whereas ridge regression learns which landmarks predict
    the target.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        As in :class:`gzipknn.landmarks.LandmarkClassifier`; ``"auto"`` doubles the number as long as the mean squared
        error on held-out texts falls by 1 % or more.
    alpha : "auto" or float, default="auto"
        The penalty of the ridge regression on standardized distances. ``"auto"``: 0.003, 0.01, 0.03, 0.1, 0.3 or 1
        times the number of training texts, whichever has the lowest error on held-out texts.
    compressor : str, Compressor or callable, default="lz77"
        A compressor that learns from labels can't be used, as there are only numbers.
    metric : str or callable, default="nmi"
    random_state : int, RandomState or None, default=0
        The seed or generator that draws the landmarks and the texts to hold out.
    n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`.

    Attributes
    ----------
    landmark_indices_ : ndarray of int, shape (n_landmarks,)
        The positions of the landmarks in the training set, in ascending order.
    landmarks_ : list of bytes, length n_landmarks
        The landmarks, encoded.
    alpha_ : float
        The penalty.
    held_out_loss_ : float
        The mean squared error on held-out texts, divided by the variance of the training targets, with the penalty and
        the number of landmarks that were chosen. If there are several targets, the mean over these. NaN if nothing
        could be held out, because there is a single text or all targets are the same.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    The penalty is chosen on held-out folds whose texts are not landmarks either. Leaving out one text at a time, as
    ``RidgeCV`` does, would choose a far too large penalty, because a landmark is its own nearest landmark, which a
    query never is. See :class:`gzipknn.landmarks.LandmarkClassifier` for the folds.

    See Also
    --------
    gzipknn.NCDRegressor : The mean target of the nearest training texts.

    Examples
    --------
    >>> from gzipknn.landmark_regressor import LandmarkRegressor
    >>> molecules = ["CCO", "CCCO", "CCCCO", "CCCCCO", "CC(C)O", "CC(C)CO", "c1ccccc1", "Cc1ccccc1", "CCc1ccccc1"]
    >>> boiling_points = [78, 97, 118, 138, 83, 108, 80, 111, 136]  # °C
    >>> LandmarkRegressor().fit(molecules, boiling_points).predict(["CCCCCCO"]).shape
    (1,)
    """

    def __init__(
        self,
        n_landmarks: Any = "auto",
        *,
        alpha: Any = "auto",
        compressor: Any = "lz77",
        metric: Any = "nmi",
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_landmarks = n_landmarks
        self.alpha = alpha
        self.compressor = compressor
        self.metric = metric
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any) -> Self:
        """Compute the distances of the training texts to the landmarks, choose the penalty, and fit the linear model.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like of numbers, shape (n_train,) or (n_train, n_outputs)
            One target for each text, or several. They must be finite.

        Returns
        -------
        self : LandmarkRegressor
        """
        texts = encode_texts(X, "X")
        targets = encode_numbers(y, len(texts))
        warn_of_blank_texts(texts, labelled=False)
        columns = targets.reshape(len(texts), -1)
        variances = columns.var(axis=0)
        variances[variances == 0] = 1.0

        def loss_of(predictions: NDArray[np.float64], rows: NDArray[np.intp]) -> tuple[float, None]:
            return float((((predictions - columns[rows]) ** 2).mean(axis=0) / variances).mean()), None

        self.held_out_loss_: float = self._fit_ridge(texts, _unlabelled, columns, loss_of)[0]
        self._shape = targets.shape[1:]
        self._remember_column(X)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict the target of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,) or (n, n_outputs)
        """
        predictions = self._predictions(X)
        return predictions.reshape(len(predictions), *self._shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _unlabelled(compressor: Any, texts: Corpus) -> Corpus:
    return texts
