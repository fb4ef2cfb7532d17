"""Base class of k-NN classifiers to which training texts can be added, and from which they can be dropped."""

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
    """Base class of k-NN classifiers on compression distances whose training texts may be added and dropped."""

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Fit on the first training texts."""

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Add training texts, or fit if there are none yet.

        The texts that are already there are not indexed again, and what was learnt from them stays as it is: the
        background of ``"lz77"``, and the estimates of `screen` until there are twice as many texts. Texts may be added
        one by one. They are indexed in parts, which are merged as they grow. So n calls take time proportional to
        n log n, and a search takes hardly longer than after one ``fit``. Do not call this method while another thread
        predicts.

        The texts are added with the compressor, metric, `order`, `separator`, `normalize` and `screen` of the last
        ``fit``. If these parameters were changed since then, the change takes effect in the next ``fit``. `n_neighbors`
        has its present value: ``screen="auto"`` is chosen again for it when there are twice as many texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_new,) or (n_new, 1)
        y : array-like, shape (n_new,) or (n_new, n_outputs)
            Their labels. They may be new, but must be of the same kind (str, int, ...) as those before. Neither the
            container nor the width (``<U5``, uint8) matters.
        classes : array-like, or a list of these for several outputs, default=None
            Labels that may come later. This is optional. A label without a text is in ``classes_`` but is not
            predicted.
        sample_weight : array-like, shape (n_new,), default=None
            As in :meth:`fit`; a text of weight 0 is not added. None: every weight is 1.

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
        """Drop training texts by their positions.

        The texts behind a dropped one move up, and ``classes_`` stays as it is. Do not call this method while another
        thread predicts.

        Parameters
        ----------
        indices : array-like of int, shape (n_dropped,)
            Positions in the training set, as :meth:`kneighbors` returns them. At least one text must be left.

        Returns
        -------
        self : NCDClassifier
        """
        check_is_fitted(self)
        return self._drop(check_dropped(indices, self.n_samples_fit_))

    def keep_newest(self, n_texts: int | None = None, *, n_bytes: int | None = None) -> Self:
        """Keep the newest training texts and drop those that were added first, like a window over a stream.

        The result is the same as with :meth:`forget`, and ``classes_`` stays as it is. If it is called after each
        :meth:`partial_fit`, it takes about as long as that. Do not call this method while another thread predicts.

        Parameters
        ----------
        n_texts : int, default=None
            The largest number of texts to keep. None: no limit.
        n_bytes : int, default=None
            The largest number of bytes to keep, in all texts together; a str counts as UTF-8. None: no limit. The
            newest text is always kept, however long it is.

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
