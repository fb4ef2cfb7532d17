"""Texts that are learnt one by one, and a window over them: every text is measured correctly, in few parts."""

import pickle
from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts
from test_models import by_pickle, by_skops

from gzipknn import Keyed, NCDClassifier
from gzipknn.compressors import Compressor, TextIndex
from gzipknn.metrics import ncd
from gzipknn.search import training_texts, updates
from gzipknn.texts.corpus import Corpus, JoinedCorpus


class Letters(Compressor):
    """A compressor whose index can't be joined."""

    def length(self, data):
        return 3 * len(set(data))

    def index(self, texts, separator, *, learnt_from=False):
        return LettersIndex(texts, separator, self.lengths(texts))


class LettersIndex(TextIndex):
    def take(self, indices):
        return LettersIndex(self.texts.take(indices), self.separator, self.lengths[indices])


some_texts = st.lists(texts, min_size=1, max_size=6)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), some_texts),
        st.tuples(st.just("add one by one"), some_texts),
        st.tuples(st.just("keep"), st.integers(1, 12)),
        st.tuples(st.just("keep bytes"), st.integers(1, 3000)),
        st.tuples(st.just("forget"), st.sets(st.integers(0, 30), max_size=4)),
        st.tuples(st.just("search"), texts),
        st.tuples(st.just("pickle"), st.none()),
    ),
    max_size=12,
)
compressors = st.sampled_from(["gzip", "zlib", "lz77", "huffman", "bz2", Letters()])


def apply(clf, known, step, what):
    """Do one step with a model and with the list of the texts that it should know."""
    if step == "add":
        clf.partial_fit(what, [len(text) % 3 for text in what])
        known += [(text, False) for text in what]
    elif step == "add one by one":
        for text in what:
            clf.partial_fit([text], [len(text) % 3])
            known.append((text, False))
    elif step == "keep":
        clf.keep_newest(what)
        del known[: max(0, len(known) - what)]
    elif step == "keep bytes":
        clf.keep_newest(len(known), n_bytes=what)
        while len(known) > 1 and sum(len(text) for text, _ in known) > what:
            del known[0]
    elif step == "forget":
        dropped = [i for i in what if i < len(known)]
        if len(dropped) < len(known):
            clf.forget(dropped)
            known[:] = [one for i, one in enumerate(known) if i not in dropped]
    elif step == "search":
        clf.predict([what])
    else:
        clf = pickle.loads(pickle.dumps(clf))
    return clf


def expected_neighbors(clf, known, query, k):
    """Measure each text by itself with the learnt model, and sort the texts."""
    compressor, distances = clf.training_.compressor, []
    c_x = compressor.lengths(Corpus.from_texts([query]))
    for text, learnt in known:
        index = compressor.index(Corpus.from_texts([text]), b" ", learnt_from=learnt)
        c_xy = compressor.joint_lengths(query, index, c_x.item())
        distances.append(ncd(c_x[:, None], index.lengths, c_xy[None, :]).item())
    order = sorted(range(len(known)), key=lambda i: (distances[i], i))[:k]
    return [distances[i] for i in order], order


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=60)
@given(compressors, some_texts, steps, texts, st.sampled_from([None, 1.0]))
def test_any_steps_are_measuring_each_text_that_is_left(compressor, first, steps, query, screen):
    known = [(text, True) for text in first]
    clf = NCDClassifier(1, compressor=compressor, screen=screen).fit(first, [len(text) % 3 for text in first])
    for step, what in steps:
        clf = apply(clf, known, step, what)
        assert clf.n_samples_fit_ == len(known)
    assert list(clf.training_.texts) == [text for text, _ in known]
    assert clf.classes_[clf._y].tolist() == [len(text) % 3 for text, _ in known]
    k = min(4, len(known))
    distances, order = clf.kneighbors([query], k)
    assert (distances[0].tolist(), order[0].tolist()) == expected_neighbors(clf, known, query, k)


@pytest.mark.parametrize(
    "parameters",
    [
        {"compressor": "gzip", "normalize": "local"},
        {"compressor": "lz77", "order": "symmetric"},
        {"compressor": "lz77", "normalize": "zscore", "metric": "nmi"},
        {"compressor": "zlib", "order": "train-first"},
    ],
    ids=str,
)
def test_joined_parts_measure_like_parts_that_stay_apart(docs, monkeypatch, parameters):
    found = []
    for growth in (updates.GROWTH, 0):  # with 0 no part joins another
        monkeypatch.setattr(updates, "GROWTH", growth)
        clf = NCDClassifier(3, **parameters).fit(docs.X_train[:30], docs.y_train[:30])
        for i in range(30, 90):
            clf.partial_fit(docs.X_train[i : i + 1], docs.y_train[i : i + 1]).keep_newest(50)
        found.append((*clf.kneighbors(docs.X_test[:20]), clf.predict(docs.X_test[:20]), len(clf.training_.parts)))
    joined, apart = found
    assert all(np.array_equal(*arrays) for arrays in zip(joined[:3], apart[:3], strict=True))
    assert joined[3] < 12 < apart[3]


@pytest.mark.parametrize(("limit", "most"), [("TEXTS_PER_PART", 8), ("BYTES_PER_PART", 3000)])
def test_no_part_grows_beyond_the_limits(docs, monkeypatch, limit, most):
    X, y = [text[:500] for text in docs.X_train[:60]], docs.y_train[:60]
    whole = NCDClassifier(3).fit(X, y)
    monkeypatch.setattr(training_texts, limit, most)
    clf = NCDClassifier(3)
    for i in range(60):
        clf.partial_fit(X[i : i + 1], y[i : i + 1])
    parts = [part.texts for part in clf.training_.parts]
    sizes = [len(part) if limit == "TEXTS_PER_PART" else len(part.buffer) for part in parts]
    assert most / 2 < max(sizes) <= most
    for found, expected in zip(clf.kneighbors(docs.X_test[:9]), whole.kneighbors(docs.X_test[:9]), strict=True):
        assert np.array_equal(found, expected)


@pytest.mark.parametrize("read_again", [by_pickle, by_skops])
@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_a_screened_stream(docs, compressor, read_again):
    clf = NCDClassifier(3, compressor=compressor, screen=20).fit(docs.X_train[:40], docs.y_train[:40])
    for i in range(40, 100):
        clf.partial_fit(docs.X_train[i : i + 1], docs.y_train[i : i + 1]).keep_newest(70)
        if i == 70:
            clf = read_again(clf)
    training, screen = clf.training_, clf.training_.screen
    assert [part.index for part in screen.strings] == list(training.parts)
    assert screen.by_text.tolist() == screen.weigh_texts(training.lengths, screen.strings).tolist()
    known = [(text.encode(), i < 40) for i, text in enumerate(docs.X_train[:100])][30:]
    distances, indices = clf.kneighbors(docs.X_train[90:100])
    assert indices[:, 0].tolist() == list(range(60, 70))
    for text, row, found in zip(docs.X_train[90:100], distances, indices, strict=True):
        exact, order = expected_neighbors(clf, known, text.encode(), 70)
        assert row.tolist() == [exact[order.index(i)] for i in found.tolist()]


@pytest.mark.parametrize("compressor", ["gzip", "bz2"])
def test_few_parts_and_few_texts_indexed_again(docs, compressor):
    X = [text[: 5 + i % 40] for i, text in enumerate(docs.X_train[:600])]
    clf = NCDClassifier(1, compressor=compressor).fit(X[:3], range(3))
    for window in (600, 300):
        n_indexed, parts = 0, clf.training_.parts
        for i in range(600):
            clf.partial_fit(X[i : i + 1], [i]).keep_newest(window)
            before, parts = parts, clf.training_.parts
            n_indexed += sum(len(part.texts) for part in parts if not any(part is other for other in before))
            size = sum(len(text) + 1 for text in clf.training_.texts)
            assert len(parts) <= 2 * log2(size)
        assert n_indexed < 3 * 600 * log2(window)
    assert clf.n_samples_fit_ == 300


def test_each_text_is_compressed_once(docs, tmp_path):
    calls = []

    def length(data):
        calls.append(data)
        return len(set(data)) + len(data) // 8

    def learn(memory):
        clf = NCDClassifier(3, compressor=Keyed(length, "letters"), memory=memory)
        clf.fit(docs.X_train[:5], docs.y_train[:5])
        for i in range(5, 50):
            clf.partial_fit(docs.X_train[i : i + 1], docs.y_train[i : i + 1]).keep_newest(20)
        return clf

    expected = learn(None).kneighbors(docs.X_test[:5])
    assert len(calls) == 50 + 5 + 5 * 20
    for n_searched in (5 + 5 * 20, 0):  # the second run finds the results of the same steps in the cache
        clf = learn(tmp_path)
        calls.clear()
        assert all(np.array_equal(*arrays) for arrays in zip(expected, clf.kneighbors(docs.X_test[:5]), strict=True))
        assert len(calls) == n_searched


@given(st.lists(st.lists(texts, max_size=4), min_size=1, max_size=4), st.data())
def test_a_joined_corpus_is_its_pieces_end_to_end(pieces, data):
    corpus, joined = (
        make([Corpus.from_texts(piece) for piece in pieces])
        for make in (Corpus.join, lambda some: JoinedCorpus(tuple(some)))
    )
    flat = [text for piece in pieces for text in piece]
    assert list(joined) == list(corpus) == flat
    start = data.draw(st.integers(0, len(flat)))
    stop = data.draw(st.integers(start, len(flat)))
    indices = np.array(data.draw(st.lists(st.integers(0, len(flat) - 1), max_size=5)) if flat else [], dtype=np.intp)
    for some in (corpus, joined, pickle.loads(pickle.dumps(joined))):
        assert list(some.rows(start, stop)) == flat[start:stop]
        assert list(some.take(indices)) == [flat[i] for i in indices]
        assert some.buffer.tobytes() == b"".join(flat)
        assert some.offsets.tolist() == corpus.offsets.tolist()
        assert some.offsets.dtype == np.int64
        assert some.labelled(np.arange(len(flat))).labels.tolist() == list(range(len(flat)))
        assert [text for block in some.blocks(100) for text in block] == flat
