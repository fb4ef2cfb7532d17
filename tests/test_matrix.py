import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import squareform
from sklearn.cluster import DBSCAN, HDBSCAN, AgglomerativeClustering
from sklearn.manifold import MDS
from strategies import texts as any_texts

from gzipknn import compressed_lengths, pairwise_ncd
from gzipknn.compressors import COMPRESSORS, LZ77, Gzip
from gzipknn.metrics import METRICS

COMPRESSOR = st.sampled_from([*sorted(set(COMPRESSORS) - {"lzma", "brotli"}), LZ77(0), LZ77(None), Gzip(1)])
ORDER = st.sampled_from(["query-first", "train-first", "symmetric"])
SOME = st.lists(any_texts, min_size=1, max_size=6)


@settings(max_examples=200)
@given(SOME, COMPRESSOR, st.sampled_from(sorted(METRICS)), ORDER)
def test_a_distance_matrix_is_one(data, compressor, metric, order):
    matrix = pairwise_ncd(data, compressor=compressor, metric=metric, order=order, matrix="distance")
    assert (matrix == matrix.T).all()
    assert (matrix >= 0).all()
    assert (np.diag(matrix) == 0).all()
    assert squareform(squareform(matrix)).tolist() == matrix.tolist()
    raw = pairwise_ncd(data, compressor=compressor, metric=metric, order=order)
    expected = np.array(
        [[0 if i == j else max(0, (raw[i, j] + raw[j, i]) / 2) for j in range(len(raw))] for i in range(len(raw))]
    )
    assert (matrix == expected).all()


@settings(max_examples=200)
@given(SOME, COMPRESSOR, st.sampled_from(sorted(METRICS)))
def test_symmetric_is_symmetric(data, compressor, metric):
    matrix = pairwise_ncd(data, compressor=compressor, metric=metric, order="symmetric")
    assert (matrix == matrix.T).all()


@settings(max_examples=60)
@given(SOME, st.sampled_from(sorted(naive.LENGTHS)), st.sampled_from(["ncd", "cdm", "clm"]))
@pytest.mark.slow
def test_symmetric_takes_the_smaller_length_of_both_orders(data, compressor, metric):
    matrix = pairwise_ncd(data, compressor=compressor, metric=metric, order="symmetric")
    expected = pairwise_ncd(data, data, compressor=compressor, metric=metric, order="symmetric")
    assert np.allclose(matrix, expected, rtol=1e-12, atol=1e-12)
    length = naive.LENGTHS[compressor]
    c = [length(text) for text in data]
    c_xy = [[min(length(x + b" " + y), length(y + b" " + x)) for y in data] for x in data]
    plain = METRICS[metric](np.array(c)[:, None], np.array(c), np.array(c_xy))
    assert np.allclose(matrix, plain, rtol=1e-12, atol=1e-12)


def test_strips_and_blocks_and_cores_do_not_matter(docs, monkeypatch):
    data = docs.X_train[:40]
    asked = [
        {"compressor": compressor, "order": order, "matrix": "distance"}
        for compressor in ("gzip", "lz77")
        for order in ("query-first", "symmetric")
    ]
    whole = [pairwise_ncd(data, **one) for one in asked]
    monkeypatch.setattr("gzipknn.pairwise.ROWS", 7)
    monkeypatch.setattr("gzipknn.search.distances.PAIRS_PER_BLOCK", 100)
    for one, expected in zip(asked, whole, strict=True):
        assert (pairwise_ncd(data, **one, n_jobs=2) == expected).all()


def test_lz77_measures_each_text_without_its_own_counts_in_both_roles(docs):
    data = docs.X_train[:30]
    seen = []

    def lengths(c_x, c_y, c_xy):
        seen.append((c_x.copy(), c_y.copy()))
        return c_xy

    pairwise_ncd(data, compressor="lz77", metric=lengths, order="symmetric")
    ((c_x, c_y),) = seen
    assert (c_x[:, 0] == c_y).all()
    # without a background model each byte costs 8 bits
    assert (c_y != compressed_lengths(data, "lz77")).any()


def test_a_metric_gets_whole_lengths():
    def check(c_x, c_y, c_xy):
        assert c_x.dtype == c_y.dtype == c_xy.dtype == np.int64
        return c_xy / c_y

    pairwise_ncd(["a", "b"], metric=check, order="symmetric")


@pytest.mark.filterwarnings("ignore::FutureWarning")  # MDS warns that its defaults will change
@pytest.mark.parametrize("metric", sorted(METRICS))
@pytest.mark.parametrize("compressor", sorted(COMPRESSORS))
def test_scikit_learn_takes_it(docs, compressor, metric):
    data = docs.X_train[:12] + docs.X_train[:2]
    matrix = pairwise_ncd(data, compressor=compressor, metric=metric, matrix="distance")
    squareform(matrix)
    models = [
        HDBSCAN(min_cluster_size=2, metric="precomputed", copy=True),
        DBSCAN(0.5, min_samples=2, metric="precomputed"),
        AgglomerativeClustering(2, metric="precomputed", linkage="average"),
    ]
    for model in models:
        assert len(model.fit_predict(matrix)) == len(data)
    assert MDS(n_init=1, dissimilarity="precomputed", random_state=0).fit_transform(matrix).shape == (len(data), 2)


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_what_it_is_for(docs, compressor):
    """Distances that are not normalized are refused."""
    raw = pairwise_ncd(docs.X_train[:20], compressor=compressor)
    with pytest.raises(ValueError, match="symmetric"):
        squareform(raw)
