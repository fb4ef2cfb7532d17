"""The code lengths of texts in the models of the classes, as features for other classifiers."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextEstimator
from gzipknn.baselines.class_compressor import ClassCompressorClassifier
from gzipknn.baselines.kneser_ney import KneserNey
from gzipknn.baselines.text_pipeline import TextPipeline
from gzipknn.texts.encoding import encode_texts

ENOUGH = 50
"""The least number of texts per class, on average, for which each text is left out of the model of its class. A model
of fewer texts would lose so much that other classes seem nearer. On validation texts, leaving texts out was worse below
60 texts per class, and level or better from 100 on. All classes are treated alike: if only the texts of large classes
were left out, texts of small classes would seem to fit their classes far better than any new text can."""


class ClassLengths(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TextEstimator):  # type: ignore[misc]
    """Turn texts into features: the bits per byte of a text in the model of each class.

    ``fit_transform`` measures each training text as if it were new, by leaving it out of the model of its own class. So
    its result differs from ``fit`` followed by ``transform`` on the same texts, where the own class would look too
    good. (scikit-learn's ``TargetEncoder`` does the same.) With fewer than 50 texts per class on average, the classes
    would lose too much of their models by this, so all texts are measured with the whole models. From the bits per byte
    of each text, their mean over the classes is subtracted.

    Parameters
    ----------
    model : KneserNey, default=None
        None for ``KneserNey()``.
    n_jobs : int, default=None
        As in :class:`ClassCompressorClassifier`, for ``transform``.

    Attributes
    ----------
    classifier_ : ClassCompressorClassifier
        The classifier that holds the models.
    scale_ : float
        The standard deviation of all features of the training texts, by which all features are divided.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Examples
    --------
    >>> from gzipknn.baselines import ClassLengths
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> ClassLengths().fit_transform(texts, ["pets", "pets", "money", "money"]).shape
    (4, 2)
    """

    def __init__(self, model: KneserNey | None = None, *, n_jobs: int | None = None) -> None:
        self.model = model
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the models of the classes.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,)

        Returns
        -------
        self : ClassLengths
        """
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any) -> NDArray[np.float64]:
        """Learn the models of the classes, and measure each training text.

        If there are enough texts, each is measured as if it had not been learnt (see above).

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,)

        Returns
        -------
        ndarray of float64, shape (n_train, n_classes)
        """
        model = KneserNey() if self.model is None else self.model
        if not isinstance(model, KneserNey):
            raise TypeError(f"model must be a KneserNey or None, got {type(model).__name__} ({model!r:.50}).")
        texts = encode_texts(X, "X")
        self.classifier_ = ClassCompressorClassifier(model, n_jobs=self.n_jobs).fit(texts, y)
        are_enough = len(texts) >= ENOUGH * len(self.classifier_.classes_)
        clf = self.classifier_
        rates = _rates(clf.leave_one_out_lengths(texts, y) if are_enough else clf.class_lengths(texts), texts)
        self.scale_ = float(rates.std()) or 1.0
        self.n_features_in_ = 1
        self._n_features_out = rates.shape[1]
        return rates / self.scale_

    def transform(self, X: Any) -> NDArray[np.float64]:
        """Measure texts in the models of the classes.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            The features of an empty text are 0.
        """
        check_is_fitted(self)
        texts = encode_texts(X, "X")
        return _rates(self.classifier_.class_lengths(texts), texts) / self.scale_


def _rates(bits: NDArray[np.float64], texts: list[bytes]) -> NDArray[np.float64]:
    rates = bits / np.maximum(1, [len(text) for text in texts])[:, np.newaxis]
    return np.asarray(rates - rates.mean(axis=1, keepdims=True))


def class_model_classifier(model: KneserNey | None = None, *, C: float = 1.0, n_jobs: int | None = None) -> Pipeline:
    """Make a logistic regression on the code lengths of a text in the models of the classes.

    It learns how much the code length in each model says: the models of large classes are better, and some classes are
    much alike. For this, each training text is left out of the model of its own class if there are enough texts (see
    :class:`ClassLengths`). Compared with ``ClassCompressorClassifier("kneser-ney")``, it gains most if there are many
    classes, or classes of very different sizes, and its probabilities are learnt from data. With
    few texts per class, they are too near to each other. It takes longer, because
    every training text is measured as well, and it has neither ``partial_fit`` nor ``forget``.

    Parameters
    ----------
    model : KneserNey, default=None
        None for ``KneserNey()``.
    C : float, default=1.0
        The inverse of the penalty, as in ``LogisticRegression``.
    n_jobs : int, default=None
        As in :class:`ClassCompressorClassifier`.

    Returns
    -------
    Pipeline
        Its steps are ``"lengths"`` (:class:`ClassLengths`) and ``"logistic"`` (``LogisticRegression``).

    References
    ----------
    Wolpert: Stacked Generalization. Neural Networks 5 (1992).

    Examples
    --------
    >>> from gzipknn.baselines import class_model_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = class_model_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    return TextPipeline(
        [("lengths", ClassLengths(model, n_jobs=n_jobs)), ("logistic", LogisticRegression(C=C, max_iter=1000))]
    )
