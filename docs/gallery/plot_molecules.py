"""
Molecules: a number for each text
=================================

How oily is a molecule? The octanol-water partition coefficient, log P, tells into which of two liquids it rather goes.
It has been measured for thousands of molecules. A molecule is written as a line of text (SMILES), and
:class:`gzipknn.NCDRegressor` predicts the number from the molecules with which that line compresses best.
"""

# %%
# The numbers come with the package ``chemicals``, and so do the lines of text. Both are listed by the number under
# which a substance is registered. Of those that are in both lists, 3,000 are drawn for training, and each 800 to choose
# the settings by and to test with.

import csv
import gzip
from importlib.metadata import distribution

import matplotlib.pyplot as plt
import numpy as np
from sklearn.dummy import DummyRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import RidgeCV
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline

from gzipknn import NCDRegressor
from gzipknn.recipes import landmark_regressor

folder = distribution("chemicals").locate_file("chemicals")
with gzip.open(folder / "Environment" / "Syrres logP data.csv.gz", "rt", encoding="utf-8") as file:
    measured = {row["CAS"]: float(row["logP"]) for row in csv.DictReader(file, delimiter="\t")}
smiles = {}
for size in ("small", "large"):
    with open(folder / "Identifiers" / f"chemical identifiers pubchem {size}.tsv", encoding="utf-8") as file:
        columns = (line.split("\t", 5) for line in file)
        smiles |= {row[1]: row[4] for row in columns if row[1] in measured}
numbers = sorted(smiles)
drawn = np.random.default_rng(0).permutation(len(numbers))[:4600]
X, y = [smiles[numbers[i]] for i in drawn], np.array([measured[numbers[i]] for i in drawn])
train, validation, test = ((X[part], y[part]) for part in (slice(0, 3000), slice(3000, 3800), slice(3800, 4600)))
print(f"{len(numbers)} molecules, log P from {y.min()} to {y.max()}; {test[0][0]} has {test[1][0]}")

# %%
# Each model has some settings to choose from, and gets those with the least mean absolute error on the validation
# molecules. The baselines: the mean of all, and k-NN and ridge regression on tf-idf of one to six letters.


def letters():
    return TfidfVectorizer(analyzer="char", ngram_range=(1, 6), lowercase=False, sublinear_tf=True)


weightings = ("uniform", "margin")
models = {
    "mean": [DummyRegressor()],
    "tf-idf, k-NN": [make_pipeline(letters(), KNeighborsRegressor(k, metric="cosine")) for k in (1, 3, 5, 9, 15)],
    "tf-idf, ridge": [make_pipeline(letters(), RidgeCV(np.logspace(-3, 1, 5)))],
    "gzip, k-NN": [NCDRegressor(k, weights=weights) for k in (1, 3, 5, 9, 15) for weights in weightings],
    "lz77, k-NN": [
        NCDRegressor(k, weights=weights, compressor="lz77", metric="nmi")
        for k in (1, 3, 5, 9, 15, 31)
        for weights in weightings
    ],
    "lz77, landmarks": [landmark_regressor()],
}

# %%
# k and the weights may be changed after ``fit``, so k-NN is fitted once, and the neighbours of the validation molecules
# are searched again for each setting.


def error(model):
    return mean_absolute_error(validation[1], model.predict(validation[0]))


print(f"{'':<16} error  R²     settings")
predicted = {}
for name, candidates in models.items():
    best = min(candidates, key=lambda model: error(model.fit(*train)))
    predicted[name] = best.predict(test[0])
    settings = f"k={best.n_neighbors}, {best.weights}" if isinstance(best, NCDRegressor) else ""
    scores = mean_absolute_error(test[1], predicted[name]), r2_score(test[1], predicted[name])
    print(f"{name:<16} {scores[0]:.2f}   {scores[1]:.2f}   {settings}")

# %%
# Among neighbours, those by lz77 are the nearest in log P, by a little. Ridge regression is far better than any k-NN,
# on distances to landmarks as on counts of letters: log P is nearly a sum of what the parts of a molecule add, and a
# mean of neighbours cannot add.

figure, axes = plt.subplots(1, 2, figsize=(8, 4), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes, ("lz77, k-NN", "lz77, landmarks"), strict=True):
    ax.plot(test[1], predicted[name], ".", alpha=0.4)
    ax.axline((0, 0), slope=1, color="gray", linewidth=1)
    ax.set(title=name, xlabel="log P, measured", aspect="equal")
axes[0].set_ylabel("predicted")
plt.show()
