"""Lengths in the models of classes as features."""

import numpy as np
import pytest
from sklearn.base import clone

from gzipknn.baselines import ClassCompressorClassifier, ClassLengths, KneserNey, class_model_classifier

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


def test_class_lengths_as_features(docs):
    X, y = docs.X_train[:200], docs.y_train[:200]
    features = ClassLengths(KneserNey(2))
    trained = features.fit_transform(X, y)
    clf = ClassCompressorClassifier(KneserNey(2)).fit(X, y)
    few = np.array([y.count(label) < 10 for label in y])
    assert 0 < few.sum() < len(X)
    own = np.where(few[:, None], clf.class_lengths(X), clf.leave_one_out_lengths(X, y))
    for found, bits, data in (
        (trained, own, X),
        (features.transform(docs.X_test), clf.class_lengths(docs.X_test), docs.X_test),
    ):
        rates = bits / [[len(text.encode())] for text in data]
        assert found == pytest.approx((rates - rates.mean(axis=1, keepdims=True)) / features.scale_)
    assert trained.std() == pytest.approx(1)
    assert (features.transform([""]) == 0).all()
    assert (clone(features).fit(X, y).transform(docs.X_test) == features.transform(docs.X_test)).all()
    assert len(features.get_feature_names_out()) == len(clf.classes_)
    stacked = class_model_classifier(KneserNey(2)).fit(X, y)
    assert stacked.score(docs.X_test, docs.y_test) > 0.4  # the largest class: 0.05
    assert stacked.predict_proba(docs.X_test).shape == (len(docs.X_test), len(clf.classes_))
    assert ClassLengths().fit_transform(["a", "b"], [0, 0]).tolist() == [[0], [0]]
    with pytest.raises(TypeError, match="model must be a KneserNey or None, got str"):
        ClassLengths("kneser-ney").fit(X, y)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_few_texts_per_class_tell_the_class(docs, n):
    """A text that is left out of a small class looks unlike this class. The logistic regression must not learn that."""
    y = np.array(docs.y_train)
    rows = np.concatenate([np.flatnonzero(y == label)[:n] for label in np.unique(y)])
    clf = class_model_classifier().fit([docs.X_train[i] for i in rows], y[rows])
    plain = ClassCompressorClassifier("kneser-ney").fit([docs.X_train[i] for i in rows], y[rows])
    assert clf.score(docs.X_test, docs.y_test) > 0.8 * plain.score(docs.X_test, docs.y_test)
