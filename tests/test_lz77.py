"""The lz77 and huffman compressors equal docs/lz77.md, of which tests/naive_lz77.py is a plain version."""

import pickle

import naive
import naive_lz77
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import texts

from gzipknn import NCDClassifier, NCDTransformer, compressed_lengths, pairwise_ncd
from gzipknn.compressors import LZ77, Gzip, Huffman, background
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

TRAINING = [b"the cat sat on the mat", b"a cat and a mat", b"stocks fell again today", b"", b"today stocks rose"]


@settings(max_examples=60)
@given(
    training=st.lists(texts, min_size=1, max_size=5),
    query=texts,
    background=st.sampled_from([None, 0, 1, 2, "blend"]),
    separator=st.sampled_from([b" ", b"", b"--"]),
)
@pytest.mark.slow
def test_lengths_are_as_defined(training, query, background, separator):
    compressor = LZ77(background).fit(Corpus.from_texts(training))
    index = compressor.index(Corpus.from_texts(training), separator, learnt_from=True)
    expected = naive_lz77.Lz77(training, background)
    assert compressor.measure.match == expected.match
    assert index.lengths.tolist() == [expected.length(text, i) for i, text in enumerate(training)]
    assert compressor.length(query) == expected.length(query)
    joint = [expected.joint_length(query, i, separator) for i in range(len(training))]
    assert compressor.joint_lengths(query, index).tolist() == joint
    assert compressor.joint_lengths(query, index, compressor.length(query)).tolist() == joint
    assert LZ77(background).joint_lengths(query, index).tolist() == joint


@given(texts)
def test_properties_of_lengths(text):
    once, twice = compressed_lengths([text, text + text], "lz77")
    assert compressed_lengths([b""], "lz77") == [0.0]
    assert 0 <= once <= 8 * len(text)
    # one copy for every 255 bytes
    copy = 2 * (np.log2(max(1, 2 * len(text))) + 3) + 1
    assert once <= twice + 1
    assert twice <= once + copy * (len(text) // 255 + 2) * 2


@given(st.lists(texts, min_size=1, max_size=4), texts)
def test_a_query_saves_but_not_more_than_there_is(training, query):
    prepared = TrainingTexts.prepare(Corpus.from_texts(training), "lz77", "ncd", "query-first", " ")
    c_x = prepared.compressor.lengths(Corpus.from_texts([query]))
    c_xy = prepared.joint_lengths(Corpus.from_texts([query]), c_x)
    assert (c_xy >= c_x).all()
    assert (c_xy <= c_x + prepared.lengths).all()


def test_identical_texts_are_near_and_unlike_ones_far(docs):
    distances = pairwise_ncd(docs.X_train[:50], compressor="lz77")
    assert (np.diag(distances) < 0.5).all()
    assert np.median(distances) > 0.9


def test_each_training_text_is_left_out_of_the_background():
    # a word that no other training text contains is as surprising as any other new word
    corpus = Corpus.from_texts([b"a cat and a dog", b"a cat and a dog", b"zyzzyva"])
    index = LZ77().fit(corpus).index(corpus, b" ", learnt_from=True)
    known, other = LZ77().fit(corpus).lengths(Corpus.from_texts([b"zyzzyva", b"quokkas"]))
    assert index.lengths[2] > other * 0.9
    assert known < index.lengths[2]
    landmarks = NCDTransformer(1, compressor="lz77", random_state=0).fit(list(corpus))
    assert landmarks.training_.lengths == index.lengths[landmarks.landmark_indices_]


def test_random_bytes_are_known_as_such():
    noise = np.random.default_rng(0).bytes
    texts, query = Corpus.from_texts([noise(1000) for _ in range(200)]), Corpus.from_texts([noise(10_000)])
    orders, blend = ([LZ77(one).fit(texts).lengths(query)[0] / 10_000 for one in names] for names in ([2], ["blend"]))
    # strings that occurred by chance are no reason to expect them again
    assert orders[0] > 8.5
    assert blend[0] == pytest.approx(8, abs=0.1)


def test_a_blend_trusts_a_context_by_how_often_it_occurred():
    def bits(text, times):
        fitted = LZ77().fit(Corpus.from_texts([b"queen, quote, quart; " * times]))
        return fitted.measure.background.literal_bits(Corpus.from_texts([text]), is_training=False)[-1]

    assert bits(b"qu", 1) > 0.9 * bits(b"u", 1)
    assert bits(b"qu", 100) < 0.9 * bits(b"u", 100)


def test_what_all_texts_share_brings_none_nearer(docs):
    X = [f"Subject: (no subject) Reply-To: nobody@example.org\n{text}" for text in docs.X_train[:200]]
    fitted = TrainingTexts.prepare(Corpus.from_texts([x.encode() for x in X]), "lz77", "ncd", "query-first", " ")
    header = b"Subject: (no subject) Reply-To: nobody@example.org\n"
    queries = Corpus.from_texts([header])
    c_x = fitted.compressor.lengths(queries)
    # far less than the 400 bits of its 50 bytes, because each text pays only a few bits for it
    saved = c_x + fitted.lengths - fitted.joint_lengths(queries, c_x)[0]
    assert np.median(saved) < 100
    assert c_x[0] < 8 * len(header) / 2


@pytest.mark.parametrize("order", ["query-first", "train-first", "symmetric"])
def test_orders_and_pickles(docs, order):
    X, y = docs.X_train[:60], docs.y_train[:60]
    clf = NCDClassifier(3, compressor="lz77", order=order).fit(X, y)
    again = pickle.loads(pickle.dumps(clf))
    for a, b in zip(clf.kneighbors(docs.X_test[:20]), again.kneighbors(docs.X_test[:20]), strict=True):
        assert a.tolist() == b.tolist()
    plain = [TrainingTexts.prepare(clf.training_.texts, "lz77", "ncd", o, " ") for o in ("query-first", "train-first")]
    queries = Corpus.from_texts([text.encode() for text in docs.X_test[:5]])
    c_x = plain[0].compressor.lengths(queries)
    first, second = (training.joint_lengths(queries, c_x) for training in plain)
    expected = {"query-first": first, "train-first": second, "symmetric": np.minimum(first, second)}[order]
    assert clf.training_.joint_lengths(queries, c_x).tolist() == expected.tolist()


def test_backgrounds_are_checked():
    expected = "background must be 'blend', an int from 0 to 2 or None, got"
    for order in (3, -1, "2"):
        with pytest.raises(ValueError, match=f"{expected} {order!r}"):
            LZ77(order)
    for order in (1.0, True):
        with pytest.raises(TypeError, match=f"{expected} {type(order).__name__}"):
            LZ77(order)
    index = Gzip().index(Corpus.from_texts([b"a"]), b" ")
    for compressor in (LZ77(), Huffman()):
        with pytest.raises(TypeError, match="index must be made by"):
            compressor.joint_lengths(b"a", index)


@given(texts, st.lists(texts, min_size=1, max_size=3))
def test_huffman_is_the_entropy(query, data):
    index = Huffman().index(Corpus.from_texts(data), b" ")
    assert Huffman().length(query) == pytest.approx(naive.entropy_bits(query), rel=1e-12, abs=1e-9)
    expected = [naive.entropy_bits(query + b" " + text) for text in data]
    assert Huffman().joint_lengths(query, index) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-9)
    assert index.lengths == pytest.approx(np.array([naive.entropy_bits(text) for text in data]), rel=1e-12, abs=1e-9)


@given(texts, st.lists(st.one_of(texts, st.just(b"ab\x00" * 30_000)), min_size=1, max_size=5), st.randoms())
@pytest.mark.slow
def test_entropies_are_the_same_however_they_are_reached(query, data, random):
    huffman = Huffman()
    expected = [huffman.length(query + b" " + text) for text in data]
    assert expected == [huffman.length(text + query + b" ") for text in data]
    shuffled = list(b"".join([query, *data]))
    random.shuffle(shuffled)
    assert huffman.length(bytes(shuffled)) == huffman.length(b"".join([query, *data]))
    letters = {byte: number for number, byte in enumerate(sorted(set(shuffled), key=shuffled.index))}
    assert huffman.length(bytes(letters[byte] for byte in shuffled)) == huffman.length(bytes(shuffled))
    index, order = huffman.index(Corpus.from_texts(data), b" "), np.arange(len(data))[::-1]
    assert index.lengths.tolist() == [huffman.length(text) for text in data]
    assert huffman.joint_lengths(query, index).tolist() == expected
    assert huffman.joint_lengths(query, index, indices=order).tolist() == expected[::-1]
    for text, length in zip(data, expected, strict=True):
        assert huffman.joint_lengths(query, huffman.index(Corpus.from_texts([text]), b" ")).tolist() == [length]


def test_counts_of_huge_training_sets_do_not_wrap(docs, monkeypatch):
    texts = Corpus.from_texts([text.encode() for text in docs.X_train[:50]])
    small = background.Background(texts, 2, 8)
    monkeypatch.setattr(background, "MOST_COUNTED", 100)
    large = background.Background(texts, 2, 8)
    assert {counts.dtype for counts in small.counts} == {np.dtype(np.uint32)}
    assert {counts.dtype for counts in large.counts} == {np.dtype(np.uint64)}
    for is_training in (True, False):
        bits = [made.literal_bits(texts, is_training=is_training).tolist() for made in (small, large)]
        assert bits[0] == bits[1]
