"""Baselines on words, and a compressor for each class: the distances of plain Python and the votes of NCDClassifier."""

import copy
import pickle

import joblib
import naive
import numpy as np
import pytest
from samples import QUERIES, X, Y
from sklearn.base import clone, is_classifier
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils import get_tags
from test_bags_of_words import DISTANCES

from gzipknn import NCDClassifier
from gzipknn.baselines import (
    BagOfWordsClassifier,
    BM25Classifier,
    ClassCompressorClassifier,
    VectorNeighborsClassifier,
    linear_classifier,
    vector_knn,
)
from gzipknn.compressors import Gzip
from gzipknn.search.hubs import NORMALIZATIONS

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")

ESTIMATORS = {
    "ncd": NCDClassifier(3),
    "cosine": BagOfWordsClassifier(3),
    "set": BagOfWordsClassifier(3, distance="set"),
    "bag": BagOfWordsClassifier(3, distance="bag"),
    "tfidf": VectorNeighborsClassifier(TfidfVectorizer(), 3),
    "dense": VectorNeighborsClassifier(make_pipeline(TfidfVectorizer(), TruncatedSVD(4, random_state=0)), 3),
    "bm25": BM25Classifier(3),
    "bm25 classes": BM25Classifier(3, term_weights="information", normalize=NORMALIZATIONS[0], weights="margin"),
    "linear": linear_classifier(),
    "class compressor": ClassCompressorClassifier(),
    "class models": ClassCompressorClassifier("kneser-ney"),
    "zstd": ClassCompressorClassifier("zstd"),
}
NEIGHBORS = ["ncd", "cosine", "set", "bag", "tfidf", "dense", "bm25"]


@pytest.fixture(params=NEIGHBORS)
def neighbors(request):
    return clone(ESTIMATORS[request.param]).fit(X, Y)


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(ESTIMATORS[request.param])


@pytest.mark.parametrize("tie_break", ["nearest", "lowest", "shrink"])
def test_votes_are_those_of_the_neighbours(neighbors, tie_break):
    labels = [["pets", "money", "weather", "money", "pets"][i] for i in range(len(X))]
    queries = ["my cats like the mat", QUERIES[1], "the mats"]  # each text shares a word, some only one of four letters
    for k in range(1, 6):
        for weights in ("uniform", "distance"):
            neighbors.set_params(n_neighbors=k, tie_break=tie_break, weights=weights).fit(X, labels)
            distances, indices = neighbors.kneighbors(queries)
            voters = [[labels[i] for i in row] for row in indices]
            if weights == "uniform":
                expected = [naive.vote(row, [1] * k, tie_break) for row in voters]
                assert neighbors.predict(queries).tolist() == expected
                shares = [[row.count(label) / k for label in neighbors.classes_] for row in voters]
            else:
                worth = np.where(
                    (distances <= 0).any(1, keepdims=True), distances <= 0, 1 / np.maximum(distances, 1e-9)
                )
                shares = [
                    [
                        sum(w for w, its in zip(own, row, strict=True) if its == label) / sum(own)
                        for label in sorted(set(labels))
                    ]
                    for own, row in zip(worth, voters, strict=True)
                ]
            assert np.allclose(neighbors.predict_proba(queries), shares)


def test_ties_at_random_are_seeded(neighbors):
    neighbors.set_params(n_neighbors=2, tie_break="random", random_state=3).fit([X[0], X[3]], ["pets", "money"])
    predicted = neighbors.predict([X[0]] * 40)
    assert (predicted == neighbors.predict([X[0]] * 40)).all()
    assert set(predicted) == {"pets", "money"}


def test_kneighbors_graph(neighbors):
    distances, indices = neighbors.kneighbors(QUERIES, 2)
    expected = np.zeros((len(QUERIES), len(X)))
    np.put_along_axis(expected, indices, distances, axis=1)
    assert (neighbors.kneighbors_graph(QUERIES, 2, mode="distance").toarray() == expected).all()
    np.put_along_axis(expected, indices, 1, axis=1)
    assert (neighbors.kneighbors_graph(QUERIES, 2).toarray() == expected).all()
    assert (neighbors.kneighbors_graph().toarray().diagonal() == 0).all()
    assert (neighbors.kneighbors_graph().toarray().sum(axis=1) == 3).all()
    assert (neighbors.kneighbors(QUERIES, 2, return_distance=False) == indices).all()


@pytest.mark.parametrize("name", ["cosine", "set", "bag", "tfidf", "bm25", "bm25 classes"])
@pytest.mark.slow
def test_neither_blocks_nor_n_jobs_change_anything(docs, monkeypatch, name):
    clf = clone(ESTIMATORS[name]).fit(docs.X_train[:200], docs.y_train[:200])
    queries = docs.X_test[:50]
    expected = clf.kneighbors(queries)
    monkeypatch.setattr(vector_knn, "PAIRS_PER_BLOCK", 1400)
    for n_jobs in (None, 2):
        for first, second in zip(expected, clf.set_params(n_jobs=n_jobs).kneighbors(queries), strict=True):
            assert (first == second).all()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert (clf.set_params(n_jobs=None).kneighbors(queries)[1] == expected[1]).all()


def test_a_progress_bar_if_wanted(capsys):
    for clf in (BagOfWordsClassifier(1), VectorNeighborsClassifier(TfidfVectorizer(), 1), ClassCompressorClassifier()):
        clf.fit(X, Y).predict(QUERIES)
        assert capsys.readouterr() == ("", "")
        clf.set_params(verbose=1).predict(QUERIES)
        assert "100%" in capsys.readouterr().err


def test_is_a_classifier_of_strings(estimator):
    assert is_classifier(estimator)
    if not isinstance(estimator, Pipeline):
        tags = get_tags(estimator).input_tags
        assert tags.string
        assert not tags.two_d_array


def test_clone_and_not_fitted(estimator):
    fitted = estimator.fit(X, Y)
    assert fitted is estimator
    assert fitted.classes_.tolist() == ["money", "pets"]
    fresh = clone(estimator)
    assert repr(fresh) == repr(estimator)
    with pytest.raises(NotFittedError):
        fresh.predict(QUERIES)


def test_pickled_after_predicting(estimator):
    predicted = estimator.fit(X, Y).predict(QUERIES)
    assert predicted[:2].tolist() == ["pets", "money"]
    for restored in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert (restored.predict(QUERIES) == predicted).all()
        for method in ("predict_proba", "class_lengths", "decision_function"):
            if hasattr(estimator, method):
                assert (getattr(restored, method)(QUERIES) == getattr(estimator, method)(QUERIES)).all()


def test_refit_forgets(estimator):
    estimator.fit(X, Y).predict(QUERIES)
    estimator.fit(["sunny weather tomorrow", "the engine has failed"] * 3, [7, 8] * 3)
    assert estimator.classes_.tolist() == [7, 8]
    assert estimator.predict(["what weather tomorrow", "an engine has failed"]).tolist() == [7, 8]


def test_bytes_are_the_same_as_strings(estimator):
    predicted = estimator.fit(X, Y).predict(QUERIES)
    raw = [text.encode() for text in X], [text.encode() for text in QUERIES]
    assert (clone(estimator).fit(raw[0], Y).predict(raw[1]) == predicted).all()
    assert estimator.predict([b"\xff\xfe cat mat", b"stocks fell today \xc3"]).tolist() == ["pets", "money"]


def test_in_a_pipeline(estimator):
    swap = FunctionTransformer(lambda data: [text.replace("dog", "cat") for text in data])
    pipeline = make_pipeline(swap, estimator).fit(X, Y)
    assert pipeline.predict(["my dog likes the mat", "stocks fell today"]).tolist() == ["pets", "money"]
    assert pipeline.predict(["dog"]).tolist() == estimator.predict(["cat"]).tolist()


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize(
    ("estimator", "grid"),
    [
        (BagOfWordsClassifier(), {"n_neighbors": [1, 5], "distance": DISTANCES}),
        (VectorNeighborsClassifier(TfidfVectorizer()), {"n_neighbors": [1, 5], "transformer__sublinear_tf": [True]}),
        (linear_classifier(model="svm"), {"model__C": [0.001, 1.0]}),
        (ClassCompressorClassifier(), {"compressor": ["zstd", Gzip(6)], "n_shards": [1, 2]}),
    ],
    ids=["bag of words", "vectors", "linear", "class compressor"],
)
def test_grid_search_learns_far_more_than_chance(docs, estimator, grid):
    n = 80 if isinstance(estimator, Pipeline) else 300
    training, labels = docs.X_train[:n], docs.y_train[:n]
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(training, labels)
    assert set(search.best_params_) == set(grid)
    assert np.ptp(search.cv_results_["mean_test_score"]) > 0
    assert search.score(docs.X_test, docs.y_test) > 0.3  # the largest class: 0.05


def test_grid_search_on_two_cores(docs):
    training, labels = docs.X_train[:120], np.array(docs.y_train[:120]) < "inspect"
    for clf, grid in (
        (BagOfWordsClassifier(), {"n_neighbors": [1, 3]}),
        (ClassCompressorClassifier(), {"compressor": ["zstd", "lz77"]}),
    ):
        scores = [
            GridSearchCV(clf, grid, cv=2, n_jobs=n, error_score="raise").fit(training, labels).cv_results_
            for n in (None, 2)
        ]
        assert (scores[0]["mean_test_score"] == scores[1]["mean_test_score"]).all()


@pytest.mark.parametrize("name", ["cosine", "tfidf"])
def test_an_unknown_distance(name):
    with pytest.raises(ValueError, match=r"distance must be one of \['cosine', 'set', 'bag'\], got 'euclid'"):
        clone(ESTIMATORS[name]).set_params(distance="euclid").fit(X, Y)


@pytest.mark.parametrize("name", [name for name in NEIGHBORS if name != "ncd"])
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"n_neighbors": 0}, ValueError, "n_neighbors == 0, must be >= 1"),
        ({"n_neighbors": True}, TypeError, "n_neighbors must be an int, got True"),
        ({"weights": "rank"}, ValueError, "weights must be one of"),
        ({"tie_break": "first"}, ValueError, "tie_break must be one of"),
        ({"random_state": "x"}, ValueError, "cannot be used to seed"),
    ],
)
def test_bad_parameters_are_found_in_fit(name, params, error, message):
    with pytest.raises(error, match=message):
        clone(ESTIMATORS[name]).set_params(**params).fit(X, Y)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name != "linear"])
def test_bad_labels_and_texts(name):
    clf = clone(ESTIMATORS[name])
    for labels, message in (
        (Y[:3], "the same length, got 5 texts and 3 labels"),
        (None, "y must hold a label for each text, got None"),
        ([*Y[:4], None], "the one at position 4 is None"),
    ):
        with pytest.raises(ValueError, match=message):
            clf.fit(X, labels)
    with pytest.raises(TypeError, match="position 1 is NoneType"):
        clf.fit(["a cat", None], [0, 1])
    with pytest.raises(ValueError, match="X holds 0 texts"):
        clf.fit([], [])
    clf.fit(X, Y)
    with pytest.raises(TypeError, match=r"got a single str \('one text'\)"):
        clf.predict("one text")


def test_more_neighbors_than_texts(neighbors):
    with pytest.raises(ValueError, match=r"at most the number of training texts: 5, got 6"):
        neighbors.kneighbors(QUERIES, 6)
    with pytest.raises(ValueError, match=r"number of other training texts: 4, got 5"):
        neighbors.kneighbors(n_neighbors=5)
    with pytest.raises(ValueError, match=r"at most the number of training texts: 5, got 7"):
        neighbors.set_params(n_neighbors=7).predict(QUERIES)
    with pytest.raises(ValueError, match=r"mode must be one of .* got 'both'"):
        neighbors.kneighbors_graph(QUERIES, mode="both")
