"""The native kernel's lz77 routines in Python and NumPy, for machines without a compiler: the same numbers, slower.

Costs are integers, in units of 1 / 256 bit.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gzipknn.utils.interruption import check_wanted

LONGEST = 255
"""Bytes that a match has at most."""

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
    """Write the bits of each byte: what it costs as a literal, or its share of a copy from earlier in the text."""
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
    """Write the size of the key at each byte: the shortest string that costs more than a match; 0 for none."""
    before = np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])
    begin = np.arange(offsets[0], offsets[-1])
    end = np.searchsorted(before, before[begin] + match, side="right")
    is_key = (end <= np.repeat(offsets[1:], np.diff(offsets))) & (end - begin <= LONGEST)
    out[begin] = np.where(is_key, end - begin, 0)


class Lz77Index:
    """Texts by their keys: the shortest string from each position that costs more than a match does.

    No match pays that does not begin with a key, and few keys stand in a query.
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
        """By length: the hashes in order, and where they begin."""
        for n in np.unique(length).tolist():
            places = begin[length == n]
            hashes = windows.hashes(places, n)
            order = np.argsort(hashes)
            self.keys[n] = hashes[order], places[order]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        keys = sum(hashes.nbytes + places.nbytes for hashes, places in self.keys.values())
        return keys + len(self.bytes) + self.before.nbytes + self.worth.nbytes + self.offsets.nbytes

    def savings(self, query: bytes, out: NDArray[np.int64]) -> None:
        """Write what the bits are worth that matches with the query save in each text."""
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
        """Return where the best matches with the query begin and stop, the bits that each saves, and their worth.

        There must be one text.
        """
        suffixes = sorted({query[i : i + LONGEST] for i in range(len(query))})
        return self._best(self._places(query).tolist(), int(self.offsets[-1]), suffixes)

    def _places(self, query: bytes) -> NDArray[np.int64]:
        """Return where keys begin that stand in the query, in order (and, rarely, others of the same hash)."""
        windows = _Windows(np.frombuffer(query, dtype=np.uint8))
        found = [np.empty(0, dtype=np.int64)]
        for n, (hashes, places) in self.keys.items():
            wanted = np.unique(windows.hashes(np.arange(len(query) - n + 1), n))
            first = np.searchsorted(hashes, wanted)
            last = np.searchsorted(hashes, wanted, side="right")
            found += [places[first[i] : last[i]] for i in np.flatnonzero(first < last)]
        return np.sort(np.concatenate(found))

    def _best(self, places: list[int], end: int, suffixes: list[bytes]) -> list[tuple[int, int, int, int]]:
        """Return the matches that save most, of those that begin at some places of a text which ends at `end`.

        Each may begin later than there, where the one before ends. Of ways to save equally many bits, it is one where
        these are worth most.
        """
        # of each match that lies within no other: where it begins and stops, and what the best ways up to its end,
        # which it is the last of, save in bits and in worth
        begins, stops, saved, worth = (np.zeros(len(places) + 1, dtype=np.int64) for _ in range(4))
        before = np.zeros(len(places) + 1, dtype=np.intp)  # the match before it in that way; 0 for none
        n, apart, best_apart = 1, 1, 0  # matches from `apart` on overlap this one
        for begin in places:
            s = self.bytes[begin : min(begin + LONGEST, end)]
            at = bisect_left(suffixes, s)
            stop = begin + max(_shared(s, suffix) for suffix in suffixes[max(at - 1, 0) : at + 1])
            # its key may be another string of the same hash
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
            # a match that saves nothing is never among the best
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
    """Write what the bits are worth that matches with the query save in some of the texts."""
    for number, i in enumerate(indices.tolist()):
        check_wanted()
        text = slice(offsets[i], offsets[i + 1])
        whole = np.array([0, text.stop - text.start])
        own = None if worth is None else worth[text]
        Lz77Index(buffer[text], whole, bits[text], match, own).savings(query, out[number : number + 1])


class _Windows:
    """Hashes of all strings of a text, by the sums of its bytes times powers: equal strings have equal hashes."""

    def __init__(self, text: NDArray[np.uint8]) -> None:
        power = np.cumprod(np.full(len(text), _MULTIPLIER, dtype=np.uint64))
        sums = np.cumsum((text.astype(np.uint64) + 1) * power)
        self.sums = np.concatenate([np.zeros(1, dtype=np.uint64), sums])
        self.inverse = np.cumprod(np.full(len(text), _INVERSE, dtype=np.uint64))

    def hashes(self, begin: NDArray[np.int64], length: int) -> NDArray[np.uint64]:
        hashes: NDArray[np.uint64] = (self.sums[begin + length] - self.sums[begin]) * self.inverse[begin]
        return hashes


def _shared(a: bytes, b: bytes) -> int:
    """Return the length of the common prefix."""
    size = min(len(a), len(b))
    difference = int.from_bytes(a[:size]) ^ int.from_bytes(b[:size])
    return size - (difference.bit_length() + 7) // 8


def _longest_repeats(text: bytes) -> list[int]:
    """Return for each position the longest earlier occurrence of what begins there (Crochemore and Ilie 2008)."""
    size = len(text)
    strings = [text[i : i + LONGEST] for i in range(size)]
    order = sorted(range(size), key=strings.__getitem__)
    # the neighbours of each position in order, and what it shares with the one before; item -1 stands for both ends
    before, after, shared = [-1] * (size + 1), [-1] * (size + 1), [0] * (size + 1)
    for a, b in pairwise(order):
        after[a], before[b], shared[b] = b, a, _shared(strings[a], strings[b])
    repeats = [0] * size
    # from the last on, each leaves the order: a longest repeat is then shared with a neighbour
    for i in reversed(range(size)):
        repeats[i] = max(shared[i], shared[after[i]])
        shared[after[i]] = min(shared[i], shared[after[i]])
        after[before[i]], before[after[i]] = after[i], before[i]
    return repeats
