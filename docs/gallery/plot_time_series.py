"""
Time series: quantised to letters
=================================

A time series becomes a text when each value is rounded to one of a few letters (SAX, symbolic aggregate approximation).
Two series are then near if they share stretches of letters, wherever these stand: no alignment and no model of time.
Five sets of the UCR archive show where this helps, and where it does harm.
"""

# %%
# The sets come with the package ``sktime``, as text files with a line a series: values, a colon, the class.

from importlib.metadata import distribution

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import norm
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline

from gzipknn import NCDClassifier
from gzipknn.plotting import plot_distances

FOLDER = distribution("sktime").locate_file("sktime/datasets/data")


def load(name, split):
    """Return series, shape (n, length), and classes."""
    lines = (FOLDER / name / f"{name}_{split}.ts").read_text().splitlines()
    rows = [line.split(":") for line in lines if line.strip() and line[0] not in "#@"]
    return np.array([np.fromstring(values, sep=",") for values, _ in rows]), np.array([label for _, label in rows])


# %%
# Means of a few values each, or their differences, are brought to mean 0 and deviation 1. Then come the letters, which
# would be equally frequent if the values were normal. That makes the text, as bytes.


def standardize(X):
    """Bring each series to mean 0 and deviation 1."""
    return (X - X.mean(axis=1, keepdims=True)) / np.maximum(X.std(axis=1, keepdims=True), 1e-9)


class Letters(TransformerMixin, BaseEstimator):
    """Series to bytes of as many letters as the series has windows."""

    def __init__(self, n_letters=8, window=1, difference=False):
        self.n_letters = n_letters
        self.window = window
        self.difference = difference

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        n = X.shape[1] // self.window * self.window
        means = X[:, :n].reshape(len(X), -1, self.window).mean(axis=2)
        values = standardize(np.diff(means, axis=1) if self.difference else means)
        edges = norm.ppf(np.arange(1, self.n_letters) / self.n_letters)
        return [row.tobytes() for row in (ord("a") + np.searchsorted(edges, values)).astype(np.uint8)]


X, y = load("GunPoint", "TRAIN")
print(Letters(n_letters=4, window=2).transform(X[:1])[0].decode())

# %%
# How many letters, how wide a window, values or differences: chosen by cross-validation within the training set, for
# each set and each compressor. k is 1 throughout, as in the baseline, the nearest neighbour by Euclidean distance. The
# last column is that by dynamic time warping as the archive's authors publish it (Dau et al.: The UCR Time Series
# Archive, 2018).

grid = {"letters__n_letters": [4, 16], "letters__window": [1, 4], "letters__difference": [False, True]}
folds = StratifiedKFold(3, shuffle=True, random_state=0)
warping = {"GunPoint": 0.907, "ArrowHead": 0.703, "ItalyPowerDemand": 0.950, "ACSF1": 0.640, "OSULeaf": 0.591}

chosen = {}
print(f"{'':<17} train  test length  frequent  Euclid    gzip    lz77   DTW, published")
for name, published in warping.items():
    (X_train, y_train), (X_test, y_test) = load(name, "TRAIN"), load(name, "TEST")
    classes, counts = np.unique(y_train, return_counts=True)
    scores = [np.mean(y_test == classes[counts.argmax()])]
    euclid = KNeighborsClassifier(1).fit(standardize(X_train), y_train)
    scores.append(euclid.score(standardize(X_test), y_test))
    for compressor in ("gzip", "lz77"):
        nearest = NCDClassifier(1, compressor=compressor, separator="")
        search = GridSearchCV(Pipeline([("letters", Letters()), ("nearest", nearest)]), grid, cv=folds)
        chosen[name, compressor] = search.fit(X_train, y_train)
        scores.append(search.score(X_test, y_test))
    shape = f"{len(X_train):6} {len(X_test):5} {X_train.shape[1]:6}"
    print(f"{name:<17}{shape}  {'   '.join(f'{score:.3f}' for score in scores)}   {published:.3f}")

# %%
# What was chosen, and the accuracy that cross-validation promised. On a few dozen training series that is a poor
# estimate, too high or too low, and so the choice is not the best one for the test set.

for (name, compressor), search in chosen.items():
    settings = ", ".join(f"{key.partition('__')[2]} {value}" for key, value in search.best_params_.items())
    print(f"{name:<17} {compressor:<5} {settings:<44} {search.best_score_:.3f}")

# %%
# Compression wins where the same stretch comes at any time. ACSF1 is the power that appliances draw, long and full of
# repetition, and an outline of a leaf (OSULeaf) may begin anywhere. It loses where value and place are what matters: a
# day's 24 values (ItalyPowerDemand) hold nothing to copy, and the outlines of arrowheads are smooth, differ by
# shades, and begin at the same point.
#
# The distances of ACSF1, ten kinds of appliances with ten series each, under the settings chosen:

X_train, y_train = load("ACSF1", "TRAIN")
texts = chosen["ACSF1", "lz77"].best_estimator_["letters"].transform(X_train)
ax = plot_distances(texts, y_train, compressor="lz77", separator="")
ax.set(xlabel="class", ylabel="class")
plt.show()
