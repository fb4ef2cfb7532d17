"""NCDClassifierCV: what it reports is what NCDClassifier gives when one is left out, and it takes the best."""

from itertools import product

import numpy as np
import pytest
from sklearn.base import clone

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.search.hubs import draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

TEXTS = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
LABELS = ["pets", "pets", "money", "money"]


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_scores_are_those_of_leaving_one_out(docs, compressor):
    X, y = docs.X_train[:120], np.array(docs.y_train[:120])
    clf = NCDClassifierCV([1, 5, 9], compressor=compressor, normalize=None, weights=["uniform", "margin"]).fit(X, y)
    results = clf.cv_results_
    assert len(results["accuracy"]) == 3 * 3 * 2
    for metric, weights, k, accuracy in zip(
        *(results[name] for name in ("metric", "weights", "n_neighbors", "accuracy")), strict=True
    ):
        plain = NCDClassifier(k, compressor=compressor, metric=metric, weights=weights).fit(X, y)
        distances, indices = plain.kneighbors()
        nearest = [[y[i] for i in row] for row in indices]
        right = 0
        for row, labels, truth in zip(distances, nearest, y, strict=True):
            margin = (row[-1] - row) / (row[-1] - row[0]) if row[-1] > row[0] else np.ones(k)
            votes = {}
            for label, weight in zip(labels, margin if weights == "margin" else np.ones(k), strict=True):
                votes[label] = votes.get(label, 0) + weight
            right += next(label for label in labels if votes[label] == max(votes.values())) == truth
        assert accuracy == pytest.approx(right / len(X))
    assert clf.best_score_ == max(results["accuracy"])


def test_the_best_is_used(docs):
    X, y = docs.X_train[:200], docs.y_train[:200]
    clf = NCDClassifierCV([1, 3], compressor=["gzip", "lz77"], n_samples=60).fit(X, y)
    results = clf.cv_results_
    best = results["accuracy"].index(clf.best_score_)
    assert clf.best_params_ == {name: results[name][best] for name in clf.best_params_}
    same = NCDClassifier(**clf.best_params_).fit(X, y)
    assert clf.predict(docs.X_test).tolist() == same.predict(docs.X_test).tolist()
    assert clf.predict_proba(docs.X_test[:5]).tolist() == same.predict_proba(docs.X_test[:5]).tolist()
    assert clf.classes_.tolist() == sorted(set(y))
    assert clone(clf).get_params()["n_samples"] == 60
    query = docs.X_test[0]
    assert clf.explain(query, 2).to_dict() == clf.best_estimator_.explain(query, 2).to_dict()


def test_settings_are_those_of_classifiers(docs):
    X, y, queries = docs.X_train[:80], docs.y_train[:80], docs.X_test[:20]
    # whatever the training texts were corrected by before
    training = NCDClassifier(compressor="lz77", normalize="zscore").fit(X, y).training_
    metrics, normalizations = ["ncd", "nmi"], [None, "local"]
    settings = vary(training, metrics, normalizations, draw(80, 300), n_jobs=1, verbose=0)
    found = neighbors_by(settings, Corpus.from_texts([text.encode() for text in queries]), 5, n_jobs=1, verbose=0)
    for (metric, normalize), (distances, indices) in zip(product(metrics, normalizations), found, strict=True):
        clf = NCDClassifier(5, compressor="lz77", metric=metric, normalize=normalize).fit(X, y)
        expected = clf.kneighbors(queries)
        assert distances == pytest.approx(expected[0])
        assert indices.tolist() == expected[1].tolist()


def test_hubs_are_not_tried_on(docs):
    # a text that corrected its own neighbours would find them farther away
    X, y = docs.X_train[:30], docs.y_train[:30]
    clf = NCDClassifierCV([1], normalize="local", weights="uniform", metric="ncd").fit(X, y)
    assert clf.best_score_ * (30 - len(draw(30, 15))) % 1 == pytest.approx(0)


def test_single_values_and_few_texts():
    clf = NCDClassifierCV(1, compressor="gzip", metric="ncd", normalize=None, weights="uniform").fit(TEXTS, LABELS)
    assert clf.best_params_["n_neighbors"] == 1
    assert len(clf.cv_results_["accuracy"]) == 1
    assert NCDClassifierCV().fit(TEXTS, LABELS).predict(["a mat"]).tolist() == ["pets"]
    assert NCDClassifierCV().fit(TEXTS[1:3], LABELS[1:3]).predict(["a mat"]).tolist() == ["pets"]


def test_values_may_come_in_any_collection(docs):
    X, y = docs.X_train[:40], docs.y_train[:40]
    clf = NCDClassifierCV(range(1, 4), n_samples=np.int64(10), metric=("ncd",)).fit(X, y)
    assert set(clf.cv_results_["n_neighbors"]) == {1, 2, 3}
    assert clf.kneighbors(docs.X_test[:3])[1].shape == (3, clf.best_params_["n_neighbors"])
    assert clf.set_params(n_jobs=2)._best().n_jobs == 2


def test_a_metric_that_would_change_the_lengths_is_stopped():
    def in_place(c_x, c_y, c_xy):
        c_xy -= c_x
        return c_xy / c_y

    with pytest.raises(ValueError, match="read-only"):
        NCDClassifierCV(1, metric=[in_place, "ncd"]).fit(TEXTS, LABELS)


def test_bad_settings_are_found_before_any_search(monkeypatch):
    monkeypatch.setattr(TrainingTexts, "prepare", lambda *args: pytest.fail("searched"))
    for settings in ({"compressor": ["lz77", "gzipp"]}, {"metric": ["ncd", "l2"]}, {"random_state": "x"}):
        with pytest.raises(ValueError, match=r"must be one of|cannot be used"):
            NCDClassifierCV(**settings).fit(TEXTS, LABELS)


def test_corrections_need_hubs(docs):
    training = NCDClassifier().fit(docs.X_train[:5], docs.y_train[:5]).training_
    with pytest.raises(ValueError, match="need some hubs, got none"):
        vary(training, ["ncd"], [None, "local"], np.empty(0, dtype=np.intp), n_jobs=1, verbose=0)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_neighbors": []}, "n_neighbors must be a value or a list of values"),
        ({"n_neighbors": [4, 5]}, "n_neighbors must be less than the number of texts, 4"),
        ({"n_neighbors": 0}, "n_neighbors == 0, must be >= 1"),
        ({"weights": ["uniform", "cosine"]}, "weights must be one of"),
        ({"normalize": "hubs"}, "normalize must be None or one of"),
        ({"metric": "l2"}, "metric must be one of"),
        ({"n_samples": 0}, "n_samples == 0, must be >= 1"),
        ({"tie_break": "first"}, "tie_break must be one of"),
        ({"weights": "distance", "normalize": "local"}, "no settings to choose from"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        NCDClassifierCV(**settings).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="X must hold two texts or more"):
        NCDClassifierCV().fit(["a"], ["b"])
