"""Fuzz the counts of strings by class, native and in Python: python tests/fuzz/fuzz_class_counts.py --minutes 30

The program learns, forgets and measures random texts. It compares both implementations, a model of the remaining texts
and the plain version. Run it under sanitizers with
`tests/fuzz/sanitized.sh python tests/fuzz/fuzz_class_counts.py --minutes 30`. It stops at the first finding and prints
the seed that repeats it.
"""

import sys
from pathlib import Path

import numpy as np

# under sanitized.sh Python does not search the script's own folder
sys.path.extend(str(folder) for folder in Path(__file__).parents[:2])

import naive_kneser_ney
from fuzz_kernel import expect, main, make_text

from gzipknn._kernel import _native
from gzipknn.baselines import kneser_ney_python
from gzipknn.texts.corpus import Corpus

NO_LIMIT = 2**62
NAIVE_UP_TO = 1_000  # bytes


def arguments(texts, labels):
    corpus = Corpus.from_texts(texts)
    return corpus.buffer, corpus.offsets, np.array(labels, dtype=np.int64)


def measured(counts, texts, labels, n_classes, background):
    bits = np.empty(len(texts) * n_classes)
    buffer, offsets, own = arguments(texts, labels or [])
    counts.lengths(buffer, offsets, own if labels else None, n_classes, background, bits)
    return bits.reshape(-1, n_classes).tolist()


def exported(counts):
    items = np.empty((3, counts.n_raw), dtype=np.int64)
    counts.export(*items)
    return sorted(map(tuple, items.T.tolist()))


def check_case(seed):
    rng = np.random.default_rng(seed)
    alphabet = int(rng.choice([1, 2, 3, 8, 40, 256]))
    size = int(rng.choice([4, 40, 300, 2000], p=[0.2, 0.4, 0.3, 0.1]))
    order, n_classes = int(rng.integers(0, 7)), int(rng.choice([1, 2, 5, 40]))
    background = float(rng.choice([0, 0.3, 0.99]))
    both = [module.ClassCounts(order, background > 0) for module in (_native, kneser_ney_python)]
    texts, labels = [], []
    for _ in range(rng.integers(1, 5)):
        new = [make_text(rng, size, alphabet, texts) for _ in range(rng.integers(1, 8))]
        owners = rng.integers(0, n_classes, len(new)).tolist()
        for counts in both:
            counts.add(*arguments(new, owners), NO_LIMIT)
        texts, labels = texts + new, labels + owners
        keep = rng.random(len(texts)) < rng.choice([0.5, 0.9, 1])
        gone = np.flatnonzero(~keep)
        for counts in both:
            counts.remove(*arguments([texts[i] for i in gone], [labels[i] for i in gone]))
        texts, labels = [texts[i] for i in np.flatnonzero(keep)], [labels[i] for i in np.flatnonzero(keep)]
        more = arguments([*new, make_text(rng, 20 * size, 256, [])], [*owners, n_classes - 1])
        try:
            both[0].add(*more, both[0].nbytes)
        except ValueError:
            pass  # nothing was counted
        else:
            both[0].remove(*more)
    queries = [make_text(rng, size, alphabet, texts) for _ in range(3)]
    for some, own in ((queries, None), *([(texts, labels)] if texts else [])):
        native, python = (measured(counts, some, own, n_classes, background) for counts in both)
        expect(seed, "lengths by Python", python, native)
    items = exported(both[0])
    expect(seed, "counts by Python", exported(both[1]), items)
    again = _native.ClassCounts(order, background > 0)
    again.restore(*np.array(items, dtype=np.int64).reshape(-1, 3).T.copy())
    bits = [measured(counts, queries, None, n_classes, background) for counts in (again, both[0])]
    expect(seed, "lengths from a file", *bits)
    if sum(map(len, texts)) < NAIVE_UP_TO and len(queries[0]) < NAIVE_UP_TO:
        plain = naive_kneser_ney.kneser_ney_bits(texts, labels, n_classes, queries[0], order, background)
        expect(seed, f"as defined: {plain} and {bits[1][0]}", np.allclose(bits[1][0], plain, rtol=1e-9), True)
    return len(texts) * n_classes


if __name__ == "__main__":
    main(check_case)
