import matplotlib
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from gzipknn import NCDClassifier, pairwise_ncd
from gzipknn.plotting import plot_accuracy_against_time, plot_accuracy_by_k, plot_dendrogram, plot_distances

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    matplotlib.pyplot.close("all")


def test_distances_stand_by_class(docs):
    X, y = docs.X_train[:40], docs.y_train[:40]
    ax = plot_distances(X, y, compressor="lz77")
    order = np.argsort(y, kind="stable")
    drawn = np.asarray(ax.images[0].get_array())
    assert drawn == pytest.approx(pairwise_ncd(X, compressor="lz77")[np.ix_(order, order)])
    assert [label.get_text() for label in ax.get_yticklabels()] == sorted(set(y))


def test_the_nearest_join_first():
    texts = ["the cat sat on the mat", "the cat sat on a mat", "stocks fell again today", "stocks rose again today"]
    ax = plot_dendrogram(texts, "ABCD")
    leaves = [label.get_text() for label in ax.get_yticklabels()]
    assert {frozenset(leaves[:2]), frozenset(leaves[2:])} == {frozenset("AB"), frozenset("CD")}
    with pytest.raises(ValueError, match="got 1 names for 2 texts"):
        plot_dendrogram(texts[:2], "A")


def test_accuracies_by_k_are_those_of_score(docs):
    clf = NCDClassifier(1, tie_break="lowest", weights="margin").fit(docs.X_train[:200], docs.y_train[:200])
    ax = plot_accuracy_by_k(clf, docs.X_test, docs.y_test, (5, 1, 1000), label="gzip")
    (line,) = ax.lines
    assert line.get_xdata().tolist() == [1, 5]
    expected = [clf.set_params(n_neighbors=k).score(docs.X_test, docs.y_test) for k in (1, 5)]
    assert line.get_ydata().tolist() == expected


@pytest.mark.parametrize(
    ("y", "ks", "message"),
    [
        (["money"], (1,), "X and y must have the same length, got 2 texts and 1 labels"),
        (["money", "pets"], (4, 5), r"ks must be from 1 to the number of training texts, 3, got \(4, 5\)"),
        (["money", "pets"], (0, 1), r"got \(0, 1\)"),
    ],
)
def test_accuracies_by_k_of_other_arguments(y, ks, message):
    clf = NCDClassifier(1).fit(["the cat", "a cat", "stocks rose"], ["pets", "pets", "money"])
    with pytest.raises(ValueError, match=message):
        plot_accuracy_by_k(clf, ["stocks", "cat"], y, ks)
    with pytest.raises(NotFittedError):
        plot_accuracy_by_k(NCDClassifier(1), ["stocks", "cat"], ["money", "pets"])


def test_names_are_no_formulas():
    names, texts = ["$x^$ and $_{$", "y"], ["the cat sat", "a dog"]
    drawn = [plot_dendrogram(texts, names), plot_distances(texts, names)]
    drawn.append(plot_accuracy_against_time({name: (1.0, np.array([True])) for name in names}))
    for ax in drawn:
        ax.figure.canvas.draw()


def test_accuracy_against_time():
    ax = plot_accuracy_against_time({"gzip": (10.0, np.array([True, False])), "lz77": (1.0, np.array([True, True]))})
    assert [text.get_text() for text in ax.texts] == ["gzip", "lz77"]
    assert plot_accuracy_against_time({}, ax=ax) is ax
