"""BM25 equals the formula in plain Python, with and without class weights. Labels of left-out texts do not count."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import QUERIES, X, Y
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer
from test_bags_of_words import wordy

from gzipknn.baselines import BM25Classifier
from gzipknn.baselines.bm25 import TERM_WEIGHTS, information
from gzipknn.datasets import load_texts
from gzipknn.voting import vote

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")

WORDS = r"\b\w\w+\b"
settings = st.fixed_dictionaries(
    {
        "term_weights": st.sampled_from(TERM_WEIGHTS),
        "k1": st.sampled_from([0, 0.5, 1.2]),
        "b": st.sampled_from([0, 0.75, 1]),
        "base": st.sampled_from([0.0, 0.3, 1]),
        "smoothing": st.sampled_from([0.5, 2.0]),
    }
)
labelled = st.lists(st.tuples(wordy, st.integers(0, 2)), min_size=2, max_size=8)


def plain(clf, texts, labels, query, left_out=None):
    bags = [naive.bag_of_words(text, WORDS) for text in texts]
    known = set().union(*bags)
    asked = type(bags[0])({term: n for term, n in naive.bag_of_words(query, WORDS).items() if term in known})
    params = (clf.term_weights, clf.k1, clf.b, clf.base, clf.smoothing)
    return naive.bm25_distances(asked, bags, labels, *params, left_out=left_out)


def by_position(distances, indices):
    return np.take_along_axis(distances, np.argsort(indices, axis=1), axis=1)


@given(training=labelled, queries=st.lists(wordy, min_size=1, max_size=4), params=settings)
def test_distances_are_those_of_the_formula(training, queries, params):
    texts, labels = map(list, zip(*[*training, (b"market stocks", 1)], strict=True))
    clf = BM25Classifier(1, **params).fit(texts, labels)
    found = by_position(*clf.kneighbors(queries, len(texts)))
    expected = [plain(clf, texts, labels, query) for query in queries]
    assert np.allclose(found, expected, rtol=0, atol=1e-12)
    assert found.min() >= -1e-12
    assert found.max() <= 1


@given(training=labelled, params=settings)
def test_a_training_text_left_out_tells_nothing_of_the_weights(training, params):
    texts, labels = map(list, zip(*[*training, (b"market stocks", 1)], strict=True))
    clf = BM25Classifier(1, **params).fit(texts, labels)
    distances, indices = clf.kneighbors(None, len(texts) - 1)
    for i, query in enumerate(texts):
        expected = plain(clf, texts, labels, query, left_out=i)
        assert i not in indices[i]
        assert np.allclose(distances[i], [expected[j] for j in indices[i]], rtol=0, atol=1e-12)
        assert (np.diff(distances[i]) >= 0).all()


def test_leaving_out_does_not_know_the_label(docs):
    """Weights that are learnt from random labels say nothing about a text that is left out."""
    texts, n = docs.X_train[:400], 400
    labels = np.random.default_rng(0).integers(0, 4, n)
    clf = BM25Classifier(15, term_weights="information", base=0.0).fit(texts, labels)
    voted = vote(labels[clf.kneighbors(return_distance=False)], np.ones((n, 15)))
    assert np.mean(voted == labels) < 0.25 + 3 * np.sqrt(0.25 * 0.75 / n)
    assert clf.score(texts, labels) > 0.4  # the scores of texts whose own labels are in the weights


def test_information_by_hand():
    # there are two classes of equal size, and three quarters of the texts with the term are in one of them
    expected = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    found = information(np.array([[3, 2, 0], [1, 2, 0]]), np.array([8, 8]), smoothing=1e-12)
    assert np.allclose(found[:2], [expected / np.log(2), 0])
    assert found[2] == 0
    # many texts are added that resemble all others
    assert information(np.array([[3], [0]]), np.array([8, 8]), smoothing=1e9)[0] < 1e-6
    # with one class no term has information
    assert information(np.array([[3]]), np.array([8]), smoothing=2.0).tolist() == [0]


def test_terms_that_tell_the_class_decide():
    texts = ["alpha noise words here", "alpha other things", "beta noise words here now", "beta quite new"]
    labels = ["a", "a", "b", "b"]
    query = ["beta noise words here"]
    assert BM25Classifier(1).fit(["alpha noise words here", *texts[1:]], labels).predict(query).tolist() == ["b"]
    clf = BM25Classifier(1, term_weights="information", base=0.0).fit(texts, labels)
    weights = dict(zip(clf.transformer_.get_feature_names_out(), clf.term_weights_, strict=True))
    assert weights["beta"] == weights["alpha"] > weights["noise"] == 0


def test_own_vectorizer_and_settings_of_fit_stay():
    letters = CountVectorizer(analyzer="char", ngram_range=(1, 2))
    clf = BM25Classifier(2, vectorizer=letters).fit(X, Y)
    assert not hasattr(letters, "vocabulary_")
    expected = clf.kneighbors(QUERIES)[0]
    clf.set_params(k1=0, b=0, base=9, term_weights="information", normalize="local", vectorizer=None)
    assert (clf.kneighbors(QUERIES)[0] == expected).all()
    assert not np.allclose(clone(clf).fit(X, Y).kneighbors(QUERIES)[0], expected)


@pytest.mark.slow
def test_class_weights_are_better_where_classes_are_many(shared_data):
    X_train, y_train = load_texts(shared_data / "ohsumed", "train")
    X_test, y_test = load_texts(shared_data / "ohsumed", "test")
    scores = [
        BM25Classifier(15, term_weights=kind, base=0.1, weights="margin")
        .fit(X_train, y_train)
        .score(X_test[:500], y_test[:500])
        for kind in TERM_WEIGHTS
    ]
    assert scores[1] > scores[0] + 0.02
