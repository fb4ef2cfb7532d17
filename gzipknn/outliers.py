"""NCDOutlierDetector: finds texts that are unlike all others."""

from __future__ import annotations

import warnings
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin
from sklearn.utils.validation import check_is_fitted

from gzipknn.compression_search import UnlabelledTexts
from gzipknn.search.neighbors import without_self

FENCE = 1.5
"""Tukey's fence: the distance from the quartile, in interquartile ranges, beyond which a score is an outlier's."""


class NCDOutlierDetector(OutlierMixin, UnlabelledTexts):  # type: ignore[misc]  # scikit-learn has no types
    """Find outliers: texts that are unlike the training texts, because even their nearest neighbours are far away.

    It is used like ``sklearn.neighbors.LocalOutlierFactor(novelty=True)``, but on raw texts. The score is not the local
    outlier factor, but minus the mean distance to the nearest training texts. On validation texts, the mean distance
    found outliers better, see docs/outliers.md.

    Parameters
    ----------
    n_neighbors : int, default=10
        The number of neighbours over which the distance is averaged. If there are fewer other training texts, all of
        them are used, and a warning says so.
    contamination : "auto" or float, default="auto"
        The share of outliers among the training texts, above 0 and up to 0.5, which sets the threshold. ``"auto"``: a
        text is an outlier if its mean distance exceeds the upper quartile of the training texts' mean distances by more
        than 1.5 times their interquartile range (Tukey's fence).
    compressor, metric : default="lz77", default="nmi"
        As in :class:`gzipknn.NCDClassifier`. There are no labels for a compressor to learn from.
    normalize, screen, order, separator, n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`.

    Attributes
    ----------
    n_neighbors_ : int
        The number of neighbours that are used.
    offset_ : float
        The threshold. Texts with a score below it are outliers.
    training_scores_ : ndarray of float64, shape (n_train,)
        The score of each training text, computed from its distances to the others.
    n_samples_fit_ : int
        Number of training texts.
    training_ : TrainingTexts
        The training texts with their compressed lengths.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    A text that equals a training text is scored like that training text, which does not count as its neighbour. So the
    methods may be called on training texts as well, and ``fit(X).predict(X)`` gives the same as ``fit_predict(X)``.

    All parameters but `n_jobs` and `verbose` take effect in ``fit``.

    References
    ----------
    Angiulli, Pizzuti: Fast Outlier Detection in High Dimensional Spaces. PKDD (2002), who use the sum of the distances.

    Examples
    --------
    >>> from gzipknn import NCDOutlierDetector
    >>> lines = [f"GET /item/{n} status=200" for n in range(30)]
    >>> detector = NCDOutlierDetector(5).fit(lines)
    >>> detector.predict(["GET /item/47 status=200", "disk failure on node 7"])
    array([ 1, -1])
    """

    def __init__(
        self,
        n_neighbors: int = 10,
        *,
        contamination: Any = "auto",
        compressor: Any = "lz77",
        metric: Any = "nmi",
        normalize: str | None = None,
        screen: str | float | None = None,
        order: str = "query-first",
        separator: str | bytes = " ",
        n_jobs: int | None = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.contamination = contamination
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
        """Store the training texts, score each by its distances to the others, and set the threshold.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
            At least two training texts. Most of them should not be outliers.
        y : ignored
            Only for compatibility with scikit-learn.

        Returns
        -------
        self : NCDOutlierDetector

        Warns
        -----
        UserWarning
            If there are blank texts, or fewer other texts than `n_neighbors`.
        """
        share = self._share()
        self._fit_texts(X)
        others = self.n_samples_fit_ - 1
        if others == 0:
            raise ValueError("X must hold at least two texts, as each is compared with the others, got 1 sample.")
        if others < self.n_neighbors:
            warnings.warn(
                f"n_neighbors={self.n_neighbors} is more than the {others} other training texts; all of them are used.",
                UserWarning,
                stacklevel=2,
            )
        self.n_neighbors_ = min(int(self.n_neighbors), others)
        self.training_scores_: NDArray[np.float64] = -self._search(None, self.n_neighbors_)[0].mean(axis=1)
        if share is None:
            low, high = np.percentile(self.training_scores_, [25, 75])
            self.offset_ = float(low - FENCE * (high - low))
        else:
            self.offset_ = float(np.percentile(self.training_scores_, 100 * share))
        return self

    def fit_predict(self, X: Any, y: Any = None) -> NDArray[np.intp]:
        """Fit, and mark the outliers among the training texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : ignored

        Returns
        -------
        ndarray of int, shape (n_train,)
            -1 for outliers, else 1.
        """
        return self.fit(X)._marks(self.training_scores_)

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return the score of each text: minus the mean distance to its nearest training texts.

        The lower the score, the more a text is unlike the training texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        check_is_fitted(self)
        texts = self._encode(X)
        positions: dict[bytes, int] = {}
        for i, text in enumerate(self._fitted.training.texts):
            positions.setdefault(text, i)
        own = np.array([positions.get(text, -1) for text in texts])
        distances, _ = without_self(*self._search(texts, self.n_neighbors_ + 1), own)
        return np.asarray(-distances.mean(axis=1))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the score of each text minus the threshold, which is below 0 for outliers.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n,)
        """
        return self.score_samples(X) - self.offset_

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Mark the texts that are outliers.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of int, shape (n,)
            -1 for outliers, else 1.
        """
        return self._marks(self.score_samples(X))

    def _marks(self, scores: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.where(scores < self.offset_, -1, 1)

    def _share(self) -> float | None:
        """Return `contamination` as a float, or None for ``"auto"``; raise if it is neither."""
        value = self.contamination
        if isinstance(value, str) and value == "auto":
            return None
        expected = "contamination must be 'auto' or a share of outliers above 0 and up to 0.5"
        if isinstance(value, bool) or not isinstance(value, Real):
            raise (ValueError if isinstance(value, str) else TypeError)(
                f"{expected}, got {type(value).__name__} ({value!r:.50})."
            )
        if not 0 < float(value) <= 0.5:
            raise ValueError(f"{expected}, got {value!r:.50}.")
        return float(value)
