"""The data of a report: the labelled test texts, and the models that labelled them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """Texts that one model labelled, and what the model was trained on.

    Attributes
    ----------
    classifier : fitted classifier
        Its neighbours are shown if it has `kneighbors`, and what they share with a text if it has `explain_each`.
    tested : sequence of int
        Which of the test texts it labelled.
    X_train, y_train : sequences, or None if they are not known
        The texts, and their labels as words.
    rows_train : sequence of int
        In which row of the file each training text stands, from 1 on; empty if it is not known.
    """

    classifier: Any
    tested: Sequence[int]
    X_train: Sequence[Any] | None = None
    y_train: Sequence[str] | None = None
    rows_train: Sequence[int] = ()


@dataclass(frozen=True)
class Results:
    """Test texts and how they were labelled.

    Attributes
    ----------
    title : str
        Such as "test.csv, labelled by a model of train.csv".
    texts : sequence of str or bytes, length n
    rows : sequence of int
        In which row of the file each stands, from 1 on.
    truth, predicted : sequences of str
    confidence : ndarray, shape (n,)
        From 0 to 1, of the predicted label.
    parts : sequence of Part
        One; with cross-validation one for each fold.
    is_one_file : bool
        Whether training texts and test texts are of one file.
    confidence_is : str
        What the confidence is.
    settings : dict
        What else to tell of how the report was made.
    """

    title: str
    texts: Sequence[Any]
    rows: Sequence[int]
    truth: Sequence[str]
    predicted: Sequence[str]
    confidence: NDArray[np.float64]
    parts: Sequence[Part]
    is_one_file: bool = False
    confidence_is: str = "the share of the vote of the label that is predicted"
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each label is right."""
        return np.array([one == other for one, other in zip(self.truth, self.predicted, strict=True)])
