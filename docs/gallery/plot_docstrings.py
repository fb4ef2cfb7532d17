"""
Docstrings: what was copied from where
======================================

Which module of the standard library does a docstring belong to? The texts come with Python. This page compares gzip
with ``"lz77"``, and shows which texts and phrases a prediction rests on.
"""

# %%
# There are about 2,500 docstrings of 20 modules, and 200 of them are held out. Both classifiers are fitted once. One
# search then gives the accuracy for every number of neighbours.

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
ax.set_xticks([1, 5, 9, 15, 31])
ax.legend()
plt.show()

# %%
# For gzip, each neighbour has one vote here, so many far neighbours outvote a few near ones. With ``weights="margin"``
# the vote of a neighbour is how much nearer it is than the farthest one, so a large k does no harm. (With k=1 the
# margin of the only neighbour is 0. It decides nevertheless.)
#
# For comparison, here are the most frequent module and a linear SVM on tf-idf of words:

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
# These pairs of modules are confused most often. Below them is one such text, with the neighbours that misled the
# classifier:

wrong = Counter((truth, guess) for truth, guess in zip(docs.y_test, predicted, strict=True) if truth != guess)
for (truth, guess), count in wrong.most_common(6):
    print(f"{truth:>16} was taken for {guess:<16} {count} times")

confused = wrong.most_common(1)[0][0]
pairs = zip(docs.X_test, docs.y_test, predicted, strict=True)
text = next(text for text, truth, guess in pairs if (truth, guess) == confused)
print(f"\nThis text is from {confused[0]}.", lz77.explain(text, n_neighbors=2), sep="\n")

# %%
# The last chart shows the distances between training texts of some modules, ordered by module. A dark block on the
# diagonal is a module whose docstrings have phrases in common, such as turtle. In other modules there are only single
# dark points: each text has a few near ones, and that is enough for a vote. A dark column is a hub, a text that is near
# everything. ``normalize="half-local"`` corrects for hubs.

shown = ["email", "http", "multiprocessing", "tarfile", "turtle", "unittest"]
labels = np.array(docs.y_train)
some = [i for module in shown for i in np.flatnonzero(labels == module)[:20]]
_, ax = plt.subplots(figsize=(5, 4.6), layout="constrained")
plot_distances([docs.X_train[i] for i in some], labels[some], compressor="lz77", metric="nmi", ax=ax)
plt.show()
