"""Zero-order entropy: what remains of deflate without LZ77."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors.base import Compressor, TextIndex
from gzipknn.corpus import Corpus
from gzipknn.metrics import Lengths


class HuffmanIndex(TextIndex):
    """Texts with the histograms of their bytes, shape (n, 256)."""

    def __init__(self, texts: Corpus, separator: bytes) -> None:
        self.histograms = np.array([_histogram(text) for text in texts], dtype=np.int32).reshape(-1, 256)
        super().__init__(texts, separator, _bits(self.histograms))


@dataclass(frozen=True)
class Huffman(Compressor):
    """Bits of an ideal code for the bytes of a text by how often each occurs: the control without LZ77.

    The entropy of order zero, without the code table and without rounding to whole bits. Two texts are near if they
    use the same letters equally often, in whatever order.

    Examples
    --------
    >>> Huffman().length(b"abab"), Huffman().length(b"abc" * 100)
    (4.0, 475.48...)
    """

    def length(self, data: bytes) -> float:
        return float(_bits(_histogram(data)))

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> HuffmanIndex:
        return HuffmanIndex(texts, separator)

    def joint_lengths(self, query: bytes, index: TextIndex, c_x: float | None = None) -> Lengths:
        if not isinstance(index, HuffmanIndex):
            raise TypeError(f"index must be made by Huffman.index, got {type(index).__name__}.")
        return _bits(index.histograms + _histogram(query + index.separator))


def _histogram(data: bytes) -> NDArray[np.int64]:
    return np.bincount(np.frombuffer(data, dtype=np.uint8), minlength=256)


def _bits(histograms: NDArray[np.integer]) -> NDArray[np.float64]:
    # n log n of the whole less that of its parts; 0 log 0 is 0
    def n_log_n(n: NDArray[np.integer]) -> NDArray[np.float64]:
        return np.asarray(n * np.log2(np.maximum(n, 1)))

    # rounding may leave less than nothing where one byte alone occurs
    bits = n_log_n(histograms.sum(axis=-1)) - n_log_n(histograms).sum(axis=-1)
    return np.asarray(np.maximum(0.0, bits))
