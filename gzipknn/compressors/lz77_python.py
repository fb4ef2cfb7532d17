"""The lz77 routines of the native kernel in Python and NumPy, for machines without a compiler.

They are slower, but their results are the same. Costs are integers in units of 1 / 256 bit.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gzipknn.utils.interruption import check_wanted

LONGEST = 255
"""The greatest length of a match in bytes."""

# odd, so that it has an inverse modulo 2 ** 64
_MULTIPLIER = 0x9E3779B97F4A7C15
_INVERSE = pow(_MULTIPLIER, -1, 2**64)


def own_bits(
    buffer: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    literal: NDArray[np.uint16],
    copy: int,
    out: NDArray[np.uint16],
) -> None:
    """Write to `out` the cost of each byte: that of its literal, or its share of a copy from earlier in the text."""
    for start, end in pairwise(offsets.tolist()):
        check_wanted()
        alone = literal[start:end].tolist()
        repeats = _longest_repeats(buffer[start:end].tobytes())
        cost = [0] * (len(alone) + 1)
        for i in reversed(range(len(alone))):
            cost[i], by_copy = alone[i] + cost[i + 1], copy + cost[i + repeats[i]]
            if repeats[i] and by_copy < cost[i]:
                cost[i] = by_copy
            else:
                repeats[i] = 0
        i = 0
        while i < len(alone):
            length = repeats[i]
            if length:
                shares = [copy * n // length for n in range(length + 1)]
                alone[i : i + length] = [after - before for before, after in pairwise(shares)]
            i += length or 1
        out[start:end] = alone


def key_sizes(
    buffer: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    bits: NDArray[np.uint16],
    match: int,
    out: NDArray[np.uint8],
) -> None:
    """Write to `out` the size of the key at each byte: the shortest string that costs more than a match, or 0."""
    before = np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])
    begin = np.arange(offsets[0], offsets[-1])
    end = np.searchsorted(before, before[begin] + match, side="right")
    is_key = (end <= np.repeat(offsets[1:], np.diff(offsets))) & (end - begin <= LONGEST)
    out[begin] = np.where(is_key, end - begin, 0)


class Lz77Index:
    """An index of the keys of texts. A key is the shortest string from a position on that costs more than a match.

    Every match that pays begins with a key, and a query holds only few keys.
    """

    def __init__(
        self,
        buffer: NDArray[np.uint8],
        offsets: NDArray[np.int64],
        bits: NDArray[np.uint16],
        match: int,
        worth: NDArray[np.uint16] | None = None,
    ) -> None:
        self.bytes, self.offsets, self.match = buffer.tobytes(), offsets.copy(), match
        self.before = np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])
        self.worth = self.before if worth is None else np.concatenate([[0], np.cumsum(worth, dtype=np.int64)])
        length = np.zeros(len(bits), dtype=np.uint8)
        key_sizes(buffer, offsets, bits, match, length)
        begin = np.flatnonzero(length)
        length = length[begin]
        windows = _Windows(buffer)
        self.keys: dict[int, tuple[NDArray[np.uint64], NDArray[np.int64]]] = {}
        """For each length: the sorted hashes of the keys, and the positions at which the keys begin."""
        for n in np.unique(length).tolist():
            places = begin[length == n]
            hashes = windows.hashes(places, n)
            order = np.argsort(hashes)
            self.keys[n] = hashes[order], places[order]

    @property
    def nbytes(self) -> int:
        """The size of the tables in bytes."""
        keys = sum(hashes.nbytes + places.nbytes for hashes, places in self.keys.values())
        return keys + len(self.bytes) + self.before.nbytes + self.worth.nbytes + self.offsets.nbytes

    def savings(self, query: bytes, out: NDArray[np.int64]) -> None:
        """Write to `out` the weighted bits that matches with the query save in each text."""
        out[:] = 0
        places = self._places(query)
        if len(places) == 0:
            return
        suffixes = sorted({query[i : i + LONGEST] for i in range(len(query))})
        bounds = np.searchsorted(places, self.offsets)
        for j in np.flatnonzero(np.diff(bounds)):
            check_wanted()
            best = self._best(places[bounds[j] : bounds[j + 1]].tolist(), int(self.offsets[j + 1]), suffixes)
            out[j] = sum(worth for _, _, _, worth in best)

    def matches(self, query: bytes) -> list[tuple[int, int, int, int]]:
        """Return the begin, the end, the saved bits and the weighted saved bits of each of the best matches.

        The index must hold one text.
        """
        suffixes = sorted({query[i : i + LONGEST] for i in range(len(query))})
        return self._best(self._places(query).tolist(), int(self.offsets[-1]), suffixes)

    def _places(self, query: bytes) -> NDArray[np.int64]:
        """Return the sorted positions of the keys that the query holds, and rarely of others with an equal hash."""
        windows = _Windows(np.frombuffer(query, dtype=np.uint8))
        found = [np.empty(0, dtype=np.int64)]
        for n, (hashes, places) in self.keys.items():
            wanted = np.unique(windows.hashes(np.arange(len(query) - n + 1), n))
            first = np.searchsorted(hashes, wanted)
            last = np.searchsorted(hashes, wanted, side="right")
            found += [places[first[i] : last[i]] for i in np.flatnonzero(first < last)]
        return np.sort(np.concatenate(found))

    def _best(self, places: list[int], end: int, suffixes: list[bytes]) -> list[tuple[int, int, int, int]]:
        """Return the matches that save most bits, among those at the positions `places` of a text that ends at `end`.

        A match may begin later than its position, where the match before it ends. Among choices that save equally many
        bits, one with the greatest weighted bits is returned.
        """
        # for each match that does not lie in another: where it begins and stops, and the bits and weighted bits that
        # the best choice of matches saves whose last match it is
        begins, stops, saved, worth = (np.zeros(len(places) + 1, dtype=np.int64) for _ in range(4))
        before = np.zeros(len(places) + 1, dtype=np.intp)  # the match before it in that choice, or 0 for none
        n, apart, best_apart = 1, 1, 0  # matches from `apart` on overlap this one
        for begin in places:
            s = self.bytes[begin : min(begin + LONGEST, end)]
            at = bisect_left(suffixes, s)
            stop = begin + max(_shared(s, suffix) for suffix in suffixes[max(at - 1, 0) : at + 1])
            # the hash may be that of another string, so the match may be too short
            if (n > 1 and stop <= stops[n - 1]) or self.before[stop] - self.before[begin] <= self.match:
                continue
            while apart < n and stops[apart] <= begin:
                if (saved[apart], worth[apart]) > (saved[best_apart], worth[best_apart]):
                    best_apart = apart
                apart += 1
            ways = np.append(best_apart, np.arange(apart, n))
            start = np.append(begin, stops[apart:n])
            replaced = self.before[stop] - self.before[start]
            by_match = replaced - self.match
            all_saved = saved[ways] + by_match
            value = np.maximum(by_match, 0) * (self.worth[stop] - self.worth[start]) // np.maximum(replaced, 1)
            all_worth = worth[ways] + value
            best = np.lexsort((all_worth, all_saved))[-1]
            begins[n], stops[n], before[n] = start[best], stop, ways[best]
            saved[n], worth[n] = all_saved[best], all_worth[best]
            n += 1
        chosen = []
        i = int(np.lexsort((worth[:n], saved[:n]))[-1])
        while i > 0:
            j = int(before[i])
            if saved[i] > saved[j]:  # a match that begins where the one before it stops may save nothing
                chosen.append((int(begins[i]), int(stops[i]), int(saved[i] - saved[j]), int(worth[i] - worth[j])))
            i = j
        return chosen[::-1]


def pair_savings(
    buffer: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    bits: NDArray[np.uint16],
    sizes: NDArray[np.uint8],
    match: int,
    query: bytes,
    indices: NDArray[np.int64],
    out: NDArray[np.int64],
    worth: NDArray[np.uint16] | None = None,
) -> None:
    """Write to `out` the weighted bits that matches with the query save in each of the texts at `indices`."""
    for number, i in enumerate(indices.tolist()):
        check_wanted()
        text = slice(offsets[i], offsets[i + 1])
        whole = np.array([0, text.stop - text.start])
        own = None if worth is None else worth[text]
        Lz77Index(buffer[text], whole, bits[text], match, own).savings(query, out[number : number + 1])


class _Windows:
    """Hashes of all strings of a text, computed from sums of its bytes times powers of a multiplier."""

    def __init__(self, text: NDArray[np.uint8]) -> None:
        power = np.cumprod(np.full(len(text), _MULTIPLIER, dtype=np.uint64))
        sums = np.cumsum((text.astype(np.uint64) + 1) * power)
        self.sums = np.concatenate([np.zeros(1, dtype=np.uint64), sums])
        self.inverse = np.cumprod(np.full(len(text), _INVERSE, dtype=np.uint64))

    def hashes(self, begin: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
        hashes: NDArray[np.uint64] = (self.sums[begin + length] - self.sums[begin]) * self.inverse[begin]
        return hashes


def _shared(a: bytes, b: bytes) -> int:
    """Return the length of the common prefix of two strings."""
    size = min(len(a), len(b))
    difference = int.from_bytes(a[:size]) ^ int.from_bytes(b[:size])
    return size - (difference.bit_length() + 7) // 8


def _longest_repeats(text: bytes) -> list[int]:
    """Return the longest earlier repeat at each position, up to `LONGEST` bytes (Crochemore and Ilie 2008)."""
    size = len(text)
    strings = [text[i : i + LONGEST] for i in range(size)]
    order = sorted(range(size), key=strings.__getitem__)
    # for each position: those before and after it in sorted order, and the length of the prefix that it shares with the
    # one before; item -1 stands for both ends
    before, after, shared = [-1] * (size + 1), [-1] * (size + 1), [0] * (size + 1)
    for a, b in pairwise(order):
        after[a], before[b], shared[b] = b, a, _shared(strings[a], strings[b])
    repeats = [0] * size
    # positions are removed from the last one on; so the longest earlier repeat is shared with the one before or after
    for i in reversed(range(size)):
        repeats[i] = max(shared[i], shared[after[i]])
        shared[after[i]] = min(shared[i], shared[after[i]])
        after[before[i]], before[after[i]] = after[i], before[i]
    return repeats
