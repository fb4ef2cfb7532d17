"""Validation of labels and their encoding as positions among the classes, which happens only here."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import DataConversionWarning

from gzipknn.texts.encoding import as_sized, check_sequence, python_values

# The types of missing labels in pandas and in masked arrays. NaN and NaT are found because they differ from themselves.
MISSING = ("NAType", "NaTType", "MaskedConstant")
FLOATS = (float, np.floating, np.datetime64, np.timedelta64)

# The kind of a label, by the dtype kind of the array that holds it. An array of objects holds only str.
KINDS = {
    "b": "bool",
    "i": "int",
    "u": "int",
    "f": "float",
    "M": "datetime64",
    "m": "timedelta64",
    "U": "str",
    "O": "str",
}


def encode_labels(y: Any, n_texts: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """Find the classes, and the position of each label among them.

    NumPy never has to guess the type of an array from a list of labels, because it would change some labels and merge
    others: members of a str enum, strings that end in NUL, ``[1, True]``, integers near ``2**63``.

    Parameters
    ----------
    y : array-like, shape (n_texts,)
        Labels of one kind: str, int, bool, float (whole numbers only), ``datetime64`` or ``timedelta64``. They may come
        in a list or tuple, an array of NumPy (also of ``StringDType``), pandas, pyarrow, polars or torch, or any other
        sequence. A member of a str or int enum counts as the str or int that it is.
    n_texts : int

    Returns
    -------
    classes : ndarray, shape (n_classes,)
        The classes, sorted. Strings have NumPy's fixed-width type (for example ``<U5``). But if a string ends in NUL,
        which that type would drop, the array holds objects. Integers from a list become int64, or uint64 if one of them
        needs it.
    positions : ndarray of intp, shape (n_texts,)
        The position of each label in `classes`.

    Raises
    ------
    TypeError, ValueError
        If a label is missing, of another kind than the first, or of a kind that is not supported. The message names its
        position.

    Examples
    --------
    >>> classes, positions = encode_labels(["b", "a", "b"], 3)
    >>> classes.tolist(), positions.tolist()
    (['a', 'b'], [1, 0, 1])
    """
    if y is None:
        raise ValueError("y must hold a label for each text, got None.")
    y = as_sized(y)
    check_sequence(y, "y", "label")
    column = _one_column(y)
    array = _as_array(column)
    labels: Any = list(python_values(column)) if array is None else array
    if len(labels) != n_texts:
        raise ValueError(f"X and y must have the same length, got {n_texts} texts and {len(labels)} labels.")
    if array is not None:
        _check_array(y, array)
        classes, positions = np.unique(array, return_inverse=True)
        return classes, positions.astype(np.intp)
    plain = _plain_labels(y, labels)
    classes = _as_classes(set(plain))
    position_of = {label: position for position, label in enumerate(sorted(set(plain)))}
    return classes, np.fromiter(map(position_of.__getitem__, plain), dtype=np.intp, count=len(plain))


def plain_labels(y: Any, n: int) -> NDArray[Any]:
    """Return the labels of n texts as plain values in an array; raise if they are not valid labels."""
    classes, labels = encode_labels(y, n)
    return np.asarray(classes[labels])


def check_same_kind(classes: NDArray[Any], others: NDArray[Any]) -> None:
    """Raise unless `classes` are of the same kind as `others`, those that a model was fitted with."""
    kind, other = KINDS[classes.dtype.kind], KINDS[others.dtype.kind]
    if kind != other:
        raise ValueError(
            f"y must hold labels of the same kind as before, which are {other} ({as_list(others)[0]!r:.50}), got "
            f"{kind} ({as_list(classes)[0]!r:.50}); convert them to {other}."
        )


def join_classes(classes: NDArray[Any], others: NDArray[Any]) -> NDArray[Any]:
    """Return all classes of two arrays of the same kind, sorted, in a dtype that keeps each of them unchanged."""
    fits = classes.dtype == others.dtype or classes.dtype.kind in "UO"
    if fits and (classes[positions_among(classes, others)] == others).all():
        return classes
    if classes.dtype.kind in "UO" or {classes.dtype.kind, others.dtype.kind} == {"i", "u"}:
        return _as_classes({*classes.tolist(), *others.tolist()})
    joined = np.unique(np.concatenate([classes, others]))
    for some in (classes, others):
        if (joined[positions_among(joined, some)].astype(some.dtype) != some).any():
            raise ValueError(
                f"y must hold labels that fit into one type with those before, {others.dtype}, got "
                f"{classes.dtype}; convert them to {others.dtype}."
            )
    return joined


def positions_among(classes: NDArray[Any], some: NDArray[Any]) -> NDArray[np.intp]:
    """Return the positions of some classes among all of them."""
    # converted to one type first, as NumPy compares int64 with uint64 as floats
    return np.minimum(np.searchsorted(classes, some.astype(classes.dtype)), len(classes) - 1)


def as_list(labels: NDArray[Any]) -> list[Any]:
    """Return labels as Python objects; dates stay NumPy objects, because Python has only numbers for some of them."""
    return list(labels) if labels.dtype.kind in "Mm" else labels.tolist()


def _one_column(y: Any) -> Any:
    """Return `y` in one dimension; raise if it is neither a sequence nor a single column."""
    shape = getattr(y, "shape", None)
    is_nested = shape is None and len(y) and all(isinstance(row, list | tuple | np.ndarray) for row in y)
    if is_nested and all(np.ndim(row) == 1 and len(row) == 1 for row in y):
        column: Any = [row[0] for row in y]
    elif shape is None or len(shape) == 1:
        return y
    elif len(shape) == 2 and shape[1] == 1:
        column = (y if isinstance(y, np.ma.MaskedArray) else np.asarray(y)).reshape(-1)
    else:
        raise _wrong_labels(y, f"it has the shape {tuple(shape)}")
    warnings.warn(
        "A column-vector y was passed when a 1d array was expected; its one column is taken, as by y.ravel().",
        DataConversionWarning,
        stacklevel=4,
    )
    return column


def _as_array(y: Any) -> NDArray[Any] | None:
    """Return `y` if it is an array of numbers, dates or strings; None if each label must be checked by itself."""
    if not hasattr(y, "__array__") or hasattr(y, "to_pylist") or np.ma.is_masked(y):
        return None
    array = np.asarray(y)
    return None if array.dtype.kind in "OT" or array.ndim != 1 else array


def _check_array(y: Any, labels: NDArray[Any]) -> None:
    if labels.dtype.kind not in KINDS:
        raise _wrong_labels(y, _described(labels[0], 0) if len(labels) else f"it is of {labels.dtype}")
    if labels.dtype.kind in "fMm":
        odd = np.flatnonzero(~np.isfinite(labels))
        if labels.dtype.kind == "f" and not len(odd):
            odd = np.flatnonzero(labels != np.rint(labels))
        if len(odd):
            position = int(odd[0])
            _check_missing(labels[position], position)
            raise _wrong_labels(y, _described(labels[position], position))


def _check_missing(label: Any, position: int) -> None:
    if label is None or type(label).__name__ in MISSING or (isinstance(label, FLOATS) and label != label):
        raise ValueError(f"y must hold a label for each text, but the one at position {position} is {label!r}.")


def _plain_labels(y: Any, labels: Sequence[Any]) -> list[Any]:
    """Return labels as plain objects, all of one kind: str, bool, int, float or NumPy's dates."""
    if set(map(type, labels)) == {str}:
        return list(labels)
    plain: list[Any] = []
    first, kind = None, ""
    for position, label in enumerate(labels):
        _check_missing(label, position)
        if getattr(label, "shape", None) == () and not isinstance(label, np.generic):
            label = np.asarray(label)[()]  # an array or a tensor with a single label
            _check_missing(label, position)
        own = _kind(label)
        if own is None:
            raise _wrong_labels(y, _described(label, position))
        if position == 0:
            first, kind = label, own
        if own != kind:
            raise TypeError(
                f"y must hold labels of one kind, but the one at position 0 is {type(first).__name__} ({first!r:.50}) "
                f"and the one at position {position} is {type(label).__name__} ({label!r:.50}); convert all to str."
            )
        plain.append(_PLAIN.get(own, _unchanged)(label))
    if kind == "int" and not _fit_one_type(set(plain)):
        raise _wrong_labels(
            y,
            f"the integers go from {min(plain)} to {max(plain)}, which does not fit any integer type of NumPy; convert "
            f"them to str",
        )
    return plain


def _kind(label: Any) -> str | None:
    """Return the kind of a label, or None if it is not a valid label."""
    if isinstance(label, np.datetime64 | np.timedelta64):
        return str(label.dtype)
    if isinstance(label, str):
        return "str"
    if isinstance(label, bool | np.bool_):
        return "bool"
    if isinstance(label, int | np.integer):
        return "int"
    is_float = isinstance(label, float | np.float32 | np.float16)  # np.float64 is a float; longdouble may not fit
    return "float" if is_float and math.isfinite(label) and float(label).is_integer() else None


def _unchanged(label: Any) -> Any:
    return label


# Functions that return the plain value of an enum member, or of another subclass, even if it prints something else.
_PLAIN: dict[str, Callable[[Any], Any]] = {"str": str.__str__, "bool": bool, "int": operator.index, "float": float}


def _as_classes(labels: set[Any]) -> NDArray[Any]:
    """Return plain labels of one kind, sorted, in an array that keeps each of them unchanged."""
    classes = sorted(labels)
    if isinstance(classes[0], str):
        return np.array(classes, dtype=object if any(label.endswith("\0") for label in classes) else str)
    if isinstance(classes[0], int) and not isinstance(classes[0], bool):
        if not _fit_one_type(labels):
            raise ValueError(
                f"y must hold labels that fit into one integer type of NumPy with those before, got labels from "
                f"{classes[0]} to {classes[-1]}; convert them to str."
            )
        return np.array(classes, dtype=np.int64 if classes[-1] < 2**63 else np.uint64)
    return np.array(classes)


def _fit_one_type(labels: set[int]) -> bool:
    least, most = min(labels), max(labels)
    return (least >= -(2**63) and most < 2**63) or (least >= 0 and most < 2**64)


def _described(label: Any, position: int) -> str:
    """Describe a label that is not valid, with its position and the cure."""
    if isinstance(label, float | np.floating) and math.isinf(label):
        return f"the one at position {position} is {label!r:.50}, which is infinity"
    if isinstance(label, float | np.floating):
        what = "not a whole number, as in a continuous target; round it, or cut the range into classes"
        return f"the one at position {position} is {label!r:.50}, which is {what}"
    if isinstance(label, bytes):
        cure = "decode them, as in [label.decode() for label in y]"
    elif isinstance(label, Enum):
        cure = "it is a member of an enum that is neither str nor int; pass [label.value for label in y]"
    elif isinstance(label, list | tuple | set | frozenset | np.ndarray):
        cure = "a text has one label, so join these to one str"
    else:
        cure = "convert the labels to str, as in [str(label) for label in y]"
    return f"the one at position {position} is {type(label).__name__} ({label!r:.50}); {cure}"


def _wrong_labels(y: Any, got: str) -> ValueError:
    return ValueError(
        f"y must hold one label for each text, all of one kind (str, int, bool, whole floats or datetime64), got "
        f"{type(y).__name__}: {got}."
    )
