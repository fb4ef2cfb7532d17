"""The search for the nearest texts by lz77 skips texts, but its results equal all sorted distances exactly."""

import naive_lz77
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import texts
from test_lz77_kernel import NOISE, adversaries, pieces, prices, random_bits, random_worth, seeds

from gzipknn.compressors import LZ77
from gzipknn.metrics import METRICS
from gzipknn.search import training_texts
from gzipknn.search.hubs import Normalizer
from gzipknn.search.neighbors import k_smallest, kneighbors
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

needs_native = pytest.mark.skipif(_native is None, reason="the native kernel was not built")


def check_nearest(index, corpus, bits, query, c_x, metric, k, correction=None, within=np.inf):
    """Compare with all distances. Texts that are too far may be missing."""
    n = len(corpus)
    c_y = np.diff(np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])[corpus.offsets]) / 256
    saved = np.empty(n, dtype=np.int64)
    index.savings(query, saved)
    expected = list(METRICS.values())[metric](np.array([[c_x]]), c_y, (c_x + c_y - saved / 256)[None])
    shift, scale = correction or (None, None)
    if correction:
        expected = Normalizer("local", shift, scale)(expected)
    best, order = (found[0] for found in k_smallest(expected, k))
    found, indices = np.empty(k), np.empty(k, dtype=np.int64)
    index.nearest(query, c_x, c_y, metric, shift, scale, within, k, found, indices)
    near = best < within
    assert found[near].tolist() == best[near].tolist()
    assert indices[near].tolist() == order[near].tolist()
    assert np.isinf(found[~near]).all()
    return expected[0]


def check_all_ways(data, bits, worth, match, queries, seed):
    corpus, rng = Corpus.from_texts(data), np.random.default_rng(seed)
    index = _native.Lz77Index(corpus.buffer, corpus.offsets, bits, match, worth)
    n = len(data)
    for query in queries:
        for metric in range(len(METRICS)):
            c_x = float(rng.choice([0, 0.25, 3, 40, 500])) * rng.choice([1, len(query)])
            k = min(int(rng.choice([1, 2, 7, rng.integers(1, n + 1)])), n)
            arguments = index, corpus, bits if worth is None else worth, query, c_x, metric, k
            within = rng.choice(check_nearest(*arguments))
            check_nearest(*arguments, within=within)
            correction = rng.random(n).round(1), rng.choice([0.5, 1, 3.7], n)
            within = rng.choice(check_nearest(*arguments, correction=correction))
            check_nearest(*arguments, correction=correction, within=within)


@needs_native
@settings(max_examples=40)
@given(data=st.lists(pieces, min_size=1, max_size=8), match=prices, seed=seeds, more=st.data())
@pytest.mark.slow
def test_nearest_are_those_of_all_distances(data, match, seed, more):
    data = data * more.draw(st.sampled_from([1, 15, 30]))  # there are so many texts that not all are measured
    joined = b"".join(data)
    start, end = sorted(more.draw(st.tuples(*[st.integers(0, len(joined))] * 2)))
    queries = [more.draw(pieces), joined[start:end][:2000]]
    bits = random_bits(len(joined), seed)
    check_all_ways(data, bits, None, match, queries, seed)
    check_all_ways(data, bits, random_worth(bits, seed), match, queries, seed)


def random_texts(rng, n, alphabet, longest):
    """Texts that are made from pieces of each other, so that they share phrases."""
    source = rng.integers(97, 97 + alphabet, 3000, dtype=np.uint8).tobytes()
    made = []
    for _ in range(n):
        starts = rng.integers(0, len(source), rng.integers(0, 12))
        made.append(b"".join(source[i : i + rng.integers(1, longest)] for i in starts.tolist()))
    return made


@needs_native
@pytest.mark.parametrize("alphabet", [2, 4, 26, 150])
@pytest.mark.parametrize("weighs", [False, True])
@pytest.mark.slow
def test_nearest_of_many_texts(alphabet, weighs):
    rng = np.random.default_rng(alphabet)
    data = random_texts(rng, 800, alphabet, 30)
    size = sum(map(len, data))
    bits = rng.integers(0, 2000, size).astype(np.uint16)
    worth = (bits * rng.choice([0, 0.2, 1, 1, 7], size)).astype(np.uint16) if weighs else None
    queries = [*random_texts(rng, 4, alphabet, 30), data[7], b"", data[3] * 40]
    for match in (500, 6000):
        check_all_ways(data, bits, worth, match, queries, alphabet)


@needs_native
@pytest.mark.parametrize("bits", [[0], [1], [0, 0, 500], [2048], [65535], [0] * 300 + [9000]])
@pytest.mark.slow
def test_nearest_of_adversaries(bits):
    data = list(adversaries())
    bits = np.resize(np.array(bits, dtype=np.uint16), sum(map(len, data)))
    queries = [b"", b"a" * 700, data[-1] + b"b" + data[-3], NOISE[:700]]
    for match in (0, 3_000, 25_500, 65_535):
        check_all_ways(data, bits, None, match, queries, match)
        check_all_ways(data, bits, random_worth(bits, match), match, queries, match)


@needs_native
@settings(max_examples=100)
@given(
    text=texts,
    shared=st.lists(st.tuples(st.integers(0, 90), st.integers(1, 60)), min_size=1, max_size=5),
    match=st.integers(0, 20_000),
    weighs=st.sampled_from([None, [1], [0, 1, 9], [0.1, 0.1, 0.1, 0.1, 0.1, 9]]),
    seed=seeds,
)
@example(text=b"the the ", shared=[(0, 2)], match=768, weighs=[0, 1, 9], seed=0)  # worthless bytes begin a match
@pytest.mark.slow
def test_no_text_saves_more_than_its_bound(text, shared, match, weighs, seed):
    """The limit lies just above the distance of the text, and the text is found, so its bound was right."""
    corpus, rng = Corpus.from_texts([text, *[b""] * 99]), np.random.default_rng(seed)
    bits = rng.integers(1, 3000, len(text)).astype(np.uint16)
    worth = bits if weighs is None else (bits * rng.choice(weighs, len(text))).astype(np.uint16)
    query = b"?".join(text[start : start + size] for start, size in shared)
    index = _native.Lz77Index(corpus.buffer, corpus.offsets, bits, match, None if weighs is None else worth)
    saved = naive_lz77.worth_saved(query, text, bits.tolist(), worth.tolist(), match)
    c_y = np.array([int(worth.sum(dtype=np.int64)), *[0] * 99]) / 256
    c_x = float(c_y[0]) + 1
    found, indices = np.empty(1), np.empty(1, dtype=np.int64)
    index.nearest(query, c_x, c_y, 0, None, None, 1 - saved / 256 / c_x + 1e-9, 1, found, indices)
    assert np.isfinite(found).all()
    assert indices.tolist() == [0]


@pytest.mark.parametrize("normalizer", [None, "made"])
@pytest.mark.parametrize("base_weight", [None, 0.1])
@pytest.mark.parametrize("metric", METRICS)
def test_nearest_of_parts_are_those_of_all_distances(docs, metric, base_weight, normalizer, monkeypatch):
    monkeypatch.setattr(training_texts, "TEXTS_PER_PART", 37)
    data, rng = [text.encode() for text in docs.X_train[:250]], np.random.default_rng(0)
    corpus = Corpus.from_texts([*data, b"", *data[:20]]).labelled(np.arange(271) % 3)
    training = TrainingTexts.prepare(corpus, LZ77(base_weight=base_weight), metric, "query-first", " ")
    if normalizer:
        normalizer = Normalizer("local", rng.random(271).round(1), rng.choice([0.5, 1, 2], 271))
        training = training.__class__(**{**vars(training), "normalizer": normalizer})
    queries = Corpus.from_texts([*map(str.encode, docs.X_test[:10]), b"", data[5]])
    for k in (1, 5, 60, 271):
        found, expected = kneighbors(training, queries, k), k_smallest(training.distances(queries), k)
        assert (found[0] == expected[0]).all()
        assert (found[1] == expected[1]).all()


@needs_native
@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"query": "q"}, TypeError),
        ({"c_x": "1"}, TypeError),
        ({"c_y": np.zeros(3)}, ValueError),
        ({"c_y": np.zeros(2, dtype=np.int64)}, TypeError),
        ({"metric": 4}, ValueError),
        ({"metric": -1}, ValueError),
        ({"shift": np.zeros(2)}, TypeError),
        ({"scale": np.ones(2)}, TypeError),
        ({"shift": np.zeros(3), "scale": np.ones(2)}, ValueError),
        ({"shift": np.zeros(2), "scale": np.ones(1)}, ValueError),
        ({"k": 0}, ValueError),
        ({"k": 3}, ValueError),
        ({"k": 2}, ValueError),
        ({"distances": np.zeros(2)}, ValueError),
        ({"distances": np.zeros(1, dtype=np.float32)}, TypeError),
        ({"indices": np.zeros(1)}, TypeError),
        ({"indices": np.zeros(0, dtype=np.int64)}, ValueError),
    ],
)
def test_nearest_checks_its_arguments(change, error):
    corpus = Corpus.from_texts([b"abc", b"def"])
    index = _native.Lz77Index(corpus.buffer, corpus.offsets, np.full(6, 900, dtype=np.uint16), 9)
    given_ = {"query": b"abc", "c_x": 1.0, "c_y": np.ones(2), "metric": 0, "shift": None, "scale": None}
    given_ |= {"within": np.inf, "k": 1, "distances": np.zeros(1), "indices": np.zeros(1, dtype=np.int64)}
    index.nearest(*given_.values())
    with pytest.raises(error, match=r"must|real number"):
        index.nearest(*(given_ | change).values())
