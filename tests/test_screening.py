"""Screening gives exact distances of the candidates, finds most neighbours, and reports how many it misses."""

import pickle
import warnings

import numpy as np
import pytest
from conftest import stable_id
from sklearn.base import clone

from gzipknn import NCDClassifier, pairwise_ncd
from gzipknn.compressors import LZ77
from gzipknn.search import training_texts

SETTINGS = [
    {},
    {"compressor": "lz77"},
    {"compressor": LZ77(background=None)},
    {"compressor": "bz2", "metric": "cdm"},
    {"compressor": "huffman"},
    {"compressor": len},
    {"order": "train-first"},
    {"order": "symmetric", "compressor": "lz77"},
    {"normalize": "local"},
    {"normalize": "half-local", "compressor": "lz77"},
    {"normalize": "zscore", "compressor": "lz77", "metric": "nmi"},
    {"metric": lambda c_x, c_y, c_xy: c_xy - np.sqrt(c_x * c_y)},
]


def few(docs, n=120):
    return docs.X_train[:n], docs.y_train[:n], docs.X_test[:15]


@pytest.mark.parametrize("settings", SETTINGS, ids=stable_id)
def test_distances_are_exact_and_all_texts_are_an_exact_search(docs, settings):
    X, y, queries = few(docs)
    exact = NCDClassifier(4, **settings).fit(X, y)
    distances, indices = exact.kneighbors(queries)
    for screen in (1.0, len(X), len(X) + 5):
        found = NCDClassifier(4, screen=screen, **settings).fit(X, y).kneighbors(queries)
        assert found[0].tolist() == distances.tolist()
        assert found[1].tolist() == indices.tolist()
    screened = NCDClassifier(4, screen=12, **settings).fit(X, y)
    everything = dict(zip("di", exact.kneighbors(queries, len(X)), strict=True))
    for row, (d, i) in enumerate(zip(*screened.kneighbors(queries), strict=True)):
        known = dict(zip(everything["i"][row].tolist(), everything["d"][row].tolist(), strict=True))
        assert [known[j] for j in i] == d.tolist()
        assert sorted(zip(d, i, strict=True)) == list(zip(d, i, strict=True))


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_most_neighbours_are_found(docs, compressor):
    clf = NCDClassifier(5, compressor=compressor, screen=0.1, n_jobs=2).fit(docs.X_train, docs.y_train)
    report = clf.screening_report(docs.X_test, docs.y_test)
    assert report["recall"]["value"] > 0.9
    assert report["recall_at_1"]["value"] > 0.95
    assert abs(report["accuracy_screened"]["value"] - report["accuracy_exact"]["value"]) < 0.03
    assert report["n_candidates"] == np.ceil(0.1 * len(docs.X_train))
    assert report["speed_up"] == report["seconds_exact"] / report["seconds_screened"]
    assert clf.training_.screen.nbytes > 0
    missed = NCDClassifier(5, compressor=compressor, screen=5).fit(docs.X_train, docs.y_train)
    assert missed.screening_report(docs.X_test[:50])["recall"]["value"] < report["recall"]["value"]


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_auto_keeps_what_it_takes(docs, compressor):
    clf = NCDClassifier(3, compressor=compressor, screen="auto").fit(docs.X_train, docs.y_train)
    assert 3 < clf.training_.screen.n_candidates(len(docs.X_train), 3) < 0.7 * len(docs.X_train)
    assert clf.screening_report(docs.X_test)["recall"]["value"] > 0.96


def test_a_poor_estimate_is_told_of(docs):
    def at_random(data):
        return 1000 + hash(data) % 1000

    X, y, _ = few(docs, 300)
    with pytest.warns(RuntimeWarning, match="say little about this compressor's distances"):
        NCDClassifier(compressor=at_random, screen=0.1).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        NCDClassifier(screen=0.1).fit(X, y)


def test_of_texts_that_seem_equally_near_the_first_are_kept():
    clf = NCDClassifier(2, screen=5).fit(["the very same words"] * 400, [0] * 400)
    assert clf.kneighbors(["the very same words"])[1].tolist() == [[0, 1]]


@pytest.mark.parametrize("metric", ["ncd", "cdm"])
def test_a_copy_is_found(docs, metric):
    texts = ["hello world", *docs.X_train[:399]]
    clf = NCDClassifier(1, metric=metric, screen=20).fit(texts, [0] * 400)
    assert clf.kneighbors(["hello world"])[1].tolist() == [[0]]


def test_ties_at_random_fall_alike_in_a_report():
    X = ["a b c", "a b d", "a b e"] * 10
    clf = NCDClassifier(4, screen=1.0, tie_break="random").fit(X, list(range(30)))
    assert clf.screening_report(X)["same_label"]["value"] == 1


@pytest.mark.parametrize("screen", ["auto", 0.5, 1])
@pytest.mark.parametrize("n", [1, 2, 3])
def test_few_texts(screen, n):
    clf = NCDClassifier(1, screen=screen).fit(["aa", "", "bb"][:n], ["a", "b", "c"][:n])
    assert clf.predict(["aa"]).tolist() == ["a"]  # all texts are kept if there are so few
    assert clf.kneighbors([""], 1)[0].shape == (1, 1)
    if n > 1:
        assert clf.kneighbors().__len__() == 2


def test_more_neighbours_than_candidates_are_all_exact(docs):
    X, y, queries = few(docs)
    distances, indices = NCDClassifier(screen=3).fit(X, y).kneighbors(queries, 20)
    matrix = pairwise_ncd(queries, X)
    assert distances.tolist() == np.take_along_axis(matrix, indices, axis=1).tolist()


def test_cores_clones_and_pickles_change_nothing(docs):
    X, y, queries = few(docs)
    clf = NCDClassifier(4, compressor="lz77", screen=0.1, n_jobs=1).fit(X, y)
    expected = [part.tolist() for part in clf.kneighbors(queries)]
    for other in (clone(clf).set_params(n_jobs=2).fit(X, y), pickle.loads(pickle.dumps(clf))):
        assert [part.tolist() for part in other.kneighbors(queries)] == expected
    assert clf.kneighbors(None, 3)[1].shape == (len(X), 3)


@pytest.mark.parametrize(
    ("screen", "error"),
    [
        *[(bad, ValueError) for bad in (0, 0.0, 1.5, -1, float("nan"), "all")],
        *[(bad, TypeError) for bad in (True, [1])],
    ],
)
def test_bad_screens(screen, error):
    with pytest.raises(error, match="screen must be"):
        NCDClassifier(1, screen=screen).fit(["a", "b"], [0, 1])


def test_a_report_needs_a_screen_and_good_texts():
    clf = NCDClassifier(1).fit(["a", "b"], [0, 1])
    with pytest.raises(ValueError, match="fitted with a screen"):
        clf.screening_report(["a"])
    clf = NCDClassifier(1, screen=1).fit(["a", "b"], [0, 1])
    with pytest.raises(ValueError, match="at least 1 is needed"):
        clf.screening_report([])
    with pytest.raises(ValueError, match="1 texts and 2 labels"):
        clf.screening_report(["a"], [0, 1])
    with pytest.raises(ValueError, match="at most"):
        clf.screening_report(["a"], n_neighbors=3)


@pytest.mark.parametrize("settings", SETTINGS, ids=stable_id)
@pytest.mark.parametrize("screen", [None, 0.2])
@pytest.mark.parametrize("limit", [("TEXTS_PER_PART", 32), ("BYTES_PER_PART", 5_000)], ids=stable_id)
def test_parts_change_nothing(docs, monkeypatch, settings, screen, limit):
    X, y, queries = few(docs, 70)
    whole = NCDClassifier(9, screen=screen, **settings).fit(X, y)
    monkeypatch.setattr(training_texts, *limit)
    parts = NCDClassifier(9, screen=screen, **settings).fit(X, y)
    assert len(parts.training_.parts) >= 3
    (d, i), (d_parts, i_parts) = whole.kneighbors(queries), parts.kneighbors(queries)
    if screen is None:
        assert (d == d_parts).all()
        assert (i == i_parts).all()
    else:  # each part ignores its own longest strings
        assert d == pytest.approx(d_parts, abs=0.01)


@pytest.mark.parametrize("compressor", ["gzip", "bz2", "lz77", "huffman"])
def test_queries_are_cut_into_parts_by_bytes_where_they_are_indexed(docs, monkeypatch, compressor):
    X, queries = docs.X_train[:20], docs.X_test[:9]
    settings = {"compressor": compressor, "order": "symmetric"}
    whole = pairwise_ncd(queries, X, **settings)
    monkeypatch.setattr(training_texts, "BYTES_PER_PART", 300)
    assert (pairwise_ncd(queries, X, **settings) == whole).all()
