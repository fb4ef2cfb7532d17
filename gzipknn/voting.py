"""The vote of the neighbours on a label, with a named policy for ties.

Nothing here depends on compression: the neighbours may come from any search, the nearest neighbour first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

from gzipknn.utils.validation import as_floats, check_seed

TIE_BREAKS = ("nearest", "lowest", "random", "shrink")
WEIGHTS = ("uniform", "distance", "margin")

BLOCK = 1 << 18
"""The number of neighbours whose votes are counted at a time, which limits the memory in use."""

Weights = str | Callable[[NDArray[np.float64]], Any]


def check_tie_break(tie_break: Any) -> None:
    """Raise unless `tie_break` names a policy."""
    if not (isinstance(tie_break, str) and tie_break in TIE_BREAKS):
        raise ValueError(f"tie_break must be one of {list(TIE_BREAKS)}, got {tie_break!r:.50}.")


def check_weights(weights: Any) -> None:
    """Raise unless `weights` names a weighting or is callable."""
    if not (callable(weights) or (isinstance(weights, str) and weights in WEIGHTS)):
        raise ValueError(f"weights must be one of {list(WEIGHTS)} or a callable, got {weights!r:.50}.")


def go_together(weights: Any, normalize: str | None) -> bool:
    """Tell whether `weights` can be used with the correction `normalize`, after which distances may be below 0."""
    return normalize is None or not (isinstance(weights, str) and weights == "distance")


def check_weights_with(weights: Any, normalize: str | None) -> None:
    """Raise unless `weights` is valid and can be used with the correction `normalize`."""
    check_weights(weights)
    if not go_together(weights, normalize):
        raise ValueError(
            f"weights='distance' needs distances above 0, which normalize={normalize!r} does not give; "
            f"use weights='margin', or fit with normalize=None."
        )


def neighbor_weights(distances: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Return the weight of each neighbour's vote.

    Parameters
    ----------
    distances : ndarray of float64, shape (n, k)
    weights : {"uniform", "distance", "margin"} or callable
        - ``"uniform"``: 1.
        - ``"distance"``: 1 / d. If some neighbours are at a distance of 0 (or below 0, as real compressors give at
          times), only these count, with weight 1.
        - ``"margin"``: (d_k - d) / (d_k - d_1), where d_1 is the distance of the nearest and d_k that of the farthest
          neighbour. It falls from 1 to 0, whatever the scale of the distances. It is 1 for all if all are equally far.
        - A callable gets `distances` and returns weights of the same shape.

    Returns
    -------
    ndarray of float64, shape (n, k)

    Raises
    ------
    ValueError
        If a callable returns another shape, negative or non-finite weights, or only zeros for a query.
    TypeError
        If a callable does not return numbers.

    References
    ----------
    Dudani: The Distance-Weighted k-Nearest-Neighbor Rule. IEEE Trans. SMC 6 (1976), eq. (1), for ``"margin"``.

    Examples
    --------
    >>> neighbor_weights(np.array([[0.5, 1.0], [0.0, 0.5]]), "distance").tolist()
    [[2.0, 1.0], [1.0, 0.0]]
    >>> neighbor_weights(np.array([[0.5, 0.75, 1.0]]), "margin").tolist()
    [[1.0, 0.5, 0.0]]
    """
    check_weights(weights)
    if callable(weights):
        given = distances.view()
        given.flags.writeable = False  # the caller may need them again
        result = as_floats(weights(given), "weights")
        if result.shape != distances.shape:
            raise ValueError(f"weights must return an array of shape {distances.shape}, got shape {result.shape}.")
        with np.errstate(over="ignore", invalid="ignore"):
            totals = result.sum(axis=1)
        if not (np.isfinite(totals).all() and (result >= 0).all() and (totals > 0).all()):
            raise ValueError(
                f"weights must be finite, 0 or more, and add up to a finite number above 0 for each query; the "
                f"callable returned weights from {result.min()} to {result.max()}."
            )
        return result
    if weights == "uniform":
        return np.ones_like(distances)
    if weights == "margin":
        return _margins(distances)
    coincident = distances < np.finfo(np.float64).tiny  # the inverse of these would overflow
    inverse = 1.0 / np.where(coincident, 1.0, distances)
    result = np.where(coincident.any(axis=1, keepdims=True), coincident, inverse)
    result[~result.any(axis=1)] = 1.0  # all are infinitely far
    return result


def _margins(distances: NDArray[np.float64]) -> NDArray[np.float64]:
    nearest, farthest = distances[:, :1], distances[:, -1:]
    with np.errstate(invalid="ignore"):  # inf - inf is NaN, and replaced below
        width = np.where(farthest > nearest, farthest - nearest, 1.0)
        margins = np.where(farthest > nearest, (farthest - distances) / width, 1.0)
    # with infinite distances, a neighbour counts 1 if it is nearer than the infinite ones, else 0
    margins = np.where(np.isinf(farthest) & (farthest > nearest), distances < farthest, margins)
    return np.where(np.isneginf(nearest), distances == nearest, margins)


def class_votes(labels: NDArray[np.intp], weights: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Return the vote of each class: the sum of the weights of its neighbours.

    Parameters
    ----------
    labels : ndarray of int, shape (n, k)
        The class of each neighbour, in [0, n_classes).
    weights : ndarray of float64, shape (n, k)

    Returns
    -------
    ndarray of float64, shape (n, n_classes)

    Examples
    --------
    >>> class_votes(np.array([[0, 2, 2]]), np.ones((1, 3)), 3).tolist()
    [[1.0, 0.0, 2.0]]
    """
    cells = np.arange(len(labels))[:, None] * n_classes + labels
    # summed in the order of the neighbours: equal weights in equal order give equal sums, so that == finds ties
    votes = np.bincount(cells.ravel(), weights.ravel(), minlength=len(labels) * n_classes).astype(
        np.float64, copy=False
    )
    return votes.reshape(len(labels), n_classes)


def tied_classes(labels: NDArray[np.intp], weights: NDArray[np.float64], n_classes: int) -> NDArray[np.bool_]:
    """Mark the classes that have the highest vote.

    Returns
    -------
    ndarray of bool, shape (n, n_classes)
        At least one class in each row is marked, and only classes that have a neighbour are.

    Examples
    --------
    >>> tied_classes(np.array([[0, 2, 2, 0]]), np.ones((1, 4)), 3).tolist()
    [[True, False, True]]
    """
    votes = class_votes(labels, weights, n_classes)
    votes[class_votes(labels, np.ones_like(weights), n_classes) == 0] = -1.0
    return np.asarray(votes == votes.max(axis=1, keepdims=True))


def vote(
    labels: NDArray[np.intp],
    weights: NDArray[np.float64],
    tie_break: str = "nearest",
    random_state: int | RandomState | None = None,
) -> NDArray[np.intp]:
    """Return the winning class of each query.

    Time and memory depend on n and k only, not on the number of classes.

    Parameters
    ----------
    labels : ndarray of int, shape (n, k)
        The class of each neighbour, the nearest neighbour first.
    weights : ndarray of float64, shape (n, k)
    tie_break : {"nearest", "lowest", "random", "shrink"}
        The class that wins if several classes have the highest vote. ``"nearest"``: the class of the nearest neighbour
        among them. ``"lowest"``: the lowest class. ``"random"``: any of them. ``"shrink"``: the vote is repeated
        without the farthest neighbour until one class is left.
    random_state : int, RandomState or None
        For ``"random"``. One number is drawn for each query, whether or not there is a tie.

    Returns
    -------
    ndarray of int, shape (n,)

    Examples
    --------
    >>> labels = np.array([[2, 0, 0, 2, 1]])
    >>> [vote(labels, np.ones((1, 5)), rule).item() for rule in ("nearest", "lowest", "shrink")]
    [2, 0, 0]
    """
    check_tie_break(tie_break)
    n, k = labels.shape
    draws = np.asarray(check_seed(random_state).random_sample(n)) if tie_break == "random" else np.zeros(n)
    winners = np.empty(n, dtype=np.intp)
    for start in range(0, n, BLOCK // k + 1):
        rows = slice(start, start + BLOCK // k + 1)
        winners[rows] = _vote(labels[rows], weights[rows], tie_break, draws[rows])
    return winners


def _vote(
    labels: NDArray[np.intp], weights: NDArray[np.float64], tie_break: str, draws: NDArray[np.float64]
) -> NDArray[np.intp]:
    present, places = _present_classes(labels)
    tied = tied_classes(places, weights, present.shape[1])
    if tie_break == "shrink":
        for size in range(labels.shape[1] - 1, 0, -1):
            rows = np.flatnonzero(tied.sum(axis=1) > 1)
            tied[rows] = tied_classes(places[rows, :size], weights[rows, :size], present.shape[1])
    elif tie_break == "random":
        chosen = (draws * tied.sum(axis=1)).astype(np.intp)
        tied &= np.cumsum(tied, axis=1) == chosen[:, None] + 1
    elif tie_break == "nearest":
        nearest = np.take_along_axis(tied, places, axis=1).argmax(axis=1)
        return np.asarray(labels[np.arange(len(labels)), nearest])
    return np.asarray(present[np.arange(len(labels)), tied.argmax(axis=1)])


def _present_classes(labels: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Assign numbers to the classes that occur in each row, from 0 on and in ascending order.

    Returns
    -------
    present : ndarray of int, shape (n, largest number of classes in a row)
        The class behind each number. A row with fewer classes ends in zeros, to which nothing in `places` points.
    places : ndarray of int, shape (n, k)
        The number of each neighbour's class.
    """
    order = np.argsort(labels, axis=1, kind="stable")
    ordered = np.take_along_axis(labels, order, axis=1)
    numbers = np.cumsum(np.diff(ordered, axis=1, prepend=ordered[:, :1]) != 0, axis=1)
    present = np.zeros((len(labels), int(numbers[:, -1].max(initial=0)) + 1), dtype=labels.dtype)
    np.put_along_axis(present, numbers, ordered, axis=1)
    places = np.empty_like(numbers)
    np.put_along_axis(places, order, numbers, axis=1)
    return present, places


def say_nothing(texts: Iterable[bytes], distances: NDArray[np.float64], unrelated: float) -> NDArray[np.bool_]:
    """Mark the queries that are empty, and those whose neighbours are no nearer than a text that shares nothing.

    Parameters
    ----------
    texts : iterable of bytes, length n
    distances : ndarray of float64, shape (n, k)
        The distances to the neighbours of each query, the nearest first.
    unrelated : float
        The distance between a query and a training text that share nothing; NaN if there is no such number.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    return np.asarray(np.array([not text for text in texts]) | (distances[:, 0] == unrelated))


def vote_of_all(
    sizes: NDArray[Any],
    n: int,
    tie_break: str = "nearest",
    random_state: int | RandomState | None = None,
) -> NDArray[np.intp]:
    """Return the most frequent class for each of n queries on which all training texts vote.

    Parameters
    ----------
    sizes : ndarray, shape (n_classes,)
        The number of training texts of each class, or the sum of their weights.
    n : int
    tie_break : {"nearest", "lowest", "random", "shrink"}
        The class that wins if several classes are largest: with ``"random"`` any of them, otherwise the lowest, because
        no class is nearer than another.
    random_state : int, RandomState or None
        For ``"random"``.

    Returns
    -------
    ndarray of int, shape (n,)

    Examples
    --------
    >>> vote_of_all(np.array([1.0, 3.0, 3.0]), 2).tolist()
    [1, 1]
    """
    check_tie_break(tie_break)
    largest = np.flatnonzero(sizes == sizes.max())
    if tie_break == "random":
        draws = np.asarray(check_seed(random_state).random_sample(n))
        return np.asarray(largest[(draws * len(largest)).astype(np.intp)])
    return np.full(n, largest[0])
