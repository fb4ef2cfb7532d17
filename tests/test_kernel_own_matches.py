"""The matches of a text with itself, which the kernel finds before any query, within all limits of zlib's search."""

import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzipknn.compressors import Gzip
from gzipknn.texts.corpus import Corpus

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

pytestmark = pytest.mark.skipif(_native is None, reason="the native kernel was not built")
RNG = np.random.default_rng(0)


def random_text(letters, size):
    return RNG.choice(np.frombuffer(letters, dtype=np.uint8), size).tobytes()


def repeated(period, size):
    return (period * (size // len(period) + 1))[:size]


def counted(pattern, numbers):
    return b"".join(pattern % number for number in numbers)


PHRASES = [b" ".join(RNG.choice([b"the", b"axis", b"of", b"a", b"plot"], n)) for n in RNG.integers(3, 300, 200)]
WORD = random_text(b"ab", 258)
TEXTS = {
    "two letters": random_text(b"ab", 70_000),
    "two letters, one rare": random_text(b"a" * 300 + b"b", 70_000),
    "four letters": random_text(b"ACGT", 80_000),
    "one letter": b"a" * 70_000,
    "a letter and a run": b"b" + b"a" * 33_000 + b"b" + b"a" * 33_000,
    "lines": counted(b"2023-11-14T10:%02d:00Z INFO worker GET /index\n", [i % 60 for i in range(1_600)]),
    "cells": counted(b'<td class="cell">%d</td>\n', RNG.integers(0, 100, 2_600).tolist()),
    "numbers up, again and again": repeated(counted(b"item_%04d", range(3_000)), 70_000),
    "numbers down, again and again": repeated(counted(b"item_%04d", range(1_000, 0, -1)), 40_000),
    "runs of each length": repeated(b"".join(b"a" * n + b"b" for n in range(1, 258)), 70_000),
    # after a match of 32 bytes zlib follows only a quarter of the chain
    "crowded chains": b"".join(WORD[:n] + b"aaaa" * (n % 60) for n in RNG.integers(1, 258, 600).tolist()),
    **{f"period {n}": repeated(random_text(b"abcdef", n), 70_000) for n in (257, 258, 259, 4_097, 30_000)},
    **{f"again after {n}": random_text(b"abcdefgh", n) * 2 for n in (32_505, 32_506, 32_507, 32_768)},
    # the farthest possible match: it counts if it is the first on its chain and the window has not moved
    **{f"noise again after {n}": RNG.bytes(n) * 3 for n in (32_505, 32_506, 32_507)},
    "phrases again and again": b"".join(PHRASES[i] for i in RNG.integers(0, 200, 900)),
    **{f"an edit in each {n}": repeated(repeated(b"abcabd", n) + b"x", 66_000) for n in (256, 257, 258, 700)},
}


def deflate_length(data):
    return len(zlib.compress(data, 9, -15))


def check(texts, queries, separator):
    corpus = Corpus.from_texts(texts)
    index, out = _native.Index(corpus.buffer, corpus.offsets, separator, 9), np.empty(len(texts), dtype=np.int64)
    index.text_lengths(out)
    assert out.tolist() == [deflate_length(text) for text in texts]
    for query in queries:
        index.joint_lengths(query, out)
        assert out.tolist() == [deflate_length(query + separator + text) for text in texts]


@pytest.mark.parametrize("name", TEXTS)
def test_hard_texts_equal_zlib(name):
    text = TEXTS[name]
    # short texts before, between and after: the state of one text must not change the results of the next
    check([text[:500], text[:20_000], text[1:400], text, text[-300:]], [b"ab", text[7:900]], b" ")


@settings(max_examples=150)
@given(
    pieces=st.lists(st.tuples(st.binary(min_size=1, max_size=6), st.integers(1, 400)), min_size=1, max_size=12),
    letters=st.sampled_from([b"a", b"ab", b"abc", bytes(range(256))]),
    separator=st.sampled_from([b" ", b"a", b"ab", b"", b"aaaaaaaa"]),
    repeats=st.sampled_from([1, 2, 40]),
)
def test_few_letters_equal_zlib(pieces, letters, separator, repeats):
    text = b"".join(piece * times for piece, times in pieces)[:4_000] * repeats
    text = text.translate(bytes(letters[byte % len(letters)] for byte in range(256)))
    check([text, text[:100], text[50:]], [b"", text[3:300]], separator)


@pytest.mark.parametrize("level", [4, 6, 9])
def test_lengths_are_the_same_before_and_after_the_tables(level):
    texts = Corpus.from_texts([b"", b"a", *(text[:5_000] for text in TEXTS.values())])
    before, after = (Gzip(level).index(texts, b" ") for _ in range(2))
    expected = before.lengths.tolist()
    after.prepare()
    assert after.lengths.tolist() == expected == [Gzip(level).length(text) for text in texts]
    assert after.take(np.array([3, 1])).lengths.tolist() == [expected[3], expected[1]]


def test_text_lengths_check_their_argument():
    texts = Corpus.from_texts([b"a", b"b"])
    index = _native.Index(texts.buffer, texts.offsets, b" ", 9)
    with pytest.raises(ValueError, match="out must have 2 items, got 3"):
        index.text_lengths(np.empty(3, dtype=np.int64))
    with pytest.raises(TypeError, match="out must hold int64 items"):
        index.text_lengths(np.empty(2))
