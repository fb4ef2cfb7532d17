"""NCDClassifierCV chooses by any score of scikit-learn, with any splitter."""

import numpy as np
import pytest
from samples import X, Y
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, get_scorer, log_loss, make_scorer
from sklearn.model_selection import (
    GroupKFold,
    LeaveOneGroupOut,
    PredefinedSplit,
    ShuffleSplit,
    StratifiedKFold,
    cross_val_predict,
)

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.held_out_votes import Score
from gzipknn.trials import best_of, split_by

SETTINGS = {"compressor": "gzip", "metric": ["ncd", "nmi"], "normalize": None, "weights": ["uniform", "margin"]}


@pytest.fixture(scope="module")
def texts(docs):
    wanted = ("email", "logging", "turtle", "argparse")
    pairs = [(x, y) for x, y in zip(docs.X_train, docs.y_train, strict=True) if y in wanted][:100]
    return [x for x, _ in pairs], np.array([y for _, y in pairs])


def by_hand(texts, splitter, setting, method="predict", class_weight=None):
    X, y = texts
    names = ("n_neighbors", "metric", "weights")
    clf = NCDClassifier(**dict(zip(names, setting, strict=True)), class_weight=class_weight)
    return cross_val_predict(clf, X, y, cv=splitter, method=method)


@pytest.mark.parametrize("class_weight", [None, "balanced"])
@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "f1_macro", "neg_log_loss"])
def test_scores_are_those_of_scikit_learn_on_all_texts_held_out(texts, scoring, class_weight):
    X, y = texts
    splitter = StratifiedKFold(4, shuffle=True, random_state=0)
    clf = NCDClassifierCV([3, 7], scoring=scoring, cv=splitter, class_weight=class_weight, **SETTINGS).fit(X, y)
    score = {
        "accuracy": accuracy_score,
        "balanced_accuracy": balanced_accuracy_score,
        "f1_macro": lambda truth, found: f1_score(truth, found, average="macro"),
        "neg_log_loss": lambda truth, found: -log_loss(truth, found),
    }[scoring]
    results, method = clf.cv_results_, "predict_proba" if scoring == "neg_log_loss" else "predict"
    assert list(results)[-1] == scoring
    settings = zip(*(results[name] for name in ("n_neighbors", "metric", "weights")), strict=True)
    for setting, found in zip(settings, results[scoring], strict=True):
        assert found == pytest.approx(score(y, by_hand(texts, splitter, setting, method, class_weight)))
    assert len(set(results[scoring])) > 2
    tried = [dict(zip(results, values, strict=True)) for values in zip(*results.values(), strict=True)]
    assert {**clf.best_params_, scoring: clf.best_score_} == best_of(tried, scoring)
    assert clf.best_estimator_.class_weight == class_weight
    assert clf.predict_log_proba(X[:9]) == pytest.approx(clf.best_estimator_.predict_log_proba(X[:9]))


def test_callables_are_scorers(texts):
    X, y = texts
    named = NCDClassifierCV([3, 7], scoring="f1_macro", **SETTINGS).fit(X, y)
    for scoring in (get_scorer("f1_macro"), make_scorer(f1_score, average="macro")):
        called = NCDClassifierCV([3, 7], scoring=scoring, **SETTINGS).fit(X, y)
        assert called.cv_results_["score"] == named.cv_results_["f1_macro"]
        assert called.best_params_ == named.best_params_

    def first(estimator, numbers, truth):  # holds out only some texts, and none of them twice
        assert (estimator.classes_ == np.unique(y)).all()
        return float(np.mean(estimator.predict(numbers[:10]) == truth[:10]))

    assert 0 < NCDClassifierCV([3, 7], scoring=first, **SETTINGS).fit(X, y).best_score_ <= 1


def test_a_score_may_choose_otherwise(texts):
    X, y = texts
    ks, options = [1, 2, 3, 41, 51, 61], {**SETTINGS, "metric": "ncd", "weights": "uniform"}
    by_accuracy = NCDClassifierCV(ks, **options).fit(X, y)
    by_loss = NCDClassifierCV(ks, scoring="neg_log_loss", **options).fit(X, y)
    # a few votes give probabilities of 0 and 1, which are too certain
    assert by_accuracy.best_params_["n_neighbors"] <= 3 < by_loss.best_params_["n_neighbors"]


def test_groups_are_held_out_together(texts):
    X, y = texts
    groups = np.arange(len(X)) % 5
    clf = NCDClassifierCV([3, 7], cv=GroupKFold(5), **SETTINGS).fit(X, y, groups=groups)
    same = NCDClassifierCV([3, 7], cv=PredefinedSplit(groups), **SETTINGS).fit(X, y)
    assert clf.cv_results_ == same.cv_results_
    fits = [(np.flatnonzero(groups != group), np.flatnonzero(groups == group)) for group in range(5)]
    assert NCDClassifierCV([3, 7], cv=fits, **SETTINGS).fit(X, y).cv_results_ == same.cv_results_
    masks = [(groups != group, groups == group) for group in range(5)]
    assert NCDClassifierCV([3, 7], cv=masks, **SETTINGS).fit(X, y).cv_results_ == same.cv_results_
    for rest, fold in split_by(LeaveOneGroupOut(), y, groups):
        assert not set(groups[rest]) & set(groups[fold])


def test_fewer_training_texts_than_are_not_held_out(texts):
    X, y = texts
    splitter = ShuffleSplit(2, test_size=20, train_size=10, random_state=0)
    clf = NCDClassifierCV([1, 3, 15], cv=splitter, **SETTINGS).fit(X, y)
    assert set(clf.cv_results_["n_neighbors"]) == {1, 3}  # there are ten training texts
    right = []
    for rest, fold in splitter.split(X):
        one = NCDClassifier(1).fit([X[i] for i in np.sort(rest)], y[np.sort(rest)])
        right += (one.predict([X[i] for i in fold]) == y[fold]).tolist()
    assert clf.cv_results_["accuracy"][0] == np.mean(right)


@pytest.mark.parametrize(
    ("settings", "fit", "error", "message"),
    [
        ({"scoring": "acuracy"}, {}, ValueError, "acuracy"),
        ({"scoring": 3}, {}, TypeError, r"scoring must be the name of a score .*got int \(3\)"),
        ({"scoring": accuracy_score}, {}, ValueError, "looks like it is a metric function rather than a scorer"),
        ({"scoring": None}, {}, TypeError, "got NoneType"),
        ({"scoring": lambda *_: float("nan")}, {}, ValueError, "scoring must give numbers .* 'score' gave NaN"),
        ({}, {"groups": [1, 1, 2, 2, 2]}, ValueError, r"groups need a splitter .*, such as cv=GroupKFold\(\)"),
        ({"cv": GroupKFold(2)}, {}, ValueError, "groups"),
        ({"cv": [([0, 1, 2], [2, 3])]}, {}, ValueError, "split 0 has the text at position 2 on both sides"),
        ({"cv": []}, {}, ValueError, "splits with texts on both sides, got 0"),
        ({"cv": [([], [2, 3])]}, {}, ValueError, "texts on both sides"),
    ],
)
def test_refused(settings, fit, error, message):
    with pytest.raises(error, match=message):
        NCDClassifierCV([1], compressor="gzip", normalize=None, **settings).fit(X, Y, **fit)


def test_a_score_knows_its_name():
    names = ("accuracy", "roc_auc", get_scorer("roc_auc"))
    assert [Score(one).name for one in names] == ["accuracy", "roc_auc", "score"]
