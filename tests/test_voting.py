import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzipknn import voting
from gzipknn.voting import TIE_BREAKS, class_votes, neighbor_weights, tied_classes, vote

N_CLASSES = 4


@st.composite
def neighborhoods(draw):
    k = draw(st.integers(1, 7))
    n = draw(st.integers(1, 5))
    labels = draw(st.lists(st.lists(st.integers(0, N_CLASSES - 1), min_size=k, max_size=k), min_size=n, max_size=n))
    distance = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
    distances = draw(st.lists(st.lists(distance, min_size=k, max_size=k).map(sorted), min_size=n, max_size=n))
    return np.array(labels), np.array(distances)


@pytest.mark.parametrize("weights", ["uniform", "distance", lambda distances: 2.0 - distances])
@pytest.mark.parametrize("tie_break", ["nearest", "lowest", "shrink"])
@given(neighborhoods())
def test_vote_equals_the_plain_statement(tie_break, weights, neighborhood):
    labels, distances = neighborhood
    w = neighbor_weights(distances, weights)
    expected = [naive.vote(row.tolist(), wrow.tolist(), tie_break) for row, wrow in zip(labels, w, strict=True)]
    assert vote(labels, w, tie_break).tolist() == expected
    # the same with so many classes that a column for each would not fit into memory, and in blocks of a few rows
    far_apart = np.array([5, 10**9, 10**12, 10**15])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "BLOCK", 3)
        assert vote(far_apart[labels], w, tie_break).tolist() == far_apart[expected].tolist()


@given(neighborhoods(), st.integers(0, 1000))
def test_random_picks_one_of_the_tied_and_is_seeded(neighborhood, seed):
    labels, distances = neighborhood
    w = np.ones_like(distances)
    winners = vote(labels, w, "random", seed)
    assert tied_classes(labels, w, N_CLASSES)[np.arange(len(labels)), winners].all()
    assert (winners == vote(labels, w, "random", seed)).all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "BLOCK", 3)
        assert (winners == vote(labels, w, "random", seed)).all()


def test_random_is_fair():
    labels = np.tile([[3, 0, 1]], (3000, 1))
    counts = np.bincount(vote(labels, np.ones((3000, 3)), "random", 0), minlength=N_CLASSES)
    assert counts[2] == 0
    assert (np.abs(counts[[0, 1, 3]] - 1000) < 150).all()


def test_a_class_without_neighbours_never_wins():
    labels = np.array([[3, 2]])
    for tie_break in TIE_BREAKS:
        assert vote(labels, np.array([[0.0, 0.0]]), tie_break, 0).item() in (2, 3)


@given(neighborhoods())
def test_tied_classes_and_votes_equal_the_plain_statement(neighborhood):
    labels, distances = neighborhood
    w = neighbor_weights(distances, "distance")
    for row, wrow, tied, votes in zip(
        labels.tolist(), w.tolist(), tied_classes(labels, w, N_CLASSES), class_votes(labels, w, N_CLASSES), strict=True
    ):
        assert np.flatnonzero(tied).tolist() == naive.tied(row, wrow)
        assert votes.tolist() == [naive.votes(row, wrow)[label] for label in range(N_CLASSES)]


def test_distance_weights_where_a_neighbour_coincides():
    assert neighbor_weights(np.array([[-0.1, 0.0, 0.5], [0.5, 1.0, 2.0]]), "distance").tolist() == [
        [1.0, 1.0, 0.0],
        [2.0, 1.0, 0.5],
    ]
    far = neighbor_weights(np.array([[np.inf, np.inf], [1.0, np.inf], [1e-320, 1.0]]), "distance")
    assert far.tolist() == [[1.0, 1.0], [1.0, 0.0], [1.0, 0.0]]


def test_margins():
    distances = np.array([[0.5, 0.6, 0.75, 1.0], [0.9, 0.9, 0.9, 0.9], [-2.0, -1.5, -1.0, 0.0]])
    expected = [[1.0, 0.8, 0.5, 0.0], [1.0] * 4, [1.0, 0.75, 0.5, 0.0]]
    assert neighbor_weights(distances, "margin") == pytest.approx(np.array(expected))
    # at any scale
    assert neighbor_weights(distances * 7 - 3, "margin") == pytest.approx(np.array(expected))
    assert neighbor_weights(np.array([[0.3], [np.inf]]), "margin").tolist() == [[1.0], [1.0]]
    far = neighbor_weights(np.array([[0.5, 0.7, np.inf], [np.inf] * 3]), "margin")
    assert far.tolist() == [[1.0, 1.0, 0.0], [1.0] * 3]
    assert neighbor_weights(np.array([[-np.inf, 0.0, 1.0]]), "margin").tolist() == [[1.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ("cosine", r"weights must be one of \['uniform', 'distance', 'margin'\] or a callable, got 'cosine'"),
        (lambda d: d[0], r"weights must return an array of shape \(1, 2\), got shape \(2,\)"),
        (lambda d: -d, "finite, 0 or more"),
        (lambda d: d * 0, "finite number above 0"),
        (lambda d: d / 0, "finite"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        neighbor_weights(np.array([[0.5, 1.0]]), weights)


def test_unknown_tie_break_lists_the_choices():
    with pytest.raises(ValueError, match=r"tie_break must be one of \['nearest', .*got 'first'"):
        vote(np.array([[0]]), np.ones((1, 1)), "first")
