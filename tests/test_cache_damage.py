"""Files in the cache folder that are not valid blocks: the search goes on and computes the results again."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from test_cache import same

from gzipknn import NCDClassifier
from gzipknn.memory.block_file import pack, unpack
from gzipknn.memory.cache import BlockStore


def test_damaged_block_is_mended(texts, tmp_path):
    X, y, queries = texts
    expected = NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)
    store = BlockStore(tmp_path)
    path = next(store.files.rglob("*.block"))
    path.write_bytes(b"foreign")
    with pytest.warns(RuntimeWarning, match=path.name):
        assert same(NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries), expected)
    assert store.info()["damaged"] == []


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
    with pytest.warns(RuntimeWarning, match=f"{path.name} can't be used .*computed again"):
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
        with pytest.warns(RuntimeWarning, match=f"{path.name} can't be used .*computed again"):
            return NCDClassifier(3, memory=tmp_path).fit(X, y).kneighbors(queries)

    # in a thread, because reading a FIFO may never end
    with ThreadPoolExecutor(1) as pool:
        info = pool.submit(store.info)
        try:
            assert info.result(60)["damaged"] == [str(path)]
        finally:
            if put is put_fifo and not info.done():
                path.write_bytes(b"")
    assert same(search(), expected)
    if path.is_dir():  # the folder and its files stay as they are
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
    # an unreadable folder gives one error, and not a warning for each file
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
