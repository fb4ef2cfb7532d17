"""A model of the bytes of the training texts, which gives the cost of each literal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import InitVar, dataclass, field
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.texts.corpus import Corpus

UNITS = 256
"""Units in a bit: all bits are counted in whole units, so that sums of them are exact."""

# Chosen on validation data, see docs/lz77.md.
MOST_ORDER = 2
SMOOTHING = 8
"""The smoothing of a background with a fixed order."""
BLEND = "blend"
BLEND_SMOOTHING = 1000
"""The smoothing of ``"blend"``: a context that occurred this often has as much weight as all shorter ones together."""

# The number of bytes that are processed at once, with about ten arrays of 8 bytes for each. A text is never cut.
BLOCK = 1 << 20

MOST_COUNTED = (1 << 32) - 1
"""The greatest count that fits in 32 bits."""


@dataclass(eq=False)
class Background:
    """A model of the bits of each byte given the bytes before it, learnt from the training texts.

    Let c be a byte, h the `order` bytes before it (fewer at the beginning of a text), h' the same context without its
    first byte, and n the number of occurrences of a string in the training texts::

        P(c | h) = (n(h c) + smoothing P(c | h')) / (n(h) + smoothing),     P(c | none of them) = 1 / 256

    So the longer context has the weight n(h) / (n(h) + smoothing), and the shorter ones share the rest.

    For a training text, its own strings are subtracted from n, so that only the other training texts count.

    References
    ----------
    MacKay, Peto: A Hierarchical Dirichlet Language Model. Natural Language Engineering 1 (1995), eq. (24) with equal
    weights; the smoothing is theirs, the fixed amount is not.
    """

    texts: InitVar[Corpus]
    order: int
    smoothing: float
    n_bytes: int = field(init=False)
    symbols: NDArray[np.int64] = field(init=False)
    """The number of each byte among the bytes that occur, or 0 for a byte that does not occur."""
    counts: list[NDArray[np.unsignedinteger]] = field(init=False)
    """The counts n of all strings of 1, 2, ... `order` + 1 bytes, indexed by the numbers of the strings."""

    def __post_init__(self, texts: Corpus) -> None:
        self.n_bytes = len(texts.buffer)
        # in blocks, because counting takes 8 bytes of memory for each byte
        each = (np.bincount(block.buffer, minlength=256) for block in texts.blocks(BLOCK))
        seen = sum(each, np.zeros(256, np.intp)) > 0
        self.symbols = np.where(seen, np.cumsum(seen), 0)
        size = int(seen.sum()) + 1
        # no count is larger than the number of bytes
        dtype = np.uint32 if self.n_bytes <= MOST_COUNTED else np.uint64
        self.counts = [np.zeros(size ** (k + 1), dtype=dtype) for k in range(self.order + 1)]
        for block in texts.blocks(BLOCK):
            for counts, (grams, whole) in zip(self.counts, self._grams(block), strict=True):
                counts += np.bincount(grams[whole], minlength=len(counts)).astype(dtype)

    def literal_bits(self, texts: Corpus, *, is_training: bool) -> NDArray[np.uint16]:
        """Return the cost of each byte of `texts` as a literal, in units of 1 / 256 bit, shape (n_bytes,).

        Parameters
        ----------
        texts : Corpus
        is_training : bool
            Whether `texts` are among the training texts. If so, the strings of each text are not counted for itself.
        """
        bits = [self._block_bits(block, is_training) for block in texts.blocks(BLOCK)]
        return np.concatenate([*bits, np.empty(0, dtype=np.uint16)])

    def _block_bits(self, block: Corpus, is_training: bool) -> NDArray[np.uint16]:
        sizes = np.diff(block.offsets)
        text = np.repeat(np.arange(len(block)), sizes)
        n_before = np.full(len(text), float(self.n_bytes))
        if is_training:
            n_before -= sizes[text]
        p = np.full(len(text), 1 / 256)
        for counts, (grams, whole) in zip(self.counts, self._grams(block), strict=True):
            n = counts[grams].astype(np.float64)
            if is_training:
                _, inverse, own = np.unique(text * len(counts) + grams, return_inverse=True, return_counts=True)
                n -= own[inverse]
            p = np.where(whole, (n + self.smoothing * p) / (n_before + self.smoothing), p)
            n_before = np.concatenate([[0.0], n[:-1]])
        return np.asarray(np.rint(-UNITS * np.log2(p)), dtype=np.uint16)

    def _grams(self, block: Corpus) -> Iterator[tuple[NDArray[np.int64], NDArray[np.bool_]]]:
        """Yield, for sizes 1, 2, ..., the number of the string that ends at each byte, and whether it is complete."""
        size = self.symbols.max() + 1
        symbols = self.symbols[block.buffer]
        sizes = np.diff(block.offsets)
        position = np.arange(len(symbols)) - np.repeat(block.offsets[:-1], sizes)
        grams = np.zeros(len(symbols), dtype=np.int64)
        for k in range(self.order + 1):
            shifted = np.concatenate([np.zeros(min(k, len(symbols)), np.int64), symbols[: max(0, len(symbols) - k)]])
            grams = grams + shifted * size**k
            whole = position >= k
            yield np.where(whole, grams, 0), whole


def check_background(value: Any) -> None:
    """Raise unless `value` is a valid background: "blend", an order or None."""
    if value is None or (isinstance(value, str) and value == BLEND):
        return
    expected = f"background must be {BLEND!r}, an int from 0 to {MOST_ORDER} or None"
    if isinstance(value, bool) or not isinstance(value, Integral | str):
        raise TypeError(f"{expected}, got {type(value).__name__} ({value!r:.50}).")
    if isinstance(value, str) or not 0 <= int(value) <= MOST_ORDER:
        raise ValueError(f"{expected}, got {value!r:.50}.")


def learn_background(texts: Corpus, background: str | int | None) -> Background | None:
    """Learn the given background from training texts, or return None if `background` is None."""
    if background is None:
        return None
    if background == BLEND:
        return Background(texts, MOST_ORDER, BLEND_SMOOTHING)
    return Background(texts, int(background), SMOOTHING)
