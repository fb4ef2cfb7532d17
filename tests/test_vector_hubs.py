"""Votes and corrections for hubs of k-NN on vectors equal a dense computation, for every kind of vectors."""

import numpy as np
import pytest
from samples import QUERIES, X, Y
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline

from gzipknn.baselines import BagOfWordsClassifier, BM25Classifier, VectorNeighborsClassifier
from gzipknn.search.hubs import N_SAMPLE, NORMALIZATIONS, draw, fit_normalizer
from gzipknn.search.neighbors import k_smallest
from gzipknn.voting import neighbor_weights, vote

CLASSIFIERS = {
    "cosine": BagOfWordsClassifier(),
    "set": BagOfWordsClassifier(distance="set"),
    "bag": BagOfWordsClassifier(distance="bag"),
    "tfidf": VectorNeighborsClassifier(TfidfVectorizer()),
    "dense": VectorNeighborsClassifier(make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0))),
    "bm25": BM25Classifier(),
    "bm25 classes": BM25Classifier(term_weights="information"),
}


@pytest.fixture(params=CLASSIFIERS)
def clf(request):
    return clone(CLASSIFIERS[request.param])


def matrix(clf, texts=None):
    """Return all distances in the order of the training texts. A training text has an infinite distance to itself."""
    n = clf.n_samples_fit_
    distances, indices = clf.kneighbors(texts, n - (texts is None))
    full = np.full((len(distances), n), np.inf)
    np.put_along_axis(full, indices, distances, axis=1)
    return full


@pytest.mark.parametrize("normalize", NORMALIZATIONS)
def test_corrections_and_votes_are_those_of_a_dense_computation(docs, clf, normalize):
    training, labels, queries = docs.X_train[:360], docs.y_train[:360], docs.X_test[:40]
    plain = clone(clf).fit(training, labels)
    sample = draw(len(training), N_SAMPLE)
    assert len(sample) < len(training)
    among = matrix(plain)[sample]
    among[np.isinf(among)] = 0.0  # the distance to itself, which is left out anyway
    corrected = fit_normalizer(among, sample, normalize)(matrix(plain, queries))
    distances, indices = k_smallest(corrected, 15)
    clf.set_params(normalize=normalize, n_neighbors=15).fit(training, labels)
    found = clf.kneighbors(queries)
    assert np.allclose(found[0], distances, rtol=0, atol=1e-12)
    assert (found[1] == indices).mean() > 0.99  # apart from ties that come from rounding
    for weights in ("uniform", "margin"):
        winners = vote(clf._y[found[1]], neighbor_weights(found[0], weights))
        assert (clf.set_params(weights=weights).predict(queries) == clf.classes_[winners]).all()


@pytest.mark.filterwarnings("ignore:X holds 1 empty text", "ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("normalize", NORMALIZATIONS)
def test_a_few_texts(clf, normalize):
    clf.set_params(normalize=normalize, n_neighbors=1).fit(X, Y)
    assert clf.predict(QUERIES[:2]).tolist() == ["pets", "money"]
    assert np.isfinite(clf.kneighbors(None, 4)[0]).all()
    assert clone(clf).fit(X[3:4], Y[3:4]).predict(QUERIES).tolist() == ["money"] * 4


def test_corrected_distances_are_no_weights(clf):
    message = "weights='distance' needs distances above 0, which normalize='local' does not give"
    with pytest.raises(ValueError, match=message):
        clone(clf).set_params(normalize="local", weights="distance").fit(X, Y)
    clf.set_params(normalize="local", n_neighbors=1).fit(X, Y)
    with pytest.raises(ValueError, match=message):
        clf.set_params(weights="distance").predict(QUERIES)
    # the correction from fit is used
    assert len(clf.set_params(normalize=None, weights="margin").predict(QUERIES[:2])) == 2
    with pytest.raises(ValueError, match=r"normalize must be None or one of .*got 'hubs'"):
        clf.set_params(normalize="hubs").fit(X, Y)
