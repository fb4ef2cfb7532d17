"""A k-NN classifier whose training texts come and go."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn.compression_knn import CompressionKNN
from gzipknn.search.updates import count_oldest
from gzipknn.targets import Targets, encode_voters
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import only_column, warn_of_blank_texts
from gzipknn.utils.validation import check_dropped, check_int


class GrowingKNN(CompressionKNN):
    """A k-NN classifier on compression distances to which texts may be added, and from which they may be dropped."""

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit on the first texts."""

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Add training texts, or fit if there are none yet. The texts already there are not indexed again.

        What was learnt from these stays as it is: the background of ``"lz77"``, and what `screen` estimates by until
        there are twice as many texts. Texts may come one by one: the parts in which they are indexed join as they
        grow, so that n calls take time proportional to n log n, and a search hardly longer than after one ``fit``.
        Not to be called while another thread predicts.

        The texts are added with the compressor, metric, `order`, `separator`, `normalize` and `screen` of ``fit``. If
        these parameters were changed since, that takes effect in the next ``fit``. `n_neighbors` is the one of now:
        ``screen="auto"`` is chosen for it when there are twice as many texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_new,) or (n_new, 1)
        y : array-like, shape (n_new,) or (n_new, n_outputs)
            Their labels, which may be new ones, but of the same kind as those before: str, int, ... Neither the
            container nor the width (``<U5``, uint8) matters.
        classes : array-like, or a list of these for several outputs, default=None
            Labels that may come later. They need not be said; one that has no text yet is in ``classes_``, and is not
            predicted.
        sample_weight : array-like, shape (n_new,), default=None
            As in :meth:`fit`: a text of weight 0 is not added. None for 1 each.

        Returns
        -------
        self : NCDClassifier
        """
        named = None if classes is None else Targets.of_classes(classes)
        if not hasattr(self, "_fitted"):
            if named is not None:
                Targets.encode(y, len(only_column(X, "X"))).check_like(named, "classes")
            self.fit(X, y, sample_weight)
        else:
            if named is not None:
                self._targets.check_like(named, "classes")
            self._add(X, y, sample_weight)
        if named is not None:
            self._set_targets(self._targets.with_classes(named.classes))
        return self

    def _add(self, X: Any, y: Any, sample_weight: Any) -> None:
        self._check_voting()
        self._check_weights()
        texts, targets = encode_voters(self._encode(X), y, sample_weight)
        targets = self._targets.join(targets)
        warn_of_blank_texts(texts, stacklevel=4)
        self._fitted = self._fitted.add(Corpus.from_texts(texts), self.n_neighbors, **self._parallel())
        self._set_targets(targets)

    def forget(self, indices: Any) -> Self:
        """Drop training texts; the positions of those behind move up, ``classes_`` stays.

        Not to be called while another thread predicts.

        Parameters
        ----------
        indices : array-like of int, shape (n_dropped,)
            Positions in the training set, as :meth:`kneighbors` returns them; not all of them.

        Returns
        -------
        self : NCDClassifier
        """
        check_is_fitted(self)
        return self._drop(check_dropped(indices, self.n_samples_fit_))

    def keep_newest(self, n_texts: int | None = None, *, n_bytes: int | None = None) -> Self:
        """Drop the oldest training texts, those that were added first, as a window over a stream does.

        What is left is as after :meth:`forget`, and ``classes_`` stays. Called after each :meth:`partial_fit`, it takes
        about as long as that. Not to be called while another thread predicts.

        Parameters
        ----------
        n_texts : int, default=None
            How many texts are left at most; None for any number.
        n_bytes : int, default=None
            How many bytes these have at most, a str counted as UTF-8; None for any number. The newest text stays,
            however long it is.

        Returns
        -------
        self : NCDClassifier
        """
        check_is_fitted(self)
        if n_texts is None and n_bytes is None:
            raise ValueError("keep_newest needs n_texts, n_bytes or both, got neither.")
        limits = [
            None if limit is None else check_int(limit, name, 1)
            for limit, name in ((n_texts, "n_texts"), (n_bytes, "n_bytes"))
        ]
        return self._drop(np.arange(count_oldest(self.training_, *limits)))

    def _drop(self, indices: NDArray[np.intp]) -> Self:
        if len(indices):
            self._fitted = self._fitted.drop(indices)
            self._set_targets(self._targets.take(np.delete(np.arange(len(self._targets)), indices)))
        return self
