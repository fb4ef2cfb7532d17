"""The search that ``fit`` prepares: the training texts, and the settings that all later calls use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Neighbors, get_compressor
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.memory.cache import Cached, open_store, warn_not_used
from gzipknn.memory.fingerprint import UnknownError
from gzipknn.memory.identity import identify, settle
from gzipknn.metrics import METRICS, UNRELATED, get_metric
from gzipknn.search.distances import distance_matrix
from gzipknn.search.hubs import check_normalize, normalize_distances
from gzipknn.search.neighbors import kneighbors, leave_one_out
from gzipknn.search.screen import check_screen, n_same_candidates
from gzipknn.search.screen_fitting import screen_texts
from gzipknn.search.training_texts import LazyTraining, TrainingTexts, check_order
from gzipknn.search.updates import add_texts, drop_texts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator


@dataclass(frozen=True)
class Settings:
    """The settings that take effect in ``fit``: parameters of :class:`gzipknn.NCDClassifier` with the same names."""

    compressor: Any
    metric: Any
    order: str
    separator: bytes
    normalize: str | None = None
    screen: Any = None
    n_neighbors: int = 1
    """The number of neighbours for which ``screen="auto"`` chooses the number of candidates."""

    @classmethod
    def checked(cls, compressor: Any, metric: Any, order: Any, separator: Any, **others: Any) -> Settings:
        """Return the checked settings, which do not change when the parameters change later; or raise."""
        check_order(order)
        settings = cls(*settle(compressor, metric), str.__str__(order), encode_separator(separator), **others)
        check_normalize(settings.normalize)
        check_screen(settings.screen)
        return settings

    @property
    def measure(self) -> tuple[Any, Any, str, bytes]:
        """The settings that determine the distances before the correction for hubs."""
        return self.compressor, self.metric, self.order, self.separator

    @property
    def unrelated(self) -> float:
        """The distance of texts that share nothing, as in :func:`unrelated_distance`."""
        return unrelated_distance(self.compressor, self.metric, self.normalize)


@dataclass(frozen=True, eq=False)
class FittedSearch:
    """The training texts with which queries are compared, their settings, and the cache of the results.

    Attributes
    ----------
    settings : Settings
    training : LazyTraining
    cached : Cached or None
        None without `memory`. It is not pickled, because a model that is loaded elsewhere must not write to the folder
        of this one.
    watches_queries : bool
        Whether to warn about long queries. It is False if there was such a warning about the training texts.
    """

    settings: Settings
    training: LazyTraining
    cached: Cached | None = None
    watches_queries: bool = field(default=True)

    @classmethod
    def fit(cls, texts: Corpus, settings: Settings, *, memory: Any, **parallel: Any) -> FittedSearch:
        """Prepare the texts, the correction for hubs and the screen according to the settings."""
        measured = corrected = screened = open_cache_of(memory, *settings.measure, texts)
        if measured is not None:
            corrected = measured.of("normalize", settings.normalize)
            # only "auto" depends on k
            k = settings.n_neighbors if isinstance(settings.screen, str) else None
            screened = corrected.of("screen", settings.screen, k)

        def make() -> TrainingTexts:
            training = TrainingTexts.prepare(texts, *settings.measure, at_once=settings.screen is None)
            training = normalize_distances(training, settings.normalize, cached=measured, **parallel)
            return screen_texts(training, settings.screen, settings.n_neighbors, cached=corrected, **parallel)

        return cls._of(texts, settings, screened, make)

    @classmethod
    def to_landmarks(
        cls, landmarks: Corpus, texts: Corpus, settings: Settings, *, are_among_texts: bool, memory: Any
    ) -> FittedSearch:
        """Prepare landmarks as training texts, with a compressor that learns from all `texts`."""
        cached = open_cache_of(memory, *settings.measure, landmarks, texts, are_among_texts)
        learning: dict[str, Any] = {"learn_from": texts, "are_learnt_from": are_among_texts}
        return cls._of(
            landmarks, settings, cached, partial(TrainingTexts.prepare, landmarks, *settings.measure, **learning)
        )

    @classmethod
    def _of(
        cls, texts: Corpus, settings: Settings, cached: Cached | None, make: Callable[[], TrainingTexts]
    ) -> FittedSearch:
        """Prepare the training texts now, or, with a cache, when a result is needed that is not in the cache."""
        training = LazyTraining(texts, make)
        if cached is None:
            training.get()
        warned = warn_of_long_texts(get_compressor(settings.compressor), "training texts", texts)
        return cls(settings, training, cached, watches_queries=not warned)

    def __len__(self) -> int:
        return len(self.training)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "cached": None}

    def kneighbors(self, texts: list[bytes] | None, k: int, **parallel: Any) -> Neighbors:
        """Return the k nearest training texts of each text; for None, the k nearest others of each training text."""
        if texts is None:
            return leave_one_out(self.training, k, cached=self._cached_for(k + 1), **parallel)
        queries = self._watched(Corpus.from_texts(texts))
        return kneighbors(self.training, queries, k, cached=self._cached_for(k), **parallel)

    def others(self, rows: NDArray[np.intp], k: int, **parallel: Any) -> Neighbors:
        """Return the k nearest other training texts of the training texts at the positions `rows`."""
        return leave_one_out(self.training, k, rows, cached=self._cached_for(k + 1), **parallel)

    def distances(self, texts: list[bytes], **parallel: Any) -> NDArray[np.float64]:
        """Return the distance of each text to each training text, shape (len(texts), len(self))."""
        queries = self._watched(Corpus.from_texts(texts))
        return distance_matrix(self.training, queries, cached=self.cached, **parallel)

    def has_same_candidates(self, k: int) -> bool:
        """Return whether all searches of up to k neighbours use the same candidates."""
        return k <= n_same_candidates(self.settings.screen, self.settings.n_neighbors, len(self))

    def add(self, texts: Corpus, n_neighbors: int, **parallel: Any) -> FittedSearch:
        """Return a search with more training texts, which follow those of this one."""
        before, screen = self.training.get(), self.settings.screen
        grown = add_texts(before, texts, screen, n_neighbors, **parallel)
        settings = self.settings
        if before.screen is not None and grown.screen is not None and grown.screen.n_fitted != before.screen.n_fitted:
            settings = replace(settings, n_neighbors=n_neighbors)
        return self._changed(grown, settings, "partial_fit", texts, screen, n_neighbors)

    def drop(self, indices: NDArray[np.intp]) -> FittedSearch:
        """Return a search without the training texts at the positions `indices`."""
        return self._changed(drop_texts(self.training.get(), indices), self.settings, "forget", indices.tolist())

    def take(self, indices: NDArray[np.intp]) -> FittedSearch:
        """Return a search with only the training texts at `indices`, in their old order, without learning again."""
        others = np.setdiff1d(np.arange(len(self)), indices)
        texts = self.training.texts.take(np.setdiff1d(np.arange(len(self)), others))
        training = LazyTraining(texts, lambda: drop_texts(self.training.get(), others))
        if self.cached is None:
            training.get()
        cached = None if self.cached is None else self.cached.of("forget", others.tolist())
        return replace(self, training=training, cached=cached)

    def _changed(self, training: TrainingTexts, settings: Settings, *how: Any) -> FittedSearch:
        made = LazyTraining(training.texts, lambda: training)
        made.get()
        cached = None if self.cached is None else self.cached.of(*how)
        return replace(self, settings=settings, training=made, cached=cached)

    def _cached_for(self, k: int) -> Cached | None:
        """Return the cache for searches of k neighbours. Searches with the same candidates share one cache."""
        return self.cached if self.cached is None or self.has_same_candidates(k) else self.cached.of(k)

    def _watched(self, queries: Corpus) -> Corpus:
        """Return the queries, and warn if some are longer than the window of the compressor."""
        if self.watches_queries:
            warn_of_long_texts(get_compressor(self.settings.compressor), "queries", queries)
        return queries


def unrelated_distance(compressor: Any, metric: Any, normalize: str | None) -> float:
    """Return the distance of texts that share nothing, or NaN if it varies or other texts may be as far."""
    is_exact = get_compressor(compressor).adds_up and get_metric(metric) in METRICS.values()
    return UNRELATED if is_exact and normalize is None else np.nan


def open_cache_of(
    memory: Any,
    compressor: Any,
    metrics: Any,
    order: str,
    separator: bytes,
    *learnt_from: Any,
    told: set[str] | None = None,
) -> Cached | None:
    """Return the cache of the results that depend on these settings and on `learnt_from`.

    Return None if there is no memory, or if a setting cannot be recognised in a later run. In this second case warn,
    unless the same message is in `told`. `metrics` may be one metric or a list.
    """
    store = open_store(memory)
    if store is None:
        return None
    several: Sequence[Any] = metrics if isinstance(metrics, list | tuple) else [metrics]
    try:
        return Cached.open(store, partial(identify, compressor, several)).of(order, separator, *learnt_from)
    except UnknownError as error:
        if told is None or str(error) not in told:
            warn_not_used(str(error))
        if told is not None:
            told.add(str(error))
        return None
