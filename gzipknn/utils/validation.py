"""Checks of parameters and of the results of users' functions, shared by several modules."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state, check_scalar

MOST_JOBS = 1 << 16


def check_int(value: Any, name: str, least: int) -> int:
    """Return a parameter as an int, or raise if it is not an int or below `least`."""
    if isinstance(value, bool):
        raise TypeError(f"{name} must be an int, got {value!r}.")
    return int(check_scalar(value, name, Integral, min_val=least))


def check_number(value: Any, name: str) -> float:
    """Return a parameter as a float, or raise if it is not a number or NaN."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, got {type(value).__name__} ({value!r:.50}).")
    if np.isnan(number := float(value)):
        raise ValueError(f"{name} must be a number, got NaN.")
    return number


def check_dropped(indices: Any, n: int) -> NDArray[np.intp]:
    """Return the positions of the training texts to drop, sorted and without repetitions, or raise if one is wrong."""
    try:
        dropped = np.asarray(indices)
    except ValueError:  # nested lists of different lengths
        dropped = np.empty(())
    whole = dropped.size == 0 or np.issubdtype(dropped.dtype, np.integer)
    if dropped.ndim != 1 or not whole or np.ma.is_masked(indices):
        raise TypeError(
            f"indices must be a list of int, got {type(indices).__name__} ({indices!r:.50}); "
            f"if you have a mask, pass np.flatnonzero(mask)."
        )
    if dropped.size and (dropped.min() < 0 or dropped.max() >= n):
        raise IndexError(f"indices must be from 0 to {n - 1}, got {dropped.min()} to {dropped.max()}.")
    unique = np.unique(dropped.astype(np.intp))
    if len(unique) == n:
        raise ValueError(f"indices must leave at least one training text, got all {n}.")
    return unique


def check_parallel(n_jobs: Any, verbose: Any) -> None:
    """Raise unless `n_jobs` is None or a number of cores as in joblib, and `verbose` is a number."""
    expected = "n_jobs must be None or an int other than 0 (-1 for all cores)"
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, Integral)):
        raise TypeError(f"{expected}, got {type(n_jobs).__name__} ({n_jobs!r:.50}).")
    if n_jobs is not None and (n_jobs == 0 or n_jobs > MOST_JOBS):  # type: ignore[operator]  # of Integral
        raise ValueError(f"{expected} of at most {MOST_JOBS}, got {n_jobs}.")
    if not isinstance(verbose, Real):
        raise TypeError(f"verbose must be an int, got {type(verbose).__name__} ({verbose!r:.50}).")


def check_seed(random_state: Any) -> RandomState:
    """Return the random generator for `random_state`, or raise if it is not valid."""
    try:
        return check_random_state(random_state)  # type: ignore[no-any-return]
    except ValueError as error:
        raise ValueError(
            f"random_state must be None, an int from 0 to 2**32 - 1 or a RandomState, "
            f"got {type(random_state).__name__} ({random_state!r:.50}): {error!s:.100}."
        ) from error


def as_floats(result: Any, name: str) -> NDArray[np.float64]:
    """Return the result of the function `name` as an array of float64, or raise if it is not an array of numbers."""
    cause = None
    try:
        array = np.asarray(result)
        if (array.dtype.kind in "biuf" or (array.dtype.kind == "O" and array.ndim)) and not np.ma.is_masked(result):
            return array.astype(np.float64, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        cause = error
    raise TypeError(f"{name} must return an array of numbers, got {type(result).__name__} ({result!r:.50}).") from cause
