"""The results of an evaluation: predicted and true labels, and the figures that are computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.report_results import Part
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.counted import counted

N_BINS = 10
"""The number of bins of equal width in which confidence and accuracy are compared."""


@dataclass
class Evaluation:
    """Test texts with their true and predicted labels.

    Attributes
    ----------
    texts : sequence of str or bytes
    rows : sequence of int
        The number of each text's row in its file, from 1 on.
    truth, predicted : sequences of str
        Labels as strings, so that the number 1 in one file equals the string "1" in another.
    confidence : ndarray, shape (n,), or None
        The probability that each predicted label is right. None if it was not asked for.
    leaked : ndarray of bool, shape (n,)
        Whether each text is also a training text.
    n_train : int
        The number of training texts, in the part that has most of them.
    seconds : float
        The time that the predictions took.
    parts : list of Part
        Empty if they were not asked for.
    """

    texts: Sequence[Any]
    rows: Sequence[int]
    truth: Sequence[str]
    predicted: list[str]
    confidence: NDArray[np.float64] | None
    leaked: NDArray[np.bool_]
    n_train: int = 0
    seconds: float = 0.0
    parts: list[Part] = field(default_factory=list)

    @classmethod
    def blank(cls, texts: Sequence[Any], rows: Sequence[int], truth: Sequence[str]) -> Evaluation:
        """Return an evaluation of texts that are not labelled yet."""
        return cls(texts, rows, truth, [""] * len(texts), None, np.zeros(len(texts), dtype=bool))

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each predicted label is right."""
        return np.array([one == other for one, other in zip(self.truth, self.predicted, strict=True)])

    @property
    def accuracy(self) -> dict[str, Any]:
        """The share of labels that are right, with its interval."""
        return accuracy(self.right)

    @property
    def labels(self) -> list[str]:
        """All true and predicted labels, sorted."""
        return sorted({*self.truth, *self.predicted})

    def by_class(self) -> dict[str, dict[str, Any]]:
        """Return precision, recall, F1 and the number of texts of each class."""
        from sklearn.metrics import (
            precision_recall_fscore_support,
        )  # imported here because sklearn.metrics is slow to import

        found = precision_recall_fscore_support(self.truth, self.predicted, labels=self.labels, zero_division=0)
        names = ("precision", "recall", "f1", "n")
        rows = zip(*(values.tolist() for values in found), strict=True)
        return {label: dict(zip(names, row, strict=True)) for label, row in zip(self.labels, rows, strict=True)}

    def confusion(self) -> list[list[int]]:
        """Return the confusion matrix: a row for each true class, a column for each predicted class."""
        from sklearn.metrics import confusion_matrix

        matrix: list[list[int]] = confusion_matrix(self.truth, self.predicted, labels=self.labels).tolist()
        return matrix

    def calibration(self) -> dict[str, Any] | None:
        """Return confidence and accuracy in each bin, the mean gap between them (ECE), and the Brier score."""
        if self.confidence is None:
            return None
        bins = np.minimum((self.confidence * N_BINS).astype(int), N_BINS - 1)
        found = []
        for number in np.unique(bins):
            own = bins == number
            found.append(
                {
                    "confidence": float(self.confidence[own].mean()),
                    "accuracy": float(self.right[own].mean()),
                    "n": int(own.sum()),
                }
            )
        gaps = [abs(one["confidence"] - one["accuracy"]) * one["n"] for one in found]
        brier = float(np.mean((self.confidence - self.right) ** 2))
        return {"ece": sum(gaps) / len(bins), "brier": brier, "bins": found}

    def to_dict(self) -> dict[str, Any]:
        """Return all figures, for JSON."""
        found = self.accuracy
        without = None if self.leaked.all() else accuracy(self.right[~self.leaked])["value"]
        return {
            "accuracy": found["value"],
            "interval": found["interval"],
            "n_test": found["n"],
            "n_train": self.n_train,
            "seconds": self.seconds,
            "classes": self.by_class(),
            "confusion": {"labels": self.labels, "matrix": self.confusion()},
            "calibration": self.calibration(),
            "leaked": {"n": int(self.leaked.sum()), "accuracy_without": without},
        }


def sentence(found: dict[str, Any]) -> str:
    """Return an accuracy and its interval in words."""
    low, high = found["interval"]
    return f"accuracy {found['value']:.3f} on {counted(found['n'], 'text')} (95 % interval {low:.3f} to {high:.3f})"
