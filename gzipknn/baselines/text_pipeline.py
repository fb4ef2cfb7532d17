"""A pipeline on texts. Apart from the other estimators, as scikit-learn's takes long to import."""

from __future__ import annotations

from sklearn.pipeline import Pipeline

from gzipknn.base import PlainLabels


class TextPipeline(PlainLabels, Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """A pipeline on texts."""
