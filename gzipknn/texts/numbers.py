"""Validation of the targets of a regression: one number for each text, or several."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_array


def encode_numbers(y: Any, n: int) -> NDArray[np.float64]:
    """Return the targets of n texts as an array of float64, shape (n,) or (n, n_outputs), or raise.

    They are checked as in scikit-learn: they must be finite numbers, and there must be as many as texts.

    Examples
    --------
    >>> encode_numbers([1, 2.5], 2)
    array([1. , 2.5])
    """
    if y is None:
        raise ValueError(
            "y must hold a number for each text, got None: requires y to be passed, but the target y is None."
        )
    targets: NDArray[np.float64] = check_array(y, dtype="numeric", ensure_2d=False, input_name="y")
    if targets.ndim not in (1, 2) or targets.size == 0:
        raise ValueError(f"y must be of shape (n,) or (n, n_outputs), got shape {targets.shape}.")
    if len(targets) != n:
        raise ValueError(
            f"y must hold one target for each of the {n} texts, got {len(targets)}: inconsistent numbers of samples."
        )
    return targets.astype(np.float64)
