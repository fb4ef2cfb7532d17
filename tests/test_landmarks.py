"""A linear model on distances to landmarks equals scikit-learn's on these distances, and chooses on held-out texts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from test_classifier import QUERIES, X, Y

import gzipknn.landmark_model
from gzipknn import NCDTransformer
from gzipknn.baselines import KneserNey, class_model_classifier
from gzipknn.compressors import LZ77
from gzipknn.held_out_ridge import ENOUGH, PENALTIES, Calibration, HeldOutRidge, one_against_rest
from gzipknn.landmark_model import GAIN
from gzipknn.landmarks import LandmarkClassifier
from gzipknn.recipes import landmark_classifier, strong_classifier

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n_landmarks", [100, 10_000, None])
def test_landmarks_beat_chance_by_far(docs, n_landmarks):
    X, y = docs.X_train[::4], docs.y_train[::4]
    clf = landmark_classifier(n_landmarks).fit(X, y)
    assert len(clf.landmarks_) == min(n_landmarks or len(X), len(X))
    assert clf.landmarks_ == [X[i].encode() for i in clf.landmark_indices_]
    assert (np.diff(clf.landmark_indices_) > 0).all()
    assert clf.score(docs.X_test, docs.y_test) > 0.35  # there are 20 classes
    again = landmark_classifier(n_landmarks).fit(X, y)
    assert clf.predict(docs.X_test).tolist() == again.predict(docs.X_test).tolist()


def test_landmarks_in_a_grid_search(docs):
    X, y = docs.X_train[:200], [len(text) > 200 for text in docs.X_train[:200]]
    grid = GridSearchCV(landmark_classifier(20), {"compressor": ["gzip", "lz77"]}, cv=2).fit(X, y)
    assert grid.best_score_ > 0.5


def test_weights_by_class_are_learnt_from_the_labels(docs):
    X, y, queries = docs.X_train[:200], [label > "m" for label in docs.y_train[:200]], docs.X_test[:9]
    clf = LandmarkClassifier(30).fit(X, y)
    other = LandmarkClassifier(30).fit(X, [len(text) > 300 for text in X])
    assert other.landmark_indices_.tolist() == clf.landmark_indices_.tolist()
    weighed = NCDTransformer(compressor=LZ77(base_weight=0.1), metric="nmi").fit(X, y).transform(queries)
    texts, parallel = [query.encode() for query in queries], {"n_jobs": 1, "verbose": 0}
    assert (clf._fitted.distances(texts, **parallel) == weighed[:, clf.landmark_indices_]).all()
    assert (other._fitted.distances(texts, **parallel) != weighed[:, clf.landmark_indices_]).any()


@pytest.mark.parametrize("compressor", ["gzip", "lz77", LZ77(base_weight=0.3)], ids=str)
def test_predictions_are_those_of_a_ridge_classifier(docs, compressor):
    X, y = docs.X_train[:300], docs.y_train[:300]
    clf = LandmarkClassifier(None, alpha=50, compressor=compressor).fit(X, y)
    landmarks = NCDTransformer(compressor=compressor, metric="nmi")
    expected = make_pipeline(landmarks, StandardScaler(), RidgeClassifier(alpha=50)).fit(X, y)
    scores = clf._model(landmarks.transform(docs.X_test))
    assert scores == pytest.approx(expected.decision_function(docs.X_test))
    assert clf.predict(docs.X_test).tolist() == expected.predict(docs.X_test).tolist()


def restated(ridge, distances, alpha):
    """The scores of the held-out texts by scikit-learn, fitted without them as texts and as landmarks."""
    features, scores = StandardScaler().fit_transform(distances), []
    for fold in ridge.folds:
        rest = np.setdiff1d(np.arange(len(distances)), fold)
        columns = [column for column, text in enumerate(ridge.landmarks) if text not in fold]
        model = Ridge(alpha=alpha).fit(features[np.ix_(rest, columns)], ridge.targets[rest])
        scores.append(model.predict(features[np.ix_(fold, columns)]))
    return np.concatenate(scores)


@pytest.mark.parametrize("n_landmarks", [7, 23])
def test_texts_held_out_are_neither_learnt_from_nor_landmarks(n_landmarks):
    n, n_classes = 23, 3
    labels = RNG.integers(n_classes, size=n)
    distances, landmarks = RNG.random((n, n_landmarks)), RNG.permutation(n)[:n_landmarks]
    ridge = HeldOutRidge(one_against_rest(labels, n_classes), np.random.RandomState(0))
    assert np.sort(ridge.held_out).tolist() == list(range(n))
    for part in np.array_split(np.arange(n_landmarks), 3):
        ridge.add(landmarks[part], distances[:, part].copy())
    assert ridge.landmarks.tolist() == landmarks.tolist()
    for alpha, scores in zip((0.5, 20.0), ridge.held_out_scores((0.5, 20.0)), strict=True):
        assert scores == pytest.approx(restated(ridge, distances, alpha))


@pytest.mark.parametrize("alpha", [0.5, 20.0])
def test_weights_are_those_of_scikit_learn_and_of_repeated_texts(alpha):
    rng = np.random.RandomState(0)
    labels, counts, distances = rng.randint(0, 3, 60), rng.randint(1, 4, 60), rng.rand(60, 8)
    ridge, repeated = (
        HeldOutRidge(one_against_rest(some, 3), np.random.RandomState(0), weights)
        for some, weights in ((labels, counts.astype(float)), (labels.repeat(counts), None))
    )
    ridge.add(np.arange(8), distances.copy())
    repeated.add(np.arange(8), distances.repeat(counts, axis=0))
    model, same = ridge.fit(alpha, 8), repeated.fit(alpha, 8)
    assert model.coef == pytest.approx(same.coef)
    assert model.intercept == pytest.approx(same.intercept)
    scaled = StandardScaler().fit(distances, sample_weight=counts)
    peer = RidgeClassifier(alpha).fit(scaled.transform(distances), labels, sample_weight=counts)
    assert model(distances) == pytest.approx(peer.decision_function(scaled.transform(distances)))
    # for each fold a model of the other texts and landmarks, on features that are scaled with all texts
    found = ridge.held_out_scores((alpha,))[0]
    start = 0
    for fold in ridge.folds:
        kept = np.setdiff1d(np.arange(8), fold)
        rest = np.setdiff1d(np.arange(60), fold)
        features = scaled.transform(distances)[:, kept]
        other = RidgeClassifier(alpha).fit(features[rest], labels[rest], sample_weight=counts[rest])
        assert found[start : start + len(fold)] == pytest.approx(other.decision_function(features[fold]))
        start += len(fold)


def test_weights_of_texts_count_and_zero_is_none(docs):
    X, y = docs.X_train[:60], np.array(docs.y_train[:60])
    weights = np.random.RandomState(0).randint(0, 3, 60)
    rows = np.flatnonzero(weights)
    clf = landmark_classifier().fit(X, y, sample_weight=weights)
    same = landmark_classifier().fit([X[i] for i in rows], y[rows], sample_weight=weights[rows])
    proba = clf.predict_proba(docs.X_test[:9])
    assert proba.tolist() == same.predict_proba(docs.X_test[:9]).tolist()
    assert np.exp(clf.predict_log_proba(docs.X_test[:9])).tolist() == proba.tolist()
    plain, equal = (landmark_classifier().fit(X, y, one) for one in (None, np.full(60, 3)))
    assert equal.alpha_ == 3 * plain.alpha_  # so the model is the same
    assert equal.predict_proba(docs.X_test[:9]) == pytest.approx(plain.predict_proba(docs.X_test[:9]), abs=1e-4)
    with pytest.raises(ValueError, match="y must hold one label for each text, got 2 columns"):
        landmark_classifier().fit(X, np.stack([y, y], axis=1))


def test_a_penalty_too_small_to_tell_landmarks_apart():
    ridge = HeldOutRidge(one_against_rest(np.array([0, 1, 0, 1]), 2), np.random.RandomState(0))
    ridge.add(np.array([0, 1]), np.array([[1.0, 1.0], [-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]]))
    with pytest.raises(ValueError, match=r"alpha=1e-30 is too small for the distances to 2 landmarks.*; raise alpha"):
        ridge.fit(1e-30, 2)


def test_enough_texts_are_held_out():
    for n in (2, 4, 5, 1000, 1700, 2600, 4500, 7000, 30_000):
        ridge = HeldOutRidge(one_against_rest(np.arange(n) % 2, 2), np.random.RandomState(0))
        assert len(set(ridge.held_out.tolist())) == len(ridge.held_out)
        assert max(map(len, ridge.folds)) <= max(min(n / 5 + 1, ENOUGH), 1)
        assert min(n, 0.6 * ENOUGH) <= len(ridge.held_out) <= min(n, 1.5 * ENOUGH)


def test_the_penalty_has_the_least_loss_on_texts_held_out(docs):
    X, labels = docs.X_train[:400], np.unique(docs.y_train[:400], return_inverse=True)[1]
    clf = LandmarkClassifier(150).fit(X, labels)
    losses = {
        alpha: LandmarkClassifier(150, alpha=alpha).fit(X, labels).held_out_loss_ for alpha in 400 * np.array(PENALTIES)
    }
    assert clf.alpha_ == min(losses, key=losses.get)
    assert clf.held_out_loss_ == pytest.approx(losses[clf.alpha_])
    assert len({round(loss, 3) for loss in losses.values()}) > 3


def test_the_loss_held_out_foretells_that_of_other_texts(docs):
    clf = LandmarkClassifier().fit(docs.X_train, docs.y_train)
    proba = clf.predict_proba(docs.X_test)
    found = log_loss(docs.y_test, proba, labels=clf.classes_)
    assert found == pytest.approx(clf.held_out_loss_, rel=0.25)
    assert found < 0.5 * np.log(len(clf.classes_))
    sure = proba.max(axis=1)
    right = clf.predict(docs.X_test) == np.array(docs.y_test)
    assert sure.mean() == pytest.approx(right.mean(), abs=0.06)
    assert right[sure > np.median(sure)].mean() > right[sure <= np.median(sure)].mean() + 0.1


@pytest.mark.parametrize("gain", [GAIN, 0.3, 2.0])
def test_landmarks_are_doubled_while_that_pays(docs, monkeypatch, gain):
    X, y = docs.X_train[:500], docs.y_train[:500]
    monkeypatch.setattr(gzipknn.landmark_model, "FEWEST", 25)
    monkeypatch.setattr(gzipknn.landmark_model, "MOST", 300)
    monkeypatch.setattr(gzipknn.landmark_model, "GAIN", gain)
    clf = LandmarkClassifier().fit(X, y)
    best = None
    for size in (25, 50, 100, 200, 300):
        single = LandmarkClassifier(size).fit(X, y)
        pays = best is None or single.held_out_loss_ <= (1 - gain) * best.held_out_loss_
        if best is None or single.held_out_loss_ < best.held_out_loss_:
            best = single
        if not pays:
            break
    assert clf.landmark_indices_.tolist() == best.landmark_indices_.tolist()
    assert clf.alpha_ == best.alpha_
    assert clf.predict_proba(docs.X_test) == pytest.approx(best.predict_proba(docs.X_test), abs=1e-4)
    assert len(clf.landmarks_) == {GAIN: 300, 2.0: 50}.get(gain, len(best.landmarks_))


@given(st.integers(2, 6), st.floats(0.1, 50), st.floats(-10, 10), st.integers(0, 2**32 - 1))
def test_probabilities_are_those_said_and_keep_the_order_of_scores(n_classes, slope, shift, seed):
    scores = np.random.default_rng(seed).normal(size=(5, n_classes)) / slope
    proba = np.exp(Calibration(slope, shift).log_probabilities(scores))
    plain = np.array([[1 / (1 + np.exp(-(slope * score + shift))) for score in row] for row in scores])
    assert proba == pytest.approx(plain / plain.sum(axis=1, keepdims=True))
    assert proba.argmax(axis=1).tolist() == scores.argmax(axis=1).tolist()


def test_calibration_finds_the_truth_and_has_the_least_loss():
    truth = Calibration(3.0, 1.0)
    scores = RNG.normal(size=(20_000, 4))
    proba = np.exp(truth.log_probabilities(scores))
    labels = (RNG.random((len(scores), 1)) > proba.cumsum(axis=1)).sum(axis=1)
    fitted = Calibration.fit(scores, labels)
    assert fitted.slope == pytest.approx(truth.slope, rel=0.15)
    assert fitted.shift == pytest.approx(truth.shift, abs=0.4)
    assert fitted.log_loss(scores, labels) == pytest.approx(
        log_loss(labels, np.exp(fitted.log_probabilities(scores))), rel=1e-9
    )
    for slope, shift in ((0.9, 0), (1.1, 0), (1, 0.5), (1, -0.5)):
        other = Calibration(fitted.slope * slope, fitted.shift + shift)
        assert other.log_loss(scores, labels) > fitted.log_loss(scores, labels)


def test_few_texts_all_labelled_right_make_no_certainty():
    scores = np.where(np.eye(2)[[0, 1, 0, 1]] > 0, 1.0, -1.0)
    proba = np.exp(Calibration.fit(scores, np.array([0, 1, 0, 1])).log_probabilities(scores))
    assert proba.max() == pytest.approx(5 / 6, abs=1e-3)


@pytest.mark.parametrize(("texts", "labels"), [(X[:1], Y[:1]), (X, ["pets"] * len(X)), (X[:2], ["a", "b"]), (X, Y)])
def test_few_texts_or_one_class(texts, labels):
    clf = LandmarkClassifier().fit(texts, labels)
    proba = clf.predict_proba(QUERIES)
    assert proba.shape == (len(QUERIES), len(set(labels)))
    assert proba.sum(axis=1) == pytest.approx(1)
    assert clf.predict(QUERIES).tolist() == clf.classes_[proba.argmax(axis=1)].tolist()
    assert np.isnan(clf.held_out_loss_) == (len(set(labels)) == 1)


def test_probabilities_in_cross_validation(docs):
    X, y = docs.X_train[:200], [len(text) > 200 for text in docs.X_train[:200]]
    proba = cross_val_predict(LandmarkClassifier(50), X, y, cv=2, method="predict_proba")
    assert log_loss(y, proba) < np.log(2)


def test_a_cache_changes_nothing(docs, tmp_path, monkeypatch):
    monkeypatch.setattr(gzipknn.landmark_model, "FEWEST", 50)
    X, y = docs.X_train[:150], docs.y_train[:150]
    plain = LandmarkClassifier().fit(X, y).predict_proba(docs.X_test[:9]).tolist()
    for _ in range(2):
        assert LandmarkClassifier(memory=tmp_path).fit(X, y).predict_proba(docs.X_test[:9]).tolist() == plain


def test_the_strong_classifier_weighs_landmarks_and_models_the_same(docs):
    X_train, y = docs.X_train[::12], docs.y_train[::12]
    clf = strong_classifier((2, 0), (1,)).fit(X_train, y)
    assert [name for name, _ in clf.estimators] == ["landmarks-2", "landmarks-0", "models-1"]
    weighed = [LandmarkClassifier(compressor=LZ77(order, 0.1)) for order in (2, 0)]
    parts = [*weighed, class_model_classifier(KneserNey(1))]
    shares = [part.fit(X_train, y).predict_proba(docs.X_test[:50]) for part in parts]
    assert clf.predict_proba(docs.X_test[:50]) == pytest.approx((shares[0] + shares[1]) / 4 + shares[2] / 2)


@pytest.mark.parametrize("values", [(), "23", 2])
@pytest.mark.parametrize("name", ["backgrounds", "orders"])
def test_the_strong_classifier_wants_orders(name, values):
    with pytest.raises(ValueError, match=f"{name} must be a sequence with at least one value"):
        strong_classifier(**{name: values})


def test_the_strong_classifier_is_the_mean_of_both(docs):
    X_train, y = docs.X_train[::6], docs.y_train[::6]
    clf = strong_classifier().fit(X_train, y)
    parts = (landmark_classifier(), *(class_model_classifier(KneserNey(order)) for order in (2, 4)))
    landmarks, *models = (part.fit(X_train, y).predict_proba(docs.X_test[:50]) for part in parts)
    both = [landmarks, np.mean(models, axis=0)]
    assert clf.predict_proba(docs.X_test[:50]) == pytest.approx((both[0] + both[1]) / 2)
    assert clf.predict(docs.X_test[:50]).tolist() == clf.classes_[(both[0] + both[1]).argmax(axis=1)].tolist()


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_predictions_need_a_fitted_model(method):
    with pytest.raises(NotFittedError):
        getattr(LandmarkClassifier(), method)(X)
