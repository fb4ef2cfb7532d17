"""A pipeline on texts, in a module of its own because scikit-learn's pipeline takes long to import."""

from __future__ import annotations

from sklearn.pipeline import Pipeline

from gzipknn.base import PlainLabels


class TextPipeline(PlainLabels, Pipeline):  # type: ignore[misc]  # scikit-learn has no types
    """A ``Pipeline`` that reads labels as the estimators of this library do."""
