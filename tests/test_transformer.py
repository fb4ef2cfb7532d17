import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.base import clone
from sklearn.cluster import AgglomerativeClustering
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.fixes import parse_version

from gzipknn import NCDClassifier, NCDTransformer, pairwise_ncd

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]


def test_landmarks_are_all_texts_some_or_given_ones():
    assert (NCDTransformer().fit(X).transform(QUERIES) == pairwise_ncd(QUERIES, X)).all()
    drawn = NCDTransformer(3, random_state=0).fit(X)
    assert drawn.landmarks_ == [X[i].encode() for i in drawn.landmark_indices_]
    assert (np.diff(drawn.landmark_indices_) > 0).all()
    assert (drawn.transform(QUERIES) == pairwise_ncd(QUERIES, X)[:, drawn.landmark_indices_]).all()
    given = drawn.set_params(landmarks=["cat", b"stocks"]).fit(X)
    assert given.landmark_indices_ is None
    assert (given.transform(QUERIES) == pairwise_ncd(QUERIES, ["cat", "stocks"])).all()


def test_settings_reach_the_distances():
    settings = {"compressor": "bz2", "metric": "cdm", "order": "symmetric", "separator": "--"}
    assert (NCDTransformer(**settings).fit(X).transform(QUERIES) == pairwise_ncd(QUERIES, X, **settings)).all()


def test_names_and_containers():
    transformer = NCDTransformer(landmarks=2, random_state=0).set_output(transform="pandas")
    frame = transformer.fit_transform(pd.Series(X, index=list("vwxyz")))
    assert frame.columns.tolist() == ["ncdtransformer0", "ncdtransformer1"]
    assert transformer.get_feature_names_out().tolist() == frame.columns.tolist()
    if parse_version(sklearn.__version__) >= parse_version("1.7"):  # before, this was so only for data frames
        assert frame.index.tolist() == list("vwxyz")


def test_features_for_other_models():
    models = [KNeighborsClassifier(1, metric="precomputed"), LogisticRegression(C=100)]
    for model in models:
        pipeline = make_pipeline(NCDTransformer(), model).fit(X, Y)
        assert pipeline.predict(QUERIES).tolist() == ["pets", "money"]
        assert (pickle.loads(pickle.dumps(pipeline)).predict(QUERIES) == ["pets", "money"]).all()
    matrix = NCDTransformer(order="symmetric").fit_transform(X)
    clusters = AgglomerativeClustering(2, metric="precomputed", linkage="average").fit_predict(matrix)
    assert len(set(clusters[:3])) == len(set(clusters[3:])) == 1


def test_precomputed_neighbours_are_those_of_the_classifier(docs):
    data, labels, queries = docs.X_train[:150], docs.y_train[:150], docs.X_test[:20]
    precomputed = make_pipeline(NCDTransformer(), KNeighborsClassifier(1, metric="precomputed")).fit(data, labels)
    distances, _ = precomputed[-1].kneighbors(precomputed[:-1].transform(queries))
    assert (distances == NCDClassifier(1).fit(data, labels).kneighbors(queries)[0]).all()


def test_clone_and_not_fitted():
    assert clone(NCDTransformer(3, metric="cdm")).get_params() == NCDTransformer(3, metric="cdm").get_params()
    with pytest.raises(NotFittedError):
        NCDTransformer().transform(QUERIES)


def test_a_failed_fit_changes_nothing():
    with pytest.raises(ValueError, match="compressor must be one of"):
        (fresh := NCDTransformer(compressor="rar")).fit(X)
    with pytest.raises(NotFittedError):
        fresh.transform(QUERIES)
    fitted = NCDTransformer().fit(X)
    with pytest.raises(ValueError, match="order must be one of"):
        fitted.set_params(landmarks=2, order="both").fit(X)
    assert len(fitted.landmarks_) == fitted.transform(QUERIES).shape[1] == 5


@pytest.mark.parametrize(
    ("landmarks", "error", "message"),
    [
        (6, ValueError, r"landmarks must be from 1 to the number of texts, 5, got 6"),
        (0, ValueError, "got 0"),
        (True, ValueError, "got True"),
        (2.5, TypeError, "landmarks must be a sequence of texts"),
        ("cat", TypeError, "landmarks must be a sequence of texts.*got a single str"),
        ([None], TypeError, "landmarks must hold texts.*position 0"),
        ([], ValueError, "landmarks holds 0 texts"),
    ],
)
def test_bad_landmarks(landmarks, error, message):
    with pytest.raises(error, match=message):
        NCDTransformer(landmarks).fit(X)
