"""The contract of a scikit-learn classifier, tested on strings, for which check_estimator skips most checks."""

import copy
import io
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from datasets import Dataset
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import check_get_params_invariance, check_set_params

from gzipknn import NCDClassifier
from gzipknn.compressors import Gzip

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?", "the mat", ""]


@pytest.fixture
def fitted():
    return NCDClassifier(n_neighbors=3).fit(X, Y)


def test_is_a_classifier_of_strings():
    clf = NCDClassifier()
    assert is_classifier(clf)
    tags = get_tags(clf).input_tags
    assert tags.string
    assert tags.one_d_array
    assert not tags.two_d_array


def test_init_only_stores():
    nonsense = {"n_neighbors": -1, "compressor": "rar", "metric": 3, "weights": None, "tie_break": "", "order": 1}
    params = NCDClassifier(**nonsense).get_params()
    assert {name: params[name] for name in nonsense} == nonsense


def test_get_set_params_and_clone():
    check_get_params_invariance("NCDClassifier", NCDClassifier())
    check_set_params("NCDClassifier", NCDClassifier())
    clf = NCDClassifier(3, compressor=Gzip(6), weights="distance")
    copied = clone(clf)
    assert copied.get_params() == clf.get_params()
    assert not hasattr(clone(clf.fit(X, Y)), "classes_")


def test_repr_names_what_differs_from_the_default():
    assert repr(NCDClassifier(3, metric="cdm")) == "NCDClassifier(metric='cdm', n_neighbors=3)"


def test_fit_returns_self_and_is_idempotent(fitted):
    before = fitted.kneighbors(QUERIES)
    assert fitted.fit(X, Y) is fitted
    for first, second in zip(before, fitted.kneighbors(QUERIES), strict=True):
        assert (first == second).all()


def test_refit_forgets(fitted):
    fitted.fit(["1 2 3", "2 3 4", "4 5 6"], [7, 8, 9])
    assert fitted.classes_.tolist() == [7, 8, 9]
    assert fitted.n_samples_fit_ == 3


def test_inputs_are_left_alone():
    data, labels, queries = list(X), np.array(Y), pd.Series(QUERIES)
    copies = copy.deepcopy((data, labels, queries))
    NCDClassifier(1).fit(data, labels).predict_proba(queries)
    assert data == copies[0]
    assert (labels == copies[1]).all()
    pd.testing.assert_series_equal(queries, copies[2])


@pytest.mark.parametrize("method", ["predict", "predict_proba", "kneighbors", "kneighbors_graph"])
def test_not_fitted(method):
    with pytest.raises(NotFittedError, match="NCDClassifier instance is not fitted"):
        getattr(NCDClassifier(), method)(QUERIES)


@pytest.mark.parametrize(
    "labels",
    [
        Y,
        tuple(Y),
        [1, 1, 1, 0, 0],
        [-1, -1, -1, -5, -5],
        [True, True, True, False, False],
        np.array(Y, dtype=object),
        pd.Series(Y, index=[5, 4, 3, 2, 1]),
        pd.Series(Y, dtype="category"),
        [1.0, 1.0, 1.0, 2.0, 2.0],
    ],
    ids=str,
)
def test_any_labels(labels):
    clf = NCDClassifier(3).fit(X, labels)
    assert clf.classes_.tolist() == sorted(set(labels))
    assert clf.predict(QUERIES[:2]).tolist() == [list(labels)[i] for i in (0, -1)]
    assert clf.predict(QUERIES).dtype == clf.classes_.dtype
    assert clf.score(X, labels) >= 0.6


def test_one_class():
    clf = NCDClassifier(2).fit(X, ["only"] * len(X))
    assert clf.predict(QUERIES).tolist() == ["only"] * len(QUERIES)
    assert clf.predict_proba(QUERIES).tolist() == [[1.0]] * len(QUERIES)


@pytest.mark.parametrize(
    "container",
    [
        tuple,
        np.array,
        lambda texts: np.array(texts, dtype=object),
        pd.Series,
        lambda texts: [text.encode() for text in texts],
        lambda texts: Dataset.from_dict({"text": texts})["text"],
    ],
)
def test_any_sequence_gives_the_same(fitted, container):
    distances, indices = NCDClassifier(3).fit(container(X), Y).kneighbors(container(QUERIES))
    expected_distances, expected_indices = fitted.kneighbors(QUERIES)
    assert (distances == expected_distances).all()
    assert (indices == expected_indices).all()


def test_kneighbors(fitted):
    distances, indices = fitted.kneighbors(QUERIES, n_neighbors=5)
    assert distances.shape == indices.shape == (4, 5)
    assert (np.diff(distances) >= 0).all()
    assert (np.sort(indices) == np.arange(5)).all()
    assert (fitted.kneighbors(QUERIES, 5, return_distance=False) == indices).all()
    assert fitted.kneighbors(QUERIES)[1].shape == (4, 3)
    many = NCDClassifier(np.int8(127)).fit(X * 30, Y * 30)
    assert many.kneighbors(return_distance=False).shape == (150, 127)


def test_kneighbors_of_the_training_texts_leave_themselves_out(fitted):
    _, indices = fitted.kneighbors(n_neighbors=4)
    assert indices.shape == (5, 4)
    assert all(i not in row for i, row in enumerate(indices.tolist()))


def test_kneighbors_graph(fitted):
    distances, indices = fitted.kneighbors(QUERIES)
    graph = fitted.kneighbors_graph(QUERIES)
    assert graph.shape == (4, 5)
    assert (graph.toarray().sum(axis=1) == 3).all()
    by_distance = fitted.kneighbors_graph(QUERIES, mode="distance").toarray()
    assert (np.take_along_axis(by_distance, indices, axis=1) == distances).all()
    assert (fitted.kneighbors_graph(n_neighbors=1).toarray().diagonal() == 0).all()
    with pytest.raises(ValueError, match=r"mode must be one of .* got 'both'"):
        fitted.kneighbors_graph(QUERIES, mode="both")


def test_predict_proba_are_shares_of_the_vote(fitted):
    told = [query for query in QUERIES if query]  # the neighbours of an empty text say nothing
    _, indices = fitted.kneighbors(told)
    expected = [[np.mean(np.array(Y)[row] == label) for label in fitted.classes_] for row in indices]
    assert np.allclose(fitted.predict_proba(told), expected)
    weighted = fitted.set_params(weights="distance").predict_proba(QUERIES)
    assert np.allclose(weighted.sum(axis=1), 1)


def test_tie_breaks_end_to_end():
    data = ["a cat sat on a mat", "stocks fell again today"]
    queries = ["today stocks fell again"]
    predicted = {
        rule: NCDClassifier(2, tie_break=rule).fit(data, [0, 1]).predict(queries).item()
        for rule in ("nearest", "lowest", "shrink")
    }
    assert predicted == {"nearest": 1, "lowest": 0, "shrink": 1}
    seeded = [
        NCDClassifier(2, tie_break="random", random_state=s).fit(data, [0, 1]).predict(queries * 20) for s in (0, 0)
    ]
    assert (seeded[0] == seeded[1]).all()
    assert set(seeded[0]) == {0, 1}


def test_equal_distances_are_ordered_by_index():
    _, indices = NCDClassifier(4).fit(["same"] * 6, list("ababab")).kneighbors(["other", "same"])
    assert indices.tolist() == [[0, 1, 2, 3]] * 2


def test_n_jobs_does_not_change_anything(docs):
    data, labels, queries = docs.X_train[:200], docs.y_train[:200], docs.X_test[:20]
    serial = NCDClassifier().fit(data, labels)
    expected = serial.kneighbors(queries)
    for parallel in [NCDClassifier(n_jobs=2), NCDClassifier(n_jobs=-1, compressor=Gzip())]:
        for first, second in zip(expected, parallel.fit(data, labels).kneighbors(queries), strict=True):
            assert (first == second).all()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert (serial.kneighbors(queries)[1] == expected[1]).all()


def test_pickle_and_joblib(fitted):
    file = io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for restored in (pickle.loads(pickle.dumps(fitted)), joblib.load(file)):
        assert (restored.predict_proba(QUERIES) == fitted.predict_proba(QUERIES)).all()
        assert (restored.predict(QUERIES) == fitted.predict(QUERIES)).all()


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, "n_neighbors == 0, must be >= 1"),
        ({"n_neighbors": 2.5}, TypeError, "n_neighbors must be an instance of"),
        ({"n_neighbors": True}, TypeError, "n_neighbors must be an int, got True"),
        ({"random_state": "x"}, ValueError, "cannot be used to seed"),
        ({"n_neighbors": "5"}, TypeError, "n_neighbors must be an instance of"),
        ({"compressor": "rar"}, ValueError, "compressor must be one of"),
        ({"metric": "cosine"}, ValueError, "metric must be one of"),
        ({"weights": "rank"}, ValueError, "weights must be one of"),
        ({"tie_break": "first"}, ValueError, "tie_break must be one of"),
        ({"order": "both"}, ValueError, "order must be one of"),
        ({"separator": 0}, TypeError, "separator must be str or bytes"),
    ],
)
def test_bad_parameters_are_found_in_fit(params, error, message):
    with pytest.raises(error, match=message):
        NCDClassifier(**params).fit(X, Y)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (Y[:3], "the same length, got 5 texts and 3 labels"),
        (None, "y must hold a label for each text, got None"),
        ([*Y[:4], None], "the one at position 4 is None"),
        (np.array([*Y[:4], np.nan], dtype=object), "the one at position 4 is nan"),
        ([*Y[:4], float("nan")], "the one at position 4 is nan"),
        (pd.Series([*Y[:4], pd.NA], dtype=object), "the one at position 4 is <NA>"),
        ([0.5, 1.5, 2.5, 3.5, 4.5], "continuous"),
        ([[0, 1]] * 4 + [[0]], "position 0 is list"),
    ],
)
def test_bad_labels(labels, message):
    with pytest.raises(ValueError, match=message):
        NCDClassifier().fit(X, labels)


def test_bad_texts(fitted):
    with pytest.raises(TypeError, match=r"got a single str \('one text'\).*\[X\]"):
        fitted.predict("one text")
    with pytest.raises(TypeError, match="got NoneType"):
        fitted.predict(None)
    with pytest.raises(TypeError, match="position 1 is NoneType"):
        NCDClassifier().fit(["a", None], [0, 1])
    with pytest.raises(ValueError, match="X holds 0 texts"):
        fitted.predict([])
    with pytest.raises(ValueError, match="X holds 0 texts"):
        NCDClassifier().fit([], [])


def test_more_neighbors_than_texts(fitted):
    with pytest.raises(ValueError, match=r"at most the number of training texts: 5, got 6"):
        fitted.kneighbors(QUERIES, n_neighbors=6)
    with pytest.raises(ValueError, match=r"number of other training texts: 4, got 5"):
        fitted.kneighbors(n_neighbors=5)
    with pytest.raises(ValueError, match=r"at most the number of training texts: 3, got 5"):
        NCDClassifier().fit(X[:3], Y[:3]).predict(QUERIES)


@pytest.mark.filterwarnings("ignore:X holds")
def test_labels_and_shares_by_one_search(docs):
    clf = NCDClassifier(4).fit(docs.X_train[:60], docs.y_train[:60])
    queries = [*docs.X_test[:20], ""]
    labels, shares = clf.predict_with_proba(queries)
    assert np.array_equal(labels, clf.predict(queries))
    assert np.array_equal(shares, clf.predict_proba(queries))
