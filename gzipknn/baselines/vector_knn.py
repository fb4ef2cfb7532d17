"""Base class of the baselines that search for the nearest vectors, with corrections for hubs and leaving one out."""

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

# The distances of a block take 8 bytes for each pair, and sparse products take a few times as much.
PAIRS_PER_BLOCK = 2**20


class VectorKNN(KNNClassifier):
    """Base class of k-NN classifiers on vectors of texts.

    A subclass makes the vectors. It has the parameters `normalize`, `n_jobs` and `verbose` of
    :class:`gzipknn.NCDClassifier`, and those of :class:`gzipknn.knn.KNNClassifier`. The distance between texts that
    share nothing is 1.
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
        """Learn from the training texts how to make vectors, set `_distance`, and return the texts' vectors."""

    @abstractmethod
    def _represent_queries(self, texts: list[str]) -> Vectors:
        """Return the vectors of some queries."""

    @abstractmethod
    def _represent_left_out(self, rows: NDArray[np.intp]) -> Vectors:
        """Return the vectors of some training texts as queries, each as if the text and its label were unknown."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Make vectors of the training texts and store them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
        y : array-like, shape (n_train,) or (n_train, n_outputs)
        sample_weight : array-like, shape (n_train,), default=None
            Factors by which the votes of the texts are multiplied, as in :meth:`gzipknn.NCDClassifier.fit`.

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
        """Replace the correction of the distances for hubs by `normalize`."""
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
        """Find the k nearest other training texts of some training texts."""
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
