"""Arguments that the kernel refuses. It never reads or writes outside the arrays that it is given."""

import numpy as np
import pytest
from test_kernel import _native, index, needs_native

BUFFER = np.frombuffer(b"abcdef", dtype=np.uint8)
OFFSETS = np.array([0, 3, 6])


@needs_native
@pytest.mark.parametrize(
    ("buffer", "offsets", "separator", "level", "error"),
    [
        (BUFFER, np.array([0, 3, 7]), b" ", 9, ValueError),
        (BUFFER, np.array([-1, 3, 6]), b" ", 9, ValueError),
        (BUFFER, np.array([0, 4, 3]), b" ", 9, ValueError),
        (BUFFER, np.array([0, 2**62, 6]), b" ", 9, ValueError),
        (BUFFER, np.array([], dtype=np.int64), b" ", 9, ValueError),
        (BUFFER, OFFSETS.astype(np.int32), b" ", 9, TypeError),
        (BUFFER, OFFSETS.astype(np.float64), b" ", 9, TypeError),
        (BUFFER, OFFSETS[None], b" ", 9, ValueError),
        (BUFFER, np.array([0, 9, 3, 9, 6])[::2], b" ", 9, ValueError),
        (BUFFER.astype(np.int64), OFFSETS, b" ", 9, TypeError),
        (BUFFER[::2], np.array([0, 3]), b" ", 9, ValueError),
        ("abcdef", OFFSETS, b" ", 9, TypeError),
        (None, OFFSETS, b" ", 9, TypeError),
        (BUFFER, [0, 3, 6], b" ", 9, TypeError),
        (BUFFER, OFFSETS, " ", 9, TypeError),
        (BUFFER, OFFSETS, b" ", 3, ValueError),
        (BUFFER, OFFSETS, b" ", 10, ValueError),
        (BUFFER, OFFSETS, b" ", "9", TypeError),
    ],
)
def test_a_corrupted_corpus_raises(buffer, offsets, separator, level, error):
    with pytest.raises(error, match=r"got|required|must|integer"):
        _native.Index(buffer, offsets, separator, level)


@needs_native
@pytest.mark.parametrize(
    ("query", "out", "error"),
    [
        (b"q", np.empty(1, dtype=np.int64), ValueError),
        (b"q", np.empty(3, dtype=np.int64), ValueError),
        (b"q", np.empty(2, dtype=np.float64), TypeError),
        (b"q", np.empty(4, dtype=np.int64)[::2], ValueError),
        (b"q", b"0123456789abcdef", TypeError),
        ("q", np.empty(2, dtype=np.int64), TypeError),
        (None, np.empty(2, dtype=np.int64), TypeError),
    ],
)
def test_a_mismatched_result_raises(query, out, error):
    with pytest.raises(error):
        index([b"abc", b"def"]).joint_lengths(query, out)


def shifted(array):
    """The same items at addresses that are one byte off their alignment."""
    room = np.zeros(array.nbytes + 16, dtype=np.uint8)
    start = -room.ctypes.data % 8 + 1
    room[start : start + array.nbytes] = array.view(np.uint8)
    return room[start : start + array.nbytes].view(array.dtype)


@needs_native
def test_arrays_that_are_not_aligned_are_refused():
    made, ints = index([b"abc", b"def"]), np.zeros(2, dtype=np.int64)
    offsets, bits, bytes_ = np.array([0, 1, 2]), np.full(2, 9, dtype=np.uint16), np.zeros(2, dtype=np.uint8)
    lz77 = _native.Lz77Index(bytes_, offsets, bits, 9)
    screen = _native.Screen(bytes_, offsets, np.array([1], dtype=np.uint8), None, ints.copy())
    counts = _native.ClassCounts(2, True)
    calls = [
        (_native.Index, [bytes_, offsets, b" ", 9]),
        (_native.lengths, [bytes_, offsets, 9, ints]),
        (_native.tokens, [b"ab", 9, bits, bits.copy(), bits.copy()]),
        (made.joint_lengths, [b"a", ints, offsets[:2]]),
        (made.nearest, [b"a", 3, ints, 2, 0, 0, np.empty(2), ints.copy(), offsets[:2]]),
        (_native.own_bits, [bytes_, offsets, bits, 9, bits.copy()]),
        (_native.key_sizes, [bytes_, offsets, bits, 9, bytes_.copy()]),
        (_native.pair_savings, [bytes_, offsets, bits, bytes_, 9, b"a", offsets[:2], ints]),
        (_native.Lz77Index, [bytes_, offsets, bits, 9]),
        (lz77.savings, [b"a", ints]),
        (lz77.nearest, [b"a", 3.0, np.ones(2), 0, np.zeros(2), np.ones(2), np.inf, 2, np.empty(2), ints.copy()]),
        (screen.shared, [b"a", np.empty(2, dtype=np.uint32)]),
        (_native.Screen, [bytes_, offsets, np.array([1], dtype=np.uint8), None, ints]),
        (counts.add, [bytes_, offsets, ints * 0, 2**40]),
        (counts.lengths, [bytes_, offsets, ints * 0, 3, 0.3, np.empty(6)]),
        (counts.remove, [bytes_, offsets, ints * 0]),
    ]
    refused = 0
    for function, arguments in calls:
        function(*arguments)
        for i, argument in enumerate(arguments):
            if isinstance(argument, np.ndarray) and argument.itemsize > 1:
                with pytest.raises(ValueError, match=rf"must be aligned to {argument.itemsize} bytes, .* copy it"):
                    function(*arguments[:i], shifted(argument), *arguments[i + 1 :])
                refused += 1
    assert refused == 39


@needs_native
def test_more_than_an_index_holds_is_refused_before_it_is_read():
    try:  # nobody writes to these pages, so they take no memory
        buffer, bits = np.zeros(2**32, dtype=np.uint8), np.zeros(2**32, dtype=np.uint16)
    except MemoryError:
        pytest.skip("not enough addresses")
    offsets = np.arange(9) * 2**29
    with pytest.raises(ValueError, match="less than 4 GiB, got 4294967296 bytes; index them in parts"):
        _native.Lz77Index(buffer, offsets, bits, 9)
    ngrams, totals = np.array([4, 6], dtype=np.uint8), np.zeros(8, dtype=np.int64)
    with pytest.raises(ValueError, match="8 texts of 4294967296 bytes together and 2 sizes of strings; index them in"):
        _native.Screen(buffer, offsets, ngrams, None, totals)
    long = np.array([0, 5, 2**30 + 6])
    for call in (
        lambda: _native.lengths(buffer, long, 9, totals[:2]),
        lambda: _native.Index(buffer, long, b" ", 9),
        lambda: _native.own_bits(buffer, long, bits, 9, bits),
        lambda: _native.Screen(buffer, long, ngrams, None, totals[:2]),
    ):
        with pytest.raises(ValueError, match="at most 1073741824 bytes, got 1073741825 at position 1; cut it"):
            call()
    with pytest.raises(ValueError, match="query must have at most 1073741824 bytes, got 4294967296; cut it"):
        index([b"abc"]).joint_lengths(buffer, totals[:1])


@needs_native
def test_nearest_checks_its_arguments():
    made = index([b"abc", b"def"])

    def nearest(k=1, c_y=(21, 21), metric=0, c_x=21, n=1, overhead=18):
        c_y = np.array(c_y, dtype=np.int64)
        made.nearest(b"q", c_x, c_y, k, metric, overhead, np.empty(n), np.empty(n, dtype=np.int64))

    nearest()
    nearest(overhead=2**52, c_x=2**52)
    for name in ("overhead", "c_x"):
        for value in (-1, 2**52 + 1, 2**63 - 1):
            with pytest.raises(ValueError, match=rf"c_x and overhead must be 0 to 2\*\*52, got .*{value}"):
                nearest(**{name: value})
        with pytest.raises(OverflowError):
            nearest(**{name: 2**63})
    chosen, lengths, found = np.array([1, 0, 1]), np.full(2, 21), (np.full(3, np.inf), np.full(3, 2**63 - 1))
    made.nearest(b"q", 21, lengths, 3, 0, 18, *found, chosen, 2**52)
    assert sorted(found[1] - 2**52) == [0, 1, 1]
    for first in (-1, 2**52 + 1):
        with pytest.raises(ValueError, match=rf"first must be 0 to 2\*\*52, got {first}"):
            made.nearest(b"q", 21, lengths, 3, 0, 18, *found, chosen, first)
    with pytest.raises(IndexError, match="indices must be below 2, got 2"):
        made.nearest(b"q", 21, lengths, 3, 0, 18, *found, chosen + 1, 0)
    for bad in ({"k": 0, "n": 0}, {"k": 3, "n": 3}, {"k": -1}, {"n": 2}, {"c_y": (21,)}, {"metric": 3}, {"metric": -1}):
        with pytest.raises(ValueError, match="got"):
            nearest(**bad)
