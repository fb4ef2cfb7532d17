"""The weights of votes, by text and by class."""

import numpy as np
import pytest
import sklearn
from samples import TOPICS, X, Y
from sklearn.model_selection import GridSearchCV
from sklearn.utils.class_weight import compute_sample_weight
from votes import as_lists, as_scikit_learn

from gzipknn import NCDClassifier
from gzipknn.baselines import BagOfWordsClassifier, BM25Classifier

BY_CLASS = {"email": 3, "turtle": 0, "logging": 2}


def test_weights_of_a_dict_and_votes_of_none(docs, several):
    texts, y = several[0], several[1][:, 0]
    clf = NCDClassifier(5, tie_break="lowest", class_weight=BY_CLASS).fit(texts, y)
    queries = docs.X_test[:60]
    counted = compute_sample_weight({**dict.fromkeys(y, 1), **BY_CLASS}, y)
    indices = clf.kneighbors(queries, return_distance=False)
    votes = counted[indices].any(axis=1)
    predicted, proba, _ = as_scikit_learn(clf, y, counted, list(np.array(queries, dtype=object)[votes]))
    assert clf.predict(queries)[votes].tolist() == predicted.tolist()
    assert clf.predict_proba(queries)[votes] == pytest.approx(proba)
    # if only money has a weight, all texts vote on queries that are only near to pets
    one = NCDClassifier(3, class_weight={"pets": 0}).fit(X, Y)
    assert one.predict(X[:1]).tolist() == ["money"]
    assert one.predict_proba(X[:1]).tolist() == [[1.0, 0.0]]
    assert one.explain(X[0]).by_all
    assert [votes.share for votes in one.explain(X[0]).tally] == [1.0, 0.0]
    # it may be changed after fit
    assert one.set_params(class_weight=None).predict(X[:1]).tolist() == ["pets"]


def test_several_dicts_are_multiplied(several):
    y = several[1]
    each = [BY_CLASS, {"t": 5}, {"True": 2}]
    for dicts in (each, ["balanced"] * 3):
        full = [
            one if isinstance(one, str) else {**dict.fromkeys(column, 1), **one}
            for one, column in zip(dicts, y.T, strict=True)
        ]
        columns = zip(full, y.T, strict=True)
        expected = np.prod([compute_sample_weight(one, column) for one, column in columns], axis=0)
        clf = NCDClassifier(1, class_weight=dicts).fit(several[0], y)
        assert clf._weights_of_all() == pytest.approx(expected)


def test_a_weight_of_zero_is_a_text_that_is_not_there(docs, several):
    texts, y = several
    weights = np.random.RandomState(1).randint(0, 3, len(texts))
    rows = np.flatnonzero(weights)
    for compressor in ("gzip", "lz77"):
        clf = NCDClassifier(3, compressor=compressor).fit(texts, y, weights)
        same = NCDClassifier(3, compressor=compressor).fit([texts[i] for i in rows], y[rows], weights[rows])
        assert clf.n_samples_fit_ == len(rows)
        assert clf.kneighbors(docs.X_test[:9])[0].tolist() == same.kneighbors(docs.X_test[:9])[0].tolist()
        assert as_lists(clf.predict_proba(docs.X_test[:9])) == as_lists(same.predict_proba(docs.X_test[:9]))
    assert NCDClassifier(1).fit(X, Y, [1, 1, 1, 0, 0]).classes_.tolist() == ["pets"]


def test_what_is_kept_is_of_the_texts_that_have_a_weight(tmp_path):
    queries = ["a mat of cats"]

    def search(y, weights, **settings):
        clf = NCDClassifier(3, memory=tmp_path, **settings).fit(X, y, weights)
        found = clf.kneighbors(queries)[1].tolist()
        return found, clf._fitted.training._made is None, clf.predict(queries).tolist()

    first, *_ = search(Y, None)
    again, searched_nothing, _ = search(TOPICS, [3, 1, 2, 5, 4], class_weight=["balanced", None])
    assert again == first
    assert searched_nothing
    fewer, searched_nothing, predicted = search(Y, [0, 0, 1, 1, 1])
    assert not searched_nothing
    assert (fewer, predicted) == (NCDClassifier(3).fit(X[2:], Y[2:]).kneighbors(queries)[1].tolist(), ["money"])
    # other weights do not change the search
    assert search(Y, [0, 0, 9, 1, 1]) == (fewer, True, ["pets"])


def test_explanations_tell_the_weighted_vote():
    clf = NCDClassifier(4, class_weight={"money": 9}).fit(X, Y, sample_weight=[1, 2, 3, 4, 5])
    told = clf.explain(X[0])
    assert told.label == clf.predict(X[:1])[0]
    shares = dict(zip(clf.classes_, clf.predict_proba(X[:1])[0], strict=True))
    assert {votes.label: votes.share for votes in told.tally} == pytest.approx(shares)
    assert f"{told.share:.0%} of the vote" in str(told)


def test_weights_are_routed():
    weights = np.array([0, 1, 1, 1, 5])
    with sklearn.config_context(enable_metadata_routing=True):
        clf = NCDClassifier(1).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(clf, {"n_neighbors": [1]}, cv=2).fit(X, Y, sample_weight=weights)
        assert search.best_estimator_._weights_of_all().tolist() == [1, 1, 1, 5]
        clf.set_fit_request(sample_weight=False).set_score_request(sample_weight=False)
        with pytest.raises(TypeError, match="sample_weight"):
            GridSearchCV(clf, {"n_neighbors": [1]}, cv=2).fit(X, Y, sample_weight=weights)


@pytest.mark.parametrize("make", [BagOfWordsClassifier, lambda k: BM25Classifier(k, term_weights="information")])
def test_rivals_vote_alike(docs, several, make):
    texts, y = several
    weights = np.random.RandomState(1).randint(0, 3, len(texts))
    rows = np.flatnonzero(weights)
    clf, queries = make(5).fit(texts, y, weights), docs.X_test[:30]
    for column in range(3):
        one = make(5).fit([texts[i] for i in rows], y[rows, column], weights[rows])
        if make is BagOfWordsClassifier:  # the other classifier learns from combinations
            assert clf.predict(queries)[:, column].tolist() == one.predict(queries).tolist()
        votes = np.array([own.sum() for own in weights[rows][clf.kneighbors(queries)[1]]])
        assert (clf.predict_proba(queries)[column] * votes[:, np.newaxis]).round(9) % 1 == pytest.approx(0)
