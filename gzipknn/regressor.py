"""NCDRegressor: the mean target of the k nearest texts by compression distance."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.compression_search import CompressionSearch
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts, warn_of_empty_queries
from gzipknn.texts.numbers import encode_numbers
from gzipknn.utils.validation import check_int


class NCDRegressor(RegressorMixin, CompressionSearch):  # type: ignore[misc]  # scikit-learn has no types
    """Predict a number for each text: the mean target of its nearest training texts.

    It works on raw texts as ``sklearn.neighbors.KNeighborsRegressor`` works on vectors.

    Parameters
    ----------
    n_neighbors : int, default=5
        The number of neighbours whose targets are averaged.
    weights : {"uniform", "distance", "margin"} or callable, default="uniform"
        The weight of each neighbour in the mean, see :func:`gzipknn.voting.neighbor_weights`.

        - ``"uniform"``: 1.
        - ``"distance"``: 1 / distance. This changes little, as most distances lie between 0.8 and 1.
        - ``"margin"``: how much nearer the neighbour is than the farthest neighbour. This allows a large `n_neighbors`.
        - A callable gets the distances, shape (n, k), and returns the weights in the same shape.
    compressor, metric, normalize, screen, order, separator, n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`. A compressor that learns from labels can't be used, as there are only
        numbers.

    Attributes
    ----------
    n_samples_fit_ : int
        Number of training texts.
    training_ : TrainingTexts
        The training texts with their compressed lengths.
    n_features_in_ : int
        Always 1, as a sample is one text.

    See Also
    --------
    gzipknn.recipes.landmark_regressor : Ridge regression on distances to landmarks.

    Notes
    -----
    `n_neighbors`, `weights`, `n_jobs` and `verbose` may be changed with ``set_params`` after ``fit``. The other
    parameters take effect in ``fit``.

    Examples
    --------
    >>> from gzipknn import NCDRegressor
    >>> molecules = ["CCO", "CCCO", "CCCCO", "CCCCCO", "CC(C)O", "CC(C)CO", "c1ccccc1", "Cc1ccccc1", "CCc1ccccc1"]
    >>> boiling_points = [78, 97, 118, 138, 83, 108, 80, 111, 136]  # °C
    >>> NCDRegressor(2, compressor="lz77").fit(molecules, boiling_points).predict(["CCCCCCO", "CCCc1ccccc1"])
    array([128. , 123.5])
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        weights: Any = "uniform",
        compressor: Any = "gzip",
        metric: Any = "ncd",
        normalize: str | None = None,
        screen: str | float | None = None,
        order: str = "query-first",
        separator: str | bytes = " ",
        n_jobs: int | None = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.compressor = compressor
        self.metric = metric
        self.normalize = normalize
        self.screen = screen
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any) -> Self:
        """Store the training texts and compress each of them once.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
            The training texts, as in :meth:`gzipknn.NCDClassifier.fit`.
        y : array-like of numbers, shape (n_train,) or (n_train, n_outputs)
            One target for each text, or several. They must be finite.

        Returns
        -------
        self : NCDRegressor

        Raises
        ------
        TypeError, ValueError
            If an argument or parameter is not what is described here.

        Warns
        -----
        UserWarning
            If there are blank texts, which are near every short query.
        """
        check_int(self.n_neighbors, "n_neighbors", 1)
        voting.check_weights_with(self.weights, self.normalize)
        settings = self._settings()
        texts = encode_texts(X, "X")
        targets = encode_numbers(y, len(texts))
        warn_of_blank_texts(texts, labelled=False)
        self._fit_search(Corpus.from_texts(texts), settings)
        self._unrelated = settings.unrelated
        self._y = targets
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

        Warns
        -----
        UserWarning
            If there are empty texts.

        Notes
        -----
        For an empty text, the mean target of all training texts is predicted. The same holds for a text that shares
        nothing with any training text. This is known only where distances tell it exactly: with ``"lz77"``, a named
        metric and ``normalize=None``.
        """
        check_is_fitted(self)
        voting.check_weights_with(self.weights, self._fitted.settings.normalize)
        k = self._check_k(None, self.n_samples_fit_)
        texts = self._encode(X)
        warn_of_empty_queries(texts, labelled=False)
        distances, indices = self._search(texts, k)
        weights = voting.neighbor_weights(distances, self.weights)
        shares = weights / weights.sum(axis=1, keepdims=True)
        means = np.einsum("nk,nk...->n...", shares, self._y[indices])
        means[voting.say_nothing(texts, distances, self._unrelated)] = self._y.mean(axis=0)
        return np.asarray(means)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
