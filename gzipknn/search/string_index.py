"""An inverted index that counts the strings that a query shares with each text, in the native kernel or in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn._kernel import native
from gzipknn.compressors import TextIndex
from gzipknn.utils.lazy_tables import LazyTables

MOST_TEXTS = 1 << 16
"""The greatest number of texts in one index."""

MOST_WEIGHT = (1 << 32) - 1
"""The greatest total weight of the strings of one text, because the kernel adds up weights in 32 bits."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIXER = np.uint64(0xD6E8FEB86659FD93)
_TAG_BITS = 12


class StringIndex(LazyTables):
    """An index of the strings that a compressor chose from each text."""

    def __init__(self, index: TextIndex) -> None:
        super().__init__()
        self.index = index

    def tables(self) -> Any:
        """Return the kernel's index of the strings, or the one in NumPy if the kernel is not in use."""
        return self._once("tables and totals", self._make)[0]

    @property
    def totals(self) -> NDArray[np.int64]:
        """The total weight of the strings of each text, shape (n,)."""
        totals: NDArray[np.int64] = self._once("tables and totals", self._make)[1]
        return totals

    def _make(self) -> tuple[Any, NDArray[np.int64]]:
        kernel, texts = native(), self.index.texts
        totals = np.zeros(len(texts), dtype=np.int64)
        make = PythonScreen if kernel is None else kernel.Screen
        tables = make(texts.buffer, texts.offsets, *self.index.strings(), totals)
        if len(totals) and totals.max() > MOST_WEIGHT:
            size, weight = len(texts[int(totals.argmax())]), int(totals.max())
            raise ValueError(
                f"a training text of {size:,} bytes holds more strings than a screen can count: their weights add up "
                f"to {weight:,}, but at most {MOST_WEIGHT:,} can be counted; cut the text, or set screen=None."
            )
        return tables, totals

    def shared(self, query: bytes) -> NDArray[np.uint32]:
        """Return the total weight of the strings that the query shares with each text, shape (n,)."""
        shared = np.empty(len(self.index.texts), dtype=np.uint32)
        self.tables().shared(query, shared)
        return shared


class PythonScreen:
    """The Screen of the native kernel in NumPy. It compares strings by the same bits of the same hash."""

    def __init__(
        self,
        buffer: NDArray[np.uint8],
        offsets: NDArray[np.int64],
        sizes: NDArray[np.uint8],
        weights: NDArray[np.uint8] | None,
        totals: NDArray[np.int64],
    ) -> None:
        each = len(sizes) if weights is None else 1
        bucket_bits = min(max((int(offsets[-1] - offsets[0]) * each // 16 - 1).bit_length(), 12), 26)
        self.shift = np.uint64(64 - min(bucket_bits + _TAG_BITS, 32))
        self.sizes = np.setdiff1d(sizes, [0]).tolist()
        self.texts = len(offsets) - 1
        ends = np.repeat(offsets[1:], np.diff(offsets))
        codes, begins, marks = [], [], []
        for n in self.sizes:
            begin = np.arange(offsets[0], offsets[-1])
            if weights is not None:
                begin = begin[sizes[begin] == n]
            begin = begin[begin + n <= ends[begin - offsets[0]]]
            codes.append(_hashes(buffer, begin, n) >> self.shift)
            begins.append(begin)
            marks.append(np.ones(len(begin), dtype=np.int64) if weights is None else weights[begin] & 15)
        code, begin, mark = (np.concatenate([*parts, np.empty(0, dtype=np.int64)]) for parts in (codes, begins, marks))
        text = np.searchsorted(offsets, begin, side="right") - 1
        order = np.lexsort((text, code))
        code, text, mark = code[order].astype(np.uint64), text[order], mark[order]
        kept = np.ones(len(code), dtype=bool)
        if weights is None:  # each n-gram counts once in a text
            kept[1:] = (code[1:] != code[:-1]) | (text[1:] != text[:-1])
        self.code, self.text, self.weight = code[kept], text[kept], mark[kept]
        totals[:] = np.bincount(self.text, self.weight, minlength=self.texts)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(array.nbytes for array in (self.code, self.text, self.weight))

    def shared(self, query: bytes, out: NDArray[np.uint32]) -> None:
        """Write to `out` the total weight of the strings that the query shares with each text."""
        buffer = np.frombuffer(query, dtype=np.uint8)
        codes = [_hashes(buffer, np.arange(len(query) - n + 1), n) >> self.shift for n in self.sizes]
        wanted = np.unique(np.concatenate([*codes, np.empty(0, dtype=np.uint64)]))
        starts, stops = np.searchsorted(self.code, wanted), np.searchsorted(self.code, wanted, side="right")
        out[:] = 0
        for i in np.flatnonzero(starts < stops):
            held = slice(starts[i], stops[i])
            np.add.at(out, self.text[held], self.weight[held].astype(np.uint32))


def _hashes(buffer: NDArray[np.uint8], begin: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Return the hashes of the strings of `size` bytes that begin at the positions `begin`."""
    hashes = np.zeros(len(begin), dtype=np.uint64)
    for i in range(size):
        hashes = hashes * _MULTIPLIER + buffer[begin + i] + np.uint64(1)
    hashes ^= hashes >> np.uint64(32)
    hashes *= _MIXER
    return hashes ^ hashes >> np.uint64(32)
