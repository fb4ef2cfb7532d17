"""Fuzz the lz77 routines, native and in Python, against plain ones: python tests/fuzz/fuzz_lz77.py --minutes 30

The program makes corpora and queries as fuzz_kernel.py does, with random costs, and compares every number. Run it
under sanitizers: `tests/fuzz/sanitized.sh python tests/fuzz/fuzz_lz77.py --minutes 30`. It stops at the first
finding and prints the seed that repeats it.
"""

import sys
from pathlib import Path

import numpy as np

# under sanitized.sh Python does not search the script's own folder
sys.path.extend(str(folder) for folder in Path(__file__).parents[:2])

import naive_lz77
from fuzz_kernel import expect, main, make_text

from gzipknn._kernel import _native
from gzipknn.compressors import lz77_python
from gzipknn.metrics import METRICS
from gzipknn.search.neighbors import k_smallest
from gzipknn.search.string_index import PythonScreen
from gzipknn.texts.corpus import Corpus

NAIVE_UP_TO, NAIVE_TEXTS = 1_000, 30  # bytes, texts
MEASURED_AT_ONCE = 66  # the search for the nearest uses no bounds among so few texts


def check_screen(rng, seed, corpus, queries, sizes):
    kinds = [(sizes, rng.integers(0, 256, len(sizes), dtype=np.uint8))]
    kinds.append((rng.integers(0, 9, rng.integers(0, 4), dtype=np.uint8), None))
    for strings in kinds:
        totals = np.empty((2, len(corpus)), dtype=np.int64)
        shared = np.empty((2, len(corpus)), dtype=np.uint32)
        makers = (_native.Screen, PythonScreen)
        screens = [make(corpus.buffer, corpus.offsets, *strings, own) for make, own in zip(makers, totals, strict=True)]
        expect(seed, "totals by Python", totals[1].tolist(), totals[0].tolist())
        for query in queries:
            for screen, out in zip(screens, shared, strict=True):
                screen.shared(query, out)
            expect(seed, f"shared by Python with {query[:60]!r}", shared[1].tolist(), shared[0].tolist())


def check_nearest(rng, seed, index, corpus, bits, queries, saved):
    n = len(corpus)
    c_y = np.diff(np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])[corpus.offsets]) / 256
    shift, scale = rng.random(n), rng.random(n) + 0.1
    for query, row in zip(queries, saved, strict=True):
        c_x, k = float(rng.integers(0, 2000)), int(rng.integers(1, rng.choice([1, min(n, 5), n]) + 1))
        for number, metric in enumerate(METRICS.values()):
            plain = metric(np.array([[c_x]]), c_y, (c_x + c_y - row / 256)[None])
            for correction, distances in (((None, None), plain), ((shift, scale), (plain - shift) / scale)):
                best, order = (rows[0] for rows in k_smallest(distances, k))
                for within in (np.inf, float(rng.choice(distances[0]))):
                    found, indices = np.empty(k), np.empty(k, dtype=np.int64)
                    index.nearest(query, c_x, c_y, number, *correction, within, k, found, indices)
                    near = best < within
                    expected = np.where(near, best, np.inf)
                    expect(seed, f"distances of the nearest to {query[:60]!r}", found.tolist(), expected.tolist())
                    expect(seed, f"the nearest to {query[:60]!r}", indices[near].tolist(), order[near].tolist())


def make_texts(rng, size, alphabet):
    """Make a few texts, or so many that bounds exclude most of them."""
    n = int(rng.integers(1, 30 if size < 2000 else 4))
    if size <= 300 and rng.random() < 0.3:
        n = int(rng.integers(MEASURED_AT_ONCE, 400))
    texts = []
    while len(texts) < n:
        texts.append(make_text(rng, size, alphabet, texts))
    return texts


def check_case(seed):
    rng = np.random.default_rng(seed)
    alphabet = int(rng.choice([1, 2, 3, 8, 40, 256]))
    size = int(rng.choice([4, 40, 300, 2000, 20000], p=[0.15, 0.35, 0.3, 0.18, 0.02]))
    texts = make_texts(rng, size, alphabet)
    corpus = Corpus.from_texts(texts)
    highest = int(rng.choice([0, 1, 3, 100, 3000, 65535]))
    literal = rng.integers(0, highest + 1, len(corpus.buffer), dtype=np.uint16)
    if rng.random() < 0.3:
        literal[rng.random(len(literal)) < 0.9] = 0
    copy = int(min(rng.integers(0, 4 * highest + 2) * rng.choice([1, 1, 30]), 65535))
    match = int(min(rng.integers(0, 4 * highest + 2) * rng.choice([1, 1, 30]), 65535))

    bits, by_python = np.empty_like(literal), np.empty_like(literal)
    _native.own_bits(corpus.buffer, corpus.offsets, literal, copy, bits)
    lz77_python.own_bits(corpus.buffer, corpus.offsets, literal, copy, by_python)
    expect(seed, "own bits by Python", by_python.tolist(), bits.tolist())
    if rng.random() < 0.5:
        bits = literal
    worth = None
    if rng.random() < 0.5:
        worth = np.where(bits > 0, rng.integers(0, int(rng.choice([2, 300, 65536])), len(bits)), 0).astype(np.uint16)
    arrays = (corpus.buffer, corpus.offsets, bits, match, worth)
    index, python_index = (m.Lz77Index(*arrays) for m in (_native, lz77_python))
    queries = [make_text(rng, size, alphabet, texts) for _ in range(rng.integers(1, 6))]
    saved = np.empty((len(queries), len(texts)), dtype=np.int64)
    for query, row in zip(queries, saved, strict=True):
        index.savings(query, row)
        by_python = np.empty_like(row)
        python_index.savings(query, by_python)
        expect(seed, f"savings by Python with {query[:60]!r}", by_python.tolist(), row.tolist())
    sizes = np.empty(len(bits), dtype=np.uint8)
    _native.key_sizes(corpus.buffer, corpus.offsets, bits, match, sizes)
    some = rng.permutation(len(texts))[: rng.integers(0, len(texts) + 1)]
    of_some = np.empty(len(some), dtype=np.int64)
    for query, row in zip(queries, saved, strict=True):
        _native.pair_savings(corpus.buffer, corpus.offsets, bits, sizes, match, query, some, of_some, worth)
        expect(seed, f"savings in some texts with {query[:60]!r}", of_some.tolist(), row[some].tolist())
    check_nearest(rng, seed, index, corpus, bits if worth is None else worth, queries, saved)
    check_screen(rng, seed, corpus, queries, sizes)
    for j, text in enumerate(texts[:NAIVE_TEXTS]):
        if len(text) > NAIVE_UP_TO:
            continue
        part = slice(corpus.offsets[j], corpus.offsets[j + 1])
        own = np.empty(len(text), dtype=np.uint16)
        _native.own_bits(corpus.buffer[part], np.array([0, len(text)]), literal[part], copy, own)
        expect(seed, f"own bits of text {j}", own.tolist(), naive_lz77.own_bits(text, literal[part].tolist(), copy))
        for query, got in zip(queries, saved[:, j].tolist(), strict=True):
            own, weighed = (None if values is None else values[part].tolist() for values in (bits, worth))
            if weighed is None:
                expected = naive_lz77.savings(query, text, own, match)
            else:
                expected = naive_lz77.worth_saved(query, text, own, weighed, match)
            expect(seed, f"savings of text {j} with {query[:60]!r}", got, expected)
    return saved.size


if __name__ == "__main__":
    main(check_case)
