"""Corrections for hubs: as said in words, and a hub is one no more."""

import numpy as np
import pytest

from gzipknn import NCDClassifier
from gzipknn.search.hubs import draw, fit_normalizer

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("n", [2, 5, 40])
def test_corrections_are_what_they_say(n):
    sample = draw(n, 17)
    distances = RNG.random((len(sample), n))
    local, zscore = (fit_normalizer(distances, sample, name) for name in ("local", "zscore"))
    for y in range(n):
        others = [distances[row, y] for row, text in enumerate(sample) if text != y]
        assert local.shift[y] == pytest.approx(np.mean(sorted(others)[:10]))
        assert zscore.shift[y] == pytest.approx(np.mean(others))
        assert zscore.scale[y] == pytest.approx(np.std(others) or 1.0) or n < 40
    query = RNG.random((3, n))
    assert local(query) == pytest.approx(query - local.shift)
    assert zscore(query) == pytest.approx((query - zscore.shift) / zscore.scale)


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


@pytest.mark.parametrize("normalize", ["local", "zscore"])
def test_hubs_are_near_no_more(docs, normalize):
    def share_of_hubs(clf):
        indices = clf.fit(docs.X_train[:400], docs.y_train[:400]).kneighbors(docs.X_test, return_distance=False)
        return np.sort(np.bincount(indices.ravel(), minlength=400))[-20:].sum() / indices.size

    plain, corrected = (NCDClassifier(5, compressor="lz77", normalize=name) for name in (None, normalize))
    assert share_of_hubs(corrected) < share_of_hubs(plain)


@pytest.mark.parametrize("normalize", ["local", "zscore"])
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
    with pytest.raises(ValueError, match=r"normalize must be None or one of \['local', 'zscore'\], got 'hubs'"):
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
