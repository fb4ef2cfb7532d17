import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzipknn import pairwise_ncd
from gzipknn.metrics import METRICS, cdm, clm, get_metric, ncd, nmi

lengths = st.lists(st.integers(1, 10**6), min_size=1, max_size=8)


@pytest.mark.parametrize("name", METRICS)
@given(c_x=lengths, c_y=lengths, data=st.data())
def test_equal_the_formulas(name, c_x, c_y, data):
    c_xy = [[data.draw(st.integers(1, 10**6)) for _ in c_y] for _ in c_x]
    expected = [
        [naive.distance(name, x, y, xy) for y, xy in zip(c_y, row, strict=True)]
        for x, row in zip(c_x, c_xy, strict=True)
    ]
    assert METRICS[name](np.array(c_x)[:, None], np.array(c_y), np.array(c_xy)).tolist() == expected


def test_two_texts_that_compress_to_nothing_say_the_same():
    zero, joint = np.zeros(1, dtype=np.int64), np.array([0])
    assert ncd(zero, zero, joint) == [0.0]
    assert cdm(zero, zero, joint) == [0.5]
    assert clm(zero, zero, joint) == [0.0]
    assert nmi(zero, zero, joint) == [0.0]


def test_an_empty_text_shares_nothing_with_others():
    zero, some = np.zeros(1), np.array([8.0])
    assert [metric(zero, some, some).item() for metric in (ncd, cdm, clm, nmi)] == [1.0] * 4


def test_texts_without_length_that_have_some_together_share_nothing():
    # an entropy does not grow with more of one letter, but grows with another letter
    zero, joint = np.zeros(1), np.array([8.0])
    assert [metric(zero, zero, joint).item() for metric in (ncd, cdm, nmi)] == [1.0] * 3
    assert (pairwise_ncd(["aaaa"], ["bbbb"], compressor="huffman") == 1.0).all()
    assert (pairwise_ncd(["aaaa"], ["aaaa"], compressor="huffman", separator="") == 0.0).all()


def test_unknown_metric_lists_the_choices():
    with pytest.raises(
        ValueError, match=r"metric must be one of \['cdm', 'clm', 'ncd', 'nmi'\] or a call.*got 'cosine'"
    ):
        get_metric("cosine")
    assert get_metric(max) is max
