"""NCDNeighborsTransformer: the sparse graph of the nearest texts, as a step of a pipeline."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from gzipknn.compression_search import UnlabelledTexts
from gzipknn.compressors import Neighbors
from gzipknn.neighborhoods import as_graph, check_mode
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.validation import check_int


class NCDNeighborsTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, UnlabelledTexts):  # type: ignore[misc]
    """Turn texts into the sparse graph of their nearest training texts, for clustering and maps.

    It works on raw texts as ``sklearn.neighbors.KNeighborsTransformer`` works on vectors. It is the step of a pipeline
    before any estimator that takes precomputed distances to neighbours, such as ``DBSCAN(metric="precomputed")``,
    ``SpectralClustering(affinity="precomputed_nearest_neighbors")`` or ``TSNE(metric="precomputed",
    init="random")``. For ``HDBSCAN`` see :func:`gzipknn.graphs.connected_graph`.

    Parameters
    ----------
    n_neighbors : int, default=5
        The number of neighbours of each text. With ``mode="distance"`` one more is found, as in scikit-learn, because
        each training text is its own first neighbour.
    mode : {"distance", "connectivity"}, default="distance"
        The value of an edge: the distance with ``"distance"``, 1 with ``"connectivity"``.
    normalize : {None, "half-local", "local", "zscore"}, default=None
        As in :class:`gzipknn.NCDClassifier`. It needs ``mode="connectivity"``, as corrected distances may be below 0.
    compressor, metric, screen, order, separator, n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`. There are no labels for a compressor to learn from.

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
    NCDNeighbors : The neighbours and graphs without a pipeline.
    NCDTransformer : The distances to all landmarks, as features.

    Notes
    -----
    The distance between two equal texts is always 0 here. (For gzip itself, a copy costs some bytes.) So the diagonal
    of ``fit_transform`` holds explicit zeros, as estimators that take such graphs expect. Distances below 0, which real
    compressors give at times, are set to 0.

    Examples
    --------
    >>> from gzipknn import NCDNeighborsTransformer
    >>> from sklearn.cluster import DBSCAN
    >>> from sklearn.pipeline import make_pipeline
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> NCDNeighborsTransformer(1).fit_transform(texts).toarray().round(2)
    array([[0.  , 0.33, 0.  , 0.  ],
           [0.31, 0.  , 0.  , 0.  ],
           [0.  , 0.  , 0.  , 0.33],
           [0.  , 0.  , 0.35, 0.  ]])
    >>> make_pipeline(NCDNeighborsTransformer(1), DBSCAN(metric="precomputed", min_samples=2)).fit_predict(texts)
    array([0, 0, 1, 1])
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        mode: str = "distance",
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
        self.mode = mode
        self.compressor = compressor
        self.metric = metric
        self.normalize = normalize
        self.screen = screen
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any = None) -> Self:
        """Store the training texts and compress each of them once.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : ignored
            Only for compatibility with scikit-learn.

        Returns
        -------
        self : NCDNeighborsTransformer

        Warns
        -----
        UserWarning
            If there are blank texts, which are near every short text.
        """
        check_mode(self.mode)
        if self.mode == "distance" and self.normalize is not None:
            raise ValueError(
                f"mode='distance' needs distances of 0 or more, which normalize={self.normalize!r} does not give; use "
                f"mode='connectivity', or normalize=None."
            )
        self._fit_texts(X)
        self._mode = str(self.mode)
        self._n_features_out = self.n_samples_fit_
        return self

    def transform(self, X: Any) -> csr_matrix:
        """Return the sparse graph of the nearest training texts of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        csr_matrix of float64, shape (n, n_train)
            Each row has `n_neighbors` entries, or one more with ``mode="distance"``, ordered by (distance, index).
        """
        check_is_fitted(self)
        k = check_int(self.n_neighbors, "n_neighbors", 1) + (self._mode == "distance")
        if k > self.n_samples_fit_:
            raise ValueError(
                f"n_neighbors must be less than the number of training texts, {self.n_samples_fit_}, got "
                f"{self.n_neighbors}; lower n_neighbors or fit on more texts."
            )
        texts = self._encode(X)
        distances, indices = equal_texts_first(*self._search(texts, k), texts, self._fitted.training.texts)
        return as_graph(np.maximum(distances, 0), indices, self._mode, self.n_samples_fit_)


def equal_texts_first(
    distances: NDArray[np.float64], indices: NDArray[np.intp], texts: list[bytes], training_texts: Corpus
) -> Neighbors:
    """Put the training texts that are equal to a text before its other neighbours, at distance 0.

    Parameters
    ----------
    distances, indices : ndarray, shape (n, k)
        The nearest training texts of each text. They are overwritten.
    texts : list of bytes, length n
    training_texts : Corpus

    Returns
    -------
    distances, indices : ndarray, shape (n, k)
    """
    k, places = indices.shape[1], dict[bytes, list[int]]()
    for i, text in enumerate(training_texts):
        places.setdefault(text, []).append(i)
    for row, text in enumerate(texts):
        if text in places:
            equal = np.array(places[text][:k])
            others = ~np.isin(indices[row], equal)
            distances[row] = np.concatenate([np.zeros(len(equal)), distances[row][others]])[:k]
            indices[row] = np.concatenate([equal, indices[row][others]])[:k]
    return distances, indices
