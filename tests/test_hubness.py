"""Corrections for hubs equal their definitions, and remove a hub."""

import statistics

import numpy as np
import pytest

from gzipknn import NCDClassifier
from gzipknn.search.hubs import NORMALIZATIONS, draw, fit_normalizer

RNG = np.random.default_rng(0)


def correction(distances, normalize):
    """Return the shift and the scale of a training text, from its distances to a sample that does not contain it."""
    if not distances:
        return 0.0, 1.0
    if normalize == "zscore":
        return statistics.fmean(distances), statistics.pstdev(distances)
    mean = statistics.fmean(sorted(distances)[:10])
    return (mean / 2 if normalize == "half-local" else mean), 1.0


@pytest.mark.parametrize("n", [2, 5, 40])
def test_corrections_are_what_they_say(n):
    sample = draw(n, 17)
    distances = RNG.random((len(sample), n))
    query = RNG.random((3, n))
    for name in NORMALIZATIONS:
        fitted = fit_normalizer(distances, sample, name)
        assert fitted.kind == name
        for y in range(n):
            others = [distances[row, y] for row, text in enumerate(sample) if text != y]
            shift, scale = correction(others, name)
            assert fitted.shift[y] == pytest.approx(shift)
            assert fitted.scale[y] == pytest.approx(scale) or (name == "zscore" and n < 40)  # two numbers have no scale
        assert fitted(query) == pytest.approx((query - fitted.shift) / fitted.scale)
        assert fitted(query[:, :2], np.array([1, 0])) == pytest.approx(
            (query[:, :2] - fitted.shift[[1, 0]]) / fitted.scale[[1, 0]]
        )


def test_half_the_correction_ranks_as_similarity_local_scaling():
    """Eq. (2) of Conneau et al. 2018 with similarities 1 - distance and both local means."""
    n, sample = 40, draw(40, 17)
    distances, query = RNG.random((len(sample), n)), RNG.random((1, n))
    half = fit_normalizer(distances, sample, "half-local")
    of_query = np.mean(np.sort(1 - query[0])[::-1][:10])
    scaled = []
    for y in range(n):
        similarities = sorted((1 - distances[row, y] for row, text in enumerate(sample) if text != y), reverse=True)
        scaled.append(2 * (1 - query[0, y]) - of_query - np.mean(similarities[:10]))
    assert np.argsort(half(query)[0]).tolist() == np.argsort(np.negative(scaled)).tolist()


def test_a_sample_is_drawn_at_random_but_always_the_same():
    assert draw(3, 300).tolist() == [0, 1, 2]
    assert draw(1, 300).tolist() == [0]
    some = draw(1999, 1000)
    assert len(set(some.tolist())) == 1000
    assert some.tolist() == sorted(some.tolist()) == draw(1999, 1000).tolist()
    assert 0.4 < np.mean(some % 2) < 0.6  # whatever the order of the labels


def test_a_scale_is_no_rounding_error():
    distances = np.tile([0.1, 0.5, 0.5, 0.5], (20, 1))
    distances[:, 1:] += RNG.normal(size=(20, 3)) * 0.01
    scale = fit_normalizer(distances, np.arange(4, 24), "zscore").scale
    assert scale[0] == pytest.approx(np.median(scale) / 10, rel=0.5)
    assert (fit_normalizer(np.full((20, 4), 0.1), np.arange(4, 24), "zscore").scale == 1.0).all()


@pytest.mark.parametrize("normalize", NORMALIZATIONS)
def test_hubs_are_near_no_more(docs, normalize):
    def share_of_hubs(clf):
        indices = clf.fit(docs.X_train[:400], docs.y_train[:400]).kneighbors(docs.X_test, return_distance=False)
        return np.sort(np.bincount(indices.ravel(), minlength=400))[-20:].sum() / indices.size

    plain, corrected = (NCDClassifier(5, normalize=name) for name in (None, normalize))
    assert share_of_hubs(corrected) < share_of_hubs(plain)


@pytest.mark.parametrize("normalize", NORMALIZATIONS)
@pytest.mark.parametrize("n", [1, 2])
def test_few_texts(normalize, n):
    texts = ["aa", "bb"][:n]
    distances, indices = NCDClassifier(n, normalize=normalize).fit(texts, texts).kneighbors(texts)
    assert np.isfinite(distances).all()
    assert np.sort(indices, axis=1).tolist() == [list(range(n))] * n


def test_the_normalized_distances_are_those_returned(docs):
    X, y = docs.X_train[:50], docs.y_train[:50]
    clf = NCDClassifier(3, normalize="local").fit(X, y)
    distances, indices = clf.kneighbors(docs.X_test[:4])
    plain = NCDClassifier(50).fit(X, y).kneighbors(docs.X_test[:4])
    by_text = np.take_along_axis(plain[0], np.argsort(plain[1], axis=1), axis=1) - clf.training_.normalizer.shift
    assert distances == pytest.approx(np.sort(by_text, axis=1)[:, :3])
    assert distances == pytest.approx(np.take_along_axis(by_text, indices, axis=1))


def test_what_cannot_be_normalized():
    texts = ["a", "b", "c"]
    with pytest.raises(ValueError, match=r"must be None or one of \['half-local', 'local', 'zscore'\], got 'hubs'"):
        NCDClassifier(1, normalize="hubs").fit(texts, texts)
    with pytest.raises(ValueError, match="weights='distance' needs distances above 0"):
        NCDClassifier(1, normalize="local", weights="distance").fit(texts, texts)
    clf = NCDClassifier(1, normalize="local").fit(texts, texts).set_params(weights="distance")
    with pytest.raises(ValueError, match="weights='distance' needs distances above 0"):
        clf.predict(texts)

    def infinite(c_x, c_y, c_xy):
        return c_xy + np.inf

    with pytest.raises(ValueError, match="normalize='zscore' needs finite distances"):
        NCDClassifier(1, normalize="zscore", metric=infinite).fit(texts, texts)
