import hashlib
import json
import os
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import joblib
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gzipknn import Keyed, NCDClassifier, NCDClassifierCV, NCDTransformer
from gzipknn.__main__ import main
from gzipknn.compressors import LZ77, Gzip
from gzipknn.memory.block_file import ARRAY, MAGIC, DamagedError, pack, unpack
from gzipknn.memory.cache import BlockStore

KEY = bytes(range(32))


@pytest.fixture
def texts(docs):
    return docs.X_train[:120], docs.y_train[:120], docs.X_test[:30]


def was_prepared(model):
    """Tell whether a model made what only a search of texts that are not kept needs."""
    return model._fitted.training._made is not None


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


# ---- the files ----


def test_store_gives_back_what_it_was_given(tmp_path):
    store = BlockStore(tmp_path)
    arrays = [np.array([[0.1, np.inf], [-1.0, 5e-324]]), np.array([[3], [2**62]])]
    assert store.get(KEY) is None
    store.put(KEY, arrays[:1])
    store.put(KEY, arrays)
    assert same(store.get(KEY), arrays)
    assert store.info() == {
        "folder": str(tmp_path / "gzipknn"),
        "blocks": 1,
        "bytes": store.path(KEY).stat().st_size,
        "damaged": [],
        "unfinished": [],
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_damage_is_noticed(tmp_path, data):
    store = BlockStore(tmp_path)
    store.put(KEY, [np.arange(6.0).reshape(2, 3)])
    path = store.path(KEY)
    whole = path.read_bytes()
    kind = data.draw(st.sampled_from(["flip", "truncate", "add"]))
    if kind == "flip":
        bit = data.draw(st.integers(0, 8 * len(whole) - 1))
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
    elif kind == "truncate":
        damaged = whole[: data.draw(st.integers(0, len(whole) - 1))]
    else:
        damaged = whole + data.draw(st.binary(min_size=1))
    path.write_bytes(damaged)
    with pytest.warns(RuntimeWarning, match="computed again"):
        assert store.get(KEY) is None
    assert store.info()["damaged"] == [str(path)]


def test_a_file_of_another_search_is_not_taken(tmp_path):
    store = BlockStore(tmp_path)
    store.put(KEY, [np.zeros((1, 1))])
    store.path(KEY).write_bytes(pack(KEY[::-1], [np.zeros((1, 1))]))
    with pytest.warns(RuntimeWarning, match="belongs to another search"):
        assert store.get(KEY) is None


def test_full_disk(tmp_path):
    # a limit on the size of files stands for it
    code = """if 1:
        import resource, sys, numpy as np
        from pathlib import Path
        from gzipknn.memory.cache import BlockStore
        store, key = BlockStore(Path(sys.argv[1])), bytes(32)
        store.put(key, [np.ones((1, 1))])
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            store.put(key, [np.zeros((1000, 1))])
        except OSError as error:
            print(error)
        print(store.get(key), list(store.files.glob("*.unfinished")))
    """
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    message, kept = done.stdout.splitlines()
    assert "what it held before is as it was; make room" in message
    assert str(BlockStore(tmp_path).path(bytes(32))) in message
    assert kept == "[array([[1.]])] []"


def test_clear_deletes_nothing_else(tmp_path, capsys):
    store = BlockStore(tmp_path)
    store.put(KEY, [np.zeros((1, 1))])
    (tmp_path / "gzipknn" / "mine.txt").write_text("mine")
    for name, age in (("killed.unfinished", 3600), ("running.unfinished", 0)):
        (store.files / name).write_text("half")
        os.utime(store.files / name, (time.time() - age,) * 2)
    assert main(["cache", "info", str(tmp_path)]) == 0
    assert "1 block, 0.000 MB" in capsys.readouterr().out
    assert main(["cache", "info", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["blocks"] == 1
    assert main(["cache", "clear", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "2 files deleted\n"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["gzipknn", "mine.txt", "running.unfinished"]


def test_command_without_a_cache(tmp_path, capsys):
    for folder, message in ((tmp_path / "none", "there is no folder"), (tmp_path, "nothing is kept in")):
        with pytest.raises(SystemExit):
            main(["cache", "info", str(folder)])
        assert message in capsys.readouterr().err


def test_command_says_what_is_damaged(tmp_path, capsys):
    BlockStore(tmp_path).put(KEY, [np.zeros((1, 1))])
    BlockStore(tmp_path).path(KEY).write_bytes(b"")
    assert main(["cache", "info", str(tmp_path)]) == 1
    assert "Searched again when wanted" in capsys.readouterr().err


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
    {"normalize": "zscore"},
    {"screen": 10},
    {"screen": 0.2},
    {"compressor": "lz77", "screen": "auto"},
    {"compressor": Keyed(lambda data: len(set(data)), "letters-1")},
    {"compressor": Keyed(lambda data: len(set(data)) + 1, "letters-2")},
]


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
    k = 9 if setting.get("screen") == "auto" else 4  # which chooses by k
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


def test_choosing_settings(texts, tmp_path):
    X, y, queries = texts
    plain = NCDClassifierCV(n_neighbors=[1, 3]).fit(X, y)
    for _ in range(2):
        clf = NCDClassifierCV(n_neighbors=[1, 3], memory=tmp_path).fit(X, y)
        assert clf.cv_results_ == plain.cv_results_
        assert clf.predict(queries).tolist() == plain.predict(queries).tolist()


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


def test_damaged_block_is_mended(texts, tmp_path):
    X, y, queries = texts
    expected = NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)
    store = BlockStore(tmp_path)
    path = next(store.files.rglob("*.block"))
    path.write_bytes(b"foreign")
    with pytest.warns(RuntimeWarning, match=path.name):
        assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)
    assert store.info()["damaged"] == []


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


def test_clear_beside_a_search(texts, tmp_path):
    X, y, queries = texts
    expected = NCDClassifier(3).fit(X, y).kneighbors(queries)
    stop = threading.Event()

    def clear():
        while not stop.is_set():
            BlockStore(tmp_path).clear()
            BlockStore(tmp_path).info()

    with ThreadPoolExecutor(1) as pool:
        cleared = pool.submit(clear)
        try:
            for _ in range(10):
                assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)
        finally:
            stop.set()
        cleared.result()


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


# ---- files that somebody else made ----


def sealed(content):
    return content + hashlib.sha256(content).digest()


DTYPES = st.sampled_from([b"<f8", b"<i8", b">f8", b"<i4", b"|O8", b"|S8", b"<M8", b"\xff\0x", b"   ", b"f8\0"])
SIZES = st.one_of(st.integers(0, 4), st.sampled_from([2**31, 2**32 + 1, 2**61, 2**63, 2**64 - 1]))


@given(st.lists(st.tuples(DTYPES, SIZES, SIZES, st.binary(max_size=40))), st.binary(max_size=30))
def test_crafted_content_with_its_checksum_is_damaged_or_read(arrays, rest):
    content = MAGIC + KEY
    for dtype, rows, columns, data in arrays:
        content += ARRAY.pack(dtype, rows, columns) + data
    try:
        found = unpack(sealed(content + rest), KEY)
    except DamagedError:
        return
    assert pack(KEY, found) == sealed(content + rest)


@given(st.binary(max_size=200))
def test_any_content_with_its_checksum_is_damaged_or_read(content):
    with suppress(DamagedError):
        assert pack(KEY, unpack(sealed(MAGIC + KEY + content), KEY)) == sealed(MAGIC + KEY + content)
    with pytest.raises(DamagedError):
        unpack(content, KEY)


def crafted_rows(distances, indices):
    return {
        "one array": [distances],
        "three arrays": [distances, indices, indices],
        "no arrays": [],
        "one row": [distances[:1], indices[:1]],
        "too many rows": [np.repeat(distances, 2, axis=0), np.repeat(indices, 2, axis=0)],
        "the other way round": [indices, distances],
        "two of distances": [distances, distances],
        "too many columns": [np.repeat(distances, 100, axis=1), np.repeat(indices, 100, axis=1)],
        "a text behind the last": [distances, indices + 120],
        "a text before the first": [distances, indices - 120],
        "NaN": [distances * np.nan, indices],
    }


@pytest.mark.parametrize("name", crafted_rows(np.zeros((2, 1)), np.zeros((2, 1), dtype=np.intp)))
def test_crafted_block_is_computed_again(texts, tmp_path, name):
    X, y, queries = texts
    expected = NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)
    (path,) = BlockStore(tmp_path).files.iterdir()
    key = bytes.fromhex(path.stem)
    path.write_bytes(pack(key, crafted_rows(*unpack(path.read_bytes(), key))[name]))
    with pytest.warns(RuntimeWarning, match=f"{path.name} is not what was written there .*computed again"):
        assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)
    assert same(unpack(path.read_bytes(), key), expected)


def put_folder(path):
    path.mkdir()


def put_full_folder(path):
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def put_fifo(path):
    os.mkfifo(path)


def put_loop(path):
    path.symlink_to(path)


@pytest.mark.skipif(os.name != "posix", reason="not to be made here")
@pytest.mark.parametrize("put", [put_folder, put_full_folder, put_fifo, put_loop], ids=lambda f: f.__name__)
def test_other_things_in_place_of_a_block(texts, tmp_path, put):
    X, y, queries = texts
    expected = NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)
    store = BlockStore(tmp_path)
    (path,) = store.files.iterdir()
    path.unlink()
    try:
        put(path)
    except OSError as error:
        pytest.skip(f"not to be made here: {error}")

    def search():
        with pytest.warns(RuntimeWarning, match=f"{path.name} is not what was written there .*computed again"):
            return NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)

    # in a thread, as the reader of a FIFO may wait for ever
    with ThreadPoolExecutor(1) as pool:
        info = pool.submit(store.info)
        try:
            assert info.result(60)["damaged"] == [str(path)]
        finally:
            if put is put_fifo and not info.done():
                path.write_bytes(b"")
    assert same(search(), expected)
    if path.is_dir():  # left as it is, with what it holds
        assert same(search(), expected)
        assert store.clear() == 0
        assert path.is_dir()
    else:
        assert store.info()["damaged"] == []
        path.unlink()
        put(path)
        assert store.clear() == 1
    assert not list(store.files.glob("*.unfinished"))


def test_block_that_cannot_be_read(texts, tmp_path, monkeypatch):
    X, y, queries = texts
    expected = NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)
    (path,) = BlockStore(tmp_path).files.iterdir()
    opened = os.open

    def refuse(name, *arguments, **options):
        if os.fspath(name) == str(path):
            raise PermissionError(13, "Permission denied", name)
        return opened(name, *arguments, **options)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.warns(RuntimeWarning, match="it can't be read: Permission denied.*computed again"):
        assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)
    assert BlockStore(tmp_path).info()["damaged"] == [str(path)]
    # of a folder that can't be read, an error says so once, and not a warning of each file
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(OSError, match=r"memory could not be read \(Permission denied\)"):
        NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)


def test_file_that_is_larger_than_memory(tmp_path):
    code = """if 1:
        import os, resource, sys
        from pathlib import Path
        from gzipknn.memory.block_file import DamagedError, read_file
        path = Path(sys.argv[1])
        path.write_bytes(b"")
        os.truncate(path, 64 << 30)
        resource.setrlimit(resource.RLIMIT_AS, (32 << 30, 32 << 30))
        try:
            read_file(path)
        except DamagedError as error:
            print(error)
    """
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "a"], capture_output=True, text=True, check=True)
    assert done.stdout == "it is larger than the memory of this machine\n"


def test_a_file_in_place_of_the_folder(texts, tmp_path):
    X, y, queries = texts
    (tmp_path / "gzipknn").write_text("mine")
    with pytest.raises(OSError, match=r"memory could not be read \(Not a directory\)"):
        NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)


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
