import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from gzipknn import NCDTransformer, pairwise_ncd
from gzipknn.search.neighbors import k_smallest, kneighbors, leave_one_out
from gzipknn.search.training_texts import ORDERS, TrainingTexts
from gzipknn.texts.corpus import Corpus


def prepare(data, compressor="gzip", metric="ncd", order="query-first", separator=" "):
    return TrainingTexts.prepare(Corpus.from_texts(data), compressor, metric, order, separator)


@given(st.lists(st.lists(st.sampled_from([0.0, 0.5, 1.0, np.inf]), min_size=6, max_size=6), min_size=1, max_size=5))
def test_k_smallest_orders_by_distance_then_index(rows):
    for k in range(1, 7):
        distances, indices = k_smallest(np.array(rows), k)
        assert indices.tolist() == [naive.k_smallest(row, k) for row in rows]
        assert distances.tolist() == [[row[i] for i in order] for row, order in zip(rows, indices, strict=True)]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("metric", ["ncd", "cdm", "clm", "nmi"])
@settings(max_examples=15)
@given(
    queries=st.lists(texts, min_size=1, max_size=5),
    data=st.lists(texts, min_size=1, max_size=5),
    separator=st.sampled_from([b"", b" ", b"\n--\n"]),
)
def test_distances_equal_the_plain_statement(order, metric, queries, data, separator):
    expected = naive.distances(queries, data, metric=metric, order=order, separator=separator)
    assert pairwise_ncd(queries, data, metric=metric, order=order, separator=separator).tolist() == expected
    k = len(data)
    _, indices = kneighbors(
        prepare(data, metric=metric, order=order, separator=separator), Corpus.from_texts(queries), k
    )
    assert indices.tolist() == [naive.k_smallest(row, k) for row in expected]


@settings(max_examples=20)
@given(data=st.lists(texts, min_size=3, max_size=7), repeats=st.integers(1, 3))
def test_leave_one_out_leaves_each_itself_out(data, repeats):
    data = data * repeats  # repeated texts have equal distances to themselves and to their copies
    matrix = naive.distances(data, data)
    for k in (1, len(data) - 1):
        _, indices = leave_one_out(prepare(data), k)
        expected = [[j for j in naive.k_smallest(row, len(row)) if j != i][:k] for i, row in enumerate(matrix)]
        assert indices.tolist() == expected


@pytest.mark.parametrize("order", ORDERS)
def test_blocks_and_cores_do_not_matter(order, docs, monkeypatch):
    queries, data = docs.X_test[:30], docs.X_train[:100]
    whole = pairwise_ncd(queries, data, order=order)
    for pairs, n_jobs in [(1, 1), (700, 2), (10**6, 2)]:
        monkeypatch.setattr("gzipknn.search.distances.PAIRS_PER_BLOCK", pairs)
        assert (pairwise_ncd(queries, data, order=order, n_jobs=n_jobs) == whole).all()


def test_processes_give_the_same(docs):
    queries, data = docs.X_test[:6], docs.X_train[:20]
    length = naive.LENGTHS["gzip"]
    assert (pairwise_ncd(queries, data, compressor=length, n_jobs=2) == pairwise_ncd(queries, data)).all()


def test_pairwise_without_y_is_with_itself():
    data = ["one text", "another text", "a third"]
    assert (pairwise_ncd(data) == pairwise_ncd(data, data)).all()
    symmetric = pairwise_ncd(data, order="symmetric")
    assert (symmetric == symmetric.T).all()


def test_metric_callable_gets_lengths_and_is_checked():
    data = ["aaa", "abc", "abcdef" * 9]
    assert (pairwise_ncd(data, metric=lambda x, y, xy: xy / (x + y)) == pairwise_ncd(data, metric="cdm")).all()
    with pytest.raises(ValueError, match=r"must return an array of shape \(\d, 3\).*got shape \(3,\)"):
        pairwise_ncd(data, metric=lambda x, y, xy: y)
    with pytest.raises(ValueError, match="metric returned NaN"):
        pairwise_ncd(data, metric=lambda x, y, xy: xy * float("nan"))


def test_a_metric_cannot_change_the_model():
    def in_place(c_x, c_y, c_xy):
        c_y *= 2
        return c_xy

    with pytest.raises(ValueError, match="read-only"):
        pairwise_ncd(["a", "b"], metric=in_place)


def test_a_backend_that_returns_lists_alone():
    import joblib

    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        assert (pairwise_ncd(["a", "bc"], ["c", "d"]) == pairwise_ncd(["a", "bc"], ["c", "d"], n_jobs=1)).all()


def test_unknown_order_lists_the_choices():
    with pytest.raises(ValueError, match=r"order must be one of \['query-first', .*got 'both'"):
        pairwise_ncd(["a"], order="both")


def test_progress_bar_counts_queries(capsys):
    pairwise_ncd(["a", "b", "c"], verbose=1)
    assert "3/3" in capsys.readouterr().err
    pairwise_ncd(["a", "b", "c"])
    NCDTransformer().fit_transform(["a", "b"])
    captured = capsys.readouterr()
    assert captured.err == captured.out == ""


@pytest.mark.slow
def test_the_full_matrix_never_exists():
    import tracemalloc

    # this compressor returns the length of the text and costs no time, so that only the search is measured
    training = prepare([b"a" * (i % 50) for i in range(4000)], compressor=lambda data: len(data))
    queries = Corpus.from_texts([b"b"] * 120)
    tracemalloc.start()
    kneighbors(training, queries, 5)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120 * 4000 * 8 / 4
