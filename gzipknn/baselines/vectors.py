"""Texts as vectors: bags of words and whatever else a transformer makes of them; k-NN and linear models."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, issparse
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from gzipknn.blocks import Shared, map_rows
from gzipknn.checks import as_floats
from gzipknn.compressors import Neighbors
from gzipknn.encoding import encode_texts
from gzipknn.knn import KNNClassifier
from gzipknn.labels import encode_labels
from gzipknn.metrics import UNRELATED
from gzipknn.neighbors import k_smallest, without_self

DISTANCES = ("cosine", "set", "bag")

LARGEST = 1e100
"""In a vector: squares and sums of these are finite."""

# A block's distances take 8 bytes a pair, and sparse products some times as much.
PAIRS_PER_BLOCK = 2**20


@dataclass(frozen=True, eq=False)
class Vectors:
    """Vectors of texts, shape (n, n_features), and of each its squared norm, or the size of its set or bag, (n,)."""

    matrix: Any
    sizes: NDArray[np.float64]

    def rows(self, rows: slice) -> Vectors:
        """Return those of some texts."""
        return Vectors(self.matrix[rows], self.sizes[rows])


class _VectorKNN(KNNClassifier):
    """k-NN on vectors; which vectors, a subclass says."""

    distance: str
    n_jobs: int | None
    verbose: int

    @abstractmethod
    def _transformer(self) -> Any:
        """Return what makes vectors of texts, not fitted."""

    def fit(self, X: Any, y: Any) -> Self:
        """Make vectors of the training texts and keep them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,)

        Returns
        -------
        self
        """
        self._check_voting()
        check_distance(self.distance)
        transformer = self._transformer()
        texts = _decode(encode_texts(X, "X"))
        classes, labels = encode_labels(y, len(texts))
        self.transformer_ = transformer
        self._distance, self._unrelated = self.distance, UNRELATED
        self._n_columns: int | None = None
        self._elements: NDArray[np.int64] | None = None
        self.vectors_ = self._vectors(self.transformer_.fit_transform(texts), texts)
        self._set_labels(classes, labels)
        return self

    def _search(self, texts: list[bytes] | None, k: int) -> Neighbors:
        if texts is None:
            found = self._nearest(self.vectors_, k + 1)
            return without_self(*found, np.arange(self.n_samples_fit_))
        queries = _decode(texts)
        return self._nearest(self._vectors(self.transformer_.transform(queries), queries), k)

    def _nearest(self, queries: Vectors, k: int) -> Neighbors:
        n = len(queries.sizes)
        distances, indices = np.empty((n, k)), np.empty((n, k), dtype=np.intp)
        vectors = Shared(self.vectors_)
        blocks = map_rows(
            lambda rows: (_nearest, vectors, queries.rows(rows), self._distance, k),
            [slice(0, n)],
            PAIRS_PER_BLOCK // self.n_samples_fit_,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        for rows, found in blocks:
            distances[rows], indices[rows] = found
        return distances, indices

    def _vectors(self, made: Any, texts: list[str]) -> Vectors:
        matrix: Any = _check_matrix(made, len(texts), self._n_columns)
        self._n_columns = matrix.shape[1]
        if self._distance == "cosine":
            matrix = csr_matrix(matrix, dtype=np.float64) if issparse(matrix) else _exact(matrix)
            return Vectors(matrix, _sums(matrix.multiply(matrix) if issparse(matrix) else matrix * matrix))
        counts = _counts(matrix)
        sizes = self._sizes(counts, texts)
        if self._distance == "set":
            counts.data[:] = 1
            return Vectors(counts, sizes)
        text, element = _bag(counts)
        if self._elements is None:  # of the training texts, which come first
            self._elements = np.unique(element)
        column = np.minimum(np.searchsorted(self._elements, element), max(0, len(self._elements) - 1))
        known = self._elements[column] == element if len(self._elements) else np.zeros(len(element), dtype=bool)
        shape = (counts.shape[0], len(self._elements))
        held = csr_matrix((np.ones(known.sum()), (text[known], column[known])), shape=shape)
        return Vectors(held, sizes)

    def _sizes(self, counts: Any, texts: list[str]) -> NDArray[np.float64]:
        """Count the words of each text, also those that no training text has."""
        if not hasattr(self.transformer_, "build_analyzer"):
            return _sums(counts > 0) if self._distance == "set" else _sums(counts)
        words = map(self.transformer_.build_analyzer(), texts)
        kind = set if self._distance == "set" else list
        return np.array([len(kind(some)) for some in words], dtype=np.float64)


class VectorNeighborsClassifier(_VectorKNN):
    """Classify texts by the labels of those whose vectors are nearest; a transformer makes the vectors.

    Parameters
    ----------
    transformer : estimator
        Makes vectors of texts, sparse or dense: a :class:`TextEncoder`, scikit-learn's ``TfidfVectorizer``, a pipeline.
        It is cloned, and fitted on the training texts.
    n_neighbors, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`, whose vote this is.
    distance : {"cosine", "set", "bag"}, default="cosine"
        As in :class:`BagOfWordsClassifier`; the latter two for counts.
    n_jobs : int, default=None
        As in joblib: None is 1 unless in a ``joblib.parallel_config`` context, -1 all cores.
    verbose : int, default=0
        Above 0, a progress bar over the queries.

    Attributes
    ----------
    transformer_ : estimator
    vectors_ : Vectors
        Of the training texts.
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
        weights: Any = "uniform",
        tie_break: str = "nearest",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.transformer = transformer
        self.n_neighbors = n_neighbors
        self.distance = distance
        self.weights = weights
        self.tie_break = tie_break
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _transformer(self) -> Any:
        _check_step("transformer", self.transformer, "fit_transform", "transform")
        return clone(self.transformer)


class BagOfWordsClassifier(_VectorKNN):
    """Classify texts by the labels of those that share most words: the baseline that k-NN with gzip has to beat.

    Parameters
    ----------
    n_neighbors, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`, whose vote this is.
    distance : {"cosine", "set", "bag"}, default="cosine"
        With x and y the counts of the words of two texts: ``"cosine"``, ``1 - x·y / (|x| |y|)``; ``"set"``, the share
        of their different words that only one of them has, the Jaccard distance [1]_; ``"bag"``, the same where a word
        counts each time it stands there, ``1 - Σ min(x, y) / Σ max(x, y)``. Words that are not in the vectorizer's
        vocabulary are shared with none. A text without words is at distance 1 from every text. On a query that shares
        no word with any training text, all training texts vote, not the nearest (see :meth:`predict`).
    vectorizer : CountVectorizer, default=None
        What words are. None for those of the published experiments: with ``"cosine"`` the 10,000 most common ones but
        for English stop words [2]_; else all of four letters or more [1]_; in lower case.
    n_jobs : int, default=None
        As in joblib: None is 1 unless in a ``joblib.parallel_config`` context, -1 all cores.
    verbose : int, default=0
        Above 0, a progress bar over the queries.

    Attributes
    ----------
    transformer_ : CountVectorizer
    vectors_ : Vectors
        Of the training texts.
    classes_ : ndarray, shape (n_classes,)
    n_samples_fit_, n_features_in_ : int

    References
    ----------
    .. [1] Opitz: Gzip versus bag-of-words for text classification. arXiv 2307.15002 (2023).
    .. [2] Raschka: nn_plus_gzip (2023), notebook 2; there k = 2 and of tied labels the lowest.

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
        weights: Any = "uniform",
        tie_break: str = "nearest",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.distance = distance
        self.vectorizer = vectorizer
        self.weights = weights
        self.tie_break = tie_break
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _transformer(self) -> Any:
        if self.vectorizer is not None:
            _check_step("vectorizer", self.vectorizer, "fit_transform", "transform")
            return clone(self.vectorizer)
        if self.distance == "cosine":
            return CountVectorizer(max_features=10_000, stop_words="english")
        return CountVectorizer(token_pattern=r"[^\s.,?!]{4,}")


def linear_classifier(features: Any = "tfidf", model: Any = "logistic", *, random_state: Any = None) -> Pipeline:
    """Make a linear model on words: what any learner of text has to beat.

    Parameters
    ----------
    features : {"tfidf", "counts"} or transformer, default="tfidf"
        Words weighed by scikit-learn's ``TfidfVectorizer``, or counted; or what a transformer such as
        :class:`TextEncoder` makes of texts.
    model : {"logistic", "svm"} or classifier, default="logistic"
        ``LogisticRegression`` or ``LinearSVC``, with scikit-learn's settings but for the number of iterations.
    random_state : int, RandomState or None, default=None
        Of the model.

    Returns
    -------
    Pipeline
        Steps ``"features"`` and ``"model"``: ``model__C`` is a name for a grid search.

    Examples
    --------
    >>> from gzipknn.baselines import linear_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = linear_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    named = {
        "tfidf": TfidfVectorizer(decode_error="replace"),
        "counts": CountVectorizer(decode_error="replace"),
        "logistic": LogisticRegression(max_iter=1000, random_state=random_state),
        "svm": LinearSVC(random_state=random_state),
    }
    steps = []
    for name, step, names in (("features", features, ("tfidf", "counts")), ("model", model, ("logistic", "svm"))):
        if isinstance(step, str) and step not in names:
            raise ValueError(f"{name} must be one of {list(names)} or an estimator, got {step!r}.")
        if not isinstance(step, str):
            _check_step(name, step, "fit", "transform" if name == "features" else "predict")
        steps.append((name, named[step] if isinstance(step, str) else step))
    return Pipeline(steps)


def check_distance(distance: Any) -> None:
    """Raise unless `distance` names one."""
    if not (isinstance(distance, str) and distance in DISTANCES):
        raise ValueError(f"distance must be one of {list(DISTANCES)}, got {distance!r:.50}.")


def _check_step(name: str, step: Any, *methods: str) -> None:
    if isinstance(step, type) or not all(hasattr(step, method) for method in ("get_params", *methods)):
        raise TypeError(
            f"{name} must be an estimator of scikit-learn's kind, with {' and '.join(methods)}, "
            f"got {type(step).__name__} ({step!r:.50})."
        )


def _check_matrix(made: Any, n_texts: int, n_columns: int | None) -> Any:
    """Return the vectors that a transformer made, as numbers, or raise; the training texts come first."""
    matrix: Any = made.tocsr() if issparse(made) and made.dtype.kind in "biuf" else as_floats(made, "transformer")
    if matrix.ndim != 2 or matrix.shape[0] != n_texts or n_columns not in (None, matrix.shape[1]):
        raise ValueError(
            f"transformer must return vectors of shape ({n_texts}, {n_columns or 'n_features'}), one for each text and "
            f"all as long, got shape {matrix.shape}."
        )
    values = matrix.data if issparse(matrix) else matrix
    if not max(float(values.max(initial=0)), -float(values.min(initial=0))) < LARGEST:
        raise ValueError(f"transformer must return finite numbers below {LARGEST:g}, got NaN, infinite or larger ones.")
    return matrix


def _nearest(training: Vectors, queries: Vectors, distance: str, k: int) -> Neighbors:
    products = queries.matrix @ training.matrix.T
    shared = products.toarray() if issparse(products) else np.asarray(products)
    if distance == "cosine":
        of_all = np.sqrt(np.outer(queries.sizes, training.sizes))
    else:
        of_all = queries.sizes[:, None] + training.sizes - shared
    # nothing is shared with a text without words
    return k_smallest(1 - np.divide(shared, of_all, out=np.zeros_like(shared), where=of_all > 0), k)


def _decode(texts: list[bytes]) -> list[str]:
    return [text.decode("utf-8", "replace") for text in texts]


def _exact(matrix: Any) -> NDArray[np.float64]:
    """Scale dense vectors to norm 1 and round them to 24 binary places.

    Their products then have 48, so that sums of them are exact in whatever order they are made: equal vectors are
    equally far, on any number of cores.
    """
    vectors = np.asarray(matrix, dtype=np.float64)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    return np.asarray(np.rint(unit * 2.0**24) / 2.0**24)


def _counts(matrix: Any) -> Any:
    """Return whole numbers of words, sparse, without zeros."""
    counts = csr_matrix(matrix, dtype=np.float64, copy=True)
    counts.sum_duplicates()
    counts.eliminate_zeros()
    if len(counts.data) and (counts.data.min() < 0 or counts.data.max() >= 2**31 or (counts.data % 1).any()):
        raise ValueError(
            "distances 'set' and 'bag' need counts (whole numbers from 0 on, below 2**31), the vectors hold others; "
            "use distance='cosine' or a CountVectorizer."
        )
    return counts


def _bag(counts: Any) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Return the elements of each text's bag: its number, and a code of the word and of how often it stood before.

    Two bags have as many elements in common as two sets of these.
    """
    times = counts.data.astype(np.int64)
    text = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    first = np.repeat(np.cumsum(times) - times, times)
    before = np.arange(len(first)) - first
    return np.repeat(text, times), before * counts.shape[1] + np.repeat(counts.indices.astype(np.int64), times)


def _sums(matrix: Any) -> NDArray[np.float64]:
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()
