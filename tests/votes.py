"""Votes of scikit-learn on the distances of a fitted classifier, with which tests compare."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from gzipknn import pairwise_ncd


def as_scikit_learn(clf, y, counted, queries):
    """Let scikit-learn vote on the distances of a fitted classifier, in which no two are equal."""
    training = list(clf.training_.texts)
    unequal = np.arange(len(training)) * 1e-10
    among, to = (pairwise_ncd(some, training) + unequal for some in (training, queries))
    indices = clf.kneighbors(queries, return_distance=False)
    other = KNeighborsClassifier(clf.n_neighbors, metric="precomputed", weights=lambda _: counted[indices])
    assert other.fit(among, y).kneighbors(to, return_distance=False).tolist() == indices.tolist()
    return other.predict(to), other.predict_proba(to), other


def as_lists(proba):
    return [one.tolist() for one in proba] if isinstance(proba, list) else proba.tolist()
