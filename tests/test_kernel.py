"""The native kernel gives the lengths of zlib and the neighbours of brute force, and stays inside its buffers."""

import itertools
import threading
import zlib

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import rare_long_texts, texts

from gzipknn import NCDClassifier, pairwise_ncd
from gzipknn.metrics import METRICS
from gzipknn.texts.corpus import Corpus

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

needs_native = pytest.mark.skipif(_native is None, reason="the native kernel was not built")
LEVELS = range(4, 10)
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, 70_000, dtype=np.uint8).tobytes()
PROSE = b"".join([b"the ", b"cat ", b"sat ", b"on ", b"mats, "][i] for i in RNG.integers(0, 5, 40_000))


def index(data, separator=b" ", level=9):
    corpus = Corpus.from_texts(data)
    return _native.Index(corpus.buffer, corpus.offsets, separator, level)


def joint_lengths(query, data, separator=b" ", level=9):
    out = np.full(len(data), -1, dtype=np.int64)
    index(data, separator, level).joint_lengths(query, out)
    return out.tolist()


def deflate_length(data, level=9):
    return len(zlib.compress(data, level, -15))


@needs_native
@settings(max_examples=150)
@given(
    query=rare_long_texts,
    data=st.lists(rare_long_texts, min_size=1, max_size=6),
    separator=st.one_of(st.sampled_from([b" ", b"", b"\n--\n"]), texts),
    level=st.sampled_from(LEVELS),
)
def test_lengths_equal_zlib(query, data, separator, level):
    expected = [deflate_length(query + separator + text, level) for text in data]
    assert joint_lengths(query, data, separator, level) == expected
    corpus, out = Corpus.from_texts(data), np.empty(len(data), dtype=np.int64)
    _native.lengths(corpus.buffer, corpus.offsets, level, out)
    assert out.tolist() == [deflate_length(text, level) for text in data]


def adversaries():
    yield from (bytes(t) for n in range(4) for t in itertools.product(b"a\x00", repeat=n))
    yield from (NOISE[:period] * (1 + 700 // period) for period in (1, 2, 3, 4, 7, 257, 258, 259, 300))
    first, second = b"a", b"ab"
    while len(first) < 3_000:
        yield first
        first, second = second, second + first
    for limit in (258, 4_096, 16_383, 32_506, 32_768, 65_274, 65_536):
        yield from (b"x" * limit, NOISE[:limit], PROSE[: limit + 1], (NOISE[:300] + b"\x00" * limit)[:limit])


@needs_native
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.slow
def test_adversaries_equal_zlib(level):
    data = list(adversaries())
    for query in (b"", b"a", PROSE[:1_000], NOISE[:300], b"x" * 258, PROSE[:33_000], NOISE[:40_000], PROSE[5:65_541]):
        assert joint_lengths(query, data, level=level) == [deflate_length(query + b" " + t, level) for t in data]


@needs_native
def test_a_megabyte_equals_zlib():
    for text in (PROSE * 8, NOISE * 15, b"\x00" * 1_000_000):
        assert joint_lengths(b"query", [text]) == [deflate_length(b"query " + text)]


@needs_native
def test_real_texts_equal_zlib(docs):
    data = [text.encode() for text in docs.X_train[:700]]
    for query in docs.X_test[:25]:
        query = query.encode()
        assert joint_lengths(query, data) == [deflate_length(query + b" " + text) for text in data]


@needs_native
def test_three_bytes_that_are_nearly_too_far_equal_zlib():
    """A match of three bytes counts up to 4,096 bytes back. The query has matches at all distances around this."""
    query = NOISE[:4_100]
    for size in (0, 1, 200):
        found = b"".join(query[i : i + 3] + bytes([i % 251]) for i in range(0, 400, 4))
        data = [NOISE[5_000 : 5_000 + size] + found[shift:] for shift in range(9)]
        assert joint_lengths(query, data) == [deflate_length(query + b" " + text) for text in data]


@needs_native
@settings(max_examples=60)
@given(seed=st.integers(0, 2**32 - 1), size=st.integers(0, 700), few=st.booleans())
def test_texts_of_any_number_of_symbols_equal_zlib(seed, size, few):
    """Neighbouring texts have between 1 and 256 different bytes in any order, and many bytes are equally frequent."""
    rng = np.random.default_rng(seed)
    symbols = rng.permutation(256).astype(np.uint8)
    data = []
    for different in rng.integers(1, 12 if few else 257, 31):
        text = np.resize(symbols[:different], int(rng.integers(1, 700)))
        data.append(rng.permutation(text).tobytes())
    query = rng.choice(symbols[: 5 if few else 256], size).tobytes()
    assert joint_lengths(query, data) == [deflate_length(query + b" " + text) for text in data]


def brute_force(queries, data, k, metric):
    distances = pairwise_ncd(queries, data, metric=metric, compressor="gzip")
    return [naive.k_smallest(row, k) for row in distances.tolist()]


@needs_native
@pytest.mark.parametrize("metric", METRICS)
def test_nearest_equal_brute_force(metric, docs):
    queries, data = docs.X_test[:20], docs.X_train[:300] + docs.X_train[100:150]
    for k in (1, 5, 350):
        clf = NCDClassifier(k, metric=metric).fit(data, [0] * len(data))
        distances, indices = clf.kneighbors(queries)
        assert indices.tolist() == brute_force(queries, data, k, metric)
        expected = np.take_along_axis(pairwise_ncd(queries, data, metric=metric), indices, axis=1)
        assert (distances == expected).all()


@needs_native
@settings(max_examples=60)
@given(data=st.lists(texts, min_size=1, max_size=6), query=texts, repeats=st.integers(1, 4), more=st.data())
def test_nearest_keep_ties_in_order(data, query, repeats, more):
    data = data * repeats
    k = more.draw(st.integers(1, len(data)))
    indices = NCDClassifier(k).fit(data, [0] * len(data)).kneighbors([query], return_distance=False)
    assert indices.tolist() == brute_force([query], data, k, "ncd")


@needs_native
def test_threads_share_one_index(docs):
    data = [text.encode() for text in docs.X_train[:400]]
    shared, queries = index(data), [text.encode() for text in docs.X_test[:40]]
    expected = [joint_lengths(query, data) for query in queries]
    results = {}

    def work(part):
        for i in range(part, len(queries), 8):
            out = np.empty(len(data), dtype=np.int64)
            shared.joint_lengths(queries[i], out)
            results[i] = out.tolist()

    threads = [threading.Thread(target=work, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [results[i] for i in range(len(queries))] == expected


@needs_native
def test_an_index_keeps_what_it_needs(docs):
    data = [text.encode() for text in docs.X_train[:50]]
    corpus = Corpus.from_texts(data)
    buffer = corpus.buffer.copy()
    made = _native.Index(buffer, corpus.offsets, b" ", 9)
    buffer[:] = 0
    out = np.empty(50, dtype=np.int64)
    made.joint_lengths(b"query", out)
    assert out.tolist() == joint_lengths(b"query", data)
    assert made.nbytes < 40 * len(corpus.buffer) + 10**6


@needs_native
def test_lengths_of_some_texts(docs):
    data = [text.encode() for text in docs.X_train[:50]]
    some, out = np.array([49, 0, 7, 7]), np.empty(4, dtype=np.int64)
    index(data).joint_lengths(b"query", out, some)
    assert out.tolist() == [deflate_length(b"query " + data[i]) for i in some]
    for bad in (50, -1, 2**62):
        with pytest.raises(IndexError, match="indices must be below 50, got"):
            index(data).joint_lengths(b"query", np.empty(1, dtype=np.int64), np.array([bad]))
    with pytest.raises(TypeError, match="indices must hold int64 items"):
        index(data).joint_lengths(b"query", out, some.astype(float))
    with pytest.raises(ValueError, match="out must have 4 items, got 3"):
        index(data).joint_lengths(b"query", np.empty(3, dtype=np.int64), some)
