"""The lz77 routines, native and in Python, give the results of the plain version and never crash."""

import itertools
import threading
from functools import cache

import naive_lz77
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from gzipknn.compressors import lz77_python
from gzipknn.texts.corpus import Corpus

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

needs_native = pytest.mark.skipif(_native is None, reason="the native kernel was not built")
both = pytest.mark.parametrize(
    "implementation",
    [pytest.param(_native, marks=needs_native, id="native"), pytest.param(lz77_python, id="python")],
)
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, 70_000, dtype=np.uint8).tobytes()
PALETTES = [[0], [256], [65535], [0, 1], [1, 2, 3], [0, 300, 2048], [40, 41, 60], [0, 65535], range(3000)]

small_texts = st.lists(st.sampled_from(b"ab"), max_size=40).map(bytes)
pieces = st.one_of(small_texts, texts)
prices = st.one_of(st.sampled_from([0, 1, 256, 3072, 65535]), st.integers(0, 65535))
seeds = st.integers(0, 2**32 - 1)


def random_bits(size, seed):
    rng = np.random.default_rng(seed)
    return rng.choice(PALETTES[rng.integers(len(PALETTES))], size).astype(np.uint16)


def own_bits(implementation, data, literal, copy):
    corpus = Corpus.from_texts(data)
    out = np.empty_like(literal)
    implementation.own_bits(corpus.buffer, corpus.offsets, literal, copy, out)
    return [out[i:j].tolist() for i, j in itertools.pairwise(corpus.offsets)]


def random_worth(bits, seed):
    """The worth of the bits, which is zero where there are no bits."""
    rng = np.random.default_rng(seed)
    return np.where(bits > 0, rng.choice(PALETTES[rng.integers(len(PALETTES))], len(bits)), 0).astype(np.uint16)


def savings(implementation, queries, data, bits, match, worth=None):
    corpus = Corpus.from_texts(data)
    index = implementation.Lz77Index(corpus.buffer, corpus.offsets, bits, match, worth)
    out = np.empty(len(data), np.int64)
    assert index.nbytes > 0
    rows = []
    for query in queries:
        out[:] = -1
        index.savings(query, out)
        rows.append(out.tolist())
    sizes = np.full(len(bits), 77, dtype=np.uint8)
    implementation.key_sizes(corpus.buffer, corpus.offsets, bits, match, sizes)
    some = np.random.default_rng(len(data)).permutation(len(data))[:20]
    for query, row in zip(queries, rows, strict=True):  # the same for some texts, without the index
        of_some = np.full(len(some), -1)
        implementation.pair_savings(corpus.buffer, corpus.offsets, bits, sizes, match, query, some, of_some, worth)
        assert of_some.tolist() == [row[i] for i in some]
    return rows


def naive_savings(queries, data, bits, match, worth=None):
    ends = np.cumsum([0, *map(len, data)])
    parts = [(text, slice(i, j)) for text, (i, j) in zip(data, itertools.pairwise(ends), strict=True)]
    if worth is None:
        return [
            [naive_lz77.savings(query, text, bits[part].tolist(), match) for text, part in parts] for query in queries
        ]
    return [
        [naive_lz77.worth_saved(query, text, bits[part].tolist(), worth[part].tolist(), match) for text, part in parts]
        for query in queries
    ]


@both
@settings(max_examples=100)
@given(data=st.lists(pieces, max_size=5), copy=prices, seed=seeds)
def test_own_bits_equal_naive(implementation, data, copy, seed):
    literal = random_bits(sum(map(len, data)), seed)
    ends = np.cumsum([0, *map(len, data)])
    expected = [
        naive_lz77.own_bits(text, literal[i:j].tolist(), copy)
        for text, (i, j) in zip(data, itertools.pairwise(ends), strict=True)
    ]
    assert own_bits(implementation, data, literal, copy) == expected


@both
@settings(max_examples=40)  # tests/fuzz/fuzz_lz77.py tries many more
@given(data=st.lists(pieces, max_size=6), match=prices, seed=seeds, more=st.data())
@pytest.mark.slow
def test_savings_equal_naive(implementation, data, match, seed, more):
    joined = b"".join(data)
    start, end = sorted(more.draw(st.tuples(*[st.integers(0, len(joined))] * 2)))
    queries = [more.draw(pieces), joined[start:end], joined[start : start + 300] + more.draw(pieces) + joined[:300]]
    bits = random_bits(len(joined), seed)
    expected = naive_savings(queries, data, bits, match)
    assert savings(implementation, queries, data, bits, match) == expected
    # bits that are worth their own number equal bits without weights
    assert savings(implementation, queries, data, bits, match, bits) == expected
    worth = random_worth(bits, seed)
    weighed = savings(implementation, queries, data, bits, match, worth)
    assert weighed == naive_savings(queries, data, bits, match, worth)


def adversaries():
    yield from (bytes(t) for n in range(4) for t in itertools.product(b"a\x00", repeat=n))
    yield from (b"a" * n for n in (254, 255, 256, 257, 509, 510, 511, 512, 1_000))
    yield from (NOISE[:period] * (1 + 800 // period) for period in (2, 3, 127, 254, 255, 256, 300))
    yield from (NOISE[:n] + NOISE[5_000 : 5_000 + n] + NOISE[:n] for n in (200, 255, 256, 300))
    yield NOISE[1:300] + b"?" + NOISE[:400]  # a long match, then a match that begins one byte earlier
    first, second = b"a", b"ab"
    while len(first) < 1_000:
        yield first
        first, second = second, second + first


@cache
def naive_of_adversaries(bits):
    """Return queries, texts, the bits and the worth of each byte, and the results for both implementations."""
    data = list(adversaries())
    bits = np.resize(np.array(bits, dtype=np.uint16), sum(map(len, data)))
    # several long occurrences, some of which continue as the text does
    split = NOISE[:256] + NOISE[10:300] + b"a" * 300 + b"b" + NOISE[255:600]
    queries = [b"", b"a", b"a" * 255, b"a" * 700, data[-1] + b"b" + data[-3], NOISE[:700], split]
    worth = random_worth(bits, 0)
    saved = {
        match: (naive_savings(queries, data, bits, match), naive_savings(queries, data, bits, match, worth))
        for match in (0, 3_000, 25_500, 65_535)
    }
    ends = np.cumsum([0, *map(len, data)])
    own = [
        naive_lz77.own_bits(text, bits[i:j].tolist(), 3_000)
        for text, (i, j) in zip(data, itertools.pairwise(ends), strict=True)
    ]
    return queries, data, bits, worth, saved, own


@both
@pytest.mark.parametrize("bits", [(0,), (1,), (100,), (0, 0, 500), (2048,), (65535,)])
@pytest.mark.slow
def test_adversaries_equal_naive(implementation, bits):
    queries, data, bits, worth, saved, own = naive_of_adversaries(bits)
    for match, (plain, weighed) in saved.items():
        assert savings(implementation, queries, data, bits, match) == plain
        assert savings(implementation, queries, data, bits, match, worth) == weighed
    assert own_bits(implementation, data, bits, 3_000) == own


@both
def test_keys_of_the_same_hash_do_no_harm(implementation):
    # so many strings that some have the stored hash bits of a string that continues a match of more than 255 bytes
    query = NOISE[:300] + NOISE
    bits = np.full(300, 256, dtype=np.uint16)
    assert savings(implementation, [query], [NOISE[:300]], bits, 1_000) == [[300 * 256 - 2 * 1_000]]


@both
def test_texts_may_lie_within_a_larger_buffer(implementation):
    whole, text = np.frombuffer(b"xyabcabcyz", dtype=np.uint8), b"abcabc"
    bits = np.arange(10, 20, dtype=np.uint16)
    out = np.zeros(10, dtype=np.uint16)
    implementation.own_bits(whole, np.array([2, 8]), bits, 20, out)
    assert out.tolist() == [0, 0, *naive_lz77.own_bits(text, bits[2:8].tolist(), 20), 0, 0]
    index, saved = implementation.Lz77Index(whole, np.array([2, 8]), bits, 20), np.empty(1, dtype=np.int64)
    index.savings(b"zabcyz", saved)
    assert saved.tolist() == [naive_lz77.savings(b"zabcyz", text, bits[2:8].tolist(), 20)]
    implementation.Lz77Index(whole, np.array([5]), bits, 20).savings(b"abc", np.empty(0, dtype=np.int64))


@both
def test_an_index_keeps_what_it_needs(implementation):
    buffer = np.frombuffer(b"abcdef", dtype=np.uint8).copy()
    bits, offsets = np.full(6, 100, dtype=np.uint16), np.array([0, 6])
    index, out = implementation.Lz77Index(buffer, offsets, bits, 150), np.empty(1, dtype=np.int64)
    buffer[:], bits[:], offsets[:] = 0, 0, 0
    index.savings(b"abcdef", out)
    assert out.tolist() == [450]


@both
def test_own_bits_may_be_written_in_place(implementation):
    data, bits = [b"abcabcabc", b"", b"aaaa"], np.full(13, 100, dtype=np.uint16)
    expected = own_bits(implementation, data, bits, 150)
    corpus = Corpus.from_texts(data)
    implementation.own_bits(corpus.buffer, corpus.offsets, bits, 150, bits)
    assert bits.tolist() == list(itertools.chain(*expected))


@needs_native
@pytest.mark.slow
def test_real_texts_give_the_same_in_both(docs):
    data = [text.encode() for text in docs.X_train[:200]]
    literal = np.full(sum(map(len, data)), 1_000, dtype=np.uint16)
    own = own_bits(_native, data, literal, 5_000)
    assert own == own_bits(lz77_python, data, literal, 5_000)
    bits, queries = np.concatenate(own).astype(np.uint16), [text.encode() for text in docs.X_test[:20]]
    for worth in (None, random_worth(bits, 1)):
        expected = savings(lz77_python, queries, data, bits, 2_500, worth)
        assert savings(_native, queries, data, bits, 2_500, worth) == expected


@both
def test_threads_share_one_index(implementation, docs):
    corpus = Corpus.from_texts([text.encode() for text in docs.X_train[:50]])
    index = implementation.Lz77Index(corpus.buffer, corpus.offsets, np.full(len(corpus.buffer), 900, np.uint16), 5_000)
    queries = [text.encode() for text in docs.X_test[:16]]

    def ask(queries, rows):
        for query, row in zip(queries, rows, strict=True):
            index.savings(query, row)

    expected, rows = np.empty((2, len(queries), len(corpus)), dtype=np.int64)
    ask(queries, expected)
    threads = [threading.Thread(target=ask, args=(queries[i::8], rows[i::8])) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows.tolist() == expected.tolist()
