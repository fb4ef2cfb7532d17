"""
Docstrings: what was copied from where
======================================

Which module of the standard library does a docstring belong to? The corpus comes with Python. This page compares gzip
with ``"lz77"``, and looks at what a decision rests on.
"""

# %%
# About 2,500 docstrings of 20 modules, 200 of them held out. Both classifiers are fitted once; every number of
# neighbours is then served by one search.

from collections import Counter

import matplotlib.pyplot as plt
import numpy as np

from gzipknn import NCDClassifier
from gzipknn.baselines import linear_classifier
from gzipknn.datasets import load_stdlib_docs
from gzipknn.plotting import plot_accuracy_by_k, plot_distances

docs = load_stdlib_docs()
gzip = NCDClassifier(1).fit(docs.X_train, docs.y_train)
lz77 = NCDClassifier(31, compressor="lz77", metric="nmi", normalize="half-local", weights="margin")
lz77.fit(docs.X_train, docs.y_train)

_, ax = plt.subplots(layout="constrained")
plot_accuracy_by_k(gzip, docs.X_test, docs.y_test, ax=ax, label="gzip")
plot_accuracy_by_k(lz77, docs.X_test, docs.y_test, ax=ax, label="lz77, margin")
ax.legend()
plt.show()

# %%
# gzip has no weights here: each neighbour counts 1, and far neighbours outvote near ones. With ``weights="margin"`` a
# neighbour counts by how much nearer it is than the farthest one, so a large k does no harm. (With k=1 the margin of
# the only neighbour is 0, and it decides all the same.)
#
# Beside them the most frequent module, and a linear SVM on tf-idf of words:

svm = linear_classifier("tfidf", "svm").fit(docs.X_train, docs.y_train)
frequent = Counter(docs.y_train).most_common(1)[0][0]
predicted = lz77.predict(docs.X_test)
print(f"{len(docs.X_train)} training texts, {len(docs.X_test)} test texts, {len(docs.target_names)} modules")
print(f"most frequent  {np.mean(np.array(docs.y_test) == frequent):.3f}")
print(f"gzip, k=1      {gzip.score(docs.X_test, docs.y_test):.3f}")
print(f"lz77, k=31     {np.mean(predicted == docs.y_test):.3f}")
print(f"tf-idf, SVM    {svm.score(docs.X_test, docs.y_test):.3f}")

# %%
# Why?
# ----
#
# ``explain`` shows the nearest training texts and marks the phrases that the compressor copied from one text to the
# other. ``print`` shows the same in a terminal, with what each copy saved, in bits.

query = next(text for text, label in zip(docs.X_test, docs.y_test, strict=True) if label == "turtle")
lz77.explain(query, n_neighbors=2)

# %%
# What it gets wrong
# ------------------
#
# The pairs of modules taken for one another most often, and one such text with the neighbours that misled it:

wrong = Counter((truth, guess) for truth, guess in zip(docs.y_test, predicted, strict=True) if truth != guess)
for (truth, guess), count in wrong.most_common(6):
    print(f"{truth:>16} taken for {guess:<16} {count}")

confused = wrong.most_common(1)[0][0]
pairs = zip(docs.X_test, docs.y_test, predicted, strict=True)
text = next(text for text, truth, guess in pairs if (truth, guess) == confused)
print(f"\nThis one is of {confused[0]}.", lz77.explain(text, n_neighbors=2), sep="\n")

# %%
# Distances between training texts of some modules, ordered by module: a dark block on the diagonal is a module whose
# docstrings have phrases in common, as those of turtle have. Elsewhere there are single dark points: a text has a few
# near ones in its module, which is enough for neighbours. A dark column is a text near everything, a hub, which
# ``normalize="half-local"`` corrects.

shown = ["email", "http", "multiprocessing", "tarfile", "turtle", "unittest"]
labels = np.array(docs.y_train)
some = [i for module in shown for i in np.flatnonzero(labels == module)[:20]]
plot_distances([docs.X_train[i] for i in some], labels[some], compressor="lz77", metric="nmi")
plt.show()
