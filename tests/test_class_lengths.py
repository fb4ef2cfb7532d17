"""Lengths in the models of classes as features."""

import pytest
from sklearn.base import clone

from gzipknn.baselines import ClassCompressorClassifier, ClassLengths, KneserNey, class_model_classifier

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


def test_class_lengths_as_features(docs):
    X, y = docs.X_train[:200], docs.y_train[:200]
    features = ClassLengths(KneserNey(2))
    trained = features.fit_transform(X, y)
    clf = ClassCompressorClassifier(KneserNey(2)).fit(X, y)
    for found, bits, data in (
        (trained, clf.leave_one_out_lengths(X, y), X),
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
