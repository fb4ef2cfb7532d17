"""NB-SVM: the weights of terms by naive Bayes, for a linear model."""

from __future__ import annotations

from numbers import Real
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_scalar
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data


class LogCountRatio(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Multiply the counts of terms by the log ratio of their frequencies in two classes: the NB step of NB-SVM.

    Parameters
    ----------
    alpha : float, default=1.0
        The smoothing: this number is added to the count of each term in each class.

    Attributes
    ----------
    ratio_ : ndarray of float64, shape (n_terms,)
        The log ratio of each term. It is above 0 if the term is more frequent in the second class than in the first.
    classes_ : ndarray, shape (2,)
    n_features_in_ : int

    Notes
    -----
    Let f be the counts of a text, ``p = alpha + Σ f`` over the texts of the second class, and q the same over those of
    the first. The log ratio is ``r = log((p / ||p||) / (q / ||q||))``, where ``||p||`` is the sum over all terms. The
    counts f of a text become ``r f``, term by term [1]_. It works best if the counts are 0 or 1. Unlike in [1]_, the
    weights of the SVM are not interpolated with their mean.

    References
    ----------
    .. [1] Wang, Manning: Baselines and Bigrams: Simple, Good Sentiment and Topic Classification. ACL (2012), section
       2.

    Examples
    --------
    >>> from gzipknn.baselines.nb_svm import LogCountRatio
    >>> counts = [[1, 1, 0], [1, 0, 0], [0, 1, 1]]
    >>> LogCountRatio().fit(counts, ["bad", "bad", "good"]).ratio_.round(2).tolist()
    [-0.92, 0.18, 0.88]
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the log ratio of each term.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n, n_terms)
            The counts, which must not be below 0.
        y : array-like, shape (n,)
            The labels, of two classes.

        Returns
        -------
        self
        """
        check_scalar(self.alpha, "alpha", Real, min_val=0, include_boundaries="neither")
        X, y = validate_data(self, X, y, accept_sparse="csr")
        check_non_negative(X, "LogCountRatio")
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) != 2:
            raise ValueError(
                f"y must have two classes for LogCountRatio, got {len(self.classes_)}; "
                f"for more, wrap the model in scikit-learn's OneVsRestClassifier."
            )
        q, p = (self.alpha + np.asarray(X[labels == label].sum(axis=0), dtype=np.float64).ravel() for label in (0, 1))
        self.ratio_ = np.log(p / p.sum()) - np.log(q / q.sum())
        return self

    def transform(self, X: Any) -> csr_matrix:
        """Return the counts multiplied by the log ratios of their terms.

        Parameters
        ----------
        X : array-like or sparse matrix, shape (n, n_terms)

        Returns
        -------
        csr_matrix of float64, shape (n, n_terms)
        """
        check_is_fitted(self)
        weighed = csr_matrix(validate_data(self, X, accept_sparse="csr", reset=False), dtype=np.float64, copy=True)
        weighed.data *= self.ratio_[weighed.indices]
        return weighed

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        tags.target_tags.required = True
        tags.classifier_tags = None
        return tags
