import pickle
import warnings
import zlib
from dataclasses import dataclass
from math import inf

import numpy as np
import pytest

from gzipknn import NCDClassifier, NCDClassifierCV, NCDTransformer, pairwise_ncd
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.compressors import (
    LZ77,
    Brotli,
    Bz2,
    CallableCompressor,
    Compressor,
    Gzip,
    Huffman,
    Lz4,
    Lzma,
    Zlib,
    Zstd,
)

NOISE = np.random.default_rng(0).bytes(5_500_000)
LONG, SHORT = NOISE[:33_000], b"a few words"


def distance_to_itself(compressor, size):
    once, twice = NOISE[:size], NOISE[:size] + b" " + NOISE[:size]
    return (compressor.length(twice) - compressor.length(once)) / compressor.length(once)


@pytest.mark.parametrize(
    ("compressor", "window"),
    [
        *((Gzip(level), 32_506) for level in (1, 3, 4, 9)),
        *((Zlib(level), 32_506) for level in (1, 6)),
        *((Lz4(level), 65_535) for level in (0, 3, 12)),
        *((Brotli(level), 2**18 - 16) for level in (0, 1)),
        *((Brotli(level), 2**22 - 16) for level in (4, 6)),
        *((Zstd(level), 2**bits) for level, bits in ((1, 19), (2, 20), (3, 21), (9, 22))),
        (Lzma(0), 2**18),
    ],
    ids=repr,
)
def test_the_window_ends_where_a_text_no_longer_finds_itself(compressor, window):
    assert compressor.window == window
    assert distance_to_itself(compressor, round(0.99 * window)) < 0.1
    assert distance_to_itself(compressor, round(1.01 * window)) > 0.99


@pytest.mark.parametrize("level", [1, 2])
def test_bz2_compares_what_stands_in_a_block(level):
    window = Bz2(level).window
    assert window == level * 100_000 - 19
    assert distance_to_itself(Bz2(level), round(0.49 * window)) < 0.3
    assert 0.3 < distance_to_itself(Bz2(level), round(0.75 * window)) < 0.9
    assert distance_to_itself(Bz2(level), round(1.01 * window)) > 0.99


@pytest.mark.parametrize("level", [2, 3])
def test_brotli_forgets_what_is_in_its_window(level):
    assert distance_to_itself(Brotli(level), round(0.75 * Brotli(level).window)) < 0.5
    assert distance_to_itself(Brotli(level), round(1.25 * Brotli(level).window)) > 0.99


def test_other_windows():
    assert [Lzma(level).window >> 20 for level in (1, 2, 4, 6, 7, 8, 9)] == [1, 2, 4, 8, 16, 32, 64]
    assert Gzip(0).window == Zlib(0).window == 0
    assert distance_to_itself(Gzip(0), 1000) > 0.9
    assert Huffman().window == LZ77().window == LZ77(None).window == inf
    assert CallableCompressor(zlib.compress).window is None
    assert float(pairwise_ncd([NOISE[:200_000]], compressor="lz77")[0, 0]) < 0.05


def caught(call):
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        call()
    assert all(warning.category is RuntimeWarning and warning.filename == __file__ for warning in found)
    return [str(warning.message) for warning in found]


def fitted(texts, **settings):
    return NCDClassifier(1, **settings).fit(texts, range(len(texts)))


@pytest.mark.parametrize(
    "call",
    [
        lambda X: fitted(X),
        lambda X: fitted(X).predict(X),
        lambda X: fitted(X, memory=None, order="train-first"),
        lambda X: NCDTransformer().fit_transform(X),
        lambda X: NCDTransformer(landmarks=X).fit([SHORT]),
        lambda X: NCDClassifierCV([1], compressor="gzip").fit(X, range(len(X))),
        lambda X: pairwise_ncd(X),
        lambda X: pairwise_ncd(X[:1], X[1:]),
        lambda X: ClassCompressorClassifier("gzip").fit(X, range(len(X))),
        lambda X: fitted([SHORT]).predict(X),
        lambda X: fitted([SHORT]).kneighbors(X),
        lambda X: NCDTransformer().fit([SHORT]).transform(X),
        lambda X: fitted([SHORT]).partial_fit(X, range(len(X))),
    ],
)
def test_one_warning_of_long_texts(call):
    (message,) = caught(lambda: call([SHORT, LONG, LONG[:32_600], LONG[:32_500]]))
    assert message.startswith("2 of 4 ")
    assert "the 32,506 bytes that Gzip(level=9) looks back; the longest has 33,00" in message
    assert "'lz77' (no limit) or 'lzma'" in message


@pytest.mark.parametrize("compressor", ["lz77", "lzma", "huffman", "zstd", zlib.compress, Lz4(9)], ids=repr)
def test_no_warning_within_the_window_or_where_it_is_unknown(compressor):
    assert caught(lambda: fitted([SHORT, LONG], compressor=compressor).predict([LONG])) == []


def test_no_warning_of_what_gzip_still_sees():
    assert caught(lambda: fitted([SHORT, LONG[:32_506]]).predict([LONG[:32_506]])) == []


def test_a_warning_from_the_cache_too(tmp_path):
    for _ in range(2):
        (message,) = caught(lambda: fitted([SHORT, LONG], memory=tmp_path).predict([SHORT]))
        assert message.startswith("1 of 2 training texts is longer")


def test_what_the_warning_advises():
    (message,) = caught(lambda: pairwise_ncd([bytes(8_400_000)], [SHORT], compressor=Lz4()))
    assert "'lz77' (no limit), or cut the texts" in message
    (message,) = caught(lambda: pairwise_ncd([SHORT], compressor=Gzip(0)))
    assert message == "Gzip(level=0) finds no repetitions, so its distances say nothing; choose a level above 0."
    assert caught(lambda: pairwise_ncd([b""], compressor=Gzip(0))) == []
    (message,) = caught(lambda: ClassCompressorClassifier("gzip").fit([LONG[:20_000]] * 2, [0, 0]))
    assert message.startswith("1 of 1 joined texts of a class is longer")
    assert caught(lambda: ClassCompressorClassifier("gzip", n_shards=2).fit([LONG[:20_000]] * 2, [0, 0])) == []


def test_queries_are_measured_by_the_fitted_compressor():
    clf = fitted([SHORT], compressor="lz77").set_params(compressor="gzip")
    assert caught(lambda: clf.predict([LONG])) == []
    clf = pickle.loads(pickle.dumps(fitted([SHORT]).set_params(compressor="lz77")))
    assert len(caught(lambda: clf.predict([LONG]))) == 1


def test_a_compressor_of_a_user_may_have_a_window():
    @dataclass(frozen=True)
    class Bounded(Compressor):
        window: int = 10

        def length(self, data):
            return len(zlib.compress(data[-self.window :]))

    assert caught(lambda: pairwise_ncd([b"a" * 10], compressor=Bounded())) == []
    (message,) = caught(lambda: pairwise_ncd([b"a" * 11], compressor=Bounded()))
    assert "longer than the 10 bytes" in message
