"""What the estimators share: they take one-dimensional texts; some compare them as their parameters say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from gzipknn.compressors import get_compressor
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.memory.cache import Cached, cache_folder, open_store, warn_not_used
from gzipknn.memory.fingerprint import UnknownError
from gzipknn.memory.identity import identify, settle
from gzipknn.search.training_texts import LazyTraining, TrainingTexts, check_order
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import check_sequence, encode_separator
from gzipknn.texts.labels import check_same_kind, encode_labels
from gzipknn.versions import __version__

FORMAT = 2
"""Of fitted estimators: to be raised when a pickle of the version before would no longer be read aright."""


class TextEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator on texts, of which a pickle tells the version that made it."""

    def __getstate__(self) -> dict[str, Any]:
        state = {**super().__getstate__(), "_written_by": (FORMAT, __version__)}
        if "memory" in state:
            state["memory"] = cache_folder(state["memory"])  # as plain as can be
        if "_cached" in state:
            state["_cached"] = None  # a model read elsewhere must not write where this one did
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        found, version = state.get("_written_by", (0, "before 0.1"))
        if found != FORMAT:
            raise ValueError(
                f"this {type(self).__name__} was written by gzipknn {version}, whose models (format {found}) gzipknn "
                f"{__version__} (format {FORMAT}) can't read; fit it again, or load it with that version."
            )
        super().__setstate__({name: value for name, value in state.items() if name != "_written_by"})

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


class TextClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A classifier of texts; a subclass has ``predict`` and ``classes_``, those of :mod:`gzipknn.texts.labels`."""

    classes_: NDArray[Any]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the share of texts that are labelled right.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
        y : array-like, shape (n,)
            Their labels, of the same kind as those of ``fit``.
        sample_weight : array-like, shape (n,), default=None

        Returns
        -------
        float
        """
        check_is_fitted(self)
        check_sequence(X, "X")
        classes, truth = encode_labels(y, len(X))
        check_same_kind(classes, self.classes_)
        return float(np.average(self.predict(X) == classes[truth], weights=sample_weight))


class CompressionEstimator(TextEstimator):
    """An estimator on texts with the parameters `compressor`, `metric`, `order`, `separator` and `memory`."""

    compressor: Any
    metric: Any
    order: Any
    separator: Any
    memory: Any

    @property
    def training_(self) -> TrainingTexts:
        """The training texts with their compressed lengths."""
        check_is_fitted(self, "_training")
        return self._training.get()

    def _train(self, texts: Corpus, cached: Cached | None, make: Callable[[], TrainingTexts]) -> None:
        """Keep what `make` prepares of the texts: now, or, with a cache, when something is wanted that it lacks."""
        training = LazyTraining(texts, make)
        if cached is None:
            training.get()  # if that fails, the estimator is as it was before
        self._cached, self._training = cached, training

    def _settle(self) -> tuple[Any, Any, str, bytes]:
        """Check and return the compressor, metric, order and separator of now, whatever becomes of the parameters."""
        check_order(self.order)
        return *settle(self.compressor, self.metric), str.__str__(self.order), encode_separator(self.separator)

    def _watch_window(self, texts: Corpus) -> None:
        """Warn if training texts are longer than the compressor looks back; else remember to warn of queries."""
        compressor = get_compressor(self.compressor)
        self._watched = None if warn_of_long_texts(compressor, "training texts", texts) else compressor

    def _watch_queries(self, queries: Corpus) -> Corpus:
        """Return queries; warn if they are longer than the compressor of ``fit`` looks back."""
        watched = getattr(self, "_watched", None)
        if watched is not None:
            warn_of_long_texts(watched, "queries", queries)
        return queries

    def _open_cache(self, settings: tuple[Any, Any, str, bytes], *learnt_from: Any) -> Cached | None:
        compressor, metric, order, separator = settings
        return open_cache_of(self.memory, compressor, [metric], order, separator, *learnt_from)


def open_cache_of(
    memory: Any,
    compressor: Any,
    metrics: Sequence[Any],
    order: str,
    separator: bytes,
    *learnt_from: Any,
    told: set[str] | None = None,
) -> Cached | None:
    """Return the cache of what depends on these settings and on `learnt_from`.

    None if there is no memory; or if nobody can tell later what some setting stands for, which is said in a warning,
    but for what was `told` before.
    """
    store = open_store(memory)
    if store is None:
        return None
    try:
        return Cached.open(store, partial(identify, compressor, metrics)).of(order, separator, *learnt_from)
    except UnknownError as error:
        if told is None or str(error) not in told:
            warn_not_used(str(error))
        if told is not None:
            told.add(str(error))
        return None
