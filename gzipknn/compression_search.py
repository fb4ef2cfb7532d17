"""Base classes of the estimators that search by compression."""

from __future__ import annotations

from typing import Any

from sklearn.utils.validation import check_is_fitted

from gzipknn.compressors import Neighbors
from gzipknn.neighborhoods import Neighborhoods
from gzipknn.search.fitted import FittedSearch, Settings
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts
from gzipknn.utils.validation import check_int


class CompressionSearch(Neighborhoods):
    """Base class of estimators that find the nearest training texts by compression.

    A subclass has those parameters of :class:`gzipknn.NCDClassifier` that are named below, and its ``fit`` calls
    :meth:`_fit_search`.
    """

    compressor: Any
    metric: Any
    normalize: str | None
    screen: Any
    order: str
    separator: Any
    n_jobs: int | None
    verbose: int
    memory: Any
    _fitted: FittedSearch

    @property
    def training_(self) -> TrainingTexts:
        """The training texts with their compressed lengths."""
        check_is_fitted(self)
        return self._fitted.training.get()

    def _settings(self) -> Settings:
        others = {"normalize": self.normalize, "screen": self.screen, "n_neighbors": self.n_neighbors}
        return Settings.checked(self.compressor, self.metric, self.order, self.separator, **others)

    def _fit_search(self, texts: Corpus, settings: Settings) -> None:
        self._fitted = FittedSearch.fit(texts, settings, memory=self.memory, **self._parallel())
        self.n_samples_fit_ = len(texts)

    def _search(self, texts: list[bytes] | None, k: int) -> Neighbors:
        return self._fitted.kneighbors(texts, k, **self._parallel())

    def _parallel(self) -> dict[str, Any]:
        return {"n_jobs": self.n_jobs, "verbose": self.verbose}


class UnlabelledTexts(CompressionSearch):
    """Base class of the estimators that are fitted on texts without labels."""

    def _fit_texts(self, X: Any) -> None:
        check_int(self.n_neighbors, "n_neighbors", 1)
        settings = self._settings()
        texts = encode_texts(X, "X")
        warn_of_blank_texts(texts, stacklevel=4, labelled=False)
        self._fit_search(Corpus.from_texts(texts), settings)
        self._remember_column(X)
