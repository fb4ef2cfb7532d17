"""The lengths of texts in the models of the classes, as features."""

import numpy as np
import pytest
from sklearn.base import clone

from gzipknn.baselines import ClassCompressorClassifier, ClassLengths, KneserNey, class_model_classifier

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


@pytest.mark.slow
def test_class_lengths_as_features(docs):
    X, y = docs.X_train, docs.y_train
    assert len(X) >= 50 * len(set(y))
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
    assert stacked.score(docs.X_test, docs.y_test) > 0.6  # the largest class: 0.05
    assert stacked.predict_proba(docs.X_test).shape == (len(docs.X_test), len(clf.classes_))
    assert ClassLengths().fit_transform(["a", "b"], [0, 0]).tolist() == [[0], [0]]
    with pytest.raises(TypeError, match="model must be a KneserNey or None, got str"):
        ClassLengths("kneser-ney").fit(X, y)


@pytest.mark.parametrize(("few", "many"), [(1, 1), (5, 5), (15, 15), (9, 50), (1, 40)])
def test_classes_of_few_texts(docs, few, many):
    """A text that is left out looks unlike its own class if the class is small. The regression must not learn that."""
    y = np.array(docs.y_train)
    small = np.unique(y)[::2]
    rows = np.concatenate([np.flatnonzero(y == label)[: few if label in small else many] for label in np.unique(y)])
    X = [docs.X_train[i] for i in rows]
    features = ClassLengths()
    assert features.fit_transform(X, y[rows]) == pytest.approx(features.transform(X))
    accuracy = class_model_classifier().fit(X, y[rows]).score(docs.X_test, docs.y_test)
    plain = ClassCompressorClassifier("kneser-ney").fit(X, y[rows]).score(docs.X_test, docs.y_test)
    assert accuracy > 0.8 * plain
