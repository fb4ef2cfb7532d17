"""NCDNeighbors: finds the nearest texts and their graphs, without labels."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from gzipknn.compression_search import UnlabelledTexts
from gzipknn.neighborhoods import check_mode
from gzipknn.search.within_radius import within_radius
from gzipknn.utils.validation import check_int, check_number


class NCDNeighbors(UnlabelledTexts):
    """Find the nearest training texts of a text by compression distance; no labels are needed.

    It works on raw texts as ``sklearn.neighbors.NearestNeighbors`` works on vectors.

    Parameters
    ----------
    n_neighbors : int, default=5
        The number of neighbours that :meth:`kneighbors` finds.
    radius : float, default=0.5
        The largest distance of the neighbours that :meth:`radius_neighbors` finds, as `metric` measures it. An NCD of
        about 0 means a copy, and an NCD of about 1 means that two texts have nothing in common.
    compressor, metric, normalize, screen, order, separator, n_jobs, verbose, memory
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
    NCDNeighborsTransformer : The same graph as a step of a pipeline.

    Notes
    -----
    Neighbours are ordered by (distance, index). `n_neighbors`, `radius`, `n_jobs` and `verbose` may be changed with
    ``set_params`` after ``fit``. The other parameters take effect in ``fit``.

    With `screen`, some neighbours may be missed, as in :class:`gzipknn.NCDClassifier`. The distances of those found are
    exact.

    Examples
    --------
    >>> from gzipknn import NCDNeighbors
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> search = NCDNeighbors(1).fit(texts)
    >>> distances, indices = search.kneighbors(["my cat likes the mat"])
    >>> distances.round(2), indices
    (array([[0.25]]), array([[0]]))
    >>> search.kneighbors(return_distance=False).ravel()  # of the training texts, each without itself
    array([1, 0, 3, 2])
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        radius: float = 0.5,
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
        self.radius = radius
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
        self : NCDNeighbors

        Warns
        -----
        UserWarning
            If there are blank texts, which are near every short text.
        """
        check_number(self.radius, "radius")
        self._fit_texts(X)
        return self

    def radius_neighbors(
        self, X: Any = None, radius: float | None = None, return_distance: bool = True
    ) -> tuple[NDArray[np.object_], NDArray[np.object_]] | NDArray[np.object_]:
        """Find all training texts within a radius.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,), default=None
            The queries. None: the training texts, none of which is its own neighbour.
        radius : float, default=None
            The largest distance, inclusive. None: the `radius` of the estimator.
        return_distance : bool, default=True

        Returns
        -------
        distances : ndarray of object, shape (n,)
            For each query, an array of float64. Only if `return_distance`.
        indices : ndarray of object, shape (n,)
            For each query, an array of positions in the training set, ordered by (distance, index). It is empty if no
            training text is within the radius.

        Examples
        --------
        >>> from gzipknn import NCDNeighbors
        >>> search = NCDNeighbors().fit(["the cat sat on the mat", "a cat and a mat", "stocks fell again today"])
        >>> search.radius_neighbors(["my cat likes the mat", "QWERTZUIOP"], 0.35, return_distance=False).tolist()
        [array([0, 1]), array([], dtype=int64)]
        """
        distances, indices = self._within_radius(X, radius)
        return (distances, indices) if return_distance else indices

    def radius_neighbors_graph(
        self, X: Any = None, radius: float | None = None, mode: str = "connectivity"
    ) -> csr_matrix:
        """Return the neighbours within a radius as a sparse matrix.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,), default=None
            The queries. None: the training texts, none of which is its own neighbour.
        radius : float, default=None
            The largest distance, inclusive. None: the `radius` of the estimator.
        mode : {"connectivity", "distance"}, default="connectivity"
            The value of an edge: 1 with ``"connectivity"``, the distance with ``"distance"``.

        Returns
        -------
        csr_matrix of float64, shape (n, n_train)
            Distances of 0 are stored as well.
        """
        check_mode(mode)
        distances, indices = self._within_radius(X, radius)
        starts = np.cumsum([0, *map(len, indices)])
        values = np.ones(starts[-1]) if mode == "connectivity" else np.concatenate(distances)
        return csr_matrix((values, np.concatenate(indices), starts), shape=(len(indices), self.n_samples_fit_))

    def _within_radius(self, X: Any, radius: float | None) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        check_is_fitted(self)
        largest = check_number(self.radius if radius is None else radius, "radius")
        k = check_int(self.n_neighbors, "n_neighbors", 1)
        texts = None if X is None else self._encode(X)
        return within_radius(self._fitted, texts, largest, k, **self._parallel())
