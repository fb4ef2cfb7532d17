"""Class information in lz77: the weights equal their definition, and every method of a model uses them."""

import pickle

import naive_lz77
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gzipknn import NCDClassifier, NCDTransformer, compressed_lengths, pairwise_ncd
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.compressors import LZ77, class_weights
from gzipknn.texts.corpus import Corpus

PIECES = [b"goal ", b"match ", b"bank ", b"share ", b"the ", b"\x00"]
words = st.lists(st.sampled_from(PIECES), max_size=6).map(b"".join)
small = st.binary(max_size=12)


def labelled(data, labels):
    return Corpus.from_texts(data).labelled(np.array(labels, dtype=np.intp))


@settings(max_examples=60)
@given(
    data=st.lists(st.tuples(st.one_of(words, small), st.integers(0, 2)), min_size=1, max_size=5),
    query=st.one_of(words, small),
    background=st.sampled_from([None, 0, 2, "blend"]),
    base_weight=st.sampled_from([0.01, 0.3, 5]),
)
def test_lengths_are_as_defined(data, query, background, base_weight):
    training, labels = map(list, zip(*data, strict=True))
    compressor = LZ77(background, base_weight=base_weight).fit(labelled(training, labels))
    index = compressor.index(labelled(training, labels), b" ", learnt_from=True)
    expected = naive_lz77.Lz77(training, background, labels, base_weight)
    assert index.lengths.tolist() == [expected.length(text, i) for i, text in enumerate(training)]
    assert compressor.length(query) == expected.length(query)
    joint = [expected.joint_length(query, i, b" ") for i in range(len(training))]
    assert compressor.joint_lengths(query, index).tolist() == joint
    some = np.array(range(len(training)))[::-1].copy()
    assert compressor.joint_lengths(query, index, indices=some).tolist() == joint[::-1]


def test_blocks_change_nothing(docs, monkeypatch):
    data = labelled([text.encode() for text in docs.X_train[:80]], np.arange(80) % 3)
    compressor = LZ77(base_weight=0.1)
    whole = compressor.fit(data).index(data, b" ", learnt_from=True)
    monkeypatch.setattr(class_weights, "BLOCK", 500)
    cut = compressor.fit(data).index(data, b" ", learnt_from=True)
    assert whole.weighed.tolist() == cut.weighed.tolist()
    for name in ("strings", "information", "pairs", "others", "mean"):
        assert np.array_equal(*(getattr(index.measure.weights, name) for index in (whole, cut)))


def test_a_text_does_not_confirm_its_own_label():
    # only one text contains "zyzzyva", so nothing is known about it, whatever the label of this text is
    data = [b"zyzzyva", b"a cat and a dog", b"a cat and a mat", b"stocks fell today", b"stocks rose today"]
    for labels in ([0, 0, 0, 1, 1], [1, 0, 0, 1, 1]):
        compressor = LZ77(base_weight=0.1).fit(labelled(data, labels))
        weights = compressor.measure.weights._block_weights(labelled(data, labels), True) / class_weights.UNITS
        assert weights[:7] == pytest.approx(0.1)
        assert weights[7:12].min() > 0.105  # another text of the class contains "a cat"
        new = compressor.measure.weights._block_weights(Corpus.from_texts([b"zyzzyva", b"quokkas"]), False)
        assert new[:7].min() > new[7:].max() == 0.1 * class_weights.UNITS


def test_phrases_of_a_class_bring_texts_nearer():
    # texts of one class contain "striker"; texts of both classes contain "colder and wetter", equally often
    rest = ["zebra", "quartz", "window", "jungle", "pocket", "velvet", "copper", "harbour"]
    sport = ["striker kicks", "goalkeeper jumps"]
    money = ["banking fees", "dividend cuts"]
    both = ["colder and wetter", "slower and longer"]
    X = [
        f"{word} {phrase} {rest[i]} {other}"
        for words in (sport, money)
        for i, word in enumerate(words * 4)
        for phrase, other in [(both[i // 2 % 2], rest[-i])]
    ]
    y = ["sport"] * 8 + ["money"] * 8
    clf = NCDClassifier(1, compressor=LZ77(base_weight=0.05), metric="nmi").fit(X, y)
    (neighbor,) = clf.explain("colder and wetter, striker kicks", 1).neighbors
    weights = {phrase.text.strip(): phrase.weight for phrase in neighbor.phrases}
    assert weights["striker kicks"] > 1.5 * weights["colder and wetter"]
    blind = NCDClassifier(1, compressor="lz77", metric="nmi").fit(X, y).explain("colder and wetter, striker kicks", 1)
    assert {phrase.weight for phrase in blind.neighbors[0].phrases} == {1.0}
    assert "counted" not in str(blind)


@pytest.mark.parametrize("order", ["query-first", "train-first", "symmetric"])
def test_models_grow_shrink_and_are_pickled(docs, order):
    X, y, new = docs.X_train[:60], docs.y_train[:60], docs.X_train[60:80]
    compressor = LZ77(base_weight=0.3)
    clf = NCDClassifier(3, compressor=compressor, order=order, normalize="half-local").fit(X, y)
    again = pickle.loads(pickle.dumps(clf))
    assert again.kneighbors(docs.X_test[:9])[0].tolist() == clf.kneighbors(docs.X_test[:9])[0].tolist()
    clf.partial_fit(new, docs.y_train[60:80])
    # the weights stay; they were not learnt from the new text, so it is not left out of them
    index = again.training_.compressor.index(Corpus.from_texts([text.encode() for text in new]), b" ")
    assert clf.training_.lengths[60:].tolist() == index.lengths.tolist()
    before = clf.kneighbors(docs.X_test[:9], 80)
    clf.forget([0, 7, 70])
    after = clf.kneighbors(docs.X_test[:9], 77)
    for (d, i), distances in zip(zip(*before, strict=True), after[0], strict=True):
        assert d[~np.isin(i, [0, 7, 70])].tolist() == distances.tolist()


def test_a_screened_search_finds_the_same(docs):
    X, y = docs.X_train[:300], docs.y_train[:300]
    settings = {"compressor": LZ77(base_weight=0.1), "metric": "nmi", "normalize": "half-local"}
    exact = NCDClassifier(5, **settings).fit(X, y).kneighbors(docs.X_test[:50])
    clf = NCDClassifier(5, screen=60, **settings).fit(X, y)
    distances, indices = clf.kneighbors(docs.X_test[:50])
    shared = indices[:, :, None] == exact[1][:, None, :]
    assert shared.any(axis=2).mean() > 0.95
    same = (indices == exact[1]).all(axis=1)
    assert distances[same] == pytest.approx(exact[0][same])


def test_labels_are_part_of_what_is_kept(docs, tmp_path):
    X, y = docs.X_train[:40], np.array(docs.y_train[:40])
    other = np.roll(y, 7)
    settings = {"compressor": LZ77(base_weight=0.1), "memory": tmp_path}
    kept = [NCDClassifier(3, **settings).fit(X, labels).kneighbors(docs.X_test[:9])[0] for labels in (y, other, y)]
    alone = [NCDClassifier(3, compressor=LZ77(base_weight=0.1)).fit(X, labels) for labels in (y, other)]
    assert kept[0].tolist() == kept[2].tolist() == alone[0].kneighbors(docs.X_test[:9])[0].tolist()
    assert kept[1].tolist() == alone[1].kneighbors(docs.X_test[:9])[0].tolist() != kept[0].tolist()


def test_landmarks_learn_from_all_labels(docs):
    X, y = docs.X_train[:50], docs.y_train[:50]
    features = NCDTransformer(20, compressor=LZ77(base_weight=0.3), metric="nmi", random_state=0)
    measured = features.fit(X, y).transform(docs.X_test[:5])
    clf = NCDClassifier(50, compressor=LZ77(base_weight=0.3), metric="nmi").fit(X, y)
    distances, indices = clf.kneighbors(docs.X_test[:5])
    row = np.take_along_axis(distances, np.argsort(indices, axis=1), axis=1)
    assert measured.tolist() == row[:, features.landmark_indices_].tolist()
    given = NCDTransformer(X[:3], compressor=LZ77(base_weight=0.3)).fit(X, y)
    assert given.transform(docs.X_test[:2]).shape == (2, 3)


def test_one_class_tells_nothing(docs):
    X = docs.X_train[:30]
    blind, informed = (
        NCDClassifier(3, compressor=compressor).fit(X, ["a"] * 30).kneighbors(docs.X_test[:9])
        for compressor in (LZ77(), LZ77(base_weight=0.3))
    )
    assert informed[0].tolist() == blind[0].tolist()


def test_labels_are_needed():
    compressor = LZ77(base_weight=0.3)
    data = ["a cat", "a dog"]
    calls = [
        lambda: pairwise_ncd(data, compressor=compressor),
        lambda: NCDTransformer(compressor=compressor).fit(data),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="no labels here: use it where there are, as in NCDClassifier, or set"):
            call()
    with pytest.raises(ValueError, match="needs a compressor that does not learn from labels"):
        ClassCompressorClassifier(compressor).fit(data, [0, 1])
    assert compressed_lengths(data, compressor).tolist() == compressed_lengths(data, "lz77").tolist()
    for weight, error in ((0, ValueError), (-1, ValueError), (np.nan, ValueError), (True, TypeError), ("1", TypeError)):
        with pytest.raises(error, match="base_weight must be"):
            LZ77(base_weight=weight)


def test_a_class_of_two_texts_among_many():
    # the entropy is small, so a string of the rare class has many times the information
    data = [b"%d sheep" % (i % 50) for i in range(20_000)] + [b"wolf howls", b"a wolf howls"]
    labels = [0] * 20_000 + [1, 1]
    compressor = LZ77(base_weight=0.1).fit(labelled(data, labels))
    weights = compressor.measure.weights
    assert weights.information.min() >= 0
    assert weights.others.max() / class_weights.UNITS > 100
    assert naive_lz77.Lz77(data, 2, labels, 0.1).information(b"wolf", 20_000) == weights.others.max()
