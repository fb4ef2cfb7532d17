"""Read the literals and matches of a deflate stream, on machines without the native kernel."""

from __future__ import annotations

from itertools import accumulate

Token = tuple[int, int, int]
"""A literal or match: its length, its distance (0 for a literal) and its bits in the stream."""

_LENGTH_EXTRA = [0] * 8 + [n for n in range(1, 6) for _ in range(4)] + [0]
_LENGTH_BASE = [*accumulate((1 << n for n in _LENGTH_EXTRA[:-2]), initial=3), 258]
_DIST_EXTRA = [0, 0] + [n for n in range(14) for _ in range(2)]
_DIST_BASE = list(accumulate((1 << n for n in _DIST_EXTRA[:-1]), initial=1))
_ORDER = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
_FIXED = [8] * 144 + [9] * 112 + [7] * 24 + [8] * 8, [5] * 30


def read_tokens(stream: bytes) -> list[Token]:
    """Return the literals and matches of a raw deflate stream.

    References
    ----------
    RFC 1951, sections 3.2.3 to 3.2.7.

    Examples
    --------
    >>> import zlib
    >>> read_tokens(zlib.compress(b"abcabcabc", 9, -15))
    [(1, 0, 8), (1, 0, 8), (1, 0, 8), (1, 0, 8), (5, 3, 12)]
    """
    bits, found, last = _Bits(stream), list[Token](), False
    while not last:
        last, kind = bool(bits.take(1)), bits.take(2)
        if kind == 0:
            bits.at = -(-bits.at // 8) * 8
            size = bits.take(16)
            bits.at += 16 + 8 * size
            found += [(1, 0, 8)] * size
        else:
            litlen, dist = _FIXED if kind == 1 else _read_code_lengths(bits)
            found += _read_block(bits, _Code(litlen), _Code(dist))
    return found


def _read_block(bits: _Bits, litlen: _Code, dist: _Code) -> list[Token]:
    found = []
    while True:
        start = bits.at
        symbol = litlen.read(bits)
        if symbol < 256:
            found.append((1, 0, bits.at - start))
        elif symbol == 256:
            return found
        else:
            length = _LENGTH_BASE[symbol - 257] + bits.take(_LENGTH_EXTRA[symbol - 257])
            far = dist.read(bits)
            distance = _DIST_BASE[far] + bits.take(_DIST_EXTRA[far])
            found.append((length, distance, bits.at - start))


def _read_code_lengths(bits: _Bits) -> tuple[list[int], list[int]]:
    n_litlen, n_dist, n_codes = bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4
    described = [0] * 19
    for symbol in _ORDER[:n_codes]:
        described[symbol] = bits.take(3)
    code, lengths = _Code(described), list[int]()
    while len(lengths) < n_litlen + n_dist:
        symbol = code.read(bits)
        if symbol < 16:
            lengths.append(symbol)
        elif symbol == 16:
            lengths += [lengths[-1]] * (3 + bits.take(2))
        else:
            lengths += [0] * (3 + bits.take(3) if symbol == 17 else 11 + bits.take(7))
    return lengths[:n_litlen], lengths[n_litlen:]


class _Bits:
    """A reader of the bits of a stream, which takes the lowest bit of each byte first."""

    def __init__(self, stream: bytes) -> None:
        self.stream = stream
        self.at = 0

    def take(self, n: int) -> int:
        word = int.from_bytes(self.stream[self.at // 8 : self.at // 8 + 4], "little") >> self.at % 8
        self.at += n
        return word & (1 << n) - 1


class _Code:
    """A canonical Huffman code, made from the lengths of its code words."""

    def __init__(self, lengths: list[int]) -> None:
        by_length = sorted((length, symbol) for symbol, length in enumerate(lengths) if length)
        self.symbols: dict[tuple[int, int], int] = {}
        word, before = 0, 0
        for length, symbol in by_length:
            word <<= length - before
            self.symbols[length, word] = symbol
            word, before = word + 1, length

    def read(self, bits: _Bits) -> int:
        word = length = 0
        while (length, word) not in self.symbols:
            word, length = word << 1 | bits.take(1), length + 1
        return self.symbols[length, word]
