"""What the estimators share: they take one-dimensional texts; some compare them as their parameters say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.base import BaseEstimator
from sklearn.utils import Tags

from gzipknn.corpus import Corpus
from gzipknn.pairwise import TrainingTexts


class TextEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """An estimator on texts."""

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


class CompressionEstimator(TextEstimator):
    """An estimator on texts with the parameters `compressor`, `metric`, `order` and `separator`."""

    def _prepare(self, texts: Sequence[bytes], **options: Any) -> TrainingTexts:
        corpus = Corpus.from_texts(texts)
        return TrainingTexts.prepare(corpus, self.compressor, self.metric, self.order, self.separator, **options)

    compressor: Any
    metric: Any
    order: Any
    separator: Any
