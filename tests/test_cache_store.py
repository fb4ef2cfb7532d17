"""Files of the cache: reading gives what was written, and all damage is noticed."""

import hashlib
import json
import os
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cache import same

from gzipknn.__main__ import main
from gzipknn.memory.block_file import ARRAY, MAGIC, DamagedError, pack, unpack
from gzipknn.memory.cache import BlockStore

KEY = bytes(range(32))


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
    # a limit on the size of files acts like a full disk
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
    assert "its older results are unchanged; make room" in message
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
    assert "The next search computes them again" in capsys.readouterr().err


# ---- files from other programs ----


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
