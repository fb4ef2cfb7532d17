"""The lz77 routines of the kernel never read or write outside their buffers, whatever the arguments."""

import numpy as np
import pytest

try:
    from gzipknn._kernel import _native
except ImportError:
    _native = None

needs_native = pytest.mark.skipif(_native is None, reason="the native kernel was not built")

BUFFER, OFFSETS, BITS = np.frombuffer(b"abcdef", dtype=np.uint8), np.array([0, 3, 6]), np.full(6, 9, dtype=np.uint16)
READ_ONLY = BITS.copy()
READ_ONLY.flags.writeable = False


@needs_native
@pytest.mark.parametrize(
    ("buffer", "offsets", "bits", "price", "error"),
    [
        (BUFFER, np.array([0, 3, 7]), BITS, 9, ValueError),
        (BUFFER, np.array([-1, 3, 6]), BITS, 9, ValueError),
        (BUFFER, np.array([0, 4, 3]), BITS, 9, ValueError),
        (BUFFER, np.array([0, 2**62, 6]), BITS, 9, ValueError),
        (BUFFER, np.array([], dtype=np.int64), BITS, 9, ValueError),
        (BUFFER, OFFSETS.astype(np.int32), BITS, 9, TypeError),
        (BUFFER, OFFSETS.astype(np.float64), BITS, 9, TypeError),
        (BUFFER, OFFSETS[None], BITS, 9, ValueError),
        (BUFFER, np.array([0, 9, 3, 9, 6])[::2], BITS, 9, ValueError),
        (BUFFER, [0, 3, 6], BITS, 9, TypeError),
        (BUFFER, None, BITS, 9, TypeError),
        (BUFFER.astype(np.int64), OFFSETS, BITS, 9, TypeError),
        (BUFFER[::2], np.array([0, 3]), BITS[:3], 9, ValueError),
        (BUFFER[None], OFFSETS, BITS, 9, ValueError),
        ("abcdef", OFFSETS, BITS, 9, TypeError),
        (None, OFFSETS, BITS, 9, TypeError),
        (BUFFER, OFFSETS, BITS[:5], 9, ValueError),
        (BUFFER, OFFSETS, np.resize(BITS, 7), 9, ValueError),
        (BUFFER, OFFSETS, np.resize(BITS, 12)[::2], 9, ValueError),
        (BUFFER, OFFSETS, BITS[::-1], 9, ValueError),
        (BUFFER, OFFSETS, BITS[None], 9, ValueError),
        (BUFFER, OFFSETS, BITS.astype(np.int16), 9, TypeError),
        (BUFFER, OFFSETS, BITS.astype(">u2"), 9, TypeError),
        (BUFFER, OFFSETS, BITS.astype(np.float64), 9, TypeError),
        (BUFFER, OFFSETS, BITS.tolist(), 9, TypeError),
        (BUFFER, OFFSETS, None, 9, TypeError),
        (BUFFER, OFFSETS, BITS, -1, ValueError),
        (BUFFER, OFFSETS, BITS, 65_536, ValueError),
        (BUFFER, OFFSETS, BITS, 2**31, (OverflowError, ValueError)),
        (BUFFER, OFFSETS, BITS, 2**80, (OverflowError, ValueError)),
        (BUFFER, OFFSETS, BITS, 9.5, TypeError),
        (BUFFER, OFFSETS, BITS, "9", TypeError),
    ],
)
def test_wrong_arguments_raise(buffer, offsets, bits, price, error):
    with pytest.raises(error, match=r"got|required|must|integer|int"):
        _native.Lz77Index(buffer, offsets, bits, price)
    with pytest.raises(error, match=r"got|required|must|integer|int"):
        _native.own_bits(buffer, offsets, bits, price, np.empty(6, dtype=np.uint16))


@needs_native
@pytest.mark.parametrize(
    ("worth", "error"),
    [
        (BITS[:5], ValueError),
        (np.resize(BITS, 12)[::2], ValueError),
        (BITS.astype(np.uint8), TypeError),
        (BITS.tolist(), TypeError),
        (0, TypeError),
    ],
)
def test_wrong_worth_raises(worth, error):
    with pytest.raises(error, match="worth must"):
        _native.Lz77Index(BUFFER, OFFSETS, BITS, 9, worth)
    sizes, some, out = np.full(6, 2, np.uint8), np.array([0, 1]), np.empty(2, np.int64)
    with pytest.raises(error, match="worth must"):
        _native.pair_savings(BUFFER, OFFSETS, BITS, sizes, 9, b"abc", some, out, worth)


@needs_native
@pytest.mark.parametrize(
    ("out", "error"),
    [
        (READ_ONLY, TypeError),
        (BITS[:5].copy(), ValueError),
        (np.empty(12, dtype=np.uint16)[::2], ValueError),
        (np.empty((1, 6), dtype=np.uint16), ValueError),
        (np.empty(6, dtype=np.int64), TypeError),
        (b"abcdefabcdef", TypeError),
        (None, TypeError),
    ],
)
def test_own_bits_check_where_they_go(out, error):
    with pytest.raises(error, match="out must"):
        _native.own_bits(BUFFER, OFFSETS, BITS, 9, out)


@needs_native
@pytest.mark.parametrize(
    ("query", "out", "error"),
    [
        (b"q", np.empty(1, dtype=np.int64), ValueError),
        (b"q", np.empty(3, dtype=np.int64), ValueError),
        (b"q", np.empty(4, dtype=np.int64)[::2], ValueError),
        (b"q", np.empty((1, 2), dtype=np.int64), ValueError),
        (b"q", np.empty(2, dtype=np.float64), TypeError),
        (b"q", np.empty(2, dtype=np.uint16), TypeError),
        (b"q", b"0123456789abcdef", TypeError),
        (b"q", None, TypeError),
        ("q", np.empty(2, dtype=np.int64), TypeError),
        (BUFFER[::2], np.empty(2, dtype=np.int64), TypeError),
        (None, np.empty(2, dtype=np.int64), TypeError),
    ],
)
def test_savings_check_their_arguments(query, out, error):
    with pytest.raises(error, match="must"):
        _native.Lz77Index(BUFFER, OFFSETS, BITS, 9).savings(query, out)


@needs_native
def test_the_wrong_number_of_arguments_raises():
    for call in (_native.Lz77Index, _native.own_bits, _native.Lz77Index(BUFFER, OFFSETS, BITS, 9).savings):
        for arguments in ((), (BUFFER,), (BUFFER, OFFSETS, BITS), (BUFFER,) * 6):
            with pytest.raises(TypeError):
                call(*arguments)
