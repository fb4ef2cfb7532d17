"""Several labels a text, and what each vote counts: as KNeighborsClassifier votes on the same distances."""

import copy
import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
import skops.io
from samples import X, Y
from scipy.sparse import csr_matrix
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.utils.class_weight import compute_sample_weight

from gzipknn import NCDClassifier, NCDClassifierCV, pairwise_ncd
from gzipknn.baselines import BagOfWordsClassifier, BM25Classifier, ClassCompressorClassifier
from gzipknn.compressors import LZ77
from gzipknn.targets import Targets
from gzipknn.trusted_types import TRUSTED

LONG = ["pets", "pets", "animals", "money", "money"]
TOPICS = [["pets", 1], ["pets", 0], ["animals", 0], ["money", 1], ["money", 1]]
BY_CLASS = {"email": 3, "turtle": 0, "logging": 2}


@pytest.fixture(scope="module")
def several(docs):
    texts, labels = docs.X_train[:150], np.array(docs.y_train[:150])
    return texts, np.stack([labels, np.char.lower([text[0] for text in texts]), labels > "m"], axis=1)


def as_scikit_learn(clf, y, counted, queries):
    """Let scikit-learn vote on the distances of a fitted classifier, in which no two are equal."""
    training = list(clf.training_.texts)
    unequal = np.arange(len(training)) * 1e-10
    among, to = (pairwise_ncd(some, training) + unequal for some in (training, queries))
    indices = clf.kneighbors(queries, return_distance=False)
    other = KNeighborsClassifier(clf.n_neighbors, metric="precomputed", weights=lambda _: counted[indices])
    assert other.fit(among, y).kneighbors(to, return_distance=False).tolist() == indices.tolist()
    return other.predict(to), other.predict_proba(to), other


def as_lists(proba):
    return [one.tolist() for one in proba] if isinstance(proba, list) else proba.tolist()


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_votes_are_those_of_scikit_learn(docs, several, n_outputs, class_weight, is_weighted):
    texts, y = several
    y = y[:, 0] if n_outputs == 1 else y
    counted = sample_weight = np.random.RandomState(0).randint(1, 5, len(texts)) if is_weighted else np.ones(len(texts))
    if class_weight is not None:  # those of the repeated texts, of which there are as many as a text counts
        repeated = compute_sample_weight(class_weight, y.repeat(sample_weight.astype(int), axis=0))
        counted = sample_weight * repeated[np.cumsum(sample_weight.astype(int)) - 1]
    clf = NCDClassifier(7, tie_break="lowest", class_weight=class_weight)
    clf.fit(texts, y, sample_weight if is_weighted else None)
    queries = docs.X_test[:60]
    predicted, proba, other = as_scikit_learn(clf, y, counted, queries)
    assert clf.outputs_2d_ == other.outputs_2d_ == (n_outputs > 1)
    found = clf.predict_proba(queries)
    for own, theirs in zip(*([p] if n_outputs == 1 else p for p in (found, proba)), strict=True):
        assert own == pytest.approx(theirs)
    if class_weight is None:  # whole numbers, so that ties are ties in both
        assert clf.predict(queries).tolist() == predicted.tolist()
    for own, theirs in zip(clf.classes_, other.classes_, strict=True):
        assert np.array(own).tolist() == np.array(theirs).tolist()
    with np.errstate(divide="ignore"):
        logs = clf.predict_log_proba(queries)
        assert as_lists(logs) == as_lists([np.log(one) for one in found] if n_outputs > 1 else np.log(found))


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
    # with a vote of money alone, all texts vote on what is near to pets only
    one = NCDClassifier(3, class_weight={"pets": 0}).fit(X, Y)
    assert one.predict(X[:1]).tolist() == ["money"]
    assert one.predict_proba(X[:1]).tolist() == [[1.0, 0.0]]
    assert one.explain(X[0]).by_all
    assert [votes.share for votes in one.explain(X[0]).tally] == [1.0, 0.0]
    # after fit it may be changed
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


@pytest.mark.parametrize("is_weighted", [False, True])
def test_growth_keeps_labels_and_weights_with_their_texts(docs, several, is_weighted):
    texts, y = several
    weights = np.random.RandomState(2).randint(1, 9, len(texts)) if is_weighted else None
    part = [None, None] if weights is None else [weights[:60], weights[60:]]
    clf = NCDClassifier(5).fit(texts[:60], y[:60], part[0]).partial_fit(texts[60:], y[60:], sample_weight=part[1])
    clf.forget([3, 70]).keep_newest(100)
    kept = np.delete(np.arange(150), [3, 70])[-100:]
    same = NCDClassifier(5).fit([texts[i] for i in kept], y[kept], None if weights is None else weights[kept])
    queries = docs.X_test[:40]
    assert clf.predict(queries).tolist() == same.predict(queries).tolist()
    for restored in (pickle.loads(pickle.dumps(clf)), copy.deepcopy(clf)):
        assert as_lists(restored.predict_proba(queries)) == as_lists(clf.predict_proba(queries))
    mixed = NCDClassifier(5).fit(X, Y).partial_fit(X, Y, sample_weight=[2] * 5)
    assert mixed._weights_of_all().tolist() == [1.0] * 5 + [2.0] * 5


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
    # of other weights, the same search
    assert search(Y, [0, 0, 9, 1, 1]) == (fewer, True, ["pets"])


def test_classes_that_may_come():
    clf = NCDClassifier(1).partial_fit(X[:3], Y[:3], classes=["weather", "pets", "money"])
    assert clf.classes_.tolist() == ["money", "pets", "weather"]
    assert clf.predict_proba(X[:1]).tolist() == [[0.0, 1.0, 0.0]]
    clf.partial_fit(X[3:], Y[3:], classes=np.array(["sports"]))
    assert clf.classes_.tolist() == ["money", "pets", "sports", "weather"]
    assert clf.predict(X).tolist() == Y
    assert clf.set_params(class_weight="balanced").predict(X).tolist() == Y
    both = NCDClassifier(1).partial_fit(X, TOPICS, classes=[["pets", "money", "birds", "animals"], [0, 1, 2]])
    assert [one.tolist() for one in both.classes_] == [["animals", "birds", "money", "pets"], [0, 1, 2]]
    assert both.predict(X).tolist() == TOPICS
    for model in (NCDClassifier(1), NCDClassifier(1).fit(X, Y)):
        for classes, message in (
            ([1, 2], r"which are str \('money'\), got int"),
            ([], "at least one"),
            ([["a"], ["b"]], "classes must be of as many labels for each text as y was before, 1, got 2"),
        ):
            with pytest.raises(ValueError, match=message):
                model.partial_fit(X, Y, classes=classes)
    assert not hasattr(NCDClassifier(1), "classes_")


@pytest.mark.parametrize(
    "y",
    [
        TOPICS,
        [np.array(row, dtype=object) for row in TOPICS],
        np.array(TOPICS, dtype=object),
        pd.DataFrame(TOPICS, columns=["topic", "topic"]),
        pl.DataFrame(TOPICS, schema=["topic", "n"], orient="row"),
    ],
    ids=lambda y: f"{type(y).__module__} {type(y).__name__}",
)
def test_labels_in_columns_of_every_kind(y):
    clf = NCDClassifier(1).fit(X, y)
    assert clf.predict(X).tolist() == TOPICS
    assert [one.tolist() for one in clf.classes_] == [["animals", "money", "pets"], [0, 1]]
    assert clf.score(X, y) == 1.0
    wrong = [["money", 1], *TOPICS[1:4], ["money", 0]]
    assert clf.score(X, wrong) == pytest.approx(0.6)  # all labels of a text must be right
    assert clf.score(X, wrong, sample_weight=[1, 1, 1, 1, 0]) == 0.75


def test_indicators_and_a_compressor_that_learns_from_combinations(docs):
    texts, labels = docs.X_train[:80], np.array(docs.y_train[:80])
    y = np.stack([labels == "email", labels > "h", labels > "p"], axis=1).astype(np.int8)
    clf = NCDClassifier(1).fit(texts, y)
    assert clf.predict(texts).tolist() == y.tolist()
    assert clf.predict(texts).dtype == np.int8
    combined = [str(row) for row in y.tolist()]
    found = [
        NCDClassifier(3, compressor=LZ77(base_weight=0.1)).fit(texts, target).kneighbors(docs.X_test[:9])[0].tolist()
        for target in (y, combined)
    ]
    assert found[0] == found[1]


def test_explanations_tell_the_weighted_vote():
    clf = NCDClassifier(4, class_weight={"money": 9}).fit(X, Y, sample_weight=[1, 2, 3, 4, 5])
    told = clf.explain(X[0])
    assert told.label == clf.predict(X[:1])[0]
    shares = dict(zip(clf.classes_, clf.predict_proba(X[:1])[0], strict=True))
    assert {votes.label: votes.share for votes in told.tally} == pytest.approx(shares)
    assert f"{told.share:.0%} of the vote" in str(told)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: NCDClassifier().fit(X, Y, [1, 2]), ValueError, r"sample_weight must .* shape \(5,\), got list"),
        (lambda: NCDClassifier().fit(X, Y, np.ones((5, 2))), ValueError, r"ndarray of shape \(5, 2\)"),
        (lambda: NCDClassifier().fit(X, Y, [1, 1, -1, 1, 1]), ValueError, r"from 0 on, but .* 2 is -1"),
        (lambda: NCDClassifier().fit(X, Y, [1, np.nan, 1, 1, 1]), ValueError, "position 1 is nan"),
        (lambda: NCDClassifier().fit(X, Y, [0] * 5), ValueError, "every sample_weight is zero"),
        (lambda: NCDClassifier().fit(X, Y, list("abcde")), TypeError, "sample_weight must .*number.*, got list"),
        (lambda: NCDClassifier().fit(X, Y, "abcde"), TypeError, "sample_weight must .*number.*, got str"),
        (lambda: NCDClassifier(class_weight="equal").fit(X, Y), ValueError, r"class_weight must .*\('equal'\)"),
        (lambda: NCDClassifier(class_weight={"pets": -1}).fit(X, Y), ValueError, "that of 'pets' is -1"),
        (lambda: NCDClassifier(class_weight={"pets": "2"}).fit(X, Y), ValueError, "that of 'pets' is '2'"),
        (lambda: NCDClassifier(class_weight={"pet": 2}).fit(X, Y), ValueError, "weight for 'pet', which is no label"),
        (lambda: NCDClassifier(class_weight={"pets": 0, "money": 0}).fit(X, Y), ValueError, "no training text a vote"),
        (lambda: NCDClassifier(class_weight=[{}, {}]).fit(X, Y), ValueError, "class_weight must be a dict, got"),
        (lambda: NCDClassifier(class_weight={"pets": 2}).fit(X, TOPICS), ValueError, "a list of 2 dicts, one for"),
        (lambda: NCDClassifierCV(class_weight="equal").fit(X, Y), ValueError, "class_weight must be None"),
        (lambda: NCDClassifier().fit(X, csr_matrix(np.eye(5, 2))), TypeError, r"y must be dense, .*pass y.toarray\(\)"),
        (lambda: NCDClassifier().fit(X, [*TOPICS[:4], ["money", None]]), ValueError, "in column 1 of y: .* 4 is"),
        (lambda: NCDClassifier().fit(X, TOPICS).partial_fit(X, Y), ValueError, "as many labels .* before, 2, got 1"),
        (lambda: NCDClassifier().fit(X, Y).score(X, TOPICS), ValueError, "as many labels .* before, 1, got 2"),
        (lambda: NCDClassifier().fit(X, TOPICS).explain("a"), ValueError, "explain needs texts with one label each"),
        (lambda: NCDClassifierCV().fit(X, TOPICS), ValueError, "y must hold one label for each text"),
        (lambda: ClassCompressorClassifier().fit(X, TOPICS), ValueError, "y must hold one label for each text"),
    ],
)
def test_refused(call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call()


def test_a_screen_of_several_labels_is_reported_without_them():
    clf = NCDClassifier(1, screen=2).fit(X, TOPICS)
    assert clf.screening_report(X)["same_label"]["n"] == 5
    with pytest.raises(ValueError, match="screening_report with y needs texts with one label each"):
        clf.screening_report(X, TOPICS)


def test_weights_are_routed():
    weights = np.array([0, 1, 1, 1, 5])
    with sklearn.config_context(enable_metadata_routing=True):
        clf = NCDClassifier(1).set_fit_request(sample_weight=True).set_score_request(sample_weight=True)
        search = GridSearchCV(clf, {"n_neighbors": [1]}, cv=2).fit(X, Y, sample_weight=weights)
        assert search.best_estimator_._weights_of_all().tolist() == [1, 1, 1, 5]
        clf.set_fit_request(sample_weight=False).set_score_request(sample_weight=False)
        with pytest.raises(TypeError, match="sample_weight"):
            GridSearchCV(clf, {"n_neighbors": [1]}, cv=2).fit(X, Y, sample_weight=weights)


def test_combinations_are_numbered():
    y = Targets.encode(TOPICS, 5)
    numbers = y.combinations().tolist()
    assert [numbers.index(number) for number in numbers] == [0, 1, 2, 3, 3]
    assert Targets.encode(Y, 5).combinations().tolist() == [1, 1, 1, 0, 0]


def test_models_of_several_labels_are_written(several):
    clf = NCDClassifier(3).fit(several[0], several[1], np.arange(1, 151))
    file = io.BytesIO(skops.io.dumps(clf))
    restored = skops.io.loads(file.getvalue(), trusted=list(TRUSTED))
    assert as_lists(restored.predict_proba(several[0][:5])) == as_lists(clf.predict_proba(several[0][:5]))
    assert restored.predict(several[0]).tolist() == clf.predict(several[0]).tolist()


@pytest.mark.parametrize("make", [BagOfWordsClassifier, lambda k: BM25Classifier(k, term_weights="information")])
def test_rivals_vote_alike(docs, several, make):
    texts, y = several
    weights = np.random.RandomState(1).randint(0, 3, len(texts))
    rows = np.flatnonzero(weights)
    clf, queries = make(5).fit(texts, y, weights), docs.X_test[:30]
    for column in range(3):
        one = make(5).fit([texts[i] for i in rows], y[rows, column], weights[rows])
        if make is BagOfWordsClassifier:  # the other learns from combinations
            assert clf.predict(queries)[:, column].tolist() == one.predict(queries).tolist()
        votes = np.array([own.sum() for own in weights[rows][clf.kneighbors(queries)[1]]])
        assert (clf.predict_proba(queries)[column] * votes[:, np.newaxis]).round(9) % 1 == pytest.approx(0)
