"""The methods that bytes.py compares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from byte_rivals import GramsClassifier, LZJaccardClassifier
from byte_series import WarpingClassifier, euclidean

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.baselines import ClassCompressorClassifier, class_model_classifier
from gzipknn.command.options import PRESETS
from gzipknn.recipes import landmark_classifier, strong_classifier


@dataclass(frozen=True)
class Method:
    """A method that classifies bytes or time series."""

    title: str
    make: Callable[[int], Any]
    """Returns an estimator for a given number of training texts."""
    compresses: bool = True
    few: bool = False
    """Whether it is also measured with few training texts."""
    of_series: bool = False
    """Whether it takes time series instead of bytes."""


def _good(n: int) -> NCDClassifier:
    settings: dict[str, Any] = PRESETS["good"] or {}
    return NCDClassifier(**{**settings, "n_neighbors": min(n, settings["n_neighbors"])})


METHODS = {
    "gzip": Method("gzip, nearest", lambda n: NCDClassifier(1), few=True),
    "good": Method("lz77, the preset good", _good),
    "cv": Method("NCDClassifierCV", lambda n: NCDClassifierCV()),
    "lz77-class": Method("lz77, behind each class", lambda n: ClassCompressorClassifier("lz77"), few=True),
    "class-models": Method("Kneser-Ney models, logistic regression", lambda n: class_model_classifier(), few=True),
    "landmarks": Method("lz77 landmarks, ridge", lambda n: landmark_classifier()),
    "strong": Method("lz77 landmarks and Kneser-Ney models", lambda n: strong_classifier(), few=True),
    "svm": Method("n-grams, linear SVM", lambda n: GramsClassifier("svm"), compresses=False, few=True),
    "k-nn": Method("n-grams, k-NN", lambda n: GramsClassifier("k-nn"), compresses=False),
    "bayes": Method("n-grams, naive Bayes", lambda n: GramsClassifier("bayes"), compresses=False, few=True),
    "lzjd": Method("Lempel-Ziv Jaccard, k-NN", lambda n: LZJaccardClassifier(), compresses=False),
    "euclidean": Method("Euclidean, nearest", lambda n: euclidean(), compresses=False, of_series=True),
    "warping": Method("time warping, nearest", lambda n: WarpingClassifier(), compresses=False, of_series=True),
}
