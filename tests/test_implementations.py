"""The choice between the native kernel and Python."""

import itertools
import pickle
import warnings
import zlib

import naive
import pytest
from test_kernel import PROSE, needs_native

from gzipknn import NCDClassifier, _kernel, pairwise_ncd
from gzipknn.compressors import Gzip, Zlib
from gzipknn.texts.corpus import Corpus


@needs_native
@pytest.mark.parametrize("implementation", ["native", "python"])
def test_both_implementations_give_the_same(implementation, docs, monkeypatch):
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", implementation)
    assert _kernel.implementation() == implementation
    data, queries = docs.X_train[:60], docs.X_test[:5]
    for order, level in itertools.product(("query-first", "train-first", "symmetric"), (6, 9)):
        distances = pairwise_ncd(queries, data, compressor=Gzip(level), order=order)
        expected = naive.distances(
            [q.encode() for q in queries],
            [t.encode() for t in data],
            lambda d, n=level: len(zlib.compress(d, n, 31)),
            order=order,
        )
        assert distances.tolist() == expected


@needs_native
def test_a_fitted_model_moves_between_implementations(docs, monkeypatch):
    clf = NCDClassifier(3).fit(docs.X_train[:60], docs.y_train[:60])
    expected = clf.kneighbors(docs.X_test[:5])
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", "python")
    restored = pickle.loads(pickle.dumps(clf))
    monkeypatch.delenv("GZIPKNN_IMPLEMENTATION")
    for model in (clf, restored, pickle.loads(pickle.dumps(restored))):
        for first, second in zip(model.kneighbors(docs.X_test[:5]), expected, strict=True):
            assert (first == second).all()


def test_low_levels_go_to_zlib():
    for level in range(4):
        assert Zlib(level).lengths(Corpus.from_texts([PROSE])).tolist() == [len(zlib.compress(PROSE, level))]


def test_an_unknown_implementation_lists_the_choices(monkeypatch):
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", "rust")
    with pytest.raises(ValueError, match=r"must be one of \['auto', 'native', 'python'\], got 'rust'"):
        _kernel.native()


@pytest.fixture
def not_built(monkeypatch):
    monkeypatch.setattr(_kernel, "_load", lambda: None)
    _kernel._say_once.cache_clear()
    yield
    _kernel._say_once.cache_clear()


def test_without_the_kernel_it_says_so_once(not_built, monkeypatch):
    monkeypatch.delenv("GZIPKNN_IMPLEMENTATION", raising=False)
    with pytest.warns(RuntimeWarning, match="native kernel of gzipknn was not built"):
        assert _kernel.native() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert _kernel.implementation() == "python"


def test_a_forced_kernel_that_is_not_there_raises(not_built, monkeypatch):
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", "native")
    with pytest.raises(ImportError, match="was not built; install gzipknn where there is a C compiler"):
        _kernel.native()


def test_a_replacement_of_zlib_is_noticed(not_built, monkeypatch):
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", "python")
    monkeypatch.setattr(zlib, "ZLIB_RUNTIME_VERSION", "1.3.1.zlib-ng")
    with pytest.warns(RuntimeWarning, match=r"links zlib 1\.3\.1\.zlib-ng, whose lengths differ"):
        _kernel.native()
