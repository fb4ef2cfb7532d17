"""What a byte costs where nothing is repeated: a model of the bytes of the training texts."""

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
"""Of a single order."""
BLEND = "blend"
BLEND_SMOOTHING = 1000
"""How often a context must have occurred to have as much say as all shorter ones together."""

# Bytes of the texts looked at in one go, with some ten arrays of 8 bytes for each; a text is never cut.
BLOCK = 1 << 20

MOST_COUNTED = (1 << 32) - 1
"""In 32 bits."""


@dataclass(eq=False)
class Background:
    """Bits of each byte given the bytes before it, by how often training texts had it there.

    With c a byte, h the `order` bytes before it (fewer at the beginning of a text), h' the same less the farthest,
    and n how often a string occurs in the training texts::

        P(c | h) = (n(h c) + smoothing P(c | h')) / (n(h) + smoothing),     P(c | none of them) = 1 / 256

    So the longer context has the weight n(h) / (n(h) + smoothing), and the shorter ones share the rest.

    A training text itself is measured by all others: its own strings are taken out of n.

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
    """From a byte to its number among those that occur; 0 for the others."""
    counts: list[NDArray[np.unsignedinteger]] = field(init=False)
    """n of all strings of 1, 2, ... `order` + 1 bytes, by their numbers."""

    def __post_init__(self, texts: Corpus) -> None:
        self.n_bytes = len(texts.buffer)
        # a block at a time: counting takes 8 bytes for each byte
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
        """Return what each byte of `texts` costs, in units of 1 / 256 bit, shape (n_bytes,).

        Parameters
        ----------
        texts : Corpus
        is_training : bool
            Whether `texts` are among the training texts: then each is left out of the counts for itself.
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
        """Yield, for strings of 1, 2, ... bytes, the number of that ending at each byte, and whether it is whole."""
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
    """Raise unless `value` names a background: "blend", an order or None."""
    if value is None or (isinstance(value, str) and value == BLEND):
        return
    expected = f"background must be {BLEND!r}, an int from 0 to {MOST_ORDER} or None"
    if isinstance(value, bool) or not isinstance(value, Integral | str):
        raise TypeError(f"{expected}, got {type(value).__name__} ({value!r:.50}).")
    if isinstance(value, str) or not 0 <= int(value) <= MOST_ORDER:
        raise ValueError(f"{expected}, got {value!r:.50}.")


def learn_background(texts: Corpus, background: str | int | None) -> Background | None:
    """Learn the background of this name from training texts; None has none."""
    if background is None:
        return None
    if background == BLEND:
        return Background(texts, MOST_ORDER, BLEND_SMOOTHING)
    return Background(texts, int(background), SMOOTHING)
