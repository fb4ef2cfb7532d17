"""Pictures of distances and accuracies, with matplotlib: ``pip install 'gzipknn[plot]'``.

Each function draws on the axes that it is given, or on new ones, and returns them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import dendrogram, linkage
from scipy.spatial.distance import squareform
from sklearn.utils.validation import check_is_fitted

from gzipknn.knn import KNNClassifier
from gzipknn.pairwise import pairwise_ncd
from gzipknn.texts.encoding import encode_texts
from gzipknn.texts.labels import check_same_kind, encode_labels
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.optional_packages import import_extra


def plot_distances(X: Any, y: Any, *, ax: Any = None, **settings: Any) -> Any:
    """Draw the matrix of the distances between texts, ordered by class.

    A block of small distances on the diagonal is a class that the distances separate from the others.

    Parameters
    ----------
    X : sequence of str or bytes, shape (n,)
        A few hundred texts at most, as every pair is compressed.
    y : array-like, shape (n,)
        Their labels.
    ax : matplotlib Axes, default=None
    **settings
        Parameters of :func:`gzipknn.pairwise_ncd`, such as ``compressor="lz77"``.

    Returns
    -------
    matplotlib Axes
    """
    classes, labels = encode_labels(y, len(X))
    order = np.argsort(labels, kind="stable")
    distances = pairwise_ncd(X, **settings)[np.ix_(order, order)]
    ax = _axes(ax)
    # the diagonal is left out: its small distances would take up most of the colour scale
    others = distances[~np.eye(len(order), dtype=bool)]
    low, high = (float(np.quantile(others, share)) for share in (0.01, 0.99)) if len(others) else (0.0, 1.0)
    image = ax.imshow(distances, vmin=low, vmax=high, cmap="viridis", interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label="distance")
    ends = np.cumsum(np.bincount(labels))
    for end in ends[:-1]:
        ax.axhline(end - 0.5, color="white", linewidth=0.6)
        ax.axvline(end - 0.5, color="white", linewidth=0.6)
    middles = ends - np.bincount(labels) / 2 - 0.5
    ax.set_yticks(middles, [_as_it_stands(label) for label in classes])
    ax.set_xticks(middles, [_as_it_stands(label) for label in classes], rotation=90)
    return ax


def plot_dendrogram(X: Any, names: Sequence[Any], *, ax: Any = None, method: str = "average", **settings: Any) -> Any:
    """Draw a tree of texts (a dendrogram) in which the nearest texts are joined first.

    Parameters
    ----------
    X : sequence of str or bytes, shape (n,)
        At least two texts, and a few dozen at most.
    names : sequence, length n
        The name of each text, which is written at its leaf.
    ax : matplotlib Axes, default=None
    method : str, default="average"
        As in :func:`scipy.cluster.hierarchy.linkage`.
    **settings
        Parameters of :func:`gzipknn.pairwise_ncd`, except for `order` and `matrix`. The order is ``"symmetric"``.

    Returns
    -------
    matplotlib Axes

    References
    ----------
    Cilibrasi, Vitányi: Clustering by Compression. IEEE Trans. Inf. Theory 51 (2005), which draws quartet trees.
    """
    if len(names) != len(X) or len(X) < 2:
        raise ValueError(
            f"names must hold one name for each text, and X at least 2 texts, got {len(names)} names for {len(X)} "
            f"texts."
        )
    distances = pairwise_ncd(X, **{**settings, "order": "symmetric", "matrix": "distance"})
    ax = _axes(ax)
    tree = linkage(squareform(distances), method)
    dendrogram(tree, labels=[_as_it_stands(name) for name in names], orientation="left", ax=ax, color_threshold=0)
    ax.set_xlabel("distance")
    return ax


def plot_accuracy_by_k(
    clf: KNNClassifier, X: Any, y: Any, ks: Sequence[int] = (1, 2, 3, 5, 9, 15, 31), *, ax: Any = None, **line: Any
) -> Any:
    """Draw the accuracy and its 95 % interval against the number of neighbours, from a single search.

    Parameters
    ----------
    clf : NCDClassifier or any other k-NN classifier of this library
        It must be fitted.
    X : sequence of str or bytes, shape (n,)
        The test texts.
    y : array-like, shape (n,)
        Their labels.
    ks : sequence of int
        The numbers of neighbours. Those above the number of training texts are left out.
    ax : matplotlib Axes, default=None
    **line
        Arguments of ``ax.plot``, such as ``label="gzip"``.

    Returns
    -------
    matplotlib Axes
    """
    check_is_fitted(clf)
    chosen = sorted(k for k in ks if k <= clf.n_samples_fit_)
    if not chosen or chosen[0] < 1:
        raise ValueError(f"ks must be from 1 to the number of training texts, {clf.n_samples_fit_}, got {ks!r:.80}.")
    texts = encode_texts(X, "X")
    classes, truth = encode_labels(y, len(texts))
    check_same_kind(classes, clf.classes_)
    clf._check_weights()
    distances, indices = clf.kneighbors(texts, chosen[-1])
    scores = []
    for k in chosen:
        predicted = clf._decide(texts, distances[:, :k], indices[:, :k], clf.random_state)
        scores.append(accuracy(predicted == classes[truth]))
    ax = _axes(ax)
    (drawn,) = ax.plot(chosen, [score["value"] for score in scores], **{"marker": "o", "markersize": 4, **line})
    low, high = np.array([score["interval"] for score in scores]).T
    ax.fill_between(chosen, low, high, alpha=0.15, color=drawn.get_color())
    ax.set(xlabel="k, number of neighbours", ylabel="accuracy (band: 95 % interval)", xticks=chosen)
    ax.grid(alpha=0.3)
    return ax


def plot_accuracy_against_time(results: Mapping[str, tuple[float, NDArray[np.bool_]]], *, ax: Any = None) -> Any:
    """Draw the accuracy of several methods against the time that they take.

    Parameters
    ----------
    results : mapping
        For each method's name, its seconds and an array of bool, shape (n_test,), that marks the test texts that it
        labels right.
    ax : matplotlib Axes, default=None

    Returns
    -------
    matplotlib Axes
    """
    ax = _axes(ax)
    for name, (seconds, right) in results.items():
        score = accuracy(right)
        low, high = score["interval"]
        ax.errorbar(seconds, score["value"], [[score["value"] - low], [high - score["value"]]], fmt="o", capsize=3)
        ax.annotate(_as_it_stands(name), (seconds, score["value"]), xytext=(6, 4), textcoords="offset points")
    ax.set(xscale="log", xlabel="seconds", ylabel="accuracy (bar: 95 % interval)")
    ax.margins(x=0.2)
    ax.grid(alpha=0.3)
    return ax


def _as_it_stands(name: Any) -> str:
    return str(name).replace("$", r"\$")  # matplotlib takes text between two dollar signs for a formula


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    pyplot = import_extra("matplotlib.pyplot", "plot", needed_by="gzipknn.plotting")
    return pyplot.subplots(figsize=(7, 5), layout="constrained")[1]
