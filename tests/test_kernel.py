"""The native kernel: the same lengths as zlib, the same neighbours as brute force, and no way past its buffers."""

import itertools
import pickle
import threading
import warnings
import zlib

import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import rare_long_texts, texts

from gzipknn import NCDClassifier, _kernel, pairwise_ncd
from gzipknn.compressors import Gzip, Zlib
from gzipknn.corpus import Corpus
from gzipknn.metrics import METRICS

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


BUFFER = np.frombuffer(b"abcdef", dtype=np.uint8)
OFFSETS = np.array([0, 3, 6])


@needs_native
@pytest.mark.parametrize(
    ("buffer", "offsets", "separator", "level", "error"),
    [
        (BUFFER, np.array([0, 3, 7]), b" ", 9, ValueError),
        (BUFFER, np.array([-1, 3, 6]), b" ", 9, ValueError),
        (BUFFER, np.array([0, 4, 3]), b" ", 9, ValueError),
        (BUFFER, np.array([0, 2**62, 6]), b" ", 9, ValueError),
        (BUFFER, np.array([], dtype=np.int64), b" ", 9, ValueError),
        (BUFFER, OFFSETS.astype(np.int32), b" ", 9, TypeError),
        (BUFFER, OFFSETS.astype(np.float64), b" ", 9, TypeError),
        (BUFFER, OFFSETS[None], b" ", 9, ValueError),
        (BUFFER, np.array([0, 9, 3, 9, 6])[::2], b" ", 9, ValueError),
        (BUFFER.astype(np.int64), OFFSETS, b" ", 9, TypeError),
        (BUFFER[::2], np.array([0, 3]), b" ", 9, ValueError),
        ("abcdef", OFFSETS, b" ", 9, TypeError),
        (None, OFFSETS, b" ", 9, TypeError),
        (BUFFER, [0, 3, 6], b" ", 9, TypeError),
        (BUFFER, OFFSETS, " ", 9, TypeError),
        (BUFFER, OFFSETS, b" ", 3, ValueError),
        (BUFFER, OFFSETS, b" ", 10, ValueError),
        (BUFFER, OFFSETS, b" ", "9", TypeError),
    ],
)
def test_a_corrupted_corpus_raises(buffer, offsets, separator, level, error):
    with pytest.raises(error, match=r"got|required|must|integer"):
        _native.Index(buffer, offsets, separator, level)


@needs_native
@pytest.mark.parametrize(
    ("query", "out", "error"),
    [
        (b"q", np.empty(1, dtype=np.int64), ValueError),
        (b"q", np.empty(3, dtype=np.int64), ValueError),
        (b"q", np.empty(2, dtype=np.float64), TypeError),
        (b"q", np.empty(4, dtype=np.int64)[::2], ValueError),
        (b"q", b"0123456789abcdef", TypeError),
        ("q", np.empty(2, dtype=np.int64), TypeError),
        (None, np.empty(2, dtype=np.int64), TypeError),
    ],
)
def test_a_mismatched_result_raises(query, out, error):
    with pytest.raises(error):
        index([b"abc", b"def"]).joint_lengths(query, out)


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


def shifted(array):
    """The same items, one byte off the addresses at which such items may lie."""
    room = np.zeros(array.nbytes + 16, dtype=np.uint8)
    start = -room.ctypes.data % 8 + 1
    room[start : start + array.nbytes] = array.view(np.uint8)
    return room[start : start + array.nbytes].view(array.dtype)


@needs_native
def test_arrays_that_are_not_aligned_are_refused():
    made, ints = index([b"abc", b"def"]), np.zeros(2, dtype=np.int64)
    offsets, bits, bytes_ = np.array([0, 1, 2]), np.full(2, 9, dtype=np.uint16), np.zeros(2, dtype=np.uint8)
    lz77 = _native.Lz77Index(bytes_, offsets, bits, 9)
    screen = _native.Screen(bytes_, offsets, np.array([1], dtype=np.uint8), None, ints.copy())
    calls = [
        (_native.Index, [bytes_, offsets, b" ", 9]),
        (_native.lengths, [bytes_, offsets, 9, ints]),
        (_native.tokens, [b"ab", 9, bits, bits.copy(), bits.copy()]),
        (made.joint_lengths, [b"a", ints, offsets[:2]]),
        (made.nearest, [b"a", 3, ints, 2, 0, 0, np.empty(2), ints.copy()]),
        (_native.own_bits, [bytes_, offsets, bits, 9, bits.copy()]),
        (_native.key_sizes, [bytes_, offsets, bits, 9, bytes_.copy()]),
        (_native.pair_savings, [bytes_, offsets, bits, bytes_, 9, b"a", offsets[:2], ints]),
        (_native.Lz77Index, [bytes_, offsets, bits, 9]),
        (lz77.savings, [b"a", ints]),
        (screen.shared, [b"a", np.empty(2, dtype=np.uint32)]),
        (_native.Screen, [bytes_, offsets, np.array([1], dtype=np.uint8), None, ints]),
    ]
    refused = 0
    for function, arguments in calls:
        function(*arguments)
        for i, argument in enumerate(arguments):
            if isinstance(argument, np.ndarray) and argument.itemsize > 1:
                with pytest.raises(ValueError, match=rf"must be aligned to {argument.itemsize} bytes, .* copy it"):
                    function(*arguments[:i], shifted(argument), *arguments[i + 1 :])
                refused += 1
    assert refused == 26


@needs_native
def test_more_than_an_index_holds_is_refused_before_it_is_read():
    try:  # of pages that nobody writes to, so that they take no memory
        buffer, bits = np.zeros(2**32, dtype=np.uint8), np.zeros(2**32, dtype=np.uint16)
    except MemoryError:
        pytest.skip("not enough addresses")
    offsets = np.arange(9) * 2**29
    with pytest.raises(ValueError, match="less than 4 GiB, got 4294967296 bytes; index them in parts"):
        _native.Lz77Index(buffer, offsets, bits, 9)
    ngrams, totals = np.array([4, 6], dtype=np.uint8), np.zeros(8, dtype=np.int64)
    with pytest.raises(ValueError, match="8 texts of 4294967296 bytes together and 2 sizes of strings; index them in"):
        _native.Screen(buffer, offsets, ngrams, None, totals)
    long = np.array([0, 5, 2**30 + 6])
    for call in (
        lambda: _native.lengths(buffer, long, 9, totals[:2]),
        lambda: _native.Index(buffer, long, b" ", 9),
        lambda: _native.own_bits(buffer, long, bits, 9, bits),
        lambda: _native.Screen(buffer, long, ngrams, None, totals[:2]),
    ):
        with pytest.raises(ValueError, match="at most 1073741824 bytes, got 1073741825 at position 1; cut it"):
            call()
    with pytest.raises(ValueError, match="query must have at most 1073741824 bytes, got 4294967296; cut it"):
        index([b"abc"]).joint_lengths(buffer, totals[:1])


@needs_native
def test_nearest_checks_its_arguments():
    made = index([b"abc", b"def"])

    def nearest(k=1, c_y=(21, 21), metric=0, c_x=21, n=1, overhead=18):
        c_y = np.array(c_y, dtype=np.int64)
        made.nearest(b"q", c_x, c_y, k, metric, overhead, np.empty(n), np.empty(n, dtype=np.int64))

    nearest()
    nearest(overhead=2**52, c_x=2**52)
    for name in ("overhead", "c_x"):
        for value in (-1, 2**52 + 1, 2**63 - 1):
            with pytest.raises(ValueError, match=rf"c_x and overhead must be 0 to 2\*\*52, got .*{value}"):
                nearest(**{name: value})
        with pytest.raises(OverflowError):
            nearest(**{name: 2**63})
    for bad in ({"k": 0, "n": 0}, {"k": 3, "n": 3}, {"k": -1}, {"n": 2}, {"c_y": (21,)}, {"metric": 3}, {"metric": -1}):
        with pytest.raises(ValueError, match="got"):
            nearest(**bad)


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
