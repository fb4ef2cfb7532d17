"""Native code can be stopped within one long text, because it asks Python regularly."""

import signal
import zlib

import numpy as np
import pytest

from gzipknn.texts.corpus import Corpus
from gzipknn.utils import interruption
from gzipknn.utils.interruption import StoppedError

_native = pytest.importorskip("gzipknn._kernel._native", reason="the native kernel was not built")

TWO_LETTERS = np.random.default_rng(0).choice(np.frombuffer(b"ab", dtype=np.uint8), 1_000_000).tobytes()
SLOW, SHORTER, LONG = TWO_LETTERS[:300_000], TWO_LETTERS[:60_000], b"a" * 9_000_000
UNTOUCHED = 77


def own_bits(text, out):
    _native.own_bits(text, np.array([0, len(text)]), np.full(len(text), 2048, dtype=np.uint16), 5000, out)


def corpus(data):
    return np.frombuffer(data, dtype=np.uint8), np.array([0, len(data)])


def full(n, dtype):
    return np.full(n, UNTOUCHED, dtype=dtype)


def lz77(data):
    return (*corpus(data), np.full(len(data), 2048, dtype=np.uint16))


def key_sizes(data):
    sizes = full(len(data), np.uint8)
    _native.key_sizes(*lz77(data), 4000, sizes)
    return sizes


NGRAMS = np.array([4, 6], dtype=np.uint8)
ONE = np.zeros(1, dtype=np.int64)


def class_counts(data, order=2):
    counts = _native.ClassCounts(order, True)
    counts.add(*corpus(data), ONE, 2**40)
    return counts


def exported(data):
    counts = class_counts(np.random.default_rng(0).bytes(len(data)), 6)
    items = np.empty((3, counts.n_raw), dtype=np.int64)
    counts.export(*items)
    return items


# a text, a function that prepares it, and a function that is called with the text and the prepared object
CALLS = {
    "lengths": (SLOW, None, lambda data, _: _native.lengths(*corpus(data), 9, full(1, np.int64))),
    "tokens": (SLOW, None, lambda data, _: _native.tokens(data, 9, *(full(len(data), np.uint16) for _ in range(3)))),
    "own_bits": (SLOW * 2, None, lambda data, _: own_bits(corpus(data)[0], full(len(data), np.uint16))),
    "Index": (TWO_LETTERS, None, lambda data, _: _native.Index(*corpus(data), b" ", 9)),
    "Index.text_lengths": (
        SLOW,
        lambda data: _native.Index(*corpus(data), b"no tables", 9),
        lambda _, index: index.text_lengths(full(1, np.int64)),
    ),
    "joint_lengths": (
        SHORTER,
        lambda data: _native.Index(*corpus(data), b" ", 9),
        lambda data, made: made.joint_lengths(data[5:9000], full(200, np.int64), np.zeros(200, dtype=np.int64)),
    ),
    "joint_lengths of a long query": (
        SHORTER,
        lambda data: _native.Index(*corpus(data), b" ", 9),
        lambda data, made: made.joint_lengths(data[5:], full(1, np.int64)),
    ),
    "nearest": (
        SHORTER,
        lambda data: _native.Index(*corpus(data), b" ", 9),
        lambda data, made: made.nearest(data[7:], 9, full(1, np.int64), 1, 0, 18, full(1, float), full(1, np.int64)),
    ),
    "Lz77Index": (LONG, None, lambda data, _: _native.Lz77Index(*lz77(data), 4000)),
    "savings": (
        SLOW,
        lambda data: _native.Lz77Index(*lz77(data), 4000),
        lambda data, made: made.savings(data[5:], full(1, np.int64)),
    ),
    "nearest by lz77": (
        SLOW,
        lambda data: _native.Lz77Index(*lz77(data), 4000),
        lambda data, made: made.nearest(
            data[5:], 9.0, full(1, float), 0, None, None, np.inf, 1, full(1, float), full(1, np.int64)
        ),
    ),
    "key_sizes": (LONG, None, lambda data, _: key_sizes(data)),
    "pair_savings": (
        SLOW,
        key_sizes,
        lambda data, sizes: _native.pair_savings(*lz77(data), sizes, 4000, data[5:], np.array([0]), full(1, np.int64)),
    ),
    "Screen": (LONG, None, lambda data, _: _native.Screen(*corpus(data), NGRAMS, None, full(1, np.int64))),
    "shared": (
        LONG,
        lambda data: _native.Screen(*corpus(data[:1000]), NGRAMS, None, full(1, np.int64)),
        lambda data, made: made.shared(data, full(1, np.uint32)),
    ),
    "ClassCounts.add": (LONG, None, lambda data, _: class_counts(data)),
    "ClassCounts.remove": (SLOW, class_counts, lambda data, made: made.remove(*corpus(data), ONE)),
    "ClassCounts.lengths": (
        LONG,
        lambda data: class_counts(data[:9]),
        lambda data, made: made.lengths(*corpus(data), None, 1, 0.3, full(1, float)),
    ),
    "ClassCounts.lengths left out": (
        SLOW,
        class_counts,
        lambda data, made: made.lengths(*corpus(data), ONE, 1, 0.3, full(1, float)),
    ),
    "ClassCounts.restore": (SLOW, exported, lambda _, items: _native.ClassCounts(6, True).restore(*items)),
}


@pytest.fixture
def unwanted():
    """Let this thread work for a search that is cancelled after it has begun."""
    stop = interruption.Stop()

    def begin():
        stop.now = True
        interruption._thread.stop = stop

    yield begin
    interruption._thread.stop = None


@pytest.mark.parametrize("call", CALLS)
def test_what_nobody_wants_is_not_finished(call, unwanted):
    data, prepare, function = CALLS[call]
    made = prepare(data) if prepare else None
    unwanted()
    with pytest.raises(StoppedError):
        function(data, made)


def test_an_index_is_sound_after_an_interrupted_query(unwanted):
    texts = Corpus.from_texts([SHORTER, b"abba", SHORTER[:400]])
    index, lengths = _native.Index(texts.buffer, texts.offsets, b" ", 9), np.empty(3, dtype=np.int64)
    unwanted()
    for query, times in ((SHORTER[3:], 1), (SHORTER[3:9000], 200)):
        with pytest.raises(StoppedError):
            index.joint_lengths(query, full(times, np.int64), np.zeros(times, dtype=np.int64))
    interruption._thread.stop = None
    for query in (b"abab", SHORTER[3:9000]):
        index.joint_lengths(query, lengths)
        assert lengths.tolist() == [len(zlib.compress(query + b" " + text, 9, -15)) for text in texts]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that sends signals")
@pytest.mark.parametrize("name", ["lengths", "own_bits"])
def test_ctrl_c_ends_a_call_before_it_is_done(name):
    def interrupt(*_):
        raise KeyboardInterrupt

    lengths, bits = full(1, np.int64), full(10_000_000, np.uint16)
    calls = {
        "lengths": lambda: _native.lengths(*corpus(TWO_LETTERS), 9, lengths),
        "own_bits": lambda: own_bits(corpus(TWO_LETTERS * 10)[0], bits),
    }
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(KeyboardInterrupt):
            calls[name]()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert lengths[0] == UNTOUCHED
    assert (bits == UNTOUCHED).all()
