"""Linear models on bags of words."""

from enum import StrEnum

import numpy as np
import pytest
from samples import QUERIES, X, Y
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import ShuffleSplit
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from gzipknn.baselines import class_model_classifier, linear_classifier
from gzipknn.baselines.nb_svm import LogCountRatio
from gzipknn.recipes import strong_classifier

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


def test_words_and_characters_are_those_of_scikit_learn(docs):
    training, labels, queries = docs.X_train[:50], docs.y_train[:50], docs.X_test[:50]
    words = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", ngram_range=(1, 2), sublinear_tf=True)
    characters = TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True)
    made = hstack([words.fit_transform(training), characters.fit_transform(training)])
    asked = hstack([words.transform(queries), characters.transform(queries)])
    expected = LinearSVC(random_state=0, C=3).fit(made, labels).decision_function(asked)
    clf = linear_classifier("words+characters", "svm", C=3, random_state=0).fit(training, labels)
    assert np.allclose(clf.decision_function(queries), expected)


def test_nb_svm_is_an_svm_on_counts_times_their_ratio():
    texts = ["good good film", "a good one", "bad film", "a bad, bad one", "good or bad"]
    labels = np.array(["pos", "pos", "neg", "neg", "pos"])
    clf = linear_classifier("phrases", "nb-svm", random_state=0).fit(texts, labels)
    counts = clf["features"].transform(texts).toarray()
    assert set(counts.ravel()) == {0, 1}
    assert {"good good film", "bad ,", "film"} <= set(clf["features"].get_feature_names_out())
    p, q = (1 + sum(counts[labels == label]) for label in ("pos", "neg"))
    ratio = np.log((p / np.abs(p).sum()) / (q / np.abs(q).sum()))  # the formula of the paper
    expected = LinearSVC(random_state=0).fit(counts * ratio, labels).decision_function(counts * ratio)
    assert np.allclose(clf.decision_function(texts), expected)
    assert np.allclose(LogCountRatio().fit(csr_matrix(counts), labels).ratio_, ratio)
    assert np.allclose(LogCountRatio().fit_transform(counts, labels).toarray(), counts * ratio)
    twice = LogCountRatio(alpha=0.5).fit(counts, labels).ratio_
    assert np.allclose(twice, np.log((p - 0.5) / (p - 0.5).sum()) - np.log((q - 0.5) / (q - 0.5).sum()))


def test_nb_svm_of_several_classes(docs):
    training, labels = docs.X_train[:100], docs.y_train[:100]
    clf = linear_classifier("phrases", "nb-svm", C=0.1, random_state=0).fit(training, labels)
    assert clf.score(docs.X_test, docs.y_test) > 0.2  # the largest class: 0.05
    counts = clf["features"].transform(training)
    one = Pipeline([("ratio", LogCountRatio()), ("svm", LinearSVC(C=0.1, random_state=0))])
    for i, label in enumerate(clf.classes_):
        own = one.fit(counts, np.array(labels) == label).decision_function(counts)
        assert np.allclose(clf.decision_function(training)[:, i], own)


def test_bad_input_of_the_ratio():
    with pytest.raises(ValueError, match=r"y must have two classes for LogCountRatio, got 3; .*OneVsRestClassifier"):
        LogCountRatio().fit(np.eye(3), [0, 1, 2])
    with pytest.raises(ValueError, match="Negative values in data passed to LogCountRatio"):
        LogCountRatio().fit(-np.eye(2), [0, 1])
    with pytest.raises(ValueError, match="alpha == 0, must be > 0"):
        LogCountRatio(alpha=0).fit(np.eye(2), [0, 1])


@pytest.mark.parametrize("model", ["svm", "nb-svm", "logistic"])
def test_c_is_chosen_by_texts_held_out(docs, model):
    training, labels = docs.X_train[:100], np.array(docs.y_train[:100])
    values = [1e-6, 0.01, 1.0]
    clf = linear_classifier("counts", model, C=values, random_state=0).fit(training, labels)
    counts = clf["features"].transform(training)
    rest, held_out = next(ShuffleSplit(1, test_size=0.2, random_state=0).split(training))
    scores = []
    for value in values:
        alone = linear_classifier("counts", model, C=value, random_state=0)
        scores.append(alone["model"].fit(counts[rest], labels[rest]).score(counts[held_out], labels[held_out]))
    best = values[int(np.argmax(scores))]
    assert best != values[0]
    assert list(clf["model"].best_params_.values()) == [best]
    expected = linear_classifier("counts", model, C=best, random_state=0).fit(training, labels)
    assert (clf.predict(docs.X_test) == expected.predict(docs.X_test)).all()


def test_bad_c():
    for value, error, message in (
        (0, ValueError, "C == 0, must be > 0"),
        ("1", TypeError, "C must be an instance of"),
        ([], ValueError, "C must be a number or a sequence .*, got an empty sequence"),
        ([1, -1], ValueError, "C == -1, must be > 0"),
    ):
        with pytest.raises(error, match=message):
            linear_classifier(C=value)
    with pytest.raises(
        ValueError, match=r"C is only for the models .*; set the parameters of RidgeClassifier where you make it"
    ):
        linear_classifier(model=RidgeClassifier(), C=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("words",), r"features must be one of \['tfidf', 'counts', .*\] or an estimator, got 'words'"),
        (("tfidf", "tree"), r"model must be one of \['logistic', 'svm', 'nb-svm'\] or an estimator, got 'tree'"),
        (("svm",), "features must be one of"),
        (("counts", "tfidf"), "model must be one of"),
    ],
)
def test_unknown_features_or_models(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_classifier(*arguments)


@pytest.mark.parametrize(
    "clf", [linear_classifier(), class_model_classifier(), strong_classifier()], ids=["linear", "models", "strong"]
)
def test_labels_stay_what_they_are(clf):
    class Label(StrEnum):
        PETS = "pets"
        MONEY = "money"

    X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    assert clf.fit(X, [Label.PETS, Label.PETS, Label.MONEY, Label.MONEY]).classes_.tolist() == ["money", "pets"]
    whole = clf.fit(X, np.array([1, 1, 2, 2], dtype=object))
    assert whole.classes_.tolist() == [1, 2]
    assert whole.classes_.dtype.kind == "i"
    with pytest.raises(TypeError, match="y"):
        clf.fit(X, ["a", "a", 1, 1])


@pytest.mark.parametrize(
    "clf", [linear_classifier(), class_model_classifier(), strong_classifier()], ids=["linear", "models", "strong"]
)
def test_labels_that_a_linear_model_cannot_learn(clf):
    X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    with pytest.raises(ValueError, match="X holds 0 texts"):
        clf.fit([], [])
    with pytest.raises(ValueError, match=r"y must hold labels of at least 2 classes, got one class \('a'\)"):
        clf.fit(X, ["a"] * 4)
    with pytest.raises(ValueError, match=r"got 'b\\x00', whose NUL at the end"):
        clf.fit(X, ["a", "a", "b\0", "b\0"])
