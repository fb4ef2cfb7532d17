"""Counts of shared strings, native and in NumPy, against a plain count of the strings."""

import pickle

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from gzipknn.compressors import LZ77, Gzip
from gzipknn.search import string_index
from gzipknn.search.string_index import MOST_TEXTS, PythonScreen, StringIndex
from gzipknn.texts.corpus import Corpus

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

needs_native = pytest.mark.skipif(_native is None, reason="the native kernel was not built")
SCREENS = [pytest.param("native", marks=needs_native), "python"]
both = pytest.mark.parametrize("implementation", SCREENS)
NGRAMS = np.array([4, 6], dtype=np.uint8)
RNG = np.random.default_rng(0)


def screen(implementation, data, sizes, weights=None):
    corpus, totals = Corpus.from_texts(data), np.full(len(data), -1)
    make = _native.Screen if implementation == "native" else PythonScreen
    made = make(corpus.buffer, corpus.offsets, sizes, weights, totals)
    return made, totals.tolist()


def shared(made, query, n):
    out = np.full(n, 77, dtype=np.uint32)
    made.shared(query, out)
    return out.tolist()


@both
@pytest.mark.parametrize("sizes", [[4, 6], [1], [2, 2, 0, 3], [], [255]])
def test_ngrams_are_counted_once(implementation, sizes):
    data = [b"the cat sat on the mat", b"", b"a", b"the the the the", bytes(range(256)), b"ab" * 300, b"\0" * 9]
    made, totals = screen(implementation, data, np.array(sizes, dtype=np.uint8))
    sizes = [n for n in sizes if n]
    assert totals == [naive.shared_ngrams(text, text, sizes) for text in data]
    for query in [*data, b"on the cat", "naïve".encode(), bytes(range(255, -1, -1))]:
        assert shared(made, query, len(data)) == [naive.shared_ngrams(query, text, sizes) for text in data]


@both
def test_weights_are_added_up(implementation):
    data = [RNG.choice(list(b"abcd "), size).astype(np.uint8).tobytes() for size in (0, 1, 7, 50, 200)]
    total = sum(map(len, data))
    sizes, weights = RNG.integers(0, 9, total, dtype=np.uint8), RNG.integers(0, 16, total, dtype=np.uint8)
    made, totals = screen(implementation, data, sizes, weights)
    ends = np.cumsum([0, *map(len, data)])
    parts = [
        (text, sizes[i:j].tolist(), weights[i:j].tolist()) for text, i, j in zip(data, ends, ends[1:], strict=False)
    ]
    assert totals == [naive.shared_strings(*part[:1], *part) for part in parts]
    for query in [b"", b"abc", data[3], data[4][::-1]]:
        assert shared(made, query, len(data)) == [naive.shared_strings(query, *part) for part in parts]


@needs_native
@settings(max_examples=150)
@given(data=st.lists(texts, max_size=6), query=texts, seed=st.integers(0, 2**32 - 1), weighted=st.booleans())
@pytest.mark.slow
def test_both_count_the_same(data, query, seed, weighted):
    rng, total = np.random.default_rng(seed), sum(map(len, data))
    sizes = rng.integers(0, 256 if seed % 2 else 7, total if weighted else seed % 4, dtype=np.uint8)
    weights = rng.integers(0, 256, total, dtype=np.uint8) if weighted else None  # of which only four bits count
    made = [screen(name, data, sizes, weights) for name in ("native", "python")]
    assert made[0][1] == made[1][1]
    assert shared(made[0][0], query, len(data)) == shared(made[1][0], query, len(data))


@both
def test_many_texts(implementation):
    data = [b"%d red" % i for i in range(3000)]
    made, totals = screen(implementation, data, NGRAMS)
    assert totals == [naive.shared_ngrams(text, text, [4, 6]) for text in data]
    got, expected = shared(made, b"2000 red", 3000), [naive.shared_ngrams(b"2000 red", text, [4, 6]) for text in data]
    assert np.mean(np.array(got) != expected) < 0.01  # hashes have 24 bits, so a few agree by chance
    assert got[2000] == expected[2000] == 8


@needs_native
def test_kernel_takes_only_what_it_should():
    corpus = Corpus.from_texts([b"abc", b"de"])
    totals = np.empty(2, dtype=np.int64)
    good = (corpus.buffer, corpus.offsets, NGRAMS, None, totals)
    _native.Screen(*good)
    for position, bad in [
        (0, corpus.buffer.astype(np.int64)),
        (1, corpus.offsets.astype(np.int32)),
        (2, NGRAMS.astype(np.int64)),
        (2, "no"),
        (4, totals.astype(float)),
    ]:
        with pytest.raises(TypeError, match="must"):
            _native.Screen(*good[:position], bad, *good[position + 1 :])
    for position, bad in [
        (1, np.array([0, 3, 99])),
        (1, np.array([3, 0])),
        (3, np.ones(5, dtype=np.uint8)),
        (4, np.empty(3, dtype=np.int64)),
    ]:
        with pytest.raises(ValueError, match=r"must|decrease"):
            _native.Screen(*good[:position], bad, *good[position + 1 :])
    many = np.zeros(MOST_TEXTS + 2, dtype=np.int64)
    with pytest.raises(ValueError, match="at most 65536 texts"):
        _native.Screen(corpus.buffer, many, NGRAMS, None, many[1:].copy())
    made = _native.Screen(*good)
    with pytest.raises(TypeError, match="uint32"):
        made.shared(b"a", np.empty(2))
    with pytest.raises(ValueError, match="2 items"):
        made.shared(b"a", np.empty(3, dtype=np.uint32))
    with pytest.raises(TypeError, match="query"):
        made.shared("a", np.empty(2, dtype=np.uint32))
    with pytest.raises(TypeError, match="weights must hold uint8"):
        _native.Screen(corpus.buffer, corpus.offsets, np.ones(5, dtype=np.uint8), np.ones(5), totals)
    priced = (corpus.buffer, corpus.offsets, np.ones(5, dtype=np.uint16))
    with pytest.raises(TypeError, match="sizes must hold uint8"):
        _native.pair_savings(*priced, np.ones(5), 1, b"a", np.array([0]), totals[:1])
    with pytest.raises(IndexError, match="below 2"):
        _native.pair_savings(*priced, np.ones(5, dtype=np.uint8), 1, b"a", np.array([2]), totals[:1])


@needs_native
@pytest.mark.parametrize("n", [16, 17, 18, 511, 512, 513, 1025, 8192, 8193, 9000])
def test_ngrams_that_many_texts_hold_are_counted_like_others(n):
    rng = np.random.default_rng(n)
    data = [rng.choice(list(b"ab"), rng.integers(0, 40)).astype(np.uint8).tobytes() for _ in range(n)]
    sizes = np.array([1, 4, 6, 8], dtype=np.uint8)
    native, python = (screen(name, data, sizes) for name in ("native", "python"))
    assert native[1] == python[1]
    # two letters give 2 + 16 + 64 + 256 different strings, which is more than one round adds
    for query in [b"", b"a", b"bbbb", b"abab" * 5, *data[:2], rng.choice(list(b"ab"), 3000).astype(np.uint8).tobytes()]:
        assert shared(native[0], query, n) == shared(python[0], query, n)
    every = rng.choice(list(b"ab"), 3000).astype(np.uint8).tobytes()
    assert shared(native[0], every, n)[:30] == [naive.shared_ngrams(every, text, [1, 4, 6, 8]) for text in data[:30]]


@needs_native
def test_ngrams_that_many_texts_hold_take_less_memory_than_others():
    postings = 4 * 9 * 1000
    apart, alike = ([b"%012d" % (i * step) for i in range(1000)] for step in (982_451_653, 0))
    assert screen("native", apart, NGRAMS[:1])[0].nbytes - screen("native", alike, NGRAMS[:1])[0].nbytes > postings / 2


@needs_native
def test_wrong_key_sizes_harm_nothing():
    data = [b"the cat sat on the mat", b"cat", b"", b"x" * 400]
    corpus = Corpus.from_texts(data)
    bits, some = np.full(len(corpus.buffer), 2000, dtype=np.uint16), np.arange(len(data))
    for seed in range(50):
        sizes = np.random.default_rng(seed).integers(0, 256, len(bits), dtype=np.uint8)
        saved = np.full(len(data), -1)
        _native.pair_savings(corpus.buffer, corpus.offsets, bits, sizes, 3000, b"a cat on xxxxxxxx", some, saved)
        assert (saved >= 0).all()


@pytest.mark.parametrize("compressor", [Gzip(), LZ77()])
def test_an_index_survives_pickling(compressor):
    corpus = Corpus.from_texts([b"the cat sat", b"a cat on a mat", b"stocks fell"])
    index = StringIndex(compressor.index(corpus, b" "))
    again = pickle.loads(pickle.dumps(index))
    assert again.shared(b"the cat").tolist() == index.shared(b"the cat").tolist()
    assert again.totals.tolist() == index.totals.tolist()


def test_keys_are_where_a_match_pays(docs):
    corpus = Corpus.from_texts([text.encode() for text in docs.X_train[:200]])
    compressor = LZ77().fit(corpus)
    index = compressor.index(corpus, b" ", learnt_from=True)
    strings = StringIndex(index)
    query = docs.X_test[0].encode()
    saved = compressor.length(query) + index.lengths - compressor.joint_lengths(query, index)
    assert np.corrcoef(saved, strings.shared(query))[0, 1] > 0.9


def test_weights_that_can_not_be_added_up_are_refused(docs, monkeypatch):
    index = LZ77().index(Corpus.from_texts([b"short", docs.X_train[0].encode()]), b" ")
    total = StringIndex(index).totals.max()
    monkeypatch.setattr(string_index, "MOST_WEIGHT", int(total))
    StringIndex(index).tables()
    monkeypatch.setattr(string_index, "MOST_WEIGHT", int(total) - 1)
    size = len(docs.X_train[0].encode())
    with pytest.raises(ValueError, match=rf"a training text of {size:,} bytes .* cut the text, or set screen=None"):
        StringIndex(index).tables()
