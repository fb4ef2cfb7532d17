"""k-NN classifiers on vectors of texts: bags of words, tf-idf or any others."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer

from gzipknn.baselines.linear import check_step
from gzipknn.baselines.vector_distances import (
    Vectors,
    as_bag,
    as_counts,
    as_exact,
    check_distance,
    check_matrix,
    row_sums,
)
from gzipknn.baselines.vector_knn import VectorKNN


class _OneKindOfVectors(VectorKNN):
    """Base class of k-NN classifiers in which one transformer makes the vectors of training texts and of queries."""

    distance: str

    @abstractmethod
    def _transformer(self) -> Any:
        """Return the transformer that makes vectors of texts, not fitted."""

    def _check_settings(self) -> None:
        check_distance(self.distance)

    def _represent(self, texts: list[str], labels: NDArray[np.intp], n_classes: int) -> Vectors:
        self.transformer_ = self._transformer()
        self._distance = self.distance
        self._n_columns: int | None = None
        self._elements: NDArray[np.int64] | None = None
        return self._vectors(self.transformer_.fit_transform(texts), texts)

    def _represent_queries(self, texts: list[str]) -> Vectors:
        return self._vectors(self.transformer_.transform(texts), texts)

    def _represent_left_out(self, rows: NDArray[np.intp]) -> Vectors:
        return self.vectors_.rows(rows)

    def _vectors(self, made: Any, texts: list[str]) -> Vectors:
        matrix: Any = check_matrix(made, len(texts), self._n_columns)
        self._n_columns = matrix.shape[1]
        if self._distance == "cosine":
            matrix = csr_matrix(matrix, dtype=np.float64) if issparse(matrix) else as_exact(matrix)
            return Vectors(matrix, row_sums(matrix.multiply(matrix) if issparse(matrix) else matrix * matrix))
        counts = as_counts(matrix)
        sizes = self._sizes(counts, texts)
        if self._distance == "set":
            counts.data[:] = 1
            return Vectors(counts, sizes)
        text, element = as_bag(counts)
        if self._elements is None:  # this is the call for the training texts
            self._elements = np.unique(element)
        column = np.minimum(np.searchsorted(self._elements, element), max(0, len(self._elements) - 1))
        known = self._elements[column] == element if len(self._elements) else np.zeros(len(element), dtype=bool)
        shape = (counts.shape[0], len(self._elements))
        held = csr_matrix((np.ones(known.sum()), (text[known], column[known])), shape=shape)
        return Vectors(held, sizes)

    def _sizes(self, counts: Any, texts: list[str]) -> NDArray[np.float64]:
        """Count the words of each text, including words that no training text has."""
        if not hasattr(self.transformer_, "build_analyzer"):
            return row_sums(counts > 0) if self._distance == "set" else row_sums(counts)
        words = map(self.transformer_.build_analyzer(), texts)
        kind = set if self._distance == "set" else list
        return np.array([len(kind(some)) for some in words], dtype=np.float64)


class VectorNeighborsClassifier(_OneKindOfVectors):
    """Classify texts by the labels of the training texts with the nearest vectors, which any transformer can make.

    Parameters
    ----------
    transformer : estimator
        The transformer that makes sparse or dense vectors of texts, such as a :class:`TextEncoder`, scikit-learn's
        ``TfidfVectorizer`` or a pipeline. It is cloned and fitted on the training texts.
    n_neighbors, normalize, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`.
    distance : {"cosine", "set", "bag"}, default="cosine"
        As in :class:`BagOfWordsClassifier`; ``"set"`` and ``"bag"`` need vectors of counts.
    n_jobs : int, default=None
        The number of cores, as in joblib: None means 1 unless in a ``joblib.parallel_config`` context, and -1 means
        all cores.
    verbose : int, default=0
        Above 0, show a progress bar over the queries.

    Attributes
    ----------
    transformer_ : estimator
        The fitted transformer.
    vectors_ : Vectors
        The vectors of the training texts.
    classes_ : ndarray, shape (n_classes,)
    n_samples_fit_, n_features_in_ : int

    Examples
    --------
    >>> from sklearn.feature_extraction.text import TfidfVectorizer
    >>> from gzipknn.baselines import VectorNeighborsClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = VectorNeighborsClassifier(TfidfVectorizer(), n_neighbors=1).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        transformer: Any,
        n_neighbors: int = 5,
        *,
        distance: str = "cosine",
        normalize: str | None = None,
        weights: Any = "uniform",
        tie_break: str = "nearest",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.transformer = transformer
        self.n_neighbors = n_neighbors
        self.distance = distance
        self.normalize = normalize
        self.weights = weights
        self.tie_break = tie_break
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _transformer(self) -> Any:
        check_step("transformer", self.transformer, "fit_transform", "transform")
        return clone(self.transformer)


class BagOfWordsClassifier(_OneKindOfVectors):
    """Classify texts by the labels of the training texts with which they share the most words.

    Classification with gzip should be compared with this baseline first.

    Parameters
    ----------
    n_neighbors, normalize, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`.
    distance : {"cosine", "set", "bag"}, default="cosine"
        The distance, where x and y are the counts of the words in two texts.

        - ``"cosine"``: ``1 - x·y / (|x| |y|)``.
        - ``"set"``: the Jaccard distance [1]_, the share of their different words that only one of the texts has.
        - ``"bag"``: the same, but each occurrence of a word counts: ``1 - Σ min(x, y) / Σ max(x, y)``.

        Words that are not in the vectorizer's vocabulary are not shared with any text. The distance of a text without
        words to every text is 1. If a query shares no word with any training text, all training texts vote (see
        :meth:`predict`).
    vectorizer : CountVectorizer, default=None
        The vectorizer that defines the words. None: the words of the published experiments, in lower case. With
        ``"cosine"``, these are the 10,000 most common words except English stop words [2]_. Otherwise, they are all
        words of four letters or more [1]_.
    n_jobs : int, default=None
        The number of cores, as in joblib: None means 1 unless in a ``joblib.parallel_config`` context, and -1 means
        all cores.
    verbose : int, default=0
        Above 0, show a progress bar over the queries.

    Attributes
    ----------
    transformer_ : CountVectorizer
        The fitted vectorizer.
    vectors_ : Vectors
        The vectors of the training texts.
    classes_ : ndarray, shape (n_classes,)
    n_samples_fit_, n_features_in_ : int

    References
    ----------
    .. [1] Opitz: Gzip versus bag-of-words for text classification. arXiv 2307.15002 (2023).
    .. [2] Raschka: nn_plus_gzip (2023), notebook 2, with k = 2 and the lowest of tied labels.

    Examples
    --------
    >>> from gzipknn.baselines import BagOfWordsClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = BagOfWordsClassifier(1).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        distance: str = "cosine",
        vectorizer: Any = None,
        normalize: str | None = None,
        weights: Any = "uniform",
        tie_break: str = "nearest",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.distance = distance
        self.vectorizer = vectorizer
        self.normalize = normalize
        self.weights = weights
        self.tie_break = tie_break
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _transformer(self) -> Any:
        if self.vectorizer is not None:
            check_step("vectorizer", self.vectorizer, "fit_transform", "transform")
            return clone(self.vectorizer)
        if self.distance == "cosine":
            return CountVectorizer(max_features=10_000, stop_words="english")
        return CountVectorizer(token_pattern=r"[^\s.,?!]{4,}")
