import gzip
import pickle
import zlib

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import rare_long_texts, texts

from gzipknn import compressed_lengths, pairwise_ncd
from gzipknn.compressors import COMPRESSORS, Bz2, CallableCompressor, Gzip, Lzma, Zlib, Zstd, get_compressor
from gzipknn.compressors.deflate import COPY_FROM, COPY_UP_TO
from gzipknn.compressors.extras import PYTHON_HAS_ZSTD
from gzipknn.texts.corpus import Corpus


@pytest.mark.parametrize("name", naive.LENGTHS)
@settings(max_examples=30)
@given(st.lists(texts, min_size=1, max_size=4))
def test_lengths_equal_the_standard_library(name, data):
    assert compressed_lengths(data, name).tolist() == [naive.LENGTHS[name](text) for text in data]


@settings(max_examples=40)
@given(
    query=rare_long_texts,
    data=st.lists(rare_long_texts, min_size=1, max_size=4),
    separator=texts,
    level=st.integers(0, 9),
    wrapper=st.sampled_from([Gzip, Zlib]),
)
def test_joint_deflate_lengths_equal_zlib(query, data, separator, level, wrapper):
    compressor = wrapper(level)
    index = compressor.index(Corpus.from_texts(data), separator)
    reference = gzip.compress if wrapper is Gzip else zlib.compress
    expected = [len(reference(query + separator + text, level)) for text in data]
    assert compressor.joint_lengths(query, index).tolist() == expected


@pytest.mark.parametrize("n", [COPY_FROM - 2, COPY_FROM - 1, COPY_UP_TO - 1, COPY_UP_TO, 66_000])
@pytest.mark.parametrize("level", [0, 1, 6, 9])
def test_joint_lengths_around_the_limits_of_the_copied_state(n, level):
    rng = np.random.default_rng(0)
    noise = rng.integers(97, 103, size=140_000, dtype=np.uint8).tobytes()
    data = [noise[:70_000], noise[n - 300 : n + 5_000], b"", noise[-500:]]
    index = Gzip(level).index(Corpus.from_texts(data), b" ")
    expected = [len(gzip.compress(noise[:n] + b" " + text, level)) for text in data]
    assert Gzip(np.int64(level))._joint_lengths_by_zlib(noise[:n], index).tolist() == expected


@pytest.mark.parametrize("name", sorted(COMPRESSORS))
def test_every_compressor_is_a_value_that_compresses(name):
    compressor = get_compressor(name)
    assert compressor == get_compressor(name) == pickle.loads(pickle.dumps(compressor))
    short, long = compressor.lengths(Corpus.from_texts([b"ab" * 50, b"ab" * 50 + bytes(range(100))]))
    assert 0 < short < long
    if name == "lz77":  # matches reduce its joint lengths: tests/test_lz77.py
        return
    index = compressor.index(Corpus.from_texts([b"ab" * 50]), b"-")
    assert compressor.joint_lengths(b"ab", index).tolist() == [compressor.length(b"ab-" + b"ab" * 50)]


@pytest.mark.parametrize("name", sorted(set(COMPRESSORS) - {"lz77", "huffman"}))
def test_levels(name):
    with pytest.raises(ValueError, match=r"level must be from \d to \d+, got 99"):
        COMPRESSORS[name](level=99)
    with pytest.raises(TypeError, match=r"level must be an int from \d to \d+, got float"):
        COMPRESSORS[name](level=3.5)


def test_levels_make_a_difference(docs):
    text = ["\n".join(docs.X_train)]
    for fast, small in [(Gzip(1), Gzip(9)), (Zlib(1), Zlib(9)), (Lzma(0), Lzma(9)), (Bz2(1), Bz2(9))]:
        assert compressed_lengths(text, fast) > compressed_lengths(text, small)


def test_callables_return_bytes_or_a_length():
    data = ["abc", "aaaa"]
    assert compressed_lengths(data, zlib.compress).tolist() == compressed_lengths(data, "zlib").tolist()
    assert compressed_lengths(data, lambda text: len(set(text))).tolist() == [3, 1]
    for kind in (np.uint8, np.int64, np.uint64):
        assert compressed_lengths(data, lambda text, kind=kind: kind(len(text))).dtype == np.int64
    assert compressed_lengths(data, lambda text: np.float32(len(text))).dtype == np.float64
    assert pairwise_ncd(["a" * 200], metric="cdm", compressor=lambda text: np.uint8(len(text) % 256)).item() < 1
    assert compressed_lengths(data, lambda text: len(text) / 2).tolist() == [1.5, 2.0]


@pytest.mark.parametrize("nonsense", [None, "text", -1, float("nan"), float("inf"), [1], True, 10**30])
def test_a_callable_that_returns_nonsense(nonsense):
    with pytest.raises(TypeError, match=r"must return the compressed bytes or their length .* for a text of 3 bytes"):
        compressed_lengths(["abc"], lambda text: nonsense)


@pytest.mark.parametrize("unknown", ["rar", None, 9, Gzip, ["gzip"]])
def test_unknown_compressor_lists_the_choices(unknown):
    with pytest.raises(ValueError, match=r"compressor must be one of \['brotli', 'bz2', 'gzip'.*or a callable.*got"):
        get_compressor(unknown)


@pytest.mark.parametrize(("name", "package"), [("zstd", "zstandard"), ("lz4", "lz4"), ("brotli", "brotli")])
def test_a_missing_package_names_its_extra(name, package, monkeypatch):
    if name == "zstd" and PYTHON_HAS_ZSTD:
        pytest.skip("this Python has its own zstd")
    monkeypatch.setitem(__import__("sys").modules, "lz4.frame" if name == "lz4" else package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package '{package}'.*pip install 'gzipknn\[{name}\]'"):
        get_compressor(name)


def test_optional_compressors_are_what_their_packages_make():
    import brotli
    import lz4.frame

    text = b"the cat sat on the mat and the other cat on the other mat " * 20
    reference = {
        "zstd": lambda level: naive.zstd_behind(b"", level)(text),
        "lz4": lambda level: lz4.frame.compress(text, compression_level=level),
        "brotli": lambda level: brotli.compress(text, quality=level),
    }
    for name, levels in {"zstd": (3, 1, 22), "lz4": (0, 9), "brotli": (11, 0)}.items():
        assert compressed_lengths([text], name).tolist() == [len(reference[name](levels[0]))]
        for level in levels:
            assert compressed_lengths([text], COMPRESSORS[name](level)).tolist() == [len(reference[name](level))]


@pytest.mark.parametrize("level", [1, 3, 19])
def test_zstd_behind_a_prefix(level):
    text = Corpus.from_texts([b"the cat sat on the mat and the other cat on the other mat " * 20, b"", b"cat"])
    for prefix in (b"", b"the cat", b"the cat ", b"on the other mat " * 40):
        reference = naive.zstd_behind(prefix if len(prefix) >= 8 else b"", level)
        assert Zstd(level).behind(prefix)(text).tolist() == [len(reference(one)) for one in text]


def test_windows_of_zstd_are_those_of_its_library():
    zstandard = pytest.importorskip("zstandard")
    for level in range(1, 23):
        assert Zstd(level).window == 1 << zstandard.ZstdCompressionParameters.from_level(level).window_log


@pytest.mark.skipif(not PYTHON_HAS_ZSTD, reason="compression.zstd came with Python 3.14")
@pytest.mark.parametrize("level", [1, 3, 9, 19])
def test_both_ways_to_zstd_give_the_same_lengths(level, docs, monkeypatch):
    zstandard = pytest.importorskip("zstandard")
    from compression import zstd

    if zstd.zstd_version_info != zstandard.ZSTD_VERSION:
        pytest.skip(f"zstandard holds libzstd {zstandard.ZSTD_VERSION}, Python {zstd.zstd_version_info}")
    texts, prefix = Corpus.from_texts([text.encode() for text in docs.X_test[:20]]), docs.X_train[0].encode() * 9
    own = [Zstd(level).lengths(texts).tolist(), Zstd(level).behind(prefix)(texts).tolist()]
    monkeypatch.setattr("gzipknn.compressors.extras.PYTHON_HAS_ZSTD", False)
    assert own == [Zstd(level).lengths(texts).tolist(), Zstd(level).behind(prefix)(texts).tolist()]


def test_callables_ask_for_processes():
    assert CallableCompressor(len).prefer == "processes"
    assert Gzip().prefer == "threads"
