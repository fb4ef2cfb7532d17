"""A compressor for each class: the bytes that a text adds to the texts of each class."""

import bz2
import gzip
import zlib

import joblib
import naive
import naive_lz77
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import QUERIES, X, Y
from sklearn.base import clone
from strategies import texts

from gzipknn.baselines import ClassCompressorClassifier, joined_texts
from gzipknn.compressors import LZ77, Zstd

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


def prices(data):
    return np.array([[float(ord(letter)) for letter in text.ljust(6)[:6]] for text in data])


LENGTHS = {
    "gzip": lambda data: len(gzip.compress(data)),
    "bz2": lambda data: len(bz2.compress(data)),
    "callable": lambda data: len(zlib.compress(data, 1)),
}


@settings(max_examples=40)
@given(
    training=st.lists(st.tuples(texts, st.sampled_from("abc")), min_size=1, max_size=8),
    query=texts,
    separator=st.sampled_from([b"\n", b"", b"--"]),
    n_shards=st.integers(1, 4),
)
@pytest.mark.parametrize("name", LENGTHS)
def test_what_a_text_adds_is_what_the_compressor_says(name, training, query, separator, n_shards):
    data, labels = zip(*training, strict=True)
    length = LENGTHS[name]
    compressor = (lambda text: zlib.compress(text, 1)) if name == "callable" else name
    clf = ClassCompressorClassifier(compressor, n_shards=n_shards, separator=separator).fit(data, labels)
    expected = naive.added_by_class(
        lambda prefix, text: length(prefix + text) - length(prefix), data, labels, query, separator, n_shards
    )
    assert clf.class_lengths([query]).tolist() == [expected]


@settings(max_examples=40)
@given(
    training=st.lists(st.tuples(texts, st.sampled_from("abc")), min_size=1, max_size=6),
    query=texts,
    separator=st.sampled_from([b"\n", b""]),
    background=st.sampled_from([None, 0, 1, 2]),
    n_shards=st.integers(1, 3),
)
@pytest.mark.slow
def test_what_a_text_adds_with_lz77_is_as_defined(training, query, separator, background, n_shards):
    data, labels = zip(*training, strict=True)
    prefixes = [
        b"".join(text + separator for text in shard)
        for label in sorted(set(labels))
        for shard in naive.shards([text for text, its in training if its == label], n_shards)
    ]
    expected = naive.added_by_class(
        naive_lz77.Lz77(prefixes, background).added, data, labels, query, separator, n_shards
    )
    clf = ClassCompressorClassifier(LZ77(background), n_shards=n_shards, separator=separator).fit(data, labels)
    assert clf.class_lengths([query]).tolist() == [expected]


@pytest.mark.parametrize("level", [1, 3, 9, 19])
def test_what_a_text_adds_with_zstd_is_its_length_with_a_dictionary(docs, level):
    data, labels, queries = docs.X_train[:60], docs.y_train[:60], [*docs.X_test[:10], ""]
    compressor = Zstd(level) if level != 3 else "zstd"
    lengths = ClassCompressorClassifier(compressor, n_shards=2).fit(data, labels).class_lengths(queries)

    def adds(prefix, text):
        return len(naive.zstd_behind(prefix, level)(text))

    encoded = [text.encode() for text in data]
    expected = [naive.added_by_class(adds, encoded, labels, query.encode(), b"\n", 2) for query in queries]
    assert lengths.tolist() == expected


def test_a_text_that_begins_like_a_dictionary_of_zstd_is_a_text():
    data = [b"\x37\xa4\x30\xec stocks fell again today", b"the cat sat on the mat"]
    clf = ClassCompressorClassifier("zstd").fit(data, ["money", "pets"])
    assert clf.predict(data).tolist() == ["money", "pets"]


def test_a_text_belongs_where_it_adds_least(docs):
    clf = ClassCompressorClassifier(n_shards=3).fit(docs.X_train[:600], docs.y_train[:600])
    lengths = clf.class_lengths(docs.X_test)
    predicted = [clf.classes_[row.argmin()] for row in lengths]
    assert clf.predict(docs.X_test).tolist() == predicted
    assert np.mean(np.array(predicted) == docs.y_test) > 0.3  # the largest class: 0.05


def test_of_equal_classes_the_more_frequent_is_predicted():
    clf = ClassCompressorClassifier(lambda data: 7).fit(X, ["b", "a", "c", "c", "b"])
    assert clf.predict(QUERIES).tolist() == ["b"] * 4
    assert clf.fit(X, ["b", "a", "c", "c", "c"]).predict(QUERIES).tolist() == ["c"] * 4
    # class frequencies count texts, not bytes or shards
    clf.set_params(n_shards=2).fit(["much longer text " * 9, "x", "x", "x"], [0, 1, 1, 1])
    assert clf.predict(QUERIES).tolist() == [1] * 4


def test_a_class_of_fewer_texts_than_shards_does_not_always_win():
    data = ["stocks fell again today"] * 4 + ["the cat sat on the mat"]
    clf = ClassCompressorClassifier("gzip", n_shards=4).fit(data, ["money"] * 4 + ["pets"])
    lengths = clf.class_lengths(["stocks rose again"])[0]
    assert 4 * lengths[0] > lengths[1] > lengths[0]
    assert clf.predict(["stocks rose again", "the cat sat on it"]).tolist() == ["money", "pets"]


@pytest.mark.parametrize("compressor", ["lz77", "gzip", "zstd", len], ids=str)
def test_n_jobs_do_not_change_what_a_text_adds(docs, compressor):
    data, labels, queries = docs.X_train[:100], docs.y_train[:100], docs.X_test[:5]
    expected = ClassCompressorClassifier(compressor).fit(data, labels).class_lengths(queries)
    parallel = ClassCompressorClassifier(compressor, n_jobs=2).fit(data, labels)
    assert (parallel.class_lengths(queries) == expected).all()
    assert (parallel.class_lengths(queries) == expected).all()


@pytest.mark.parametrize(
    ("compressor", "backend"),
    [
        ("lz77", "loky"),
        ("lz77", "threading"),
        ("zstd", "loky"),
        ("gzip", "multiprocessing"),
    ],
)
def test_what_a_text_adds_with_other_backends(compressor, backend):
    clf = ClassCompressorClassifier(compressor).fit(X, Y)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        lengths = clf.class_lengths(QUERIES)
    assert (lengths == clone(clf).fit(X, Y).class_lengths(QUERIES)).all()


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"compressor": "rar"}, ValueError, "compressor must be one of .*, got 'rar'"),
        ({"n_shards": 0}, ValueError, "n_shards == 0, must be >= 1"),
        ({"n_shards": 1.5}, TypeError, "n_shards must be an instance of"),
        ({"separator": 0}, TypeError, "separator must be str or bytes"),
    ],
)
def test_bad_parameters_of_a_compressor_a_class(params, error, message):
    with pytest.raises(error, match=message):
        ClassCompressorClassifier(**params).fit(X, Y)


def test_classes_of_more_than_a_text_may_hold_are_refused(monkeypatch):
    monkeypatch.setattr(joined_texts, "MOST_BYTES", 9)
    X, y = ["aaaa", "bbbb", "cc"], [0, 0, 1]
    with pytest.raises(ValueError, match=r"10 bytes together in one shard, but at most 9 .* raise n_shards, now 1"):
        ClassCompressorClassifier().fit(X, y)
    ClassCompressorClassifier(n_shards=2).fit(X, y)
