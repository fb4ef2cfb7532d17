"""What the baselines share that look for the nearest vectors: the search, corrections for hubs, leaving one out."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gzipknn.baselines.vector_distances import Vectors, decode_texts, distances_between, nearest_vectors
from gzipknn.compressors import Neighbors
from gzipknn.knn import KNNClassifier
from gzipknn.metrics import UNRELATED
from gzipknn.search.hubs import N_SAMPLE, check_normalize, draw, fit_normalizer
from gzipknn.search.neighbors import without_self
from gzipknn.search.parallel import Shared, map_rows
from gzipknn.targets import encode_voters
from gzipknn.texts.encoding import encode_texts
from gzipknn.voting import check_weights_with

# A block's distances take 8 bytes a pair, and sparse products some times as much.
PAIRS_PER_BLOCK = 2**20


class VectorKNN(KNNClassifier):
    """k nearest neighbours among vectors; which vectors these are, a subclass says.

    It has the parameters `normalize`, `n_jobs` and `verbose` of :class:`gzipknn.NCDClassifier` besides those of
    :class:`gzipknn.knn.KNNClassifier`. Distances are 1 between texts that share nothing.
    """

    normalize: str | None
    n_jobs: int | None
    verbose: int
    vectors_: Vectors
    _distance: str
    _normalize: str | None

    @abstractmethod
    def _check_settings(self) -> None:
        """Raise unless the parameters of the subclass are valid."""

    @abstractmethod
    def _represent(self, texts: list[str], labels: NDArray[np.intp], n_classes: int) -> Vectors:
        """Learn from the training texts what the vectors need, set `_distance`, and return the texts' vectors."""

    @abstractmethod
    def _represent_queries(self, texts: list[str]) -> Vectors:
        """Return the vectors of some queries."""

    @abstractmethod
    def _represent_left_out(self, rows: NDArray[np.intp]) -> Vectors:
        """Return the vectors of some training texts as queries, each as if it and its label were not known."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Make vectors of the training texts and keep them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
        y : array-like, shape (n_train,) or (n_train, n_outputs)
        sample_weight : array-like, shape (n_train,), default=None
            By what a text's vote is multiplied, as in :class:`gzipknn.NCDClassifier`.

        Returns
        -------
        self
        """
        self._check_voting()
        check_weights_with(self.weights, self.normalize)
        check_normalize(self.normalize)
        self._check_settings()
        texts, targets = encode_voters(encode_texts(X, "X"), y, sample_weight)
        labels = targets.combinations()
        self.vectors_ = self._represent(decode_texts(texts), labels, int(labels.max()) + 1)
        self._set_targets(targets)
        self._correct(self.normalize)
        self._remember_column(X)
        return self

    def _correct(self, normalize: str | None) -> None:
        """Correct the distances for hubs from now on, in place of what they were corrected by."""
        self._normalize = normalize
        self._unrelated = UNRELATED if normalize is None else np.nan
        normalizer = None
        if normalize is not None:
            sample = draw(self.n_samples_fit_, N_SAMPLE)
            to_sample = distances_between(self.vectors_, self._represent_left_out(sample), self._distance)
            normalizer = fit_normalizer(to_sample, sample, normalize)
        self.vectors_ = replace(self.vectors_, normalizer=normalizer)

    def _search(self, texts: list[bytes] | None, k: int) -> Neighbors:
        if texts is None:
            return self._leave_one_out(np.arange(self.n_samples_fit_), k)
        return self._nearest(self._represent_queries(decode_texts(texts)), k)

    def _leave_one_out(self, rows: NDArray[np.intp], k: int) -> Neighbors:
        """Find for some of the training texts the k nearest others."""
        return without_self(*self._nearest(self._represent_left_out(rows), k + 1), rows)

    def _nearest(self, queries: Vectors, k: int) -> Neighbors:
        n = len(queries)
        distances, indices = np.empty((n, k)), np.empty((n, k), dtype=np.intp)
        vectors = Shared(self.vectors_)
        blocks = map_rows(
            lambda rows: (nearest_vectors, vectors, queries.rows(rows), self._distance, k),
            [slice(0, n)],
            PAIRS_PER_BLOCK // self.n_samples_fit_,
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        for rows, found in blocks:
            distances[rows], indices[rows] = found
        return distances, indices

    def _check_weights(self) -> None:
        check_weights_with(self.weights, self._normalize)
