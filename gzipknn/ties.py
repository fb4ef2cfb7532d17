"""The rate of ties between neighbours, and the score of 2023 that counted some ties as right.

The experiment that made compression known as a rival of BERT [1]_ compared the two nearest neighbours of each text. If
their labels differed, both had one vote, and its code counted the text as right if either label was [2]_. No classifier
can do that, because it has to choose without knowing the true label. Only the labels of the neighbours are needed to
compute that score and the rate of ties::

    labels = np.array(y_train)[clf.kneighbors(X_test, 2, return_distance=False)]
    top2_score(y_test, labels), tie_rate(labels)

References
----------
.. [1] Jiang, Yang, Tsirlin, Tang, Dai, Lin: "Low-Resource" Text Classification: A Parameter-Free Classification
   Method with Compressors. Findings of ACL (2023).
.. [2] Schutte: Bad numbers in the "gzip beats BERT" paper? (2023).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.texts.labels import check_same_kind, encode_labels, plain_labels


def top2_score(y_true: Any, neighbor_labels: Any) -> float:
    """Return the share of texts for which one of the labels with the highest vote is the true label.

    With two neighbours, this is the share of texts for which at least one neighbour has the true label. It is not an
    accuracy.

    Parameters
    ----------
    y_true : array-like, shape (n,)
        The true labels.
    neighbor_labels : array-like, shape (n, k)
        The labels of the k nearest neighbours of each text, each of which has one vote.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from gzipknn.ties import top2_score
    >>> top2_score(["a", "b", "c"], [["a", "a"], ["a", "b"], ["a", "b"]])
    0.666...
    """
    return float(is_among_tied(y_true, neighbor_labels).mean())


def tie_rate(neighbor_labels: Any) -> float:
    """Return the share of texts for which several labels have the highest vote, so that a rule for ties decides.

    Parameters
    ----------
    neighbor_labels : array-like, shape (n, k)
        The labels of the k nearest neighbours of each text, each of which has one vote.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> from gzipknn.ties import tie_rate
    >>> tie_rate([["a", "a"], ["a", "b"], ["a", "b"]])
    0.666...
    """
    labels = _as_rows(neighbor_labels)
    tied = _tied(labels)
    first = np.take_along_axis(labels, tied.argmax(axis=1)[:, np.newaxis], axis=1)
    return float((tied & (labels != first)).any(axis=1).mean())


def is_among_tied(y_true: Any, neighbor_labels: Any) -> NDArray[np.bool_]:
    """Mark the texts for which one of the labels with the highest vote is the true label.

    Parameters
    ----------
    y_true : array-like, shape (n,)
    neighbor_labels : array-like, shape (n, k)

    Returns
    -------
    ndarray of bool, shape (n,)
        Its mean is :func:`top2_score`.
    """
    labels = _as_rows(neighbor_labels)
    classes, positions = encode_labels(y_true, len(labels))
    check_same_kind(classes, labels.ravel())
    return np.asarray((_tied(labels) & (labels == classes[positions][:, np.newaxis])).any(axis=1))


def _as_rows(neighbor_labels: Any) -> NDArray[Any]:
    """Return the labels of neighbours as plain values, shape (n, k)."""
    labels = np.asarray(neighbor_labels)
    if labels.ndim != 2 or not labels.size:
        raise ValueError(
            f"neighbor_labels must have the shape (n, k), the labels of the k neighbours of each text, got shape "
            f"{labels.shape}; pass y_train[clf.kneighbors(X, k, return_distance=False)], where y_train is an array."
        )
    return plain_labels(labels.ravel(), labels.size).reshape(labels.shape)


def _tied(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the neighbours whose label is the most frequent one, or one of these, among the neighbours of their text."""
    votes = np.stack([(labels == column[:, np.newaxis]).sum(axis=1) for column in labels.T], axis=1)
    return np.asarray(votes == votes.max(axis=1, keepdims=True))
