import os
import pickle

import joblib
import numpy as np
import pytest

from gzipknn import Keyed, NCDClassifier, NCDClassifierCV, NCDTransformer
from gzipknn.compressors import LZ77, Gzip
from gzipknn.memory.cache import BlockStore


def was_prepared(model):
    """Tell whether a model has made the index that it needs only to search for texts that are not in the cache."""
    return model._fitted.training._made is not None


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


# ---- the searches ----

SETTINGS = [
    {},
    {"compressor": Gzip(level=6)},
    {"compressor": "lz77"},
    {"compressor": LZ77(background=1)},
    {"metric": "cdm"},
    {"metric": Keyed(lambda c_x, c_y, c_xy: c_xy - c_x, "what is new")},
    {"order": "train-first"},
    {"separator": ""},
    {"normalize": "local"},
    {"normalize": "half-local"},
    {"normalize": "zscore"},
    {"screen": 10},
    {"screen": 0.2},
    {"compressor": "lz77", "screen": "auto"},
    {"compressor": Keyed(lambda data: len(set(data)), "letters-1")},
    {"compressor": Keyed(lambda data: len(set(data)) + 1, "letters-2")},
]


@pytest.mark.slow
def test_no_setting_is_taken_for_another(texts, tmp_path):
    X, y, queries = texts
    for memory in (tmp_path, None):
        for setting in SETTINGS:
            for k in (9, 4):
                clf = NCDClassifier(k, **setting).fit(X, y)
                expected = clf.kneighbors(queries), clf.kneighbors()
                clf = NCDClassifier(k, memory=memory, **setting).fit(X, y)
                assert same(clf.kneighbors(queries), expected[0])
                assert same(clf.kneighbors(), expected[1])


@pytest.mark.parametrize("setting", SETTINGS)
def test_nothing_is_searched_twice(texts, tmp_path, setting):
    X, y, queries = texts
    first = NCDClassifier(9, memory=tmp_path, **setting).fit(X, y)
    expected, labels = first.kneighbors(queries), NCDClassifier(9, tie_break="lowest", **setting).fit(X, y)
    k = 9 if setting.get("screen") == "auto" else 4  # this screen chooses by k
    again = NCDClassifier(k, memory=tmp_path, n_jobs=2, **setting).fit(X, y)
    assert same(again.kneighbors(queries, 9), expected)
    assert same(again.kneighbors(queries, 5), [array[:, :5] for array in expected])
    again.set_params(n_neighbors=9, tie_break="lowest")
    assert again.predict(queries).tolist() == labels.predict(queries).tolist()
    other = NCDClassifier(9, memory=tmp_path, weights="margin", **setting).fit(X, y[::-1])
    assert same(other.kneighbors(queries), expected)
    assert not was_prepared(again)
    assert not was_prepared(other)


def test_more_neighbours_are_searched_and_then_kept(texts, tmp_path):
    X, y, queries = texts
    NCDClassifier(2, memory=tmp_path).fit(X, y).kneighbors(queries)
    found = NCDClassifier(6, memory=tmp_path).fit(X, y).kneighbors(queries)
    assert same(found, NCDClassifier(6).fit(X, y).kneighbors(queries))
    assert same(NCDClassifier(6, memory=tmp_path).fit(X, y).kneighbors(queries), found)


def test_training_that_grows_and_shrinks(texts, tmp_path):
    X, y, queries = texts
    for memory in (None, tmp_path, tmp_path):
        clf = NCDClassifier(3, memory=memory).fit(X[:50], y[:50])
        found = [clf.kneighbors(queries)]
        for n in (80, 120):
            clf.partial_fit(X[n - 40 : n], y[n - 40 : n])
            found.append(clf.kneighbors(queries))
        for dropped in ([0, 3], [5]):
            clf.forget(dropped)
            found.append(clf.kneighbors(queries))
        if memory is None:
            expected = found
        assert all(map(same, found, expected))


def test_transformer(texts, tmp_path):
    X, _, queries = texts
    setting = {"landmarks": 20, "random_state": 0, "memory": tmp_path}
    expected = NCDTransformer(**setting).fit(X).transform(queries)
    other = NCDTransformer(**{**setting, "landmarks": 21}).fit(X).transform(queries)
    assert other.shape == (30, 21)
    again = NCDTransformer(**setting).fit(X)
    assert (again.transform(queries) == expected).all()
    assert not was_prepared(again)


@pytest.mark.slow
def test_choosing_settings(texts, tmp_path):
    X, y, queries = (part[:50] for part in texts)
    plain = NCDClassifierCV(n_neighbors=[1, 3]).fit(X, y)
    for _ in range(2):
        clf = NCDClassifierCV(n_neighbors=[1, 3], memory=tmp_path).fit(X, y)
        assert clf.cv_results_ == plain.cv_results_
        assert clf.predict(queries).tolist() == plain.predict(queries).tolist()


@pytest.mark.slow
def test_interrupted_search_goes_on(docs, tmp_path):
    X, y, queries = docs.X_train[:1000], docs.y_train[:1000], docs.X_test[:60]
    calls, stops = [], [0]

    def compressor(data):
        calls.append(1)
        if len(calls) == stops[0]:
            raise KeyboardInterrupt
        return len(set(data))

    clf = NCDClassifier(3, compressor=Keyed(compressor, "letters"))
    expected = clf.fit(X, y).kneighbors(queries)
    n_calls, stops[0] = len(calls), len(calls) // 2
    calls.clear()
    clf.set_params(memory=tmp_path)
    with pytest.raises(KeyboardInterrupt):
        clf.fit(X, y).kneighbors(queries)
    assert BlockStore(tmp_path).info()["blocks"] > 1
    before, stops[0] = len(calls), 0
    assert same(clf.fit(X, y).kneighbors(queries), expected)
    a_block = 8 * (1 + len(X))
    assert len(calls) - before <= n_calls - before + len(X) + a_block


def test_processes_share_a_cache(texts, tmp_path):
    X, y, queries = texts

    def search(k):
        return NCDClassifier(k, memory=tmp_path).fit(X, y).kneighbors(queries)

    found = joblib.Parallel(2, backend="loky")(joblib.delayed(search)(k) for k in (3, 5, 3, 5))
    expected = NCDClassifier(5).fit(X, y).kneighbors(queries)
    assert all(same(some, [array[:, : some[0].shape[1]] for array in expected]) for some in found)
    assert not list(tmp_path.rglob("*.unfinished"))


def test_where_it_may_lie(texts, tmp_path):
    X, y, queries = texts
    for memory in (str(tmp_path / "a"), tmp_path / "b", joblib.Memory(tmp_path / "c", verbose=0), joblib.Memory(None)):
        NCDClassifier(1, memory=memory).fit(X, y).predict(queries)
    assert sorted(path.parent.name for path in tmp_path.glob("*/gzipknn")) == ["a", "b", "c"]
    with pytest.raises(TypeError, match=r"memory must be a folder .* got int \(3\)"):
        NCDClassifier(1, memory=3).fit(X, y)


def test_settings_are_checked_in_fit(texts, tmp_path):
    X, y, _ = texts
    for setting in ({"compressor": "zip"}, {"metric": "L2"}, {"order": "any"}, {"separator": 1}, {"normalize": "n"}):
        with pytest.raises((TypeError, ValueError), match=next(iter(setting))):
            NCDClassifier(1, memory=tmp_path, **setting).fit(X, y)


def test_settings_changed_after_fit_have_no_effect(texts, tmp_path):
    X, y, queries = texts
    expected = NCDClassifier(3).fit(X, y).kneighbors(queries)
    clf = NCDClassifier(3, memory=tmp_path).fit(X, y).set_params(compressor="bz2", screen=3, normalize="local")
    assert same(clf.kneighbors(queries), expected)
    assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)


def test_model_that_was_never_prepared_is_pickled_whole(texts, tmp_path):
    X, y, queries = texts
    expected = NCDClassifier(3).fit(X, y).kneighbors(queries)
    written = pickle.dumps(NCDClassifier(3, memory=tmp_path / "a").fit(X, y))
    assert same(pickle.loads(written).kneighbors(queries), expected)


def test_screen_that_is_chosen_again_while_growing(docs, tmp_path):
    X, y, queries = docs.X_train[:250], docs.y_train[:250], docs.X_test[:50]
    found = []
    for memory in (tmp_path, None):
        clf = NCDClassifier(60, screen="auto", compressor="lz77", memory=memory).fit(X[:100], y[:100])
        clf.set_params(n_neighbors=1).partial_fit(X[100:], y[100:])
        found.append([clf.kneighbors(queries, k) for k in (60, 3)])
    assert all(map(same, *found))


def test_relative_folder_is_that_of_fit(texts, tmp_path, monkeypatch):
    X, y, queries = texts
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "a")
    clf = NCDClassifier(3, memory="kept").fit(X, y)
    monkeypatch.chdir(tmp_path / "b")
    clf.predict(queries)
    assert not list((tmp_path / "b").iterdir())
    assert list((tmp_path / "a").rglob("*.block"))


def test_forked_processes_share_a_cache(texts, tmp_path):
    if not hasattr(os, "fork"):
        pytest.skip("no fork here")
    X, y, queries = texts
    expected = NCDClassifier(3).fit(X, y).kneighbors(queries)
    model = NCDClassifier(3, memory=tmp_path).fit(X, y)
    children = []
    for _ in range(2):
        child = os.fork()
        if not child:
            os._exit(0 if same(model.kneighbors(queries), expected) else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert same(model.kneighbors(queries), expected)
    assert not was_prepared(model)
    assert BlockStore(tmp_path).info()["damaged"] == []
