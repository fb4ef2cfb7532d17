"""NCDClassifier inside scikit-learn's own estimators."""

import pickle

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import VotingClassifier
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from test_classifier import QUERIES, X, Y

from gzipknn import NCDClassifier
from gzipknn.compressors import Gzip

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


def test_pipeline_and_cross_validation(docs):
    pipeline = make_pipeline(FunctionTransformer(lambda texts: [text.lower() for text in texts]), NCDClassifier(1))
    data, labels = docs.X_train[:240], docs.y_train[:240]
    scores = cross_val_score(pipeline, data, labels, cv=2)
    assert scores.mean() > 0.2  # the largest class: 0.1


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.slow
def test_grid_search_on_the_demo_corpus_and_its_best_model_pickles(docs):
    data, labels = docs.X_train[:150], docs.y_train[:150]
    grid = {"n_neighbors": [1, 5], "compressor": ["gzip", "bz2", Gzip(6)]}
    search = GridSearchCV(NCDClassifier(), grid, cv=2, n_jobs=2).fit(data, labels)
    assert set(search.best_params_) == set(grid)
    best = pickle.loads(pickle.dumps(search.best_estimator_))
    assert (best.predict(docs.X_test[:5]) == search.predict(docs.X_test[:5])).all()


def test_calibration(docs):
    pairs = [(x, y) for x, y in zip(docs.X_train, docs.y_train, strict=True) if y in ("turtle", "email")][:80]
    data, labels = zip(*pairs, strict=True)
    calibrated = CalibratedClassifierCV(NCDClassifier(5), cv=2).fit(list(data), labels)
    proba = calibrated.predict_proba(docs.X_test[:4])
    assert np.allclose(proba.sum(axis=1), 1)
    assert calibrated.n_features_in_ == 1


def test_other_meta_estimators():
    voting = VotingClassifier(
        [("gzip", NCDClassifier(1)), ("zlib", NCDClassifier(1, compressor="zlib"))], voting="soft"
    )
    assert voting.fit(X, Y).predict(QUERIES[:2]).tolist() == ["pets", "money"]
    assert OneVsRestClassifier(NCDClassifier(1)).fit(X, Y).predict(QUERIES[:2]).tolist() == ["pets", "money"]
