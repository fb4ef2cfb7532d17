"""Long queries and texts of every shape: the lengths of zlib, wherever blocks end and the window moves."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_kernel import deflate_length, needs_native
from test_kernel import index as make_index

MAX_DISTANCE, WINDOW = 32_506, 32_768
SIZES = [16_383, MAX_DISTANCE, WINDOW, 2 * WINDOW - 262, 2 * WINDOW, 3 * WINDOW]


def words(rng, n, vocabulary):
    return b"".join(vocabulary[i] for i in rng.integers(0, len(vocabulary), n // 3))[:n]


def logs(rng, n):
    lines = (
        b"2024-05-%02d %02d:%02d INFO worker-%d GET /item/%d 200 %dms\n" % tuple(row)
        for row in rng.integers(0, (28, 24, 60, 16, 100_000, 3_000), (n // 40, 6))
    )
    return b"".join(lines)[:n]


def html(rng, n):
    cells = (b'<td class="num">%d</td>' % i if i % 7 else b"</tr>\n<tr>" for i in rng.integers(0, 999, n // 10))
    return b"".join(cells)[:n]


def code(rng, n):
    lines = (b" " * (4 * i) + b"return value_%d\n" % (i * j) for i, j in rng.integers(0, 12, (n // 15, 2)))
    return b"".join(lines)[:n]


def executable(rng, n):
    parts = [rng.integers(0, 256, 40, dtype=np.uint8).tobytes(), bytes(700), bytes(9)]
    return b"".join(parts[i] + rng.integers(0, 256, 6, dtype=np.uint8).tobytes() for i in rng.integers(0, 3, n // 15))[
        :n
    ]


SHAPES = {
    "prose": lambda rng, n: words(rng, n, [b"the ", b"cat ", b"sat ", b"on ", b"mats, ", b"which\n"]),
    "dna": lambda rng, n: rng.choice(np.frombuffer(b"ACGT", dtype=np.uint8), n).tobytes(),
    "two letters": lambda rng, n: rng.choice(np.frombuffer(b"ab", dtype=np.uint8), n).tobytes(),
    "noise": lambda rng, n: rng.integers(0, 256, n, dtype=np.uint8).tobytes(),
    "one letter": lambda rng, n: b"x" * n,
    "period": lambda rng, n: (rng.integers(0, 256, 700, dtype=np.uint8).tobytes() * (n // 700 + 1))[:n],
    "logs": logs,
    "html": html,
    "code": code,
    "executable": executable,
}


def check(query, texts, separator=b" ", index=None):
    out = np.empty(len(texts), dtype=np.int64)
    (index or make_index(texts, separator)).joint_lengths(query, out)
    assert out.tolist() == [deflate_length(query + separator + text) for text in texts]


@needs_native
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_at_every_limit(shape):
    rng = np.random.default_rng(5)
    data = SHAPES[shape](rng, 4 * WINDOW)
    sizes = SIZES[:3] if shape == "two letters" else SIZES
    texts = [data[700:][: size + shift] for size, shift in zip(sizes, (-1, 0, 1, -2, 2, 0), strict=False)]
    texts += [data[:300], data[:5_000], b""]
    index = make_index(texts)
    for size, shift in zip(sizes, (0, 1, -1, 0, -3, 2), strict=False):
        check(data[-size - shift :], texts, index=index)


@needs_native
@pytest.mark.parametrize("size", [1, 262, 1_000, MAX_DISTANCE, WINDOW, 2 * WINDOW - 1, 70_000])
def test_the_farthest_match_counts_unless_the_window_begins_there(size):
    rng = np.random.default_rng(size)
    texts = []
    for left in (0, 1, 200, 250, 255, 256, 257, 270):
        noise = bytearray(rng.integers(0, 60, 3 * WINDOW, dtype=np.uint8))
        starts = [WINDOW - size - 1, 2 * WINDOW - size - 1, 3 * WINDOW - size - 1, *rng.integers(0, 2 * WINDOW, 20)]
        for start in starts:  # strings that are repeated after 32,506 bytes; some lie at the beginning of a window
            end = start + MAX_DISTANCE
            if start >= 0 and end + 6 <= len(noise):
                noise[end : end + 6] = noise[start : start + 6]
        texts += [bytes(noise[: start + MAX_DISTANCE + 6 + left]) for start in starts[:3] if start >= 0]
    query = bytearray(rng.integers(0, 60, size, dtype=np.uint8))
    for length in (1, 100, MAX_DISTANCE - 300):  # and a part of the query in the text
        start = size + length - MAX_DISTANCE
        if start >= 0:
            query[start : start + 6] = texts[0][length - 1 : length + 5]
    check(bytes(query), texts)


@needs_native
def test_the_end_of_the_query_comes_again():
    rng = np.random.default_rng(8)
    for shape in ("prose", "dna", "logs", "noise"):
        query = SHAPES[shape](rng, 70_000)
        texts = [query[-n:] + query[:m] for n, m in itertools.product((1, 2, 3, 5, 31, 32, 33, 257, 300), (0, 9, 400))]
        index = make_index(texts)
        for end in (69_996, 69_997, 70_000):
            check(query[:end], texts, index=index)


@needs_native
def test_three_bytes_too_far_may_be_four_with_the_text():
    rng = np.random.default_rng(9)
    for size in (4_000, 4_096, 4_200, 40_000):
        filler = bytes(i | 128 for i in SHAPES["noise"](rng, size))
        check(b"ab cde" + filler + b"ab", [b"cde", b"cx", b"c", b"", b"q"])


pieces = st.tuples(st.sampled_from(sorted(SHAPES)), st.integers(0, 3), st.integers(1, 40_000))


@needs_native
@settings(max_examples=15, deadline=None)
@given(
    query=st.lists(pieces, min_size=1, max_size=4),
    texts=st.lists(st.lists(pieces, min_size=1, max_size=3), min_size=1, max_size=4),
    separator=st.sampled_from([b" ", b"", b"\n", b"--", b"12345678"]),
)
def test_mixtures_of_shapes(query, texts, separator):
    def make(pieces):
        return b"".join(SHAPES[shape](np.random.default_rng(seed), 40_000)[-n:] for shape, seed, n in pieces)

    check(make(query), [make(text) for text in texts], separator)
