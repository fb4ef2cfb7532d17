"""Zero-order entropy: what remains of deflate without LZ77."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors.base import Compressor, TextIndex
from gzipknn.corpus import Corpus
from gzipknn.metrics import Lengths

ROWS = 1 << 12
"""Histograms looked at in one go."""


class HuffmanIndex(TextIndex):
    """Texts with their histograms, shape (n, number of bytes that occur)."""

    def __init__(self, texts: Corpus, separator: bytes) -> None:
        self.occurring = np.flatnonzero(np.bincount(texts.buffer, minlength=256))
        histograms = [_histogram(text)[self.occurring] for text in texts]
        self.histograms = np.array(histograms, dtype=np.int32).reshape(len(texts), len(self.occurring))
        super().__init__(texts, separator, _bits(self.histograms))

    def take(self, indices: NDArray[np.intp]) -> HuffmanIndex:
        return HuffmanIndex(self.texts.take(indices), self.separator)


@dataclass(frozen=True)
class Huffman(Compressor):
    """Bits of an ideal code for the bytes of a text by how often each occurs: the control without LZ77.

    The entropy of order zero, without the code table and without rounding to whole bits. A pair takes hardly more
    than its two texts if they use the same letters equally often, in whatever order; so even NCD(x, x) is about 1.

    Examples
    --------
    >>> Huffman().length(b"abab"), Huffman().length(b"abc" * 100)
    (4.0, 475.48...)
    """

    @property
    def window(self) -> float:
        return inf  # it counts all bytes of a pair

    def length(self, data: bytes) -> float:
        return float(_bits(_histogram(data)))

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> HuffmanIndex:
        return HuffmanIndex(texts, separator)

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        if not isinstance(index, HuffmanIndex):
            raise TypeError(f"index must be made by Huffman.index, got {type(index).__name__}.")
        histogram = _histogram(query + index.separator)
        histograms = index.histograms if indices is None else index.histograms[indices]
        lengths = np.empty(len(histograms))
        for start in range(0, len(lengths), ROWS):
            joint = histograms[start : start + ROWS] + histogram[index.occurring]
            lengths[start : start + ROWS] = _bits(joint, np.delete(histogram, index.occurring))
        return lengths


def _histogram(data: bytes) -> NDArray[np.int64]:
    return np.bincount(np.frombuffer(data, dtype=np.uint8), minlength=256)


def _bits(histograms: NDArray[np.integer], others: NDArray[np.integer] | None = None) -> NDArray[np.float64]:
    """Return the bits of each histogram, shape (..., bytes), to which all of `others` are added."""

    # n log n of the whole less that of its parts; 0 log 0 is 0
    def n_log_n(n: NDArray[np.integer]) -> NDArray[np.float64]:
        return np.asarray(n * np.log2(np.maximum(n, 1)))

    total, parts = histograms.sum(axis=-1), n_log_n(histograms).sum(axis=-1)
    if others is not None:
        total, parts = total + others.sum(), parts + n_log_n(others).sum()
    # rounding may leave less than nothing where one byte alone occurs
    return np.asarray(np.maximum(0.0, n_log_n(total) - parts))
