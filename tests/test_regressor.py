"""NCDRegressor against KNeighborsRegressor on the same distances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.preprocessing import StandardScaler
from strategies import texts

from gzipknn import NCDRegressor, pairwise_ncd
from gzipknn.compressors import LZ77
from gzipknn.landmark_regressor import LandmarkRegressor

X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "stocks and bonds"]
Y = [1.0, 2.0, 10.0, 20.0, 40.0]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]


def reciprocal(distances):
    return 1 / (1 + distances)


@pytest.mark.parametrize("weights", ["uniform", "distance", reciprocal])
@pytest.mark.parametrize("y", [Y, np.arange(5), np.arange(10.0).reshape(5, 2), np.arange(5.0)[:, None]], ids=str)
def test_it_predicts_what_scikit_learn_does_on_the_same_distances(weights, y):
    # scikit-learn's search does not define the order of equal distances; here the nearest distances differ
    distances = pairwise_ncd(QUERIES, X, compressor="lz77")
    assert (np.diff(np.sort(distances)[:, :4]) > 0).all()
    expected = (
        KNeighborsRegressor(3, weights=weights, metric="precomputed").fit(distances[[0] * 5], y).predict(distances)
    )
    found = NCDRegressor(3, weights=weights, compressor="lz77").fit(X, y).predict(QUERIES)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-12)


@settings(max_examples=20)
@given(data=st.lists(texts, min_size=2, max_size=6), queries=st.lists(texts.filter(len), min_size=1, max_size=3))
def test_the_mean_is_over_the_nearest(data, queries):
    y = np.arange(len(data), dtype=float) ** 2
    model = NCDRegressor(2).fit(data, y)
    expected = y[model.kneighbors(queries)[1]].mean(axis=1)
    assert np.allclose(model.predict(queries), expected)


def test_margin_counts_by_how_much_nearer_than_the_farthest():
    model = NCDRegressor(3, weights="margin").fit(X, Y)
    (nearest, middle, farthest), indices = (found[0] for found in model.kneighbors(QUERIES[:1]))
    share = (farthest - middle) / (farthest - nearest)
    expected = (Y[indices[0]] + share * Y[indices[1]]) / (1 + share)
    assert model.predict(QUERIES[:1]).tolist() == pytest.approx([expected])


def test_a_text_of_which_the_neighbours_say_nothing_gets_the_mean_of_all():
    with pytest.warns(UserWarning, match="X holds 1 empty text.*gets the mean target of all training texts"):
        assert NCDRegressor(1).fit(X, Y).predict([""]).tolist() == [np.mean(Y)]
    assert NCDRegressor(1, compressor="lz77").fit(X, Y).predict(["ZZZZ"]).tolist() == [np.mean(Y)]
    targets = np.column_stack([Y, Y])
    assert NCDRegressor(1, compressor="lz77").fit(X, targets).predict(["ZZZZ"]).tolist() == [[np.mean(Y)] * 2]


def test_score_is_the_coefficient_of_determination():
    model = NCDRegressor(1).fit(X, Y)
    assert model.score(X, Y) == 1
    assert model.score(QUERIES, [0.0, 30.0]) == pytest.approx(1 - np.sum((model.predict(QUERIES) - [0, 30]) ** 2) / 450)


def test_later_changes_of_y_do_not_change_the_model():
    y = np.array(Y)
    model = NCDRegressor(1).fit(X, y)
    y[:] = 0
    assert model.predict(QUERIES[:1]).tolist() == [1.0]


@pytest.mark.parametrize(
    ("y", "error", "message"),
    [
        (["a"] * 5, ValueError, "not compatible with arrays of bytes/strings"),
        ([1, 2, 3, 4, np.nan], ValueError, "y contains NaN"),
        ([1, 2, 3, 4, np.inf], ValueError, "y contains infinity"),
        ([1, 2, 3], ValueError, r"one target for each of the 5 texts, got 3"),
        (np.zeros((5, 2, 2)), ValueError, "dim 3"),
        (np.zeros((5, 0)), ValueError, r"0 feature\(s\)"),
        ([1j] * 5, ValueError, "Complex data not supported"),
        (None, ValueError, "y must hold a number for each text, got None"),
        (3.0, TypeError, "at least 1 dimension"),
    ],
    ids=str,
)
def test_bad_targets(y, error, message):
    with pytest.raises(error, match=message):
        NCDRegressor(1).fit(X, y)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_neighbors": 6}, "n_neighbors must be at most the number of training texts: 5, got 6"),
        ({"weights": "closest"}, "weights must be one of"),
        ({"weights": "distance", "normalize": "local"}, "weights='distance' needs distances above 0"),
        ({"compressor": LZ77(base_weight=0.1)}, "learns from the classes of the training texts"),
        ({"compressor": "rar"}, "compressor must be one of"),
    ],
    ids=str,
)
def test_bad_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        NCDRegressor(**{"n_neighbors": 1, **settings}).fit(X, Y).predict(QUERIES)


def test_blank_texts_are_said_and_have_no_label():
    with pytest.warns(UserWarning, match="is near every short query. Blank texts are kept.*drop them from X before"):
        NCDRegressor(1).fit([*X, " "], [*Y, 1.0])


def test_ridge_on_landmarks_learns_what_neighbours_do_not_tell():
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 10, (300, 3))
    data = [" ".join(["apple"] * a + ["house"] * b + ["river"] * c) for a, b, c in counts.tolist()]
    model = LandmarkRegressor(60).fit(data[:200], counts[:200].sum(axis=1))
    assert model.held_out_loss_ < 0.3
    assert model.score(data[200:], counts[200:].sum(axis=1)) > 0.7


def test_ridge_on_landmarks_is_ridge_of_scikit_learn():
    X = [f"text {n * n} and {n % 5}" for n in range(40)]
    y = np.column_stack([np.arange(40.0), np.sin(np.arange(40))])
    model = LandmarkRegressor(None, alpha=3.0).fit(X, y)
    features = StandardScaler().fit(pairwise_ncd(X, compressor="lz77", metric="nmi"))
    expected = Ridge(alpha=3.0).fit(features.transform(pairwise_ncd(X, compressor="lz77", metric="nmi")), y)
    queries = ["text 77 and 1", "nothing of that"]
    found = model.predict(queries)
    assert found.shape == (2, 2)
    measured = pairwise_ncd(queries, X, compressor="lz77", metric="nmi")
    assert np.allclose(found, expected.predict(features.transform(measured)))
    assert np.allclose(LandmarkRegressor(None, alpha=3.0).fit(X, y[:, 0]).predict(queries), found[:, 0])


def test_one_text_or_one_target_leaves_nothing_to_hold_out():
    for data, y in ((X[:1], [3.0]), (X, [3.0] * 5)):
        model = LandmarkRegressor().fit(data, y)
        assert np.isnan(model.held_out_loss_)
        assert model.predict(QUERIES) == pytest.approx([3.0, 3.0])
