"""The shortlist equals a plain sort by the estimate, and the neighbours are the nearest texts in it."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzipknn.compressors import LZ77
from gzipknn.metrics import METRICS
from gzipknn.search import training_texts
from gzipknn.search.hubs import normalize_distances
from gzipknn.search.neighbors import nearest
from gzipknn.search.screen import FEWEST, smallest
from gzipknn.search.screen_fitting import screen_texts
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

phrases = ["the cat sat ", "on the mat ", "stocks fell ", "naïve ", "oil and gas ", "\0", "of the of the "]
texts = st.lists(st.sampled_from(phrases), max_size=9).map("".join).map(str.encode)
corpora = st.lists(texts, min_size=1, max_size=7)


def prepare(data, compressor, metric, order, normalize, screen, per_part):
    with patch.object(training_texts, "TEXTS_PER_PART", per_part):
        training = TrainingTexts.prepare(Corpus.from_texts(data), compressor, metric, order, " ")
        return screen_texts(normalize_distances(training, normalize), screen, 3)


def plain_shortlist(training, query, c_x, n):
    """The definition, computed for all texts at once."""
    screen = training.screen
    estimate = screen.shared(query) * screen.coefficients[2] + screen.by_text + screen.coefficients[0] * c_x
    estimate = np.maximum(estimate, np.maximum(training.lengths, c_x))
    distances = training.distances_from(c_x[:, None], estimate[None, :])[0]
    return sorted(np.argsort(distances, kind="stable")[:n].tolist())


@settings(max_examples=50, deadline=None)
@given(
    some=corpora,
    query=texts,
    compressor=st.sampled_from(["gzip", "zlib", "lz77", LZ77(background=None), "bz2", len]),
    metric=st.sampled_from([*METRICS, lambda c_x, c_y, c_xy: c_xy - np.sqrt(c_x * c_y)]),
    order=st.sampled_from(["query-first", "query-first", "symmetric"]),
    normalize=st.sampled_from([None, None, "local", "zscore"]),
    screen=st.sampled_from([0.1, 0.5, 7, 30, 1.0]),
    per_part=st.sampled_from([5, 17, 64, 1 << 16]),
    k=st.integers(1, 9),
)
@pytest.mark.slow
def test_candidates_and_neighbours_are_those_of_the_definition(
    some, query, compressor, metric, order, normalize, screen, per_part, k
):
    data = [*some, b"", b"a cat"] * 8  # this makes ties
    training = prepare(data, compressor, metric, order, normalize, screen, per_part)
    queries = Corpus.from_texts([query])
    c_x = training.compressor.lengths(queries)
    n = training.screen.n_candidates(len(data), k)
    assert training.screen.n_fitted >= FEWEST
    expected = plain_shortlist(training, query, c_x, n)
    assert training.screen.candidates(training, query, c_x, k).tolist() == expected
    distances, indices = nearest(training, queries, k)
    exact = training.distances(queries)[0]
    assert indices[0].tolist() == sorted(expected, key=lambda i: (exact[i], i))[:k]
    assert distances[0].tolist() == exact[indices[0]].tolist()
    assert indices.dtype == np.intp


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("per_part", [100, 1 << 16])
def test_real_texts(docs, metric, per_part):
    data = [text.encode() for text in docs.X_train[:500]]
    training = prepare(data + data[:100], "gzip", metric, "query-first", None, 0.3, per_part)
    queries = Corpus.from_texts([text.encode() for text in docs.X_test[:8]])
    c_x = training.compressor.lengths(queries)
    exact = training.distances(queries)
    for k in (1, 5, 200):
        distances, indices = nearest(training, queries, k)
        for row, query in enumerate(queries):
            n = training.screen.n_candidates(600, k)
            expected = plain_shortlist(training, query, c_x[row : row + 1], n)
            assert indices[row].tolist() == sorted(expected, key=lambda i: (exact[row, i], i))[:k]
            assert distances[row].tolist() == exact[row][indices[row]].tolist()


@given(
    distances=st.lists(st.sampled_from([0.0, -0.0, 1.0, 2.0, np.inf, -np.inf]) | st.floats(0, 1), min_size=1),
    n=st.integers(1, 100),
)
def test_of_equally_small_ones_the_first_are_chosen(distances, n):
    n = min(n, len(distances))
    chosen = smallest(np.array(distances), n)
    assert chosen.tolist() == sorted(np.argsort(distances, kind="stable")[:n].tolist())
