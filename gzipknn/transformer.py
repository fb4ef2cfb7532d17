"""NCDTransformer: the distances to landmark texts, as features for any scikit-learn model."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextEstimator
from gzipknn.compressors import get_compressor
from gzipknn.search.fitted import FittedSearch, Settings
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts
from gzipknn.texts.labels import encode_labels
from gzipknn.utils.validation import check_seed


class NCDTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TextEstimator):  # type: ignore[misc]
    """Turn texts into their compression distances to landmark texts.

    Parameters
    ----------
    landmarks : None, int or sequence of str or bytes, default=None
        The landmarks, which are the texts that distances are measured to. None: all training texts, which suits
        ``KNeighborsClassifier(metric="precomputed")``. An int: this number of training texts, drawn at random. A
        sequence: these texts.
    compressor, metric, order, separator, n_jobs, verbose, memory
        As in :class:`NCDClassifier`, where a landmark takes the place of the training text.
    random_state : int, RandomState or None, default=None
        The seed or generator that draws the landmarks.

    Attributes
    ----------
    landmarks_ : list of bytes, length n_landmarks
        The landmarks, encoded.
    landmark_indices_ : ndarray of int, shape (n_landmarks,), or None
        The positions of the landmarks in the training set, in ascending order. None if `landmarks` was a sequence of
        texts.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    With ``landmarks=None``, ``fit_transform`` does not return a distance matrix: the result is neither symmetric nor 0
    on the diagonal. For clustering, use ``pairwise_ncd(X, matrix="distance")``.

    ``compressor="lz77"`` learns which strings are common from all texts given to ``fit``, not only from the landmarks.

    See Also
    --------
    gzipknn.landmarks.LandmarkClassifier : A linear model on distances to landmarks.
    NCDClassifier : k nearest neighbours, which never keeps the full distance matrix in memory.
    pairwise_ncd : The same as a function.

    References
    ----------
    Pękalska, Duin: The Dissimilarity Representation for Pattern Recognition. World Scientific (2005).

    Examples
    --------
    >>> from gzipknn import NCDTransformer
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> NCDTransformer(landmarks=["cat on a mat", "stocks today"]).fit_transform(texts).round(2)
    array([[0.31, 0.46],
           [0.23, 0.4 ],
           [0.56, 0.37],
           [0.49, 0.24]])
    """

    def __init__(
        self,
        landmarks: Any = None,
        *,
        compressor: Any = "gzip",
        metric: Any = "ncd",
        order: str = "query-first",
        separator: str | bytes = " ",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.landmarks = landmarks
        self.compressor = compressor
        self.metric = metric
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any = None) -> Self:
        """Choose the landmarks and compress each of them once; let the compressor learn from all of `X`.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,), default=None
            The labels of the texts, for a compressor that learns from labels (``LZ77(base_weight=...)``). Ignored by
            all others.

        Returns
        -------
        self : NCDTransformer
        """
        texts = encode_texts(X, "X")
        settings = Settings.checked(self.compressor, self.metric, self.order, self.separator)
        corpus = Corpus.from_texts(texts)
        if get_compressor(settings.compressor).learns_labels and y is not None:
            corpus = corpus.labelled(encode_labels(y, len(texts))[1])
        if self.landmarks is None or isinstance(self.landmarks, Integral):
            indices = self._draw(len(texts))
            landmarks, chosen = [texts[i] for i in indices], corpus.take(indices)
        elif isinstance(self.landmarks, Real):
            raise TypeError(
                f"landmarks must be a sequence of texts, a number of them (int) or None, "
                f"got {type(self.landmarks).__name__} ({self.landmarks!r})."
            )
        else:
            indices = None
            landmarks = encode_texts(self.landmarks, "landmarks")
            chosen = Corpus.from_texts(landmarks)
        options: dict[str, Any] = {"are_among_texts": indices is not None, "memory": self.memory}
        self._fitted = FittedSearch.to_landmarks(chosen, corpus, settings, **options)
        self.landmarks_ = landmarks
        self.landmark_indices_: NDArray[np.intp] | None = indices
        self._n_features_out = len(landmarks)
        self._remember_column(X)
        return self

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Measure the distance of each text to each landmark.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_landmarks)
        """
        check_is_fitted(self)
        return self._fitted.distances(self._encode(X), n_jobs=self.n_jobs, verbose=self.verbose)

    @property
    def training_(self) -> TrainingTexts:
        """The landmarks with their compressed lengths."""
        check_is_fitted(self)
        return self._fitted.training.get()

    def _draw(self, n_texts: int) -> NDArray[np.intp]:
        if self.landmarks is None:
            return np.arange(n_texts)
        if isinstance(self.landmarks, bool) or not 1 <= self.landmarks <= n_texts:
            raise ValueError(
                f"landmarks must be from 1 to the number of texts, {n_texts}, got {self.landmarks!r}; "
                f"lower it, or pass None for all texts."
            )
        draw = check_seed(self.random_state).choice(n_texts, size=int(self.landmarks), replace=False)
        return np.sort(draw)
