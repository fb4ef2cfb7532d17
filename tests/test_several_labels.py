"""Texts with several labels, and weights of votes: the votes of KNeighborsClassifier on the same distances."""

import copy
import io
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pytest
import skops.io
from samples import TOPICS, X, Y
from scipy.sparse import csr_matrix
from sklearn.utils.class_weight import compute_sample_weight
from votes import as_lists, as_scikit_learn

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.compressors import LZ77
from gzipknn.targets import Targets
from gzipknn.trusted_types import TRUSTED


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("is_weighted", [False, True])
def test_votes_are_those_of_scikit_learn(docs, several, n_outputs, class_weight, is_weighted):
    texts, y = several
    y = y[:, 0] if n_outputs == 1 else y
    counted = sample_weight = np.random.RandomState(0).randint(1, 5, len(texts)) if is_weighted else np.ones(len(texts))
    if class_weight is not None:  # a text is repeated as often as its weight
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
    if class_weight is None:  # whole numbers, so that ties are ties in both models
        assert clf.predict(queries).tolist() == predicted.tolist()
    for own, theirs in zip(clf.classes_, other.classes_, strict=True):
        assert np.array(own).tolist() == np.array(theirs).tolist()
    with np.errstate(divide="ignore"):
        logs = clf.predict_log_proba(queries)
        assert as_lists(logs) == as_lists([np.log(one) for one in found] if n_outputs > 1 else np.log(found))


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
            ([["a"], ["b"]], "classes must have as many labels for each text as y had before, 1, got 2"),
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
    assert clf.score(X, wrong) == pytest.approx(0.6)  # a prediction counts only if all labels of the text are right
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


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: NCDClassifier().fit(X, Y, [1, 2]), ValueError, r"sample_weight must .* shape \(5,\), got list"),
        (lambda: NCDClassifier().fit(X, Y, np.ones((5, 2))), ValueError, r"ndarray of shape \(5, 2\)"),
        (lambda: NCDClassifier().fit(X, Y, [1, 1, -1, 1, 1]), ValueError, r"0 or more, but .* 2 is -1"),
        (lambda: NCDClassifier().fit(X, Y, [1, np.nan, 1, 1, 1]), ValueError, "position 1 is nan"),
        (lambda: NCDClassifier().fit(X, Y, [0] * 5), ValueError, "every sample_weight is zero"),
        (lambda: NCDClassifier().fit(X, Y, list("abcde")), TypeError, "sample_weight must .*number.*, got list"),
        (lambda: NCDClassifier().fit(X, Y, "abcde"), TypeError, "sample_weight must .*number.*, got str"),
        (lambda: NCDClassifier(class_weight="equal").fit(X, Y), ValueError, r"class_weight must .*\('equal'\)"),
        (lambda: NCDClassifier(class_weight={"pets": -1}).fit(X, Y), ValueError, "that of 'pets' is -1"),
        (lambda: NCDClassifier(class_weight={"pets": "2"}).fit(X, Y), ValueError, "that of 'pets' is '2'"),
        (lambda: NCDClassifier(class_weight={"pet": 2}).fit(X, Y), ValueError, "weight for 'pet', which is not a"),
        (lambda: NCDClassifier(class_weight={"pets": 0, "money": 0}).fit(X, Y), ValueError, "no training text a vote"),
        (lambda: NCDClassifier(class_weight=[{}, {}]).fit(X, Y), ValueError, "class_weight must be a dict, got"),
        (lambda: NCDClassifier(class_weight={"pets": 2}).fit(X, TOPICS), ValueError, "a list of 2 dicts, one for"),
        (lambda: NCDClassifierCV(class_weight="equal").fit(X, Y), ValueError, "class_weight must be None"),
        (lambda: NCDClassifier().fit(X, csr_matrix(np.eye(5, 2))), TypeError, r"y must be dense, .*pass y.toarray\(\)"),
        (lambda: NCDClassifier().fit(X, [*TOPICS[:4], ["money", None]]), ValueError, "in column 1 of y: .* 4 is"),
        (lambda: NCDClassifier().fit(X, TOPICS).partial_fit(X, Y), ValueError, "as many labels .* before, 2, got 1"),
        (lambda: NCDClassifier().fit(X, Y).score(X, TOPICS), ValueError, "as many labels .* before, 1, got 2"),
        (lambda: NCDClassifier().fit(X, TOPICS).explain("a"), ValueError, "explain needs a model with one label"),
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
    with pytest.raises(ValueError, match="screening_report with y needs a model with one label for each text"):
        clf.screening_report(X, TOPICS)


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
