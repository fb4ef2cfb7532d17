"""NCDNeighbors and the graphs of NCDNeighborsTransformer against scikit-learn on the same distances."""

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import DBSCAN, HDBSCAN, SpectralClustering
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from strategies import texts

from gzipknn import NCDClassifier, NCDNeighbors, NCDNeighborsTransformer
from gzipknn.compressors import LZ77
from gzipknn.graphs import connected_graph
from gzipknn.texts.encoding import encode_texts

X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "stocks and bonds"]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]
TWO_KINDS = [
    f"{text} {n}" for n in range(6) for text in ("the cat sat on the mat and slept", "stocks fell again on monday")
]


def dense(texts, queries=None):
    texts, queries = encode_texts(texts), encode_texts(texts if queries is None else queries)
    return np.array(naive.distances(queries, texts))


def test_neighbours_are_those_of_the_classifier(docs):
    data, queries = docs.X_train[:80], docs.X_test[:10]
    settings = {"compressor": "lz77", "normalize": "local", "screen": 20}
    search, clf = NCDNeighbors(4, **settings).fit(data), NCDClassifier(4, **settings).fit(data, docs.y_train[:80])
    for X in (None, queries):
        for found, expected in zip(search.kneighbors(X), clf.kneighbors(X), strict=True):
            assert (found == expected).all()
        assert (search.kneighbors_graph(X, mode="distance") != clf.kneighbors_graph(X, mode="distance")).nnz == 0


@settings(max_examples=30)
@given(
    data=st.lists(texts, min_size=1, max_size=7),
    queries=st.none() | st.lists(texts, min_size=1, max_size=4),
    radius=st.floats(-0.1, 1.5),
    n_neighbors=st.integers(1, 3),
)
def test_within_a_radius_are_all_that_are_so_near(data, queries, radius, n_neighbors):
    search = NCDNeighbors(n_neighbors, radius=radius).fit(data)
    found = search.radius_neighbors(queries)
    for i, row in enumerate(dense(data, queries).tolist()):
        expected = [j for j in naive.k_smallest(row, len(row)) if row[j] <= radius and (queries is not None or j != i)]
        assert found[1][i].tolist() == expected
        assert found[0][i].tolist() == [row[j] for j in expected]
    assert found[1].shape == (len(data if queries is None else queries),)


def test_graph_within_a_radius_is_that_of_scikit_learn():
    matrix = dense(X)
    np.fill_diagonal(matrix, 0)
    expected = NearestNeighbors(metric="precomputed").fit(matrix)
    search, radius = NCDNeighbors(1).fit(X), np.median(matrix)
    for mode in ("connectivity", "distance"):
        ours = search.radius_neighbors_graph(radius=radius, mode=mode)
        theirs = expected.radius_neighbors_graph(radius=radius, mode=mode)
        assert 0 < ours.nnz == theirs.nnz < 20
        assert (ours.toarray() == theirs.toarray()).all()
    assert search.radius_neighbors(QUERIES, return_distance=False)[0].dtype == np.intp


def test_what_was_searched_is_kept(tmp_path):
    NCDNeighbors(2, memory=tmp_path).fit(X).radius_neighbors(QUERIES, 0.5)
    before = set(tmp_path.rglob("*.block"))
    again = NCDNeighbors(2, memory=tmp_path).fit(X).radius_neighbors(QUERIES, 0.5)
    assert before == set(tmp_path.rglob("*.block"))
    expected = NCDNeighbors(2).fit(X).radius_neighbors(QUERIES, 0.5)
    assert [row.tolist() for row in again[1]] == [row.tolist() for row in expected[1]]


def test_with_a_screen_more_candidates_are_compressed_until_the_farthest_is_too_far(docs):
    data = docs.X_train[:200]
    exact, screened = (NCDNeighbors(3, screen=screen).fit(data) for screen in (None, 10))
    some, all_ = (
        search.radius_neighbors(docs.X_test[:20], 0.75, return_distance=False) for search in (screened, exact)
    )
    assert all(set(few) <= set(many) for few, many in zip(some, all_, strict=True))
    assert max(map(len, some)) > 10
    everything = screened.radius_neighbors(docs.X_test[:2], 5, return_distance=False)
    assert list(map(len, everything)) == [200, 200]


@pytest.mark.parametrize(
    ("radius", "error", "message"),
    [
        ("near", TypeError, r"radius must be a number, got str"),
        (True, TypeError, r"radius must be a number, got bool"),
        (float("nan"), ValueError, r"radius must be a number, got NaN"),
    ],
)
def test_bad_radius(radius, error, message):
    with pytest.raises(error, match=message):
        NCDNeighbors(radius=radius).fit(X)
    with pytest.raises(error, match=message):
        NCDNeighbors(1).fit(X).radius_neighbors(radius=radius)


@settings(max_examples=30)
@given(
    data=st.lists(texts, min_size=3, max_size=6),
    repeats=st.integers(1, 2),
    mode=st.sampled_from(["distance", "connectivity"]),
)
def test_transformer_puts_equal_texts_first(data, repeats, mode):
    data = data * repeats
    graph = NCDNeighborsTransformer(2, mode=mode).fit_transform(data)
    matrix = dense(data)
    k = 3 if mode == "distance" else 2
    for i, row in enumerate(matrix.tolist()):
        row = [0 if data[i] == data[j] else max(0, d) for j, d in enumerate(row)]
        same = [j for j in range(len(data)) if data[i] == data[j]]
        order = [*same, *(j for j in naive.k_smallest(matrix[i].tolist(), len(data)) if j not in same)][:k]
        own = slice(graph.indptr[i], graph.indptr[i + 1])
        assert graph.indices[own].tolist() == order
        assert graph.data[own].tolist() == ([row[j] for j in order] if mode == "distance" else [1] * k)


def test_transformer_has_the_form_of_scikit_learn():
    transformer = NCDNeighborsTransformer(2)
    graph = transformer.fit_transform(X)
    assert graph.shape == (5, 5)
    assert graph.nnz == 5 * 3
    assert (graph.diagonal() == 0).all()
    assert (transformer.transform(X) != graph).nnz == 0
    assert transformer.transform(QUERIES).shape == (2, 5)
    assert transformer.get_feature_names_out().tolist() == [f"ncdneighborstransformer{i}" for i in range(5)]
    assert NCDNeighborsTransformer(2, mode="connectivity", normalize="local").fit_transform(X).nnz == 5 * 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "both"}, r"mode must be one of \['connectivity', 'distance'\], got 'both'"),
        ({"normalize": "local"}, "mode='distance' needs distances of 0 or more, which normalize='local' does not give"),
        ({"n_neighbors": 5}, "n_neighbors must be less than the number of training texts, 5, got 5"),
        ({"n_neighbors": 0}, "n_neighbors == 0, must be >= 1"),
        ({"compressor": LZ77(base_weight=0.1)}, "learns from the classes of the training texts"),
    ],
    ids=str,
)
def test_bad_settings_of_the_transformer(settings, message):
    with pytest.raises(ValueError, match=message):
        NCDNeighborsTransformer(**settings).fit_transform(X)


@pytest.mark.parametrize(
    "clustering",
    [
        DBSCAN(eps=0.4, metric="precomputed", min_samples=3),
        SpectralClustering(2, affinity="precomputed_nearest_neighbors", n_neighbors=5, random_state=0),
    ],
)
@pytest.mark.filterwarnings("ignore:Graph is not fully connected")
def test_the_graph_goes_straight_into_clusterings(clustering):
    labels = make_pipeline(NCDNeighborsTransformer(5), clustering).fit_predict(TWO_KINDS)
    assert set(labels[::2]) != set(labels[1::2])
    assert len(set(labels[::2])) == len(set(labels[1::2])) == 1


def test_the_graph_goes_straight_into_a_map():
    tsne = TSNE(metric="precomputed", init="random", perplexity=2, random_state=0)
    places = make_pipeline(NCDNeighborsTransformer(7), tsne).fit_transform(TWO_KINDS)
    assert places.shape == (12, 2)


def test_hdbscan_on_the_graph_of_all_is_hdbscan_on_the_distances(docs):
    data = docs.X_train[:60]
    graph = connected_graph(NCDNeighborsTransformer(59).fit_transform(data))
    matrix = dense(data)
    np.fill_diagonal(matrix, 0)
    matrix = np.maximum(matrix, matrix.T)
    clustering = HDBSCAN(min_cluster_size=3, min_samples=2, metric="precomputed", copy=True)
    assert np.allclose(graph.toarray(), matrix, atol=1e-8)
    labels = clustering.fit_predict(matrix)
    assert len(set(labels)) > 2
    assert (clustering.fit_predict(graph) == labels).all()


def test_hdbscan_on_a_graph_in_parts():
    step = FunctionTransformer(connected_graph)
    clustering = HDBSCAN(min_cluster_size=3, min_samples=3, metric="precomputed", copy=True)
    labels = make_pipeline(NCDNeighborsTransformer(3), step, clustering).fit_predict(TWO_KINDS)
    assert set(labels[::2]) != set(labels[1::2])
    assert len(set(labels[::2])) == len(set(labels[1::2])) == 1
    # copies at distance 0 are also edges
    labels = make_pipeline(NCDNeighborsTransformer(3), step, clustering).fit_predict(
        ["a text"] * 5 + ["another one"] * 5
    )
    assert labels.tolist() in ([0] * 5 + [1] * 5, [1] * 5 + [0] * 5)


def test_parts_of_a_graph_are_linked_a_little_beyond_the_longest_edge():
    graph = NCDNeighborsTransformer(1).fit_transform(X[:4])
    linked = connected_graph(graph).toarray()
    assert (linked == linked.T).all()
    assert graph.max() < linked[0, 2] < 1.01 * graph.max()
    assert np.count_nonzero(linked) == 4 + 2 * 3
    assert linked[0, 1] == max(graph[0, 1], graph[1, 0])


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (np.ones((2, 3)), r"a row and a column for each text, got shape \(2, 3\)"),
        (-np.ones((2, 2)), "finite distances of 0 or more"),
        (np.full((2, 2), np.inf), "finite distances of 0 or more"),
    ],
)
def test_bad_graphs(graph, message):
    with pytest.raises(ValueError, match=message):
        connected_graph(graph)
