"""k nearest neighbours by BM25, the score of search engines; the weight of a term may know the classes."""

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

    A query x scores a training text y by the terms that they share. With tf(t, y) the number of times that term t
    stands in y, ``|y|`` the number of terms of y (in a query, of those known), and avg the mean of that over the
    training texts [1]_::

        score(x, y) = Σ_t  s(t, x) w(t) s(t, y)
        s(t, y)     = tf(t, y) / (tf(t, y) + k1 (1 - b + b |y| / avg))

    so a term that is repeated counts little more than one that is not, and less in a long text. Queries are texts like
    the training texts here, so their terms are treated alike. (The formula of [1]_ has tf(t, x) in place of s(t, x),
    which is the same, up to a constant, for a query in which no term is repeated.)

    The distance is ``1 - score(x, y) / (|q| max|s|)``. Here q is the vector of s(t, x) w(t), and max|s| is the norm
    of the longest vector of s(t, y) among the training texts. The training texts of a query come in the order of their
    scores, and distances lie between 0 and 1.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours vote.
    term_weights : {"idf", "information"}, default="idf"
        What w(t) is. ``"idf"``: with n of N training texts holding the term, ``log(1 + (N - n + 0.5) / (n + 0.5))``,
        the weight of [1]_ kept above 0. ``"information"``: what the term says about the class, in the spirit of [2]_,
        beside that; see the notes.
    k1 : float, default=1.2
        How slowly a repeated term stops counting: at 0, only whether a text holds the term counts.
    b : float, default=0.75
        How much a text's length counts: from 0, not at all, to 1.
    base : float, default=1.0
        With ``"information"``, how much the weight of [1]_ counts beside it: the larger, the more like ``"idf"``.
    smoothing : float, default=2.0
        With ``"information"``, how many texts distributed like all training texts are added to those that hold a term.
    vectorizer : CountVectorizer, default=None
        Counts the terms. None for words of two letters or more, in lower case.
    normalize, weights, tie_break, random_state
        As in :class:`gzipknn.NCDClassifier`, whose vote and whose correction for hubs these are.
    n_jobs : int, default=None
        As in joblib: None is 1 unless in a ``joblib.parallel_config`` context, -1 all cores.
    verbose : int, default=0
        Above 0, a progress bar over the queries.

    Attributes
    ----------
    transformer_ : CountVectorizer
    vectors_ : Vectors
        Of the training texts: s(t, y) / max|s|, without the weights of the terms.
    term_weights_ : ndarray of float64, shape (n_terms,)
        The weight w(t) of each term.
    classes_ : ndarray, shape (n_classes,)
    n_samples_fit_, n_features_in_ : int

    Notes
    -----
    Of the training texts that hold a term t, let n_c be those of class c and n all of them. Let π_c be the class's
    share of all training texts, μ `smoothing`, and idf_1 the idf of a term that one text holds. Then, 0 log 0 being 0::

        P(c | t) = (n_c + μ π_c) / (n + μ)
        I(t)     = Σ_c P(c | t) log(P(c | t) / π_c)  /  -Σ_c π_c log π_c
        w(t)     = base idf(t) / idf_1 + I(t)

    I(t) is how far the classes of the texts with t are from those of all texts, as a share of what there is to know.

    Only the vector of the query holds weights. When a training text is a query itself (``kneighbors()``, the texts by
    which `normalize` corrects), its weights are those of the other training texts: its own label and terms are not
    counted. So leaving one out tells the accuracy to expect, though the weights are learnt from the labels.

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
    """How much the count of a term is worth, in a text of some length."""

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
    """What a term is worth."""

    kind: str
    base: float
    smoothing: float

    def __call__(self, holding: NDArray[Any], texts: NDArray[Any]) -> NDArray[np.float64]:
        """Return the weight of each term.

        Parameters
        ----------
        holding : ndarray, shape (n_classes, n_terms)
            How many training texts of each class hold each term.
        texts : ndarray, shape (n_classes,)
            How many training texts each class has.

        Returns
        -------
        ndarray of float64, shape (n_terms,)
            0 for a term that no training text holds: it is not known.
        """
        n = holding.sum(axis=0)
        weights = _idf(n, texts.sum())
        if self.kind == "information":
            weights = self.base * weights / _idf(1, texts.sum()) + information(holding, texts, self.smoothing)
        return np.where(n > 0, weights, 0.0)


def _idf(n: Any, n_texts: int) -> Any:
    return np.log1p((n_texts - n + 0.5) / (n + 0.5))


def information(holding: NDArray[Any], texts: NDArray[Any], smoothing: float) -> NDArray[np.float64]:
    """Return I(t) of each term, shape (n_terms,), for the arguments of :class:`TermWeighting`; see the notes there.

    Examples
    --------
    Of two classes with ten texts each, nine of the first and one of the second hold a term; five of each another.

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
    """Scale rows to norm 1, but for those that are 0."""
    norms = _norms(matrix)
    matrix.data /= np.repeat(np.where(norms > 0, norms, 1.0), np.diff(matrix.indptr))
    return Vectors(matrix, np.ones(len(norms)))
