"""A model after adding and dropping texts equals a model that was fitted to the remaining texts."""

import numpy as np
import pytest

from gzipknn import NCDClassifier
from gzipknn.plotting import plot_accuracy_by_k

LEARNS_NOTHING = [
    {"compressor": "gzip"},
    {"compressor": "bz2", "order": "symmetric"},
    {"compressor": "zlib", "metric": "cdm"},
    {"compressor": "zlib", "screen": 1.0},
]
ALL = [*LEARNS_NOTHING, {"compressor": "lz77"}, {"compressor": "lz77", "screen": 0.3, "normalize": "zscore"}]


def neighbors(clf, queries):
    return [part.tolist() for part in clf.kneighbors(queries)]


@pytest.mark.parametrize("settings", LEARNS_NOTHING, ids=str)
def test_adding_is_fitting_on_all(docs, settings):
    X, y, queries = docs.X_train[:60], docs.y_train[:60], docs.X_test[:10]
    whole = NCDClassifier(5, **settings).fit(X, y)
    grown = NCDClassifier(5, **settings).partial_fit(X[:20], y[:20]).partial_fit(X[20:50], y[20:50])
    first = grown.training_.parts[0]
    grown.partial_fit(X[50:], y[50:])
    assert grown.training_.parts[0] is first  # the texts are not indexed again
    assert neighbors(grown, queries) == neighbors(whole, queries)
    assert grown.predict(queries).tolist() == whole.predict(queries).tolist()
    assert grown.classes_.tolist() == whole.classes_.tolist()
    assert grown.n_samples_fit_ == 60
    assert grown.kneighbors()[1].tolist() == whole.kneighbors()[1].tolist()


@pytest.mark.parametrize("settings", ALL, ids=str)
def test_dropping_what_was_added_leaves_what_was_there(docs, settings):
    X, y, queries = docs.X_train[:80], docs.y_train[:80], docs.X_test[:10]
    clf = NCDClassifier(3, **settings).fit(X[:60], y[:60])
    before = neighbors(clf, queries)
    clf.partial_fit(X[60:], y[60:])
    assert (clf.kneighbors(X[70:73], 1)[1][:, 0] == [70, 71, 72]).all()
    clf.set_params(n_neighbors=3).forget(range(60, 80))
    assert neighbors(clf, queries) == before
    assert len(clf.training_.parts) == 1


@pytest.mark.parametrize("settings", LEARNS_NOTHING, ids=str)
def test_forgetting_is_never_having_known(docs, settings):
    X, y, queries = docs.X_train[:60], docs.y_train[:60], docs.X_test[:10]
    dropped = [3, 17, 17, 59, 0]
    clf = NCDClassifier(5, **settings).fit(X, y).forget(dropped)
    kept = np.setdiff1d(np.arange(60), dropped)
    expected = NCDClassifier(5, **settings).fit([X[i] for i in kept], [y[i] for i in kept])
    assert neighbors(clf, queries) == neighbors(expected, queries)
    assert clf.predict(queries).tolist() == expected.predict(queries).tolist()
    assert clf.n_samples_fit_ == 56
    assert neighbors(clf.forget([]), queries) == neighbors(expected, queries)


@pytest.mark.parametrize("normalize", ["half-local", "local", "zscore"])
def test_lz77_lengths_of_the_others_stay(docs, normalize):
    X, y = docs.X_train[:80], docs.y_train[:80]
    clf = NCDClassifier(3, compressor="lz77", normalize=normalize).fit(X, y)
    lengths, shift = clf.training_.lengths.copy(), clf.training_.normalizer.shift.copy()
    clf.partial_fit(docs.X_train[80:90], docs.y_train[80:90])
    assert clf.training_.lengths[:80].tolist() == lengths.tolist()
    assert clf.training_.normalizer.shift[:80].tolist() == shift.tolist()
    clf.forget([5])
    assert clf.training_.lengths[:79].tolist() == np.delete(lengths, 5).tolist()
    assert len(clf.training_.normalizer.scale) == 89


@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
def test_a_screen_of_few_texts_grows_up(docs, compressor):
    clf = NCDClassifier(3, compressor=compressor, screen=60).partial_fit(docs.X_train[:1], docs.y_train[:1])
    for start in range(1, 401, 100):
        clf.partial_fit(docs.X_train[start : start + 100], docs.y_train[start : start + 100])
    assert clf.screening_report(docs.X_test[:40])["recall"]["value"] > 0.9


def test_auto_keeps_as_many_of_fewer_texts(docs):
    clf = NCDClassifier(3, screen="auto").fit(docs.X_train[:600], docs.y_train[:600])
    kept = clf.training_.screen.n_candidates(600, 3)
    clf.forget(range(200, 600))
    assert clf.training_.screen.n_candidates(200, 3) == min(200, kept)


@pytest.mark.parametrize(("fitted", "later"), [(30, None), (30, 200), ("auto", 5), (None, 5)])
def test_the_screen_that_was_fitted_is_kept(docs, fitted, later, tmp_path):
    settings = {"screen": fitted, "memory": tmp_path}
    expected, changed = (NCDClassifier(3, **settings).fit(docs.X_train[:100], docs.y_train[:100]) for _ in "ab")
    changed.set_params(screen=later)
    for clf in (expected, changed):
        clf.partial_fit(docs.X_train[100:250], docs.y_train[100:250])  # screened again, as there are more texts
    screens = [clf.training_.screen for clf in (expected, changed)]
    if fitted is None:
        assert screens == [None, None]
    else:
        assert screens[0].wanted == screens[1].wanted
        assert screens[1].n_fitted == 250
    assert neighbors(changed, docs.X_test[:20]) == neighbors(expected, docs.X_test[:20])


@pytest.mark.parametrize("screen", [None, 2])
def test_weights_are_checked_against_the_correction_that_was_fitted(screen):
    texts, labels = ["cats and mats", "a cat", "stocks", "bonds and stocks"], [0, 0, 1, 1]
    clf = NCDClassifier(2, normalize="local", screen=screen).fit(texts, labels)
    clf.set_params(normalize=None, weights="distance")
    calls = [clf.predict, clf.predict_proba, lambda X: clf.explain(X[0]), lambda X: clf.partial_fit(X, labels)]
    for call in [*calls, *([clf.screening_report] if screen else []), lambda X: plot_accuracy_by_k(clf, X, labels)]:
        with pytest.raises(ValueError, match=r"weights='distance' needs distances above 0, .*normalize='local'"):
            call(texts)
    assert clf.n_samples_fit_ == 4
    # a correction may be set for the next fit
    clf = NCDClassifier(2, weights="distance").fit(texts, labels).set_params(normalize="local")
    assert clf.predict(texts).tolist() == labels
    with pytest.raises(ValueError, match="weights='distance' needs distances above 0"):
        clf.fit(texts, labels)


def test_distances_below_0_that_no_correction_made_are_the_nearest():
    clf = NCDClassifier(3, weights="distance", metric=lambda c_x, c_y, c_xy: (c_xy - c_x) * 1.0 - 5)
    clf.fit(["stocks fell", "a cat sat on the mat", "stocks rose again today and fell"], [0, 1, 1])
    distances, _ = clf.kneighbors(["stocks fell"])
    assert (distances <= 0).tolist() == [[True, False, False]]
    assert clf.predict_proba(["stocks fell"]).tolist() == [[1.0, 0.0]]


def test_settings_of_fit_stay_until_the_next_fit():
    texts, labels = ["cats and mats", "a cat", "stocks", "bonds and stocks"], [0, 0, 1, 1]
    clf = NCDClassifier(2).fit(texts, labels)
    expected = neighbors(clf, texts)
    clf.set_params(compressor="lz77", metric="nmi", order="symmetric", separator="--", normalize="zscore", screen=1)
    assert neighbors(clf, texts) == expected
    grown = clf.partial_fit(["rain and sun"], [0])
    whole = NCDClassifier(2).fit([*texts, "rain and sun"], [*labels, 0])
    assert neighbors(grown, texts) == neighbors(whole, texts)
    # with "lz77" all texts would vote on a text that shares nothing; with gzip they do not
    nearest = clf.kneighbors(["ZZZZ"], 1, return_distance=False).item()
    assert clf.set_params(n_neighbors=1).predict(["ZZZZ"]).tolist() == [[*labels, 0][nearest]]


def test_the_correction_that_was_fitted_is_kept(docs):
    clf = NCDClassifier(3, normalize="zscore").fit(docs.X_train[:60], docs.y_train[:60])
    clf.set_params(normalize=None).partial_fit(["\u03a9" * 24], ["alien"])
    normalizer = clf.training_.normalizer
    assert normalizer.kind == "zscore"
    assert 0 < normalizer.scale[60] < 10 * np.median(normalizer.scale)


def test_new_classes_and_empty_ones():
    clf = NCDClassifier(1).fit(["cats and mats", "stocks and bonds"], ["pets", "money"])
    clf.partial_fit(["rain and sun"], ["weather"])
    assert clf.classes_.tolist() == ["money", "pets", "weather"]
    assert clf.predict(["a cat", "the sun", "a stock"]).tolist() == ["pets", "weather", "money"]
    clf.forget([0])
    assert clf.classes_.tolist() == ["money", "pets", "weather"]
    assert clf.predict_proba(["a cat"]).shape == (1, 3)


def test_bad_growth():
    clf = NCDClassifier(1).fit(["a", "b"], [0, 1])
    for bad, error, message in [
        ([0, 1], ValueError, "leave at least one"),
        ([2], IndexError, "from 0 to 1"),
        ([-1], IndexError, "from 0 to 1"),
        ([0.5], TypeError, "list of int"),
        ([[0]], TypeError, "list of int"),
        (["a"], TypeError, "list of int"),
    ]:
        with pytest.raises(error, match=message):
            clf.forget(bad)
    with pytest.raises(ValueError, match="labels of the same kind as before"):
        clf.partial_fit(["c"], ["x"])
    with pytest.raises(ValueError, match="labels of the same kind as before"):
        clf.partial_fit(["c"], [1.0])
    with pytest.raises(ValueError, match="same length"):
        clf.partial_fit(["c"], [1, 2])
    assert clf.n_samples_fit_ == 2
    assert clf.predict(["a"]).tolist() == [0]
