"""The labels of training texts, one or several for each text, and the weights of their votes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from gzipknn.texts.encoding import as_sized, check_sequence, columns
from gzipknn.texts.labels import as_list, check_same_kind, encode_labels, join_classes, positions_among
from gzipknn.utils.validation import as_floats


@dataclass(frozen=True, eq=False)
class Targets:
    """The labels of n texts, one or several for each, and the weights of the texts.

    Attributes
    ----------
    classes : tuple of ndarray
        The sorted classes of each output.
    labels : ndarray of intp, shape (n, n_outputs)
        The position of each label among the classes of its output.
    has_columns : bool
        Whether each text has several labels.
    weights : ndarray of float64, shape (n,), or None
        ``sample_weight``, all above 0; None if every weight is 1.
    """

    classes: tuple[NDArray[Any], ...]
    labels: NDArray[np.intp]
    has_columns: bool = False
    weights: NDArray[np.float64] | None = None

    @classmethod
    def of_one(cls, classes: NDArray[Any], labels: NDArray[np.intp]) -> Self:
        """Return the targets of texts with one label each."""
        return cls((classes,), labels[:, np.newaxis])

    @classmethod
    def encode(cls, y: Any, n_texts: int) -> Self:
        """Find the classes of each output, and the position of each label among them.

        Parameters
        ----------
        y : array-like, shape (n_texts,) or (n_texts, n_outputs)
            If each text has several labels, an array or table with two dimensions, or a list of lists.
        n_texts : int

        Raises
        ------
        TypeError, ValueError
            If :func:`gzipknn.texts.labels.encode_labels` raises for one of the outputs; the message names it.
        """
        y = as_sized(y)
        outputs = _outputs(y)
        if outputs is None:
            return cls.of_one(*encode_labels(y, n_texts))
        encoded = []
        for number, output in enumerate(outputs):
            try:
                encoded.append(encode_labels(output, n_texts))
            except (TypeError, ValueError) as error:
                raise type(error)(f"in column {number} of y: {error}") from error
        return cls(tuple(classes for classes, _ in encoded), np.stack([labels for _, labels in encoded], axis=1), True)

    @classmethod
    def of_classes(cls, classes: Any) -> Self:
        """Return targets that have classes but no texts; `classes` is a list of labels, or one list for each output."""
        several = isinstance(classes, list) and bool(classes) and all(map(_is_row, classes))
        found = []
        for one in classes if several else [classes]:
            check_sequence(one, "classes", "label")
            if len(one) == 0:
                raise ValueError("classes must hold at least one label, or be None, got none.")
            found.append(encode_labels(one, len(one))[0])
        return cls(tuple(found), np.empty((0, len(found)), dtype=np.intp), several)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def counted(self) -> NDArray[np.float64]:
        """The weight of each text, shape (n,)."""
        return np.ones(len(self)) if self.weights is None else self.weights

    def only_output(self) -> tuple[NDArray[Any], NDArray[np.intp]]:
        """Return the classes and the labels, shape (n,); raise if each text has several labels."""
        if self.has_columns:
            raise ValueError(
                f"y must hold one label for each text, got {len(self.classes)} columns; fit one model on each column, "
                f"as sklearn.multioutput.MultiOutputClassifier does."
            )
        return self.classes[0], self.labels[:, 0]

    def combinations(self) -> NDArray[np.intp]:
        """Return a number for each combination of labels: an array of shape (n,) with the number of each text."""
        if not self.has_columns:
            return self.labels[:, 0]
        return np.unique(self.labels, axis=0, return_inverse=True)[1].reshape(-1).astype(np.intp)

    def take(self, rows: NDArray[np.intp]) -> Self:
        """Return the targets of the texts at some positions, with all classes."""
        weights = None if self.weights is None else self.weights[rows]
        return replace(self, labels=self.labels[rows], weights=weights)

    def without_empty_classes(self) -> Self:
        """Return the same targets without the classes that no text has."""
        found = [np.unique(column, return_inverse=True) for column in self.labels.T]
        classes = tuple(own[present] for own, (present, _) in zip(self.classes, found, strict=True))
        return replace(self, classes=classes, labels=np.stack([labels for _, labels in found], axis=1))

    def with_classes(self, others: Sequence[NDArray[Any]]) -> Self:
        """Return the same targets with more classes in each output, which must be of the same kind."""
        joined, labels = [], []
        for own, other, column in zip(self.classes, others, self.labels.T, strict=True):
            check_same_kind(other, own)
            joined.append(join_classes(own, other))
            labels.append(column if joined[-1] is own else positions_among(joined[-1], own)[column])
        return replace(self, classes=tuple(joined), labels=np.stack(labels, axis=1))

    def join(self, new: Targets) -> Self:
        """Return these targets followed by those of new texts."""
        self.check_like(new)
        grown = self.with_classes(new.classes)
        added = new.with_classes(grown.classes)
        weights = None
        if self.weights is not None or new.weights is not None:
            weights = np.concatenate([self.counted, new.counted])
        return replace(grown, labels=np.concatenate([grown.labels, added.labels]), weights=weights)

    def check_like(self, others: Targets, name: str = "y") -> None:
        """Raise unless other labels are of the same kind as these, and there are as many for each text."""
        if (len(others.classes), others.has_columns) != (len(self.classes), self.has_columns):
            raise ValueError(
                f"{name} must have as many labels for each text as y had before, {len(self.classes)}, got "
                f"{len(others.classes)}."
            )
        for own, other in zip(self.classes, others.classes, strict=True):
            check_same_kind(other, own)

    def as_y(self, positions: NDArray[np.intp]) -> NDArray[Any]:
        """Return the labels at some positions among the classes, in the shape that `y` had.

        `positions` has the shape (n, n_outputs).
        """
        found = [classes[column] for classes, column in zip(self.classes, positions.T, strict=True)]
        if not self.has_columns:
            return np.asarray(found[0])
        if len({column.dtype.kind for column in found}) == 1:
            return np.stack(found, axis=1)
        table = np.empty(positions.shape, dtype=object)
        for number, column in enumerate(found):
            table[:, number] = as_list(column)
        return table


def encode_voters(texts: list[bytes], y: Any, sample_weight: Any) -> tuple[list[bytes], Targets]:
    """Return the texts with a weight above 0, and their targets."""
    targets, weights = Targets.encode(y, len(texts)), check_sample_weight(sample_weight, len(texts))
    if weights is None:
        return texts, targets
    rows = np.flatnonzero(weights)
    targets = replace(targets, weights=weights).take(rows)
    if len(rows) == len(texts):
        return texts, targets
    return [texts[row] for row in rows], targets.without_empty_classes()


def check_sample_weight(sample_weight: Any, n_texts: int) -> NDArray[np.float64] | None:
    """Return the weights of the texts, shape (n_texts,), or None; raise if one is below 0, or if all are 0."""
    if sample_weight is None:
        return None
    try:
        weights = as_floats(sample_weight, "")
    except TypeError as error:
        got = f"{type(sample_weight).__name__} ({sample_weight!r:.50})"
        raise TypeError(f"sample_weight must hold one number for each text, got {got}.") from error
    if weights.shape != (n_texts,):
        raise ValueError(
            f"sample_weight must hold one number for each text, shape ({n_texts},), got {type(sample_weight).__name__} "
            f"of shape {weights.shape}."
        )
    odd = np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))
    if len(odd):
        raise ValueError(
            f"sample_weight must hold finite numbers of 0 or more, but the one at position {odd[0]} is "
            f"{weights[odd[0]]}."
        )
    if not weights.any():
        raise ValueError("every sample_weight is zero, so no text is left; at least one must be above 0.")
    return weights


def check_class_weight(class_weight: Any) -> None:
    """Raise unless `class_weight` is None, ``"balanced"``, a dict, or a list of these for several outputs."""
    for one in class_weight if isinstance(class_weight, list) else [class_weight]:
        if one is None or (isinstance(one, str) and one == "balanced"):
            continue
        if not isinstance(one, Mapping):
            raise ValueError(
                f"class_weight must be None, 'balanced', or a dict from labels to numbers (a list of dicts if a text "
                f"has several labels), got {type(one).__name__} ({one!r:.50})."
            )
        for label, weight in one.items():
            if isinstance(weight, bool) or not isinstance(weight, Real) or not 0 <= float(weight) < np.inf:
                raise ValueError(
                    f"class_weight must hold finite numbers of 0 or more, but that of {label!r:.50} is {weight!r:.50}."
                )


def vote_weights(targets: Targets, class_weight: Any) -> NDArray[np.float64]:
    """Return the weight of each text's vote, shape (n,): its own weight times the weights of its classes.

    Parameters
    ----------
    targets : Targets
    class_weight : None, "balanced", dict or list of these
        ``"balanced"``: in each output, all classes have the same total weight. With several outputs, a list has one
        element for each.

    Raises
    ------
    ValueError
        If all weights are 0. If a dict has a weight for a label that is not in `y`, and none for a label that is.

    Examples
    --------
    >>> targets = Targets.of_one(np.array(["money", "pets"]), np.array([0, 1, 1, 1]))
    >>> vote_weights(targets, {"pets": 2}).tolist()
    [1.0, 2.0, 2.0, 2.0]
    >>> vote_weights(targets, "balanced").round(2).tolist()
    [2.0, 0.67, 0.67, 0.67]
    """
    if class_weight is None:
        return targets.counted
    each = class_weight if isinstance(class_weight, list) else [class_weight] * len(targets.classes)
    if len(each) != len(targets.classes) or (isinstance(class_weight, Mapping) and targets.has_columns):
        expected = (
            f"a list of {len(targets.classes)} dicts, one for each column of y" if targets.has_columns else "a dict"
        )
        raise ValueError(f"class_weight must be {expected}, got {class_weight!r:.80}.")
    weights = targets.counted.copy()
    for one, classes, labels in zip(each, targets.classes, targets.labels.T, strict=True):
        sizes = np.bincount(labels, targets.counted, len(classes)).astype(np.float64)
        weights *= _by_class(one, classes, sizes)[labels]
    if not weights.any():
        raise ValueError("class_weight leaves no training text a vote: the weights of all their classes are zero.")
    return weights


def _by_class(class_weight: Any, classes: NDArray[Any], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    if class_weight is None:
        return np.ones(len(classes))
    if isinstance(class_weight, str):  # as in scikit-learn: n / (n_classes * size)
        return np.asarray(sizes.sum() / (np.count_nonzero(sizes) * np.where(sizes > 0, sizes, 1)))
    labels = as_list(classes)
    unknown, missing = [key for key in class_weight if key not in labels], set(labels) - set(class_weight)
    if unknown and missing:
        raise ValueError(
            f"class_weight has a weight for {unknown[0]!r:.50}, which is not a label of y, and no weight for labels "
            f"that are, such as {min(missing)!r:.50}; correct its keys."
        )
    return np.array([float(class_weight.get(label, 1)) for label in labels])


def _outputs(y: Any) -> list[Any] | None:
    """Return the columns of `y` if it has several, else None."""
    shape = getattr(y, "shape", None)
    if shape is not None:
        if issparse(y):
            raise TypeError(f"y must be dense, got {type(y).__name__}; pass y.toarray().")
        return columns(y) if len(shape) == 2 and shape[1] > 1 else None
    # a tuple may be meant as one label, which is an error
    if isinstance(y, list | tuple) and y and all(map(_is_row, y)):
        width = len(y[0])
        if width > 1 and all(len(row) == width for row in y):
            return [[row[number] for row in y] for number in range(width)]
    return None


def _is_row(row: Any) -> bool:
    return isinstance(row, list) or (isinstance(row, np.ndarray) and row.ndim == 1)
