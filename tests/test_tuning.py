"""NCDClassifierCV reports what NCDClassifier gives on held-out texts, and takes the best setting."""

from itertools import product

import numpy as np
import pytest
from sklearn.base import clone

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.compressors import LZ77
from gzipknn.search.hubs import draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.trials import best_of, hold_out

TEXTS = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
LABELS = ["pets", "pets", "money", "money"]


@pytest.mark.parametrize("compressor", ["gzip", "lz77", LZ77(base_weight=0.1)])
def test_scores_are_those_of_texts_held_out(docs, compressor):
    X, y = docs.X_train[:120], np.array(docs.y_train[:120])
    options = {"normalize": [None, "half-local"], "weights": ["uniform", "margin"], "base_weight": None}
    clf = NCDClassifierCV([1, 5, 9], compressor=compressor, metric=["ncd", "nmi"], **options).fit(X, y)
    results = clf.cv_results_
    assert len(results["accuracy"]) == 3 * 2 * 2 * 2
    right = dict.fromkeys(product(["ncd", "nmi"], [None, "half-local"], ["uniform", "margin"], [1, 5, 9]), 0)
    for rest, fold in hold_out(120, 1000):
        assert rest.tolist() == [i for i in range(120) if i not in fold]
        for metric, normalize, weights, k in right:
            plain = NCDClassifier(k, compressor=compressor, metric=metric, weights=weights, normalize=normalize)
            plain.fit([X[i] for i in rest], y[rest])
            right[metric, normalize, weights, k] += int(np.sum(plain.predict([X[i] for i in fold]) == y[fold]))
    names = ("metric", "normalize", "weights", "n_neighbors")
    for *setting, accuracy in zip(*(results[name] for name in (*names, "accuracy")), strict=True):
        assert accuracy == pytest.approx(right[tuple(setting)] / 120)


def test_each_text_is_held_out_once_and_about_a_fifth_at_a_time():
    for n, n_samples, n_folds in (
        (2, 1000, 2),
        (4, 1000, 4),
        (120, 1000, 5),
        (120, 24, 1),
        (120, 25, 2),
        (10, 3, 2),
        (6, 9, 5),
    ):
        folds = hold_out(n, n_samples)
        assert len(folds) == n_folds
        held_out = np.concatenate([fold for _, fold in folds])
        assert len(set(held_out)) == len(held_out) == min(n, n_samples)
        assert max(len(fold) for _, fold in folds) < n / 5 + 1


def test_values_in_any_order_or_twice_make_no_difference(docs):
    X, y = docs.X_train[:100], docs.y_train[:100]
    options = {"compressor": "lz77", "base_weight": None, "metric": "nmi"}
    once = NCDClassifierCV([1, 3, 9], weights="margin", normalize=None, **options).fit(X, y)
    twice = NCDClassifierCV([9, 1, 3, 1], weights=["margin"] * 2, normalize=[None] * 2, **options).fit(X, y)
    assert once.best_params_ == twice.best_params_
    assert once.best_score_ == twice.best_score_ <= 1


def test_a_k_that_stands_out_is_not_chosen():
    tried = [
        {"weights": weights, "n_neighbors": k, "accuracy": accuracy}
        for weights, accuracies in (("uniform", (0.5, 0.9, 0.5)), ("margin", (0.5, 0.8, 0.8)))
        for k, accuracy in zip((1, 3, 5), accuracies, strict=True)
    ]
    assert best_of(tried) == {"weights": "margin", "n_neighbors": 5, "accuracy": 0.8}
    assert best_of(tried[:1]) == tried[0]


def test_weights_are_tried_on_the_best_compressor_alone(docs):
    X, y = docs.X_train[:100], docs.y_train[:100]
    clf = NCDClassifierCV([1, 3], compressor=["lz77", LZ77(0)], base_weight=[0.5, None], normalize=None).fit(X, y)
    tried = list(dict.fromkeys(map(repr, clf.cv_results_["compressor"])))
    assert tried[:2] == ["'lz77'", "LZ77(background=0, base_weight=None)"]
    assert len(tried) == 3
    assert tried[2].endswith("base_weight=0.5)")
    gzip = NCDClassifierCV([1], compressor="gzip").fit(X, y)
    assert set(gzip.cv_results_["compressor"]) == {"gzip"}


def test_the_best_is_used(docs):
    X, y = docs.X_train[:200], docs.y_train[:200]
    clf = NCDClassifierCV([1, 3], compressor=["gzip", "lz77"], n_samples=60).fit(X, y)
    results = clf.cv_results_
    tried = [dict(zip(results, values, strict=True)) for values in zip(*results.values(), strict=True)]
    assert {**clf.best_params_, "accuracy": clf.best_score_} == best_of(tried)
    same = NCDClassifier(**clf.best_params_).fit(X, y)
    assert clf.predict(docs.X_test).tolist() == same.predict(docs.X_test).tolist()
    assert clf.predict_proba(docs.X_test[:5]).tolist() == same.predict_proba(docs.X_test[:5]).tolist()
    assert clf.classes_.tolist() == sorted(set(y))
    assert clone(clf).get_params()["n_samples"] == 60
    query = docs.X_test[0]
    assert clf.explain(query, 2).to_dict() == clf.best_estimator_.explain(query, 2).to_dict()


def test_settings_are_those_of_classifiers(docs):
    X, y, queries = docs.X_train[:80], docs.y_train[:80], docs.X_test[:20]
    # whatever correction the training texts had before
    training = NCDClassifier(compressor="lz77", normalize="zscore").fit(X, y).training_
    metrics, normalizations = ["ncd", "nmi"], [None, "local"]
    settings = vary(training, metrics, normalizations, draw(80, 300), n_jobs=1, verbose=0)
    found = neighbors_by(settings, Corpus.from_texts([text.encode() for text in queries]), 5, n_jobs=1, verbose=0)
    for (metric, normalize), (distances, indices) in zip(product(metrics, normalizations), found, strict=True):
        clf = NCDClassifier(5, compressor="lz77", metric=metric, normalize=normalize).fit(X, y)
        expected = clf.kneighbors(queries)
        assert distances == pytest.approx(expected[0])
        assert indices.tolist() == expected[1].tolist()


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
        ({"n_neighbors": [4, 5]}, "n_neighbors must be at most 3, the number of texts that are not held out"),
        ({"n_neighbors": 0}, "n_neighbors == 0, must be >= 1"),
        ({"weights": ["uniform", "cosine"]}, "weights must be one of"),
        ({"normalize": "hubs"}, "normalize must be None or one of"),
        ({"metric": "l2"}, "metric must be one of"),
        ({"base_weight": [0.1, 0]}, "base_weight must be above 0 and finite, or None"),
        ({"n_samples": 0}, "n_samples == 0, must be >= 1"),
        ({"tie_break": "first"}, "tie_break must be one of"),
        ({"weights": "distance", "normalize": "local"}, "no settings to choose from"),
    ],
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        NCDClassifierCV(**settings).fit(TEXTS, LABELS)
    with pytest.raises(ValueError, match="X must hold at least two texts"):
        NCDClassifierCV().fit(["a"], ["b"])
