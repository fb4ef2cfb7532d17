"""Linear models on bags of words."""

import numpy as np
import pytest
from samples import QUERIES, X, Y
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from gzipknn.baselines import linear_classifier

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


def test_linear_models_are_those_of_scikit_learn(docs):
    training, labels, queries = docs.X_train[:50], docs.y_train[:50], docs.X_test[:50]
    words = {"tfidf": TfidfVectorizer(), "counts": CountVectorizer()}
    models = {"logistic": LogisticRegression(max_iter=1000), "svm": LinearSVC(random_state=0)}
    for features, transformer in words.items():
        for model, classifier in models.items():
            expected = make_pipeline(transformer, classifier).fit(training, labels).decision_function(queries)
            clf = linear_classifier(features, model, random_state=0).fit(training, labels)
            assert np.allclose(clf.decision_function(queries), expected)


def test_linear_models_of_anything():
    clf = linear_classifier(CountVectorizer(analyzer="char"), RidgeClassifier(alpha=3))
    assert list(clf.named_steps) == ["features", "model"]
    expected = make_pipeline(CountVectorizer(analyzer="char"), RidgeClassifier(alpha=3)).fit(X, Y)
    assert np.allclose(clf.fit(X, Y).decision_function(QUERIES), expected.decision_function(QUERIES))
    for model in ("logistic", "svm"):
        assert linear_classifier(model=model, random_state=5).get_params()["model__random_state"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("words",), r"features must be one of \['tfidf', 'counts'\] or an estimator, got 'words'"),
        (("tfidf", "tree"), r"model must be one of \['logistic', 'svm'\] or an estimator, got 'tree'"),
        (("svm",), "features must be one of"),
        (("counts", "tfidf"), "model must be one of"),
    ],
)
def test_unknown_features_or_models(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_classifier(*arguments)
