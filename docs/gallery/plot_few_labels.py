"""
Few labels: let them spread
===========================

Texts are many, labels are few. :class:`gzipknn.NCDNeighborsTransformer` makes a graph of all texts, and scikit-learn's
``LabelSpreading`` lets the few labels spread along its edges. This page asks whether that is better than to classify by
the few labelled texts alone.
"""

# %%
# The docstrings of the standard library again, of 20 modules. Of each module only some docstrings have a label; those
# of all others are to be predicted.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.neighbors import KNeighborsTransformer
from sklearn.semi_supervised import LabelSpreading

from gzipknn import NCDClassifier, NCDNeighborsTransformer
from gzipknn.baselines import linear_classifier
from gzipknn.datasets import load_stdlib_docs

docs = load_stdlib_docs()
X, y = np.array(docs.X_train, dtype=object), np.unique(docs.y_train, return_inverse=True)[1]
random = np.random.default_rng(0)
rank = np.empty(len(y), dtype=int)  # of each text among those of its module, in random order
for label in np.unique(y):
    rank[y == label] = random.permutation(np.sum(y == label))

# %%
# The graphs: 10 neighbours of each text, by lz77, and by tf-idf of words and the cosine. ``LabelSpreading`` wants
# similarities, here 1 for each edge in either direction. It takes them as a kernel; as there are no features, it is
# given the positions of the texts.

by_lz77 = NCDNeighborsTransformer(10, mode="connectivity", compressor="lz77", metric="nmi", normalize="half-local")
vectors = TfidfVectorizer(sublinear_tf=True).fit_transform(X)
graphs = {
    "lz77": by_lz77.fit_transform(X),
    "tf-idf": KNeighborsTransformer(mode="connectivity", n_neighbors=10, metric="cosine").fit_transform(vectors),
}
positions = np.arange(len(X))[:, None]


def spread(graph, labels):
    """Return the labels of all texts, given those that are not -1."""
    edges = graph.maximum(graph.T).toarray()
    np.fill_diagonal(edges, 0)
    kernel = lambda some, others: edges[np.ix_(some.ravel(), others.ravel())]  # noqa: E731
    return LabelSpreading(kernel=kernel, alpha=0.8, max_iter=200).fit(positions, labels).transduction_


# %%
# Beside them, what the labelled texts alone tell: k-NN by lz77, and a linear SVM on tf-idf. k is 1 and the settings are
# the defaults, as there are too few labels to choose by.

sizes = (1, 2, 5, 10, 20)
accuracies = {}
for size in sizes:
    known = rank < size
    labels = np.where(known, y, -1)
    predicted = {f"{name}, spread": spread(graph, labels)[~known] for name, graph in graphs.items()}
    nearest = NCDClassifier(1, compressor="lz77", metric="nmi").fit(X[known], y[known])
    predicted["lz77, nearest"] = nearest.predict(X[~known])
    predicted["tf-idf, SVM"] = linear_classifier("tfidf", "svm").fit(X[known], y[known]).predict(X[~known])
    for name, found in predicted.items():
        accuracies.setdefault(name, []).append(np.mean(found == y[~known]))

print(f"{'labels a module':<16}" + "".join(f"{size:>7}" for size in sizes))
for name, values in accuracies.items():
    print(f"{name:<16}" + "".join(f"{value:7.3f}" for value in values))

# %%
# With one to ten labels a module, labels that spread are far better than the labelled texts alone, whichever graph they
# spread on: a docstring that is near no labelled one is near another that is. With 20 labels a module, a linear SVM on
# tf-idf needs no graph any more.

_, ax = plt.subplots(layout="constrained")
for name, values in accuracies.items():
    ax.plot(sizes, values, "--" if name.startswith("tf-idf") else "-", marker="o", label=name)
ax.set(xlabel="labels a module", ylabel="accuracy on all other texts", xscale="log")
ax.set_xticks(sizes, sizes)
ax.minorticks_off()
ax.legend()
plt.show()
