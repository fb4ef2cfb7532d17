"""A cache hit is the same computation. The tests edit code between two runs with one folder.

Each way is a generator. It yields settings, edits what they depend on, and yields the settings of the second run.
"""

import shutil
import subprocess
import sys
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from edited_files import Files
from edits import WAYS, Adds

import gzipknn
from gzipknn import Keyed, NCDClassifier
from gzipknn.compressors import Bz2, Compressor
from gzipknn.memory.cache import BlockStore

ROOT = Path(gzipknn.__file__).parent


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


def own_method_replaced(files, monkeypatch):
    yield {"compressor": "huffman"}
    monkeypatch.setattr("gzipknn.compressors.huffman.Huffman.joint_lengths", Compressor.joint_lengths)
    monkeypatch.setattr("gzipknn.compressors.huffman.Huffman.length", lambda self, data: len(data) + 40)
    yield {"compressor": "huffman"}


def own_code_replaced(files, monkeypatch):
    yield {"metric": "nmi"}
    monkeypatch.setattr(gzipknn.metrics.nmi, "__code__", gzipknn.metrics.cdm.__code__)
    yield {"metric": "nmi"}


def own_name_replaced(files, monkeypatch):
    yield {}
    monkeypatch.setitem(gzipknn.metrics.METRICS, "ncd", lambda c_x, c_y, c_xy: c_xy - c_x)
    yield {}


def own_constant_replaced(files, monkeypatch):
    yield {"compressor": "lz77"}
    monkeypatch.setattr("gzipknn.compressors.background.BLEND_SMOOTHING", 10)
    yield {"compressor": "lz77"}


def library_replaced(files, monkeypatch):
    yield {"compressor": "bz2"}
    monkeypatch.setattr("bz2.compress", lambda data, level: zlib.compress(data))
    yield {"compressor": "bz2"}


def own_object_changed(files, monkeypatch):
    compressor = Bz2()
    yield {"compressor": compressor}
    object.__setattr__(compressor, "level", 1)
    object.__setattr__(compressor, "length", lambda data: len(set(data)))
    yield {"compressor": compressor}


OWN_WAYS = [
    *(own_method_replaced, own_code_replaced, own_name_replaced, own_constant_replaced, library_replaced),
    own_object_changed,
]


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(tmp_path / "code")
    (tmp_path / "code").mkdir()
    yield Files(tmp_path / "code")
    for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0].startswith("mine")]:
        del sys.modules[loaded]


@pytest.mark.parametrize("name", WAYS)
def test_edited_code_is_computed_anew(name, searches, files, tmp_path, monkeypatch):
    kept, found, expected = tmp_path / "kept", [], []
    for settings in WAYS[name](files, monkeypatch):
        with pytest.warns(RuntimeWarning, match=r"memory is not used: (compressor|metric)=.*gzipknn\.Keyed\(") as told:
            found.append(searches(kept, **settings))
        assert len(told) == 1
        expected.append(searches(None, **settings))
    assert same(found[0], expected[0])
    assert same(found[1], expected[1])
    assert not same(*expected)  # otherwise the edit would not matter
    assert not list(kept.rglob("*.block"))


@pytest.mark.parametrize("name", WAYS)
def test_a_new_key_is_computed_anew_and_the_old_one_is_a_promise(name, searches, files, tmp_path, monkeypatch):
    found = []
    for number, settings in enumerate(WAYS[name](files, monkeypatch)):
        (parameter, value), kept = next(iter(settings.items())), tmp_path / "kept"
        found.append(searches(kept, **{parameter: Keyed(value, f"mine-{number}")}))
        assert same(found[-1], searches(None, **settings))
        n_kept = BlockStore(kept).info()["blocks"]
        assert same(searches(kept, **{parameter: Keyed(value, "mine-0")}), found[0])
        assert BlockStore(kept).info()["blocks"] == n_kept == number + 1


@pytest.mark.parametrize("way", OWN_WAYS, ids=lambda way: way.__name__)
def test_own_code_that_was_replaced_is_computed_anew(way, searches, files, tmp_path, monkeypatch):
    steps = way(files, monkeypatch)
    settings = next(steps)
    first = searches(tmp_path / "kept", **settings)
    n_kept = BlockStore(tmp_path / "kept").info()["blocks"]
    assert n_kept
    settings = next(steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found, expected = searches(tmp_path / "kept", **settings), searches(None, **settings)
    assert same(found, expected)
    assert not same(first, expected)


# ---- what changes between fit and a search ----


def replace_bz2(compressor, monkeypatch):
    monkeypatch.setattr("bz2.compress", lambda data, level: zlib.compress(data))


def replace_a_method(compressor, monkeypatch):
    monkeypatch.setattr(Bz2, "length", lambda self, data: len(set(data)))


def replace_a_metric(compressor, monkeypatch):
    monkeypatch.setattr(gzipknn.metrics.ncd, "__code__", gzipknn.metrics.cdm.__code__)


def change_a_field(compressor, monkeypatch):
    object.__setattr__(compressor, "level", 1)


def give_it_a_method(compressor, monkeypatch):
    object.__setattr__(compressor, "length", lambda data: len(set(data)))


@pytest.mark.parametrize("setting", [{}, {"normalize": "local"}, {"screen": "auto"}, {"order": "train-first"}], ids=str)
@pytest.mark.parametrize(
    "change",
    [replace_bz2, replace_a_method, replace_a_metric, change_a_field, give_it_a_method],
    ids=lambda f: f.__name__,
)
def test_a_change_after_fit_is_not_kept(change, setting, few, searches, tmp_path):
    X, y, queries = few
    compressor = Bz2()
    model = NCDClassifier(3, compressor=compressor, memory=tmp_path, **setting).fit(X, y)
    with pytest.MonkeyPatch.context() as monkeypatch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        change(compressor, monkeypatch)
        model.kneighbors(queries)
    assert same(searches(tmp_path, compressor=Bz2(), **setting), searches(None, compressor=Bz2(), **setting))


@pytest.mark.parametrize("setting", [{}, {"normalize": "local"}, {"screen": "auto"}], ids=str)
def test_state_that_changes_after_fit_is_not_kept(setting, few, searches, tmp_path):
    X, y, queries = few
    adds = Adds(1)
    with pytest.warns(RuntimeWarning, match="memory is not used"):
        model = NCDClassifier(3, compressor=adds, memory=tmp_path, **setting).fit(X, y)
    adds.n = 50
    model.kneighbors(queries)
    with pytest.warns(RuntimeWarning, match="memory is not used"):
        found = searches(tmp_path, compressor=Adds(1), **setting)
    assert same(found, searches(None, compressor=Adds(1), **setting))


def test_a_change_after_fit_is_said(few, tmp_path, monkeypatch):
    X, y, queries = few
    model = NCDClassifier(3, compressor="bz2", memory=tmp_path).fit(X, y)
    replace_bz2(None, monkeypatch)
    with pytest.warns(RuntimeWarning, match="memory is not used: the settings, or what computes them, were changed"):
        model.kneighbors(queries)


# ---- the code of this library, and the libraries below it ----

IDENTIFY = """
import sys
sys.path.insert(0, sys.argv[1])
import gzipknn
assert gzipknn.__file__.startswith(sys.argv[1])
from gzipknn.memory.identity import identify
print(identify("gzip", ["ncd"]).hex(), identify("huffman", ["ncd"]).hex())
"""


def test_edits_of_this_library_are_other_computations(tmp_path):
    copy = tmp_path / "gzipknn"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"))

    def identified():
        command = [sys.executable, "-B", "-c", IDENTIFY, str(tmp_path)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = identified()
    assert identified() == before
    path = copy / "compressors" / "background.py"
    path.write_text(path.read_text().replace("SMOOTHING = 8", "SMOOTHING = 9"))
    edited = identified()
    assert edited != before
    kernels = list((copy / "_kernel").glob("_native.*.so"))
    for kernel in kernels:
        kernel.write_bytes(kernel.read_bytes() + b"\0")
    assert (identified() != edited) == bool(kernels)


def test_libraries_tell_their_versions():
    import bz2
    import lzma

    from gzipknn.memory.identity import _library

    if sys.platform == "linux" and getattr(sys.modules["_lzma"], "__file__", None):
        assert _library("_lzma")[-1].split(b".")[0].isdigit()
        assert _library("_bz2")[-1].startswith(b"1.")
    assert zlib.ZLIB_RUNTIME_VERSION in _library("zlib")[2]
    assert len({_library(name)[1] for name in ("_bz2", "_lzma")}) == 2 or bz2 is lzma


def test_every_own_compressor_is_known(few, searches, tmp_path):
    for name in gzipknn.compressors.COMPRESSORS:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = searches(tmp_path / name, compressor=name)
        assert BlockStore(tmp_path / name).info()["blocks"], name
        assert same(searches(tmp_path / name, compressor=name), found)


def test_workers_with_other_code_keep_nothing(few, searches, tmp_path, monkeypatch):
    X, y, queries = few
    model = NCDClassifier(3, memory=tmp_path).fit(X, y)
    # a worker with another version than this process, which may happen on dask
    monkeypatch.setattr("gzipknn.search.distances._call_to_keep", lambda search, queries: (b"other", search(queries)))
    identity = model._fitted.cached.identity
    cached = replace(model._fitted.cached, identify=lambda: identity)
    model._fitted = replace(model._fitted, cached=cached)  # this check would notice the edit
    with pytest.warns(RuntimeWarning, match="other processes compute with another version"):
        found = model.kneighbors(queries)
    assert same(found, searches(None))
    assert not list(tmp_path.rglob("*.block"))
