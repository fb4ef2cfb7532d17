"""A hit is the same computation: code is edited in every way between two runs with one folder.

Each way is a generator: it yields settings, edits what they depend on, and yields the settings of the second run.
"""

import ctypes
import functools
import importlib
import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import warnings
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

import gzipknn
from gzipknn import Keyed, NCDClassifier, NCDClassifierCV, NCDTransformer
from gzipknn.compressors import Bz2, CallableCompressor, Compressor, Gzip
from gzipknn.compressors.deflate import Deflate
from gzipknn.memory.cache import BlockStore

ROOT = Path(gzipknn.__file__).parent


@pytest.fixture(scope="module")
def few(docs):
    return docs.X_train[:40], docs.y_train[:40], docs.X_test[:8]


@pytest.fixture
def searches(few):
    X, y, queries = few

    def search(memory, **settings):
        return NCDClassifier(3, memory=memory, **settings).fit(X, y).kneighbors(queries)

    return search


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


# ---- ways to change what a function computes ----


class Files:
    """Modules of a user, in a folder that Python imports from."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, source):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        return path

    def imported(self, name="mine"):
        for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0].startswith("mine")]:
            del sys.modules[loaded]
        importlib.invalidate_caches()
        return importlib.import_module(name)


LENGTH = "import zlib\ndef length(data): return len(zlib.compress(data)) + {n}\n"


def edited_source(source):
    def way(files, monkeypatch):
        for n in (0, 40):
            files.write("mine.py", source.format(n=n))
            yield {"compressor": files.imported().length}

    return way


def two_files(source, other="mine_too.py", text=LENGTH):
    def way(files, monkeypatch):
        files.write("mine.py", source)
        for n in (0, 40):
            files.write(other, text.format(n=n))
            yield {"compressor": files.imported().length}

    return way


def package_attribute(files, monkeypatch):
    files.write("mine_all/__init__.py", "import mine_all.part\n")
    files.write("mine.py", "import mine_all\ndef length(data): return mine_all.part.length(data)\n")
    for n in (0, 40):
        files.write("mine_all/part.py", LENGTH.format(n=n))
        yield {"compressor": files.imported().length}


def wrapped(files, monkeypatch):
    for n in (0, 40):

        @functools.wraps(zlib.compress)
        def length(data, n=n):
            return len(zlib.compress(data)) + n

        yield {"compressor": length}


def executed(files, monkeypatch):
    for n in (0, 40):
        names = {"__name__": "json"}
        exec(LENGTH.format(n=n), names)
        yield {"compressor": names["length"]}


def run_as_path(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": runpy.run_path(str(files.write("script.py", LENGTH.format(n=n))))["length"]}


def module_from_spec(files, monkeypatch):
    for n in (0, 40):
        spec = importlib.util.spec_from_file_location("plugin", files.write("plugin.py", LENGTH.format(n=n)))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield {"compressor": module.length}


def closure(files, monkeypatch):
    def add(n):
        return lambda data: len(zlib.compress(data)) + n

    for n in (0, 40):
        yield {"compressor": add(n)}


class Adds:
    more = 0

    def __init__(self, n):
        self.n = n

    def __call__(self, data):
        return len(zlib.compress(data)) + self.n + self.more

    def length(self, data):
        return self(data)


def state_of_an_object(files, monkeypatch):
    adds = Adds(0)
    yield {"compressor": adds}
    adds.n = 40
    yield {"compressor": adds}


def bound_method(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": Adds(n).length}


def class_attribute(files, monkeypatch):
    yield {"compressor": Adds(0)}
    monkeypatch.setattr(Adds, "more", 40)
    yield {"compressor": Adds(0)}


def method_replaced(files, monkeypatch):
    yield {"compressor": Adds(0)}
    monkeypatch.setattr(Adds, "__call__", lambda self, data: len(data) + 40)
    yield {"compressor": Adds(0)}


CONFIG = {"level": 1}
TABLE = np.arange(256)
FUNCTIONS = [lambda data: len(zlib.compress(data))]


def dict_of_settings(files, monkeypatch):
    yield {"compressor": lambda data: len(zlib.compress(data, CONFIG["level"]))}
    monkeypatch.setitem(CONFIG, "level", 0)
    yield {"compressor": lambda data: len(zlib.compress(data, CONFIG["level"]))}


def array_in_place(files, monkeypatch):
    def length(data):
        return int(TABLE[list(set(data))].sum())

    yield {"compressor": length}
    TABLE[97:105] += 5000
    yield {"compressor": length}
    TABLE[97:105] -= 5000


def function_in_a_list(files, monkeypatch):
    def length(data):
        return FUNCTIONS[0](data)

    yield {"compressor": length}
    FUNCTIONS.insert(0, lambda data: len(data) + 40)
    yield {"compressor": length}
    FUNCTIONS.pop(0)


def partial_of_arguments(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": functools.partial(lambda n, data: len(zlib.compress(data)) + n, n)}


def memoized(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": functools.lru_cache(lambda data, n=n: len(zlib.compress(data)) + n)}


def code_replaced(files, monkeypatch):
    def length(data):
        return len(zlib.compress(data))

    yield {"compressor": length}
    length.__code__ = (lambda data: len(data) + 40).__code__
    yield {"compressor": length}


def metric(files, monkeypatch):
    for n in (0, 1000):
        files.write("mine.py", f"def metric(c_x, c_y, c_xy): return (c_xy - c_x) / (c_y + {n})\n")
        yield {"metric": files.imported().metric}


def metrics_of_one_name(files, monkeypatch):
    for n in (0, 1000):

        def metric(c_x, c_y, c_xy, n=n):
            return (c_xy - c_x) / (c_y + n)

        yield {"metric": metric}


def method_of_a_subclass(files, monkeypatch):
    for n in (0, 40):
        files.write(
            "mine.py",
            "from dataclasses import dataclass\nfrom gzipknn.compressors import Compressor\n"
            "@dataclass(frozen=True)\nclass Mine(Compressor):\n"
            f"    def length(self, data): return len(set(data)) + {n}\n",
        )
        yield {"compressor": files.imported().Mine()}


def subclass_of_gzip(files, monkeypatch):
    for n in (9, 1):

        @dataclass(frozen=True)
        class Gzip(Deflate):
            level: int = n
            wbits = 31
            overhead = 18

        yield {"compressor": Gzip()}


def field_that_can_change(files, monkeypatch):
    @dataclass(frozen=True)
    class Levels(Compressor):
        levels: list = field(default_factory=lambda: [9])

        def length(self, data):
            return len(zlib.compress(data, self.levels[0]))

    compressor = Levels()
    yield {"compressor": compressor}
    compressor.levels[0] = 0
    yield {"compressor": compressor}


def function_in_a_compressor(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": CallableCompressor(lambda data, n=n: len(zlib.compress(data)) + n)}


def extension_built_again(files, monkeypatch):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    for n in (0, 4000):
        source, built = files.write("mine.c", f"long add(long x) {{ return x + {n}; }}"), files.folder / f"mine{n}.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", built, source], check=True)
        add = ctypes.CDLL(str(built)).add
        yield {"compressor": lambda data, add=add: add(len(zlib.compress(data)))}


def environment_variable(files, monkeypatch):
    def length(data):
        return len(zlib.compress(data, int(os.environ["MY_LEVEL"])))

    for level in "90":
        monkeypatch.setenv("MY_LEVEL", level)
        yield {"compressor": length}


def file_that_is_read(files, monkeypatch):
    for n in "09":
        path = files.write("level.txt", n)
        yield {"compressor": lambda data, path=path: len(zlib.compress(data, int(path.read_text())))}


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
    monkeypatch.setattr("gzipknn.compressors.lz77.SMOOTHING", 1000)
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


WAYS = {
    "body": edited_source(LENGTH),
    "default": edited_source("import zlib\ndef length(data, n={n}): return len(zlib.compress(data)) + n\n"),
    "constant": edited_source("import zlib\nN = {n}\ndef length(data): return len(zlib.compress(data)) + N\n"),
    "helper": edited_source("def helper(data): return len(set(data)) + {n}\ndef length(data): return helper(data)\n"),
    "helper of another module": two_files(
        "from mine_too import length as other\ndef length(data): return other(data)\n"
    ),
    "helper's helper": two_files(
        "import mine_too\ndef helper(data): return mine_too.length(data)\ndef length(data): return helper(data)\n"
    ),
    "import in the body": two_files("def length(data):\n    from mine_too import length\n    return length(data)\n"),
    "decorator of another module": two_files(
        "from mine_too import adding\n@adding\ndef length(data): return len(set(data))\n",
        text="def adding(function): return lambda data: function(data) + {n}\n",
    ),
    "looked up by name": two_files(
        "import importlib\ndef length(data): return getattr(importlib.import_module('mine_too'), 'length')(data)\n"
    ),
    **{
        way.__name__: way
        for way in (
            *(package_attribute, wrapped, executed, run_as_path, module_from_spec, closure, state_of_an_object),
            *(bound_method, class_attribute, method_replaced, dict_of_settings, array_in_place, function_in_a_list),
            *(partial_of_arguments, memoized, code_replaced, metric, metrics_of_one_name, method_of_a_subclass),
            *(subclass_of_gzip, field_that_can_change, function_in_a_compressor, extension_built_again),
            *(environment_variable, file_that_is_read),
        )
    },
}
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
    assert not same(*expected)  # or the edit would not matter
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
    path = copy / "compressors" / "lz77.py"
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


# ---- keys ----


def test_a_key_is_one_of_its_kind(few, searches, tmp_path):
    """A compressor and a metric of one key, and an own compressor of that name, are three things."""

    def difference(c_x, c_y, c_xy):
        return c_xy - c_x

    for settings in (
        {"compressor": Keyed(lambda data: len(set(data)), "Gzip")},
        {"metric": Keyed(difference, "Gzip")},
        {"compressor": Gzip()},
    ):
        assert same(searches(tmp_path, **settings), searches(None, **settings))


def test_one_warning_for_all_that_is_chosen_from(few, tmp_path):
    X, y, queries = few
    options = {"n_neighbors": [1, 3], "normalize": None}
    mine = [lambda c_x, c_y, c_xy: c_xy - c_x, "ncd"]
    with pytest.warns(RuntimeWarning, match="memory is not used: metric=") as told:
        clf = NCDClassifierCV(compressor=["gzip", "zlib"], metric=mine[:1], memory=tmp_path, **options).fit(X, y)
    assert len(told) == 1
    assert clf.best_estimator_.memory is None
    clf.predict(queries)
    assert not list(tmp_path.rglob("*.block"))
    mine[0] = Keyed(mine[0], "new bytes")
    found = [NCDClassifierCV(metric=mine, memory=memory, **options).fit(X, y) for memory in (tmp_path, tmp_path, None)]
    assert found[0].cv_results_["accuracy"] == found[1].cv_results_["accuracy"] == found[2].cv_results_["accuracy"]
    assert list(tmp_path.rglob("*.block"))


def test_transformer_with_a_key(few, tmp_path):
    X, _, queries = few
    for memory in (tmp_path, tmp_path, None):
        found = NCDTransformer(compressor=Keyed(Adds(3), "adds-3"), memory=memory).fit(X).transform(queries)
        assert (found == NCDTransformer(compressor=Adds(3)).fit(X).transform(queries)).all()


def test_workers_with_other_code_keep_nothing(few, searches, tmp_path, monkeypatch):
    X, y, queries = few
    model = NCDClassifier(3, memory=tmp_path).fit(X, y)
    # a worker that tells another version than this process, as it may on dask
    monkeypatch.setattr("gzipknn.search.distances._call_to_keep", lambda search, queries: (b"other", search(queries)))
    identity = model._fitted.cached.identity
    cached = replace(model._fitted.cached, identify=lambda: identity)
    model._fitted = replace(model._fitted, cached=cached)  # which would notice that
    with pytest.warns(RuntimeWarning, match="other processes compute with another version"):
        found = model.kneighbors(queries)
    assert same(found, searches(None))
    assert not list(tmp_path.rglob("*.block"))
