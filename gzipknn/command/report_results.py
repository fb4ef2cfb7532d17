"""The data of a report: the labelled test texts, and the models that labelled them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Part:
    """Texts that one model labelled, and the training texts of the model.

    Attributes
    ----------
    classifier : fitted classifier
        Its neighbours are shown if it has `kneighbors`, and what they share with a text if it has `explain_each`.
    tested : sequence of int
        The positions of the test texts that it labelled.
    X_train, y_train : sequences, or None if they are not known
        The training texts, and their labels as strings.
    rows_train : sequence of int
        The number of each training text's row in the file, from 1 on. Empty if it is not known.
    """

    classifier: Any
    tested: Sequence[int]
    X_train: Sequence[Any] | None = None
    y_train: Sequence[str] | None = None
    rows_train: Sequence[int] = ()


@dataclass(frozen=True)
class Results:
    """Test texts with their labels, and the models that predicted them.

    Attributes
    ----------
    title : str
        For example "test.csv, labelled by a model of train.csv".
    texts : sequence of str or bytes, length n
    rows : sequence of int
        The number of each text's row in the file, from 1 on.
    truth, predicted : sequences of str
    confidence : ndarray, shape (n,)
        The confidence in each predicted label, from 0 to 1.
    parts : sequence of Part
        With cross-validation one for each fold, otherwise one.
    is_one_file : bool
        Whether training texts and test texts come from the same file.
    confidence_is : str
        A description of the confidence.
    settings : dict
        Further settings, which the report lists.
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
        """Whether each predicted label is right."""
        return np.array([one == other for one, other in zip(self.truth, self.predicted, strict=True)])
