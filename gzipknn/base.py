"""Base classes of all estimators: pickles that know their version, names of columns, tags, and the accuracy."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from gzipknn.memory.cache import cache_folder
from gzipknn.texts.encoding import check_sequence, encode_texts, only_column
from gzipknn.texts.labels import as_list, check_same_kind, encode_labels, plain_labels
from gzipknn.versions import __version__

FORMAT = 4
"""The version of the pickle format. Raise it when pickles of the version before would no longer be read correctly."""


class PlainLabels:
    """A mixin by which an estimator of scikit-learn reads labels as this library does. It must be the first base."""

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit scikit-learn's estimator, after the labels were checked and converted to plain values."""
        n = len(only_column(X, "X"))
        if n == 0:
            raise ValueError("X holds 0 texts, but at least 1 is needed.")
        labels = plain_labels(y, n)
        for label in as_list(labels):
            if isinstance(label, str) and label.endswith("\0"):
                raise ValueError(
                    f"y must hold labels that scikit-learn's classifiers keep, got {label!r:.50}, whose NUL at the end "
                    f"NumPy drops; remove it."
                )
        if (labels == labels[0]).all():
            raise ValueError(
                f"y must hold labels of at least 2 classes, got one class ({as_list(labels)[0]!r:.50}); add texts of "
                f"another class."
            )
        return super().fit(X, labels, **params)  # type: ignore[misc, no-any-return]


class TextEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base class of estimators on texts, whose pickles record the version that wrote them."""

    def __getstate__(self) -> dict[str, Any]:
        state = {**super().__getstate__(), "_written_by": (FORMAT, __version__)}
        if "memory" in state:
            state["memory"] = cache_folder(state["memory"])  # a plain path, not an object that holds it
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        found, version = state.get("_written_by", (0, "before 0.1"))
        if found != FORMAT:
            raise ValueError(
                f"this {type(self).__name__} was written by gzipknn {version}, whose models (format {found}) gzipknn "
                f"{__version__} (format {FORMAT}) can't read; fit it again, or load it with that version."
            )
        super().__setstate__({name: value for name, value in state.items() if name != "_written_by"})

    def _remember_column(self, X: Any) -> None:
        """Store the name of the column, if `X` is a table with one column. ``fit`` calls this at its end."""
        self._check_name(X, reset=True)
        self.n_features_in_ = 1

    def _encode(self, X: Any) -> list[bytes]:
        """Return the texts of `X` encoded; raise or warn, as scikit-learn does, if the column's name has changed."""
        texts = encode_texts(X, "X")
        self._check_name(X, reset=False)
        return texts

    def _check_name(self, X: Any, *, reset: bool) -> None:
        # only tables have names; scikit-learn would import pandas to look for them, which takes long
        if len(getattr(X, "shape", ())) == 2 or hasattr(self, "feature_names_in_"):
            validate_data(self, X, reset=reset, skip_check_array=True, ensure_2d=False)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        return tags


class TextClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Base class of classifiers of texts, with labels as :mod:`gzipknn.texts.labels` encodes them.

    A subclass has ``predict`` and ``classes_``.
    """

    classes_: NDArray[Any]

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the accuracy: the share of texts that are labelled right.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,) or (n, 1)
        y : array-like, shape (n,)
            Their labels, of the same kind as those of ``fit``.
        sample_weight : array-like, shape (n,), default=None

        Returns
        -------
        float
        """
        check_is_fitted(self)
        texts = only_column(X, "X")
        check_sequence(texts, "X")
        classes, truth = encode_labels(y, len(texts))
        check_same_kind(classes, self.classes_)
        return float(np.average(self.predict(X) == classes[truth], weights=sample_weight))
