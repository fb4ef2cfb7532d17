"""The labels that the code of 2023 counted as right, and how often neighbours tie."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import top_k_accuracy_score

from gzipknn.ties import is_among_tied, tie_rate, top2_score
from gzipknn.voting import class_votes


@st.composite
def rows(draw):
    k, n = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    label = st.sampled_from("abcd")
    neighbors = draw(st.lists(st.lists(label, min_size=k, max_size=k), min_size=n, max_size=n))
    return neighbors, draw(st.lists(st.sampled_from("abcdx"), min_size=n, max_size=n))


@given(rows())
def test_ties_are_those_of_the_plain_statement(drawn):
    neighbors, truth = drawn
    tied = [naive.tied(row, [1] * len(row)) for row in neighbors]
    right = [label in own for label, own in zip(truth, tied, strict=True)]
    assert is_among_tied(truth, neighbors).tolist() == right
    assert top2_score(truth, np.array(neighbors)) == pytest.approx(sum(right) / len(right))
    assert tie_rate(neighbors) == pytest.approx(sum(len(own) > 1 for own in tied) / len(tied))


def test_of_two_neighbours_it_is_the_top_2_accuracy():
    rng = np.random.RandomState(0)
    labels, truth = rng.randint(0, 4, (200, 2)), rng.randint(0, 4, 200)
    votes = class_votes(labels, np.ones(labels.shape), 4)
    differ = labels[:, 0] != labels[:, 1]  # otherwise any other class may be the second best
    expected = top_k_accuracy_score(truth[differ], votes[differ], k=2, labels=range(4))
    assert top2_score(truth[differ], labels[differ]) == pytest.approx(expected)
    assert tie_rate(labels) == differ.mean()


@pytest.mark.parametrize(
    ("truth", "neighbors", "message"),
    [
        (["a"], ["a"], r"shape \(n, k\).* got shape \(1,\); pass y_train\[clf.kneighbors"),
        ([], np.empty((0, 2), int), r"got shape \(0, 2\)"),
        (["a"], [["a", "b"], ["a", "b"]], "same length, got 2 texts and 1 labels"),
        ([1, 2], [["a", "b"], ["a", "b"]], r"which are str \('a'\), got int"),
        ([1, None], [[1, 2], [1, 2]], "position 1 is None"),
    ],
)
def test_refused(truth, neighbors, message):
    with pytest.raises(ValueError, match=message):
        top2_score(truth, neighbors)
