"""Texts without information: the library warns of them, and never predicts a label for them with certainty."""

import warnings

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.baselines import BagOfWordsClassifier, BM25Classifier, ClassCompressorClassifier, VectorNeighborsClassifier
from gzipknn.metrics import METRICS
from gzipknn.plotting import plot_accuracy_by_k
from gzipknn.search.training_texts import ORDERS
from gzipknn.texts.encoding import is_blank

X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "stocks and bonds"]
Y = ["pets", "pets", "money", "money", "money"]
SHARES = [[0.6, 0.4]]
STRANGER = "ZZZZ"

empty = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


@empty
@pytest.mark.parametrize("compressor", ["gzip", "zlib", "bz2", "lz77", "huffman"])
@pytest.mark.parametrize(
    "settings", [{}, {"normalize": "local"}, {"normalize": "half-local"}, {"weights": "margin"}, {"screen": 2}], ids=str
)
def test_on_an_empty_query_all_training_texts_vote(compressor, settings):
    clf = NCDClassifier(1, compressor=compressor, **settings).fit(X, Y)
    assert clf.predict_proba(["", X[0]]).tolist() == [*SHARES, [0.0, 1.0]]
    assert clf.predict(["", X[0]]).tolist() == ["money", "pets"]
    assert clf.kneighbors([""])[1].shape == (1, 1)


@pytest.mark.filterwarnings("ignore:X holds")
def test_not_even_a_blank_training_text_decides_on_an_empty_query():
    clf = NCDClassifier(1, compressor="lz77").fit(["", *X], ["pets", *Y[:2], *Y[2:]])
    assert clf.kneighbors([""])[0].tolist() == [[0.0]]
    assert clf.predict_proba([""]).tolist() == [[0.5, 0.5]]


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("background", ["lz77", None], ids=str)
def test_on_a_text_that_shares_nothing_all_vote_with_lz77(metric, order, background):
    clf = NCDClassifier(2, compressor="lz77", metric=metric, order=order).fit(X, Y)
    assert (clf.kneighbors([STRANGER], 5)[0] == 1).all()
    assert clf.predict_proba([STRANGER]).tolist() == SHARES
    assert clf.predict([STRANGER]).tolist() == ["money"]
    # the neighbours vote as usual if the query shares something with at least one text
    assert clf.kneighbors(["cat sat on the"], 5)[0][0, 0] < 1
    assert clf.set_params(n_neighbors=1).predict_proba(["cat sat on the"]).tolist() == [[0, 1]]


def test_elsewhere_the_nearest_vote_as_ever():
    for settings in ({}, {"compressor": "lz77", "normalize": "local"}, {"compressor": "lz77", "metric": one}):
        clf = NCDClassifier(1, **settings).fit(X, Y)
        nearest = clf.kneighbors([STRANGER, " "], return_distance=False)
        assert clf.predict([STRANGER, " "]).tolist() == [Y[i] for i in nearest[:, 0]]
        assert set(clf.predict_proba([STRANGER, " "]).ravel()) == {0.0, 1.0}


def one(c_x, c_y, c_xy):
    return np.ones(c_xy.shape)


@empty
@pytest.mark.parametrize(
    "clf",
    [
        BagOfWordsClassifier(1),
        BagOfWordsClassifier(1, distance="set"),
        BagOfWordsClassifier(1, distance="bag"),
        VectorNeighborsClassifier(CountVectorizer(), 1),
        BM25Classifier(1),
        BM25Classifier(1, term_weights="information"),
    ],
    ids=str,
)
def test_on_a_text_without_a_known_word_all_vote_in_the_baselines(clf):
    clf.fit(X, Y)
    for query in ("", STRANGER, "zzzz yyyy"):
        assert clf.predict_proba([query]).tolist() == SHARES
        assert clf.predict([query]).tolist() == ["money"]
    assert clf.predict_proba(["today"]).tolist() == [[1, 0]]


@empty
def test_ties_of_the_most_frequent_class():
    labels = ["b", "b", "a", "a", "c"]
    for tie_break in ("nearest", "lowest", "shrink"):
        clf = NCDClassifier(1, compressor="lz77", tie_break=tie_break).fit(X, labels)
        assert clf.predict(["", STRANGER]).tolist() == ["a", "a"]
    clf = NCDClassifier(1, compressor="lz77", tie_break="random", random_state=0).fit(X, labels)
    drawn = clf.predict([STRANGER] * 50).tolist()
    assert set(drawn) == {"a", "b"}
    assert clf.predict([STRANGER] * 50).tolist() == drawn


@empty
def test_a_class_that_was_forgotten_gets_no_share():
    clf = NCDClassifier(1, compressor="lz77").fit(X, Y).forget([2, 3, 4])
    assert clf.classes_.tolist() == ["money", "pets"]
    assert clf.predict_proba([""]).tolist() == [[0.0, 1.0]]
    clf.partial_fit(X[2:], Y[2:])
    assert clf.predict_proba([""]).tolist() == SHARES


@empty
def test_whatever_predicts_predicts_the_same():
    queries, truth = ["", STRANGER, X[0]], ["money", "money", "pets"]
    clf = NCDClassifier(1, compressor="lz77", screen=2).fit(X, Y)
    assert clf.predict(queries).tolist() == truth
    report = clf.screening_report(queries, truth)
    assert report["accuracy_exact"]["value"] == report["accuracy_screened"]["value"] == 1.0
    pytest.importorskip("matplotlib").use("agg")
    axes = plot_accuracy_by_k(clf, queries, truth, [1])
    assert axes.lines[0].get_ydata().tolist() == [1.0]
    assert clf.explain("", 1).label == "money"


@pytest.mark.filterwarnings("ignore:X holds")
def test_settings_are_tried_by_the_same_vote():
    # each text shares nothing with the others, and no text votes on itself, so the larger class is the best guess
    texts, labels = ["aaaa", "bbbb", "cccc", "dddd", ""], [0, 1, 1, 1, 1]
    clf = NCDClassifierCV([1], compressor="lz77", metric="ncd", normalize=None, weights="uniform").fit(texts, labels)
    assert clf.best_score_ == 0.8
    assert clf.predict(["eeee", ""]).tolist() == [1, 1]


@empty
def test_a_repeated_search_compresses_nothing(tmp_path):
    settings = {"compressor": "lz77", "memory": tmp_path}
    queries = ["", STRANGER, X[0]]
    expected = NCDClassifier(1, **settings).fit(X, Y).predict_proba(queries).tolist()
    again = NCDClassifier(1, **settings).fit(X, Y)
    assert again.predict_proba(queries).tolist() == expected == [*SHARES, *SHARES, [0.0, 1.0]]
    assert again.predict(queries).tolist() == ["money", "money", "pets"]
    assert again._fitted.training._made is None


def test_the_largest_class_of_a_compressor_each():
    with pytest.warns(UserWarning, match=r"X holds 2 empty texts, the first at position 1"):
        assert ClassCompressorClassifier().fit(X, Y).predict([X[0], "", ""]).tolist() == ["pets", "money", "money"]


@pytest.mark.parametrize(
    "fit",
    [
        lambda texts, labels: NCDClassifier(1).fit(texts, labels),
        lambda texts, labels: NCDClassifier(1).partial_fit(texts, labels),
        lambda texts, labels: NCDClassifier(1).fit(X, Y).partial_fit(texts, labels),
        lambda texts, labels: NCDClassifierCV([1], compressor="gzip").fit(texts, labels),
    ],
)
def test_blank_training_texts_are_told_once_and_kept(fit):
    texts, labels = [X[0], " \n", "", "\u3000\u00a0", X[2]], ["pets", "pets", "money", "money", "money"]
    with pytest.warns(UserWarning, match="blank") as caught:
        clf = fit(texts, labels)
    assert len(caught) == 1
    assert "X holds 3 blank texts (empty, or only white space), the first at position 1" in str(caught[0].message)
    assert caught[0].filename.endswith(("test_blank_texts.py", "growth.py"))
    training = getattr(clf, "best_estimator_", clf).training_.texts
    assert list(training)[-5:] == [text.encode() for text in texts]


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
def test_empty_queries_are_told_once_a_call(method):
    for clf in (NCDClassifier(1), BagOfWordsClassifier(1), NCDClassifierCV([1], compressor="gzip")):
        fitted = clf.fit(X, Y)
        with pytest.warns(UserWarning, match="empty") as caught:
            getattr(fitted, method)([X[0], " ", "", b""])
        assert len(caught) == 1
        assert "X holds 2 empty texts, the first at position 2." in str(caught[0].message)
        assert "most frequent class" in str(caught[0].message)


def test_nobody_is_told_of_other_texts():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf = NCDClassifier(1).fit([*X, "."], [*Y, "money"])
        clf.predict([*X, " ", "\0"])
        clf.kneighbors([""])


def test_blank_is_what_python_calls_white_space():
    for point in range(0x110000):
        letter = chr(point)
        if letter.isspace() != is_blank(letter.encode("utf-8", "surrogatepass")):
            pytest.fail(f"{letter!r}")
    assert is_blank(b"")
    assert is_blank(b" \r\n" + "\u2003".encode())
    assert not is_blank(b" a ")
    assert not is_blank(b"\xc2")  # half of a letter
    assert not is_blank(b"\x00")
