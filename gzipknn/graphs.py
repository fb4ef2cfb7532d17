"""Graphs of neighbours, made ready for estimators that want more of them than their edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

LEAST = 1e-9
"""A distance of 0 becomes this: a sparse graph takes an edge of 0 for none."""
LINK = 1.001
"""How many times as long as the longest edge a link between two parts is."""


def connected_graph(graph: Any) -> csr_matrix:
    """Make a graph of neighbours symmetric and connected, as ``sklearn.cluster.HDBSCAN`` wants it.

    - If x is a neighbour of y but not y of x, both are neighbours. If the two distances differ, the larger one counts.
    - Parts of the graph between which there is no edge are linked to the largest part, by one edge each, which is a
      thousandth longer than the longest edge of the graph: so the parts fall apart before any of them does.
    - Distances of 0, those on the diagonal as well, become 1e-9.

    Parameters
    ----------
    graph : sparse matrix or array, shape (n, n)
        Distances to the neighbours of each text, 0 or more, with the diagonal, as
        :meth:`gzipknn.NCDNeighborsTransformer.fit_transform` returns them.

    Returns
    -------
    csr_matrix of float64, shape (n, n)

    Notes
    -----
    ``HDBSCAN`` clusters the minimum spanning tree of this graph, by mutual reachability distances. Its ``min_samples``
    must be at most ``n_neighbors + 1``: a text counts as its own neighbour.

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
            f"graph must have a row and a column for each text, got shape {directed.shape}; pass what fit_transform "
            f"returned, not the graph from other texts to the training texts."
        )
    if not (np.isfinite(directed.data).all() and (directed.data >= 0).all()):
        raise ValueError("graph must hold finite distances of 0 or more, but it holds others.")
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
