"""Texts in one column, as scikit-learn's own estimators pass them, and the column names of tables."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from samples import QUERIES, X, Y
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import AdaBoostClassifier, BaggingClassifier, StackingClassifier
from sklearn.linear_model import RidgeClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import SelfTrainingClassifier

from gzipknn import NCDClassifier, NCDClassifierCV, NCDTransformer
from gzipknn.baselines import BagOfWordsClassifier, ClassCompressorClassifier
from gzipknn.landmarks import LandmarkClassifier
from gzipknn.recipes import strong_classifier

ESTIMATORS = [
    NCDClassifier(1),
    NCDClassifierCV([1], compressor="gzip"),
    LandmarkClassifier(),
    BagOfWordsClassifier(1),
    ClassCompressorClassifier(),
    strong_classifier(),
]
TABLES = [pd.DataFrame, pl.DataFrame, pa.table]


def objects(texts):
    return np.array(texts, dtype=object)[:, np.newaxis]


def strings(texts):
    return np.array(texts, dtype=np.dtypes.StringDType())[:, np.newaxis]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
@pytest.mark.parametrize("column", [objects, strings, *(lambda texts, f=f: f({"text": texts}) for f in TABLES)])
def test_a_column_is_its_texts(estimator, column):
    queries = QUERIES[:3]
    expected = estimator.fit(X, Y).predict(queries).tolist()
    assert estimator.fit(column(X), Y).predict(column(queries)).tolist() == expected
    assert estimator.score(column(X), Y) == 1.0


@pytest.mark.parametrize("estimator", [*ESTIMATORS[:4], NCDTransformer()], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("table", TABLES)
def test_names_of_columns_are_kept_and_compared(estimator, table):
    estimator.fit(table({"text": X}), Y)
    assert estimator.feature_names_in_.tolist() == ["text"]
    assert estimator.n_features_in_ == 1
    ask = estimator.transform if hasattr(estimator, "transform") else estimator.predict
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ask(table({"text": X}))
    with pytest.raises(ValueError, match="feature names should match those that were passed"):
        ask(table({"other": X}))
    with pytest.warns(UserWarning, match="X does not have valid feature names, but .* was fitted with feature names"):
        assert ask(X).tolist() == found.tolist()
    assert not hasattr(estimator.fit(X, Y), "feature_names_in_")
    assert not hasattr(estimator.fit(pd.DataFrame({0: X}), Y), "feature_names_in_")


def test_names_when_texts_are_added_and_asked_for():
    clf = NCDClassifier(1, screen=2).partial_fit(pd.DataFrame({"text": X}), Y)
    with pytest.raises(ValueError, match="feature names should match"):
        clf.partial_fit(pd.DataFrame({"label": X}), Y)
    assert clf.n_samples_fit_ == 5
    for ask in (clf.kneighbors, clf.predict_proba, clf.explain_each, clf.screening_report):
        with pytest.raises(ValueError, match="feature names should match"):
            ask(pd.DataFrame({"label": X}))
    best = NCDClassifierCV([1], compressor="gzip").fit(pd.DataFrame({"text": X}), Y).best_estimator_
    assert best.feature_names_in_.tolist() == ["text"]


def test_a_fit_that_fails_leaves_no_names():
    clf = NCDClassifier(1)
    with pytest.raises(ValueError, match="same length"):
        clf.fit(pd.DataFrame({"text": X}), Y[:2])
    assert not vars(clf).keys() & {"feature_names_in_", "n_features_in_"}


@pytest.mark.parametrize("table", TABLES[:2])
def test_columns_of_a_larger_table(table):
    data = table({"text": X, "n": range(5), "title": ["a mat", "mats", "cats", "money", "stocks"]})
    columns = ColumnTransformer([("text", NCDTransformer(), ["text"]), ("title", NCDTransformer(), "title")])
    found = columns.fit_transform(data)
    expected = [NCDTransformer().fit_transform(list(data[name])) for name in ("text", "title")]
    assert found.tolist() == np.hstack(expected).tolist()
    assert make_pipeline(columns, RidgeClassifier(0.01)).fit(data, Y).predict(data).tolist() == Y


@pytest.mark.parametrize(
    "estimator",
    [
        BaggingClassifier(NCDClassifier(1), 5, random_state=0),
        AdaBoostClassifier(NCDClassifier(3), n_estimators=3, random_state=0),
        StackingClassifier([("gzip", NCDClassifier(1)), ("lz77", NCDClassifier(1, compressor="lz77"))], cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_estimators_that_take_columns(estimator):
    estimator.fit(objects(X * 4), Y * 4)
    assert estimator.predict(objects(X)).tolist() == Y


def test_weights_of_bootstrap_samples_are_counts():
    # scikit-learn 1.6's BaggingClassifier passes this instead of repeated texts
    counts = np.array([0, 2, 0, 1, 2])
    clf = NCDClassifier(1).fit(objects(X), Y, sample_weight=counts)
    repeated = NCDClassifier(1).fit(objects(X).repeat(counts, axis=0), np.repeat(Y, counts))
    assert clf.predict(objects(QUERIES[:3])).tolist() == repeated.predict(objects(QUERIES[:3])).tolist()


def test_several_targets_and_texts_without_labels():
    y = np.array([[0, 1], [0, 0], [0, 1], [1, 1], [1, 0]])
    found = MultiOutputClassifier(NCDClassifier(1)).fit(objects(X), y)
    assert found.predict(objects(X)).tolist() == y.tolist() == NCDClassifier(1).fit(X, y).predict(X).tolist()
    # it would turn objects into numbers
    self_trained = SelfTrainingClassifier(NCDClassifier(1)).fit(strings(X), [0, -1, -1, 1, -1])
    assert self_trained.predict(strings(X)).tolist() == [0, 0, 0, 1, 1]
