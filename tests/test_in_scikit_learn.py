"""Every estimator of the library inside scikit-learn's tools: a test for each tool, on all suitable estimators."""

import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from scipy.sparse import issparse
from sklearn.base import clone, is_classifier, is_outlier_detector, is_regressor
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gzipknn import (
    NCDClassifier,
    NCDClassifierCV,
    NCDNeighbors,
    NCDNeighborsTransformer,
    NCDOutlierDetector,
    NCDRegressor,
    NCDTransformer,
)
from gzipknn.baselines import (
    BagOfWordsClassifier,
    BM25Classifier,
    ClassCompressorClassifier,
    VectorNeighborsClassifier,
    class_model_classifier,
    linear_classifier,
)
from gzipknn.recipes import landmark_classifier, landmark_regressor, strong_classifier
from gzipknn.trusted_types import TRUSTED

ESTIMATORS = [
    NCDClassifier(3),
    NCDClassifierCV([1, 3], compressor="lz77", base_weight=None),
    NCDRegressor(3),
    NCDNeighbors(3),
    NCDNeighborsTransformer(3),
    NCDOutlierDetector(3),
    NCDTransformer(10, random_state=0),
    landmark_classifier(),
    landmark_regressor(),
    strong_classifier(),
    BagOfWordsClassifier(3),
    VectorNeighborsClassifier(TfidfVectorizer(), 3),
    BM25Classifier(3),
    ClassCompressorClassifier(),
    class_model_classifier(),
    linear_classifier(),
]
PREDICT = [one for one in ESTIMATORS if is_classifier(one) or is_regressor(one)]
TRANSFORM = [one for one in ESTIMATORS if hasattr(one, "fit_transform") and not is_classifier(one)]
SETTING = {
    "NCDClassifierCV": ("n_samples", [10, 20]),
    "LandmarkClassifier": ("n_landmarks", [5, 10]),
    "LandmarkRegressor": ("n_landmarks", [5, 10]),
    "NCDTransformer": ("landmarks", [5, 10]),
    "SoftVote": ("landmarks-blend__n_landmarks", [5, 10]),
    "ClassCompressorClassifier": ("compressor", ["gzip", "lz77"]),
    "TextPipeline": ("memory", [None]),
}
"""A parameter to search over, for each estimator without n_neighbors."""

every = pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda one: type(one).__name__)
predicts = pytest.mark.parametrize("estimator", PREDICT, ids=lambda one: type(one).__name__)
pytestmark = pytest.mark.filterwarnings("ignore:The least populated class", "ignore:n_neighbors=")


@pytest.fixture(scope="module")
def texts(docs):
    kept = [(x, y) for x, y in zip(docs.X_train, docs.y_train, strict=True) if y in ("turtle", "email")][:60]
    X, labels = zip(*kept, strict=True)
    return list(X), list(labels), docs.X_test[:6]


def targets(estimator, X, labels):
    return [float(len(text)) for text in X] if is_regressor(estimator) else labels


def answers(estimator, queries):
    use = next(name for name in ("predict", "transform", "kneighbors") if hasattr(estimator, name))
    found = getattr(estimator, use)(queries)
    return found.toarray() if issparse(found) else np.asarray(found)


def lower(texts):
    return [text.lower() for text in texts]


@every
def test_clone_pickle_and_skops(estimator, texts):
    skops = pytest.importorskip("skops.io")
    X, labels, queries = texts
    fitted = clone(estimator).fit(X, targets(estimator, X, labels))
    expected = answers(fitted, queries)
    assert (answers(clone(fitted).fit(X, targets(estimator, X, labels)), queries) == expected).all()
    assert (answers(pickle.loads(pickle.dumps(fitted)), queries) == expected).all()
    assert (answers(skops.loads(skops.dumps(fitted), trusted=list(TRUSTED)), queries) == expected).all()


@every
def test_pipeline_with_and_without_metadata_routing(estimator, texts):
    X, labels, queries = texts
    y = targets(estimator, X, labels)
    expected = answers(clone(estimator).fit(lower(X), y), lower(queries))
    for routing in (False, True):
        with sklearn.config_context(enable_metadata_routing=routing):
            pipeline = make_pipeline(FunctionTransformer(lower), clone(estimator)).fit(X, y)
            if hasattr(estimator, "kneighbors") and not hasattr(estimator, "predict"):
                continue  # a pipeline does not pass kneighbors on
            assert (answers(pipeline, queries) == expected).all()


@every
def test_grid_search(estimator, texts):
    X, labels, queries = texts
    name, values = SETTING.get(type(estimator).__name__, ("n_neighbors", [1, 3]))

    def scoring(model, X, y):
        return float(answers(model, X).size)

    score = None if is_classifier(estimator) or is_regressor(estimator) else scoring
    search = GridSearchCV(clone(estimator), {name: values}, cv=2, scoring=score, error_score="raise")
    search.fit(X, targets(estimator, X, labels))
    assert search.best_params_[name] in values
    assert (answers(search.best_estimator_, queries) == answers(search.best_estimator_, list(queries))).all()


@predicts
def test_several_scorers(estimator, texts):
    X, labels, _ = texts
    scorers = ["r2", "neg_mean_absolute_error"] if is_regressor(estimator) else ["accuracy", "f1_macro"]
    with sklearn.config_context(enable_metadata_routing=True):
        scores = cross_validate(
            clone(estimator), X, targets(estimator, X, labels), cv=2, scoring=scorers, error_score="raise"
        )
    assert all(np.isfinite(scores[f"test_{name}"]).all() for name in scorers)
    assert is_regressor(estimator) or scores["test_accuracy"].mean() > 0.6


@predicts
def test_stacking_and_voting(estimator, texts):
    X, labels, queries = texts
    y = targets(estimator, X, labels)
    several = [("one", clone(estimator)), ("other", clone(estimator))]
    if is_regressor(estimator):
        stacked, voting = StackingRegressor(several, Ridge(), cv=2), VotingRegressor(several)
    else:
        stacked, voting = StackingClassifier(several, LogisticRegression(), cv=2), VotingClassifier(several)
    assert stacked.fit(X, y).predict(queries).shape == (6,)
    expected = answers(clone(estimator).fit(X, y), queries)
    found = voting.fit(X, y).predict(queries)
    assert np.allclose(found, expected) if is_regressor(estimator) else (found == expected).all()


# linear_classifier begins with a vectorizer of scikit-learn, which takes no table of one column
@pytest.mark.parametrize(
    "estimator",
    [one for one in PREDICT if "features" not in getattr(one, "named_steps", {})],
    ids=lambda one: type(one).__name__,
)
def test_bagging(estimator, texts):
    X, labels, queries = texts
    bagging = BaggingRegressor if is_regressor(estimator) else BaggingClassifier
    model = bagging(clone(estimator), n_estimators=2, random_state=0)
    table = np.array(X, dtype=object)[:, None]
    found = model.fit(table, targets(estimator, X, labels)).predict(np.array(queries, dtype=object)[:, None])
    assert found.shape == (6,)


@pytest.mark.parametrize("column", ["text", ["text"]], ids=["name", "list"])
@pytest.mark.parametrize("estimator", TRANSFORM, ids=lambda one: type(one).__name__)
def test_column_transformer(estimator, column, texts):
    X, labels, _ = texts
    frame = pd.DataFrame({"text": X, "size": [len(text) for text in X]})
    columns = ColumnTransformer([("distances", clone(estimator), column), ("size", "passthrough", ["size"])])
    made = columns.fit_transform(frame, labels)
    alone = answers(clone(estimator).fit(X), X)
    assert made.shape == (60, alone.shape[1] + 1)
    assert np.allclose((made.toarray() if issparse(made) else made)[:, :-1], alone)
    assert columns.get_feature_names_out()[0] == f"distances__{type(estimator).__name__.lower()}0"


def test_set_output(texts):
    X, _, _ = texts
    frame = NCDTransformer(5, random_state=0).set_output(transform="pandas").fit_transform(pd.Series(X))
    assert list(frame.columns) == [f"ncdtransformer{i}" for i in range(5)]
    with pytest.raises(ValueError, match="outputs a scipy sparse matrix"):  # KNeighborsTransformer does the same
        NCDNeighborsTransformer(5).set_output(transform="pandas").fit_transform(X)


def test_all_kinds_are_here():
    assert sum(map(is_classifier, ESTIMATORS)) == 10
    assert sum(map(is_regressor, ESTIMATORS)) == 2
    assert sum(map(is_outlier_detector, ESTIMATORS)) == 1
    assert {type(one) for one in TRANSFORM} == {NCDTransformer, NCDNeighborsTransformer}
