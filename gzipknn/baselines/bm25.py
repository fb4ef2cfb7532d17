"""k nearest neighbours by BM25, the score of search engines, with weights of terms that may use the labels."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import entr, rel_entr
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.utils import check_scalar

from gzipknn.baselines.linear import check_step
from gzipknn.baselines.vector_distances import Vectors, as_counts, check_matrix, row_sums
from gzipknn.baselines.vector_knn import VectorKNN

TERM_WEIGHTS = ("idf", "information")


class BM25Classifier(VectorKNN):
    r"""Classify texts by the labels of the training texts that a search engine would find for them.

    The score of a training text y for a query x is computed from the terms that they share. Let tf(t, y) be the number
    of times that the term t occurs in y, ``|y|`` the number of terms in y (in a query, only known terms count), and avg
    the mean of ``|y|`` over the training texts. Then [1]_::

        score(x, y) = Σ_t  s(t, x) w(t) s(t, y)
        s(t, y)     = tf(t, y) / (tf(t, y) + k1 (1 - b + b |y| / avg))

    So a repeated term counts little more than one that occurs once, and a term counts less in a long text. Queries are
    texts like the training texts here, so both are treated alike. (The formula of [1]_ has tf(t, x) in place of
    s(t, x), which is the same, up to a constant, for a query in which no term is repeated.)

    The distance is ``1 - score(x, y) / (|q| max|s|)``. Here q is the vector of s(t, x) w(t), and max|s| is the norm of
    the longest vector of s(t, y) among the training texts. So the order of the training texts is that of their scores,
    and distances lie between 0 and 1.

    Parameters
    ----------
    n_neighbors : int, default=5
        The number of neighbours that vote.
    term_weights : {"idf", "information"}, default="idf"
        The weight w(t). ``"idf"``: ``log(1 + (N - n + 0.5) / (n + 0.5))``, where n of N training texts hold the term;
        this is the weight of [1]_, kept above 0. ``"information"``: this weight, scaled, plus the information that the
        term gives about the class, in the spirit of [2]_; see the notes.
    k1 : float, default=1.2
        How much repetitions of a term count. With 0, it only counts whether a text holds the term.
    b : float, default=0.75
        How much the length of a text counts, from 0 (not at all) to 1.
    base : float, default=1.0
        With ``"information"``, the factor of the weight of [1]_. The larger it is, the more the weights resemble
        ``"idf"``.
    smoothing : float, default=2.0
        With ``"information"``, the number of texts with the overall class frequencies that are added to those that hold
        a term.
    vectorizer : CountVectorizer, default=None
        The vectorizer that counts the terms. None: words of two letters or more, in lower case.
    normalize, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`.
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
        The vectors of the training texts: s(t, y) / max|s|, without the weights of the terms.
    term_weights_ : ndarray of float64, shape (n_terms,)
        The weight w(t) of each term.
    classes_ : ndarray, shape (n_classes,)
    n_samples_fit_, n_features_in_ : int

    Notes
    -----
    Let n be the number of training texts that hold a term t, and n_c the number of those that are of class c. Let π_c
    be the share of class c among all training texts, μ `smoothing`, and idf_1 the idf of a term that one text holds.
    Then, with 0 log 0 = 0::

        P(c | t) = (n_c + μ π_c) / (n + μ)
        I(t)     = Σ_c P(c | t) log(P(c | t) / π_c)  /  -Σ_c π_c log π_c
        w(t)     = base idf(t) / idf_1 + I(t)

    I(t) is the information that the term gives about the class, as a share of the entropy of the classes.

    Only the vector of the query holds weights. When a training text is itself a query (in ``kneighbors()``, and in the
    sample by which `normalize` corrects), its weights are learnt from the other training texts, without its own label
    and terms. So leaving one out shows the accuracy to expect, although the weights are learnt from the labels.

    References
    ----------
    .. [1] Robertson, Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond. Foundations and Trends in
       Information Retrieval 3 (2009), section 3.4; the weights of section 3.1, without relevance information.
    .. [2] Batal, Hauskrecht: Boosting KNN Text Classification Accuracy by using Supervised Term Weighting Schemes.
       CIKM (2009).

    Examples
    --------
    >>> from gzipknn.baselines import BM25Classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = BM25Classifier(1).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        term_weights: str = "idf",
        k1: float = 1.2,
        b: float = 0.75,
        base: float = 1.0,
        smoothing: float = 2.0,
        vectorizer: Any = None,
        normalize: str | None = None,
        weights: Any = "uniform",
        tie_break: str = "nearest",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.term_weights = term_weights
        self.k1 = k1
        self.b = b
        self.base = base
        self.smoothing = smoothing
        self.vectorizer = vectorizer
        self.normalize = normalize
        self.weights = weights
        self.tie_break = tie_break
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def _check_settings(self) -> None:
        if not (isinstance(self.term_weights, str) and self.term_weights in TERM_WEIGHTS):
            raise ValueError(f"term_weights must be one of {list(TERM_WEIGHTS)}, got {self.term_weights!r:.50}.")
        check_scalar(self.k1, "k1", Real, min_val=0)
        check_scalar(self.b, "b", Real, min_val=0, max_val=1)
        check_scalar(self.base, "base", Real, min_val=0)
        check_scalar(self.smoothing, "smoothing", Real, min_val=0, include_boundaries="neither")
        for name in ("k1", "base", "smoothing"):
            if not isfinite(getattr(self, name)):
                raise ValueError(f"{name} must be finite, got {getattr(self, name)}.")
        if self.vectorizer is not None:
            check_step("vectorizer", self.vectorizer, "fit_transform", "transform")

    def _represent(self, texts: list[str], labels: NDArray[np.intp], n_classes: int) -> Vectors:
        self._distance = "product"
        self.transformer_ = CountVectorizer() if self.vectorizer is None else clone(self.vectorizer)
        counts = self._count(texts, None)
        self._saturation = Saturation(float(self.k1), float(self.b), float(row_sums(counts).mean()) or 1.0)
        self._weighting = TermWeighting(self.term_weights, float(self.base), float(self.smoothing))
        self._texts_by_class = np.bincount(labels, minlength=n_classes)
        rows = np.arange(len(texts))
        of_class = csr_matrix((np.ones(len(texts)), (labels, rows)), shape=(n_classes, len(texts)))
        self._holding_by_class = (of_class @ (counts > 0)).toarray().astype(np.int32)
        self.term_weights_ = self._weighting(self._holding_by_class, self._texts_by_class)
        self._labels = labels
        saturated = self._saturation(counts)
        saturated.data /= max(float(_norms(saturated).max()), np.finfo(np.float64).tiny)
        return Vectors(saturated, np.ones(len(texts)))

    def _represent_queries(self, texts: list[str]) -> Vectors:
        queries = self._saturation(self._count(texts, len(self.term_weights_)))
        queries.data *= self.term_weights_[queries.indices]
        return _unit(queries)

    def _represent_left_out(self, rows: NDArray[np.intp]) -> Vectors:
        queries = self.vectors_.matrix[rows]
        for label, start, stop in zip(self._labels[rows], queries.indptr[:-1], queries.indptr[1:], strict=True):
            holding = self._holding_by_class[:, queries.indices[start:stop]]
            texts = self._texts_by_class.copy()
            holding[label] -= 1
            texts[label] -= 1
            queries.data[start:stop] *= self._weighting(holding, texts)
        return _unit(queries)

    def _count(self, texts: list[str], n_terms: int | None) -> Any:
        made = self.transformer_.fit_transform(texts) if n_terms is None else self.transformer_.transform(texts)
        return as_counts(check_matrix(made, len(texts), n_terms), "the terms of BM25Classifier")


@dataclass(frozen=True)
class Saturation:
    """The function s from the counts of terms to their values, which depends on the length of the text."""

    k1: float
    b: float
    average: float
    """The mean number of terms of a training text."""

    def __call__(self, counts: Any) -> csr_matrix:
        """Return s(t, y) for sparse counts, shape (n, n_terms)."""
        half = self.k1 * (1 - self.b + self.b * row_sums(counts) / self.average)
        saturated = csr_matrix(counts, copy=True)
        saturated.data = counts.data / (counts.data + np.repeat(half, np.diff(counts.indptr)))
        return saturated


@dataclass(frozen=True)
class TermWeighting:
    """The function from counts of texts by class to the weights of terms."""

    kind: str
    base: float
    smoothing: float

    def __call__(self, holding: NDArray[Any], texts: NDArray[Any]) -> NDArray[np.float64]:
        """Return the weight of each term.

        Parameters
        ----------
        holding : ndarray, shape (n_classes, n_terms)
            The number of training texts of each class that hold each term.
        texts : ndarray, shape (n_classes,)
            The number of training texts of each class.

        Returns
        -------
        ndarray of float64, shape (n_terms,)
            The weight of an unknown term, which no training text holds, is 0.
        """
        n = holding.sum(axis=0)
        weights = _idf(n, texts.sum())
        if self.kind == "information":
            weights = self.base * weights / _idf(1, texts.sum()) + information(holding, texts, self.smoothing)
        return np.where(n > 0, weights, 0.0)


def _idf(n: Any, n_texts: int) -> Any:
    return np.log1p((n_texts - n + 0.5) / (n + 0.5))


def information(holding: NDArray[Any], texts: NDArray[Any], smoothing: float) -> NDArray[np.float64]:
    """Return I(t) of each term, shape (n_terms,), as the notes of :class:`BM25Classifier` define it.

    The arguments are those of :class:`TermWeighting`.

    Examples
    --------
    There are two classes with ten texts each. The first term is in nine texts of the first class and in one of the
    second. The second term is in five texts of each class.

    >>> information(np.array([[9, 5], [1, 5]]), np.array([10, 10]), smoothing=1e-9).round(3).tolist()
    [0.531, 0.0]
    """
    shares = texts / max(texts.sum(), 1)
    of_term = (holding + smoothing * shares[:, None]) / (holding.sum(axis=0) + smoothing)
    unknown = entr(shares).sum()
    gained = np.asarray(rel_entr(of_term, shares[:, None]).sum(axis=0), dtype=np.float64)
    return np.maximum(gained / unknown, 0.0) if unknown > 0 else np.zeros_like(gained)


def _norms(matrix: Any) -> NDArray[np.float64]:
    return np.sqrt(row_sums(matrix.multiply(matrix)))


def _unit(matrix: Any) -> Vectors:
    """Scale the rows to norm 1, except for rows of zeros."""
    norms = _norms(matrix)
    matrix.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(matrix.indptr))
    return Vectors(matrix, np.ones(len(norms)))
