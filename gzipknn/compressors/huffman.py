"""The zero-order entropy of texts, which is deflate without LZ77."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors.base import Compressor, TextIndex
from gzipknn.metrics import Lengths
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.interruption import check_wanted

ROWS = 1 << 12
"""The number of histograms that are processed at once."""
FRACTION = 1 << 52
"""The number of units in a bit. From 1 on, float64 has no finer resolution."""
TABLED = 1 << 16
"""For counts below this number, n log n is looked up in a table."""
BLOCK = 1 << 20
"""The number of bytes that are counted at once, because counting takes 8 bytes of memory for each."""


class HuffmanIndex(TextIndex):
    """Texts with their histograms, shape (n, number of bytes that occur)."""

    def __init__(self, texts: Corpus, separator: bytes) -> None:
        self.occurring = np.flatnonzero(_histogram(texts.buffer))
        self.histograms = np.empty((len(texts), len(self.occurring)), dtype=np.int32)
        for i in range(len(texts)):
            check_wanted()
            text = texts.buffer[texts.offsets[i] : texts.offsets[i + 1]]
            self.histograms[i] = _histogram(text)[self.occurring]
        super().__init__(texts, separator, _bits(self.histograms))

    def take(self, indices: NDArray[np.intp]) -> HuffmanIndex:
        return HuffmanIndex(self.texts.take(indices), self.separator)

    @classmethod
    def join(cls, indexes: Sequence[HuffmanIndex]) -> HuffmanIndex:
        return HuffmanIndex(Corpus.join([index.texts for index in indexes]), indexes[0].separator)


@dataclass(frozen=True)
class Huffman(Compressor):
    """The zero-order entropy of a text in bits. It serves as a control: a compressor without LZ77.

    This is the length of an ideal code for the frequencies of the bytes, without the code table and without rounding
    to whole bits. A pair costs hardly more than its two texts if both have similar frequencies of bytes, whatever the
    order of the bytes. Repetitions do not shorten it, so even NCD(x, x) is about 1. Sums are exact, so they do not
    depend on the order of the bytes or on how texts are cut into parts.

    Examples
    --------
    >>> Huffman().length(b"abab"), Huffman().length(b"abc" * 100)
    (4.0, 475.48...)
    """

    @property
    def window(self) -> float:
        return inf  # all bytes of a pair are counted

    def length(self, data: bytes) -> float:
        return float(_bits(_histogram(np.frombuffer(data, dtype=np.uint8))))

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> HuffmanIndex:
        return HuffmanIndex(texts, separator)

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        if not isinstance(index, HuffmanIndex):
            raise TypeError(f"index must be made by Huffman.index, got {type(index).__name__}.")
        histogram = _histogram(np.frombuffer(query + index.separator, dtype=np.uint8))
        histograms = index.histograms if indices is None else index.histograms[indices]
        lengths = np.empty(len(histograms))
        for start in range(0, len(lengths), ROWS):
            joint = histograms[start : start + ROWS] + histogram[index.occurring]
            lengths[start : start + ROWS] = _bits(joint, np.delete(histogram, index.occurring))
        return lengths


def _histogram(data: NDArray[np.uint8]) -> NDArray[np.int64]:
    histogram = np.zeros(256, dtype=np.int64)
    for start in range(0, len(data), BLOCK):
        histogram += np.bincount(data[start : start + BLOCK], minlength=256)
    return histogram


def _bits(histograms: NDArray[np.integer], others: NDArray[np.integer] | None = None) -> NDArray[np.float64]:
    """Return the entropy of histograms in bits. `others` holds counts that are common to all of them."""
    total, parts = histograms.sum(axis=-1), _n_log_n(histograms).sum(axis=-1)
    if others is not None:
        total, parts = total + others.sum(), parts + _n_log_n(others).sum(axis=-1)[:, None]
    whole, fraction = _n_log_n(total) - parts
    return np.asarray(whole + fraction / FRACTION)


def _n_log_n(n: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return n log n to base 2, shape (2, ...): whole bits, and units of 1 / FRACTION. 0 log 0 is 0.

    Sums of integers are exact, but sums of float64 are rounded, so they depend on the order.
    """
    counts = np.asarray(n)
    parts = np.take(_table(), np.minimum(counts, TABLED - 1), axis=1)
    large = counts >= TABLED
    if large.any():
        parts[:, large] = _split_n_log_n(counts[large])
    return parts


@cache
def _table() -> NDArray[np.int64]:
    table = _split_n_log_n(np.arange(TABLED))
    table.flags.writeable = False
    return table


def _split_n_log_n(n: NDArray[np.integer]) -> NDArray[np.int64]:
    fraction, whole = np.modf(n * np.log2(np.maximum(n, 1)))
    return np.array([whole, fraction * FRACTION], dtype=np.int64)
