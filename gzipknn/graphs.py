"""Graphs of neighbours in the form that clustering estimators such as HDBSCAN need."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

LEAST = 1e-9
"""The value that replaces a distance of 0, because in a sparse graph an edge of 0 counts as no edge."""
LINK = 1.001
"""The length of a link between two parts, as a multiple of the longest edge."""


def connected_graph(graph: Any) -> csr_matrix:
    """Make a graph of neighbours symmetric and connected, as ``sklearn.cluster.HDBSCAN`` needs it.

    - If x is a neighbour of y, y becomes a neighbour of x. If the two distances differ, the larger one counts.
    - Each separate part of the graph is linked to the largest part by one edge. This edge is a thousandth longer than
      the longest edge of the graph, so clustering separates the parts before it splits any of them.
    - Distances of 0 become 1e-9, also on the diagonal.

    Parameters
    ----------
    graph : sparse matrix or array, shape (n, n)
        The distances to the neighbours of each text, which must be 0 or more, with the diagonal, as
        :meth:`gzipknn.NCDNeighborsTransformer.fit_transform` returns them.

    Returns
    -------
    csr_matrix of float64, shape (n, n)

    Notes
    -----
    ``HDBSCAN`` clusters the minimum spanning tree of this graph, by mutual reachability distances. Its ``min_samples``
    must be at most ``n_neighbors + 1``, because a text counts as its own neighbour.

    Examples
    --------
    >>> from gzipknn import NCDNeighborsTransformer
    >>> from gzipknn.graphs import connected_graph
    >>> from sklearn.cluster import HDBSCAN
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import FunctionTransformer
    >>> texts = [f"{text} {n}" for n in range(5) for text in ("the cat sat on the mat", "stocks fell again today")]
    >>> clustering = HDBSCAN(min_cluster_size=3, min_samples=2, metric="precomputed", copy=True)
    >>> make_pipeline(NCDNeighborsTransformer(2), FunctionTransformer(connected_graph), clustering).fit_predict(texts)
    array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
    """
    directed = csr_matrix(graph, dtype=np.float64, copy=True)
    if directed.shape[0] != directed.shape[1]:
        raise ValueError(
            f"graph must have a row and a column for each text, got shape {directed.shape}; pass the result of "
            f"fit_transform, not the graph from other texts to the training texts."
        )
    if not (np.isfinite(directed.data).all() and (directed.data >= 0).all()):
        raise ValueError(
            "graph must hold finite distances of 0 or more, but some are infinite, NaN or below 0; use another metric."
        )
    directed.data = np.maximum(directed.data, LEAST)
    symmetric = directed.maximum(directed.T).tocsr()
    n_parts, parts = connected_components(symmetric, directed=False)
    if n_parts == 1:
        return symmetric
    _, first = np.unique(parts, return_index=True)
    largest = np.bincount(parts).argmax()
    others = np.delete(first, largest)
    hub = np.full(len(others), first[largest])
    ends = np.concatenate([others, hub]), np.concatenate([hub, others])
    links = coo_matrix((np.full(2 * len(others), LINK * symmetric.data.max()), ends), shape=symmetric.shape)
    return (symmetric + links).tocsr()
