"""Fuzz the native kernel against zlib, for as long as you like: python tests/fuzz/fuzz_kernel.py --minutes 30

The program makes corpora and queries from each other, with copies, edits, runs, noise and the limits of deflate. It
compares the kernel's single lengths, joint lengths, nearest texts and tokens with zlib and brute force. Run it
under sanitizers: `tests/fuzz/sanitized.sh python tests/fuzz/fuzz_kernel.py --minutes 30`. It stops at the first
finding and prints the seed that repeats it.
"""

import argparse
import sys
import time
import zlib

import numpy as np

from gzipknn._kernel import _native
from gzipknn.compressors.inflate import read_tokens
from gzipknn.metrics import cdm, clm, ncd
from gzipknn.search.neighbors import k_smallest
from gzipknn.texts.corpus import Corpus

LIMITS = (3, 4, 257, 258, 259, 4096, 16383, 32506, 32768, 65274, 65536, 98304)


def main(check_case):
    """Check cases with new seeds for a number of minutes, or the case of a given seed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=None, help="repeat the case of this seed alone")
    options = parser.parse_args()
    if options.seed is not None:
        check_case(options.seed)
        return
    seed = time.time_ns() % 10**12
    end, cases, pairs = time.monotonic() + options.minutes * 60, 0, 0
    while time.monotonic() < end:
        pairs += check_case(seed + cases)
        cases += 1
    print(f"{cases} cases, {pairs} pairs, no finding")


def check_case(seed):
    rng = np.random.default_rng(seed)
    level = int(rng.integers(4, 10))
    # zlib stores noise of all byte values without compression, whatever matches there are
    alphabet = int(rng.choice([1, 2, 3, 8, 16, 40, 64, 256]))
    size = int(rng.choice([4, 40, 300, 2000, 20000, 70000], p=[0.15, 0.35, 0.3, 0.17, 0.02, 0.01]))
    texts = [make_text(rng, size, alphabet, [])]
    n = int(rng.integers(1, 40 if size < 20000 else 4))
    while len(texts) < n:
        texts.append(make_text(rng, size, alphabet, texts))
    separator = [b" ", b"", b"\n", b"--", make_text(rng, 40, alphabet, texts), texts[0][:1], texts[0][:8]]
    separator = separator[rng.integers(len(separator))]
    corpus = Corpus.from_texts(texts)
    index = _native.Index(corpus.buffer, corpus.offsets, separator, level)
    c_y = np.empty(len(texts), dtype=np.int64)
    _native.lengths(corpus.buffer, corpus.offsets, level, c_y)
    expect(seed, "lengths", c_y.tolist(), [deflate_length(text, level) for text in texts])
    pairs = 0
    for _ in range(rng.integers(1, 6)):
        query = make_text(rng, size, alphabet, texts)
        c_xy = np.empty(len(texts), dtype=np.int64)
        index.joint_lengths(query, c_xy)
        expected = [deflate_length(query + separator + text, level) for text in texts]
        expect(seed, f"joint lengths of {query[:60]!r}", c_xy.tolist(), expected)
        check_nearest(seed, rng, index, query, deflate_length(query, level), c_y, c_xy)
        check_tokens(seed, query + separator + texts[0], level)
        pairs += len(texts)
    return pairs


def check_nearest(seed, rng, index, query, c_x, c_y, c_xy):
    number, k, overhead = int(rng.integers(3)), int(rng.integers(1, len(c_y) + 1)), int(rng.choice([0, 6, 18]))
    distances, indices = np.empty(k), np.empty(k, dtype=np.int64)
    index.nearest(query, c_x + overhead, c_y + overhead, k, number, overhead, distances, indices)
    matrix = (ncd, cdm, clm)[number](np.array([c_x + overhead]), c_y + overhead, c_xy + overhead)
    near, where = k_smallest(matrix[None], k)
    expected = where[0].tolist(), near[0].tolist()
    expect(seed, "nearest", (indices.tolist(), distances.tolist()), expected)
    distances[:], indices[:] = np.inf, 2**63 - 1
    for some in np.split(rng.permutation(len(c_y)), [len(c_y) // 3]):
        index.nearest(query, c_x + overhead, c_y + overhead, k, number, overhead, distances, indices, some, 0)
    expect(seed, "nearest in two goes", (indices.tolist(), distances.tolist()), expected)


def check_tokens(seed, data, level):
    length, dist, bits = out = np.full((3, len(data)), 65535, dtype=np.uint16)
    n = _native.tokens(data, level, length, dist, bits)
    expect(seed, "tokens", list(zip(*out[:, :n].tolist(), strict=True)), read_tokens(zlib.compress(data, level, -15)))
    expect(seed, "items behind the tokens", out[:, n:].tolist(), np.full((3, len(data) - n), 65535).tolist())


def make_text(rng, size, alphabet, others):
    """Make a text of runs, periods, noise and pieces of the other texts."""
    if rng.random() < 0.02:
        size = int(rng.choice(LIMITS)) + int(rng.integers(-2, 3))
    size = int(rng.integers(0, size + 1))
    parts, n = [], 0
    while n < size:
        kind = rng.integers(7)
        length = int(min(rng.geometric(1 / (1 + size / 5)), size - n))
        if kind == 0:
            part = bytes([rng.integers(alphabet)]) * length
        elif kind == 1:
            most = int(rng.choice([9, 9, 300, 5000]))
            period = rng.integers(0, alphabet, rng.integers(1, most), dtype=np.uint8).tobytes()
            part = (period * (length // len(period) + 1))[:length]
        elif kind == 2 or not others:
            part = rng.integers(0, alphabet, length, dtype=np.uint8).tobytes()
        else:
            other = others[rng.integers(len(others))]
            start = len(other) - length if kind == 6 else int(rng.integers(0, len(other) + 1))
            part = other[max(0, start) :][:length]
            if kind == 3 and part:
                changed = bytearray(part)
                changed[rng.integers(len(part))] = rng.integers(alphabet)
                part = bytes(changed)
        parts.append(part or b"\x00")
        n += len(parts[-1])
    return b"".join(parts)


def deflate_length(data, level):
    return len(zlib.compress(data, level, -15))


def expect(seed, what, got, expected):
    if got != expected:
        sys.exit(f"finding: {what}: got {got}, expected {expected}; repeat it with --seed {seed}")


if __name__ == "__main__":
    main(check_case)
