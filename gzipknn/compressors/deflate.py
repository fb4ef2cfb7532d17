"""The compressors gzip and zlib, which both write a deflate stream (LZ77 and Huffman codes).

The native kernel computes the lengths. If it is not in use, or if the level is below 4, the zlib of the standard
library computes them. Both give the same lengths.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gzipknn._kernel import native
from gzipknn.compressors.base import Compressor, Match, Neighbors, TextIndex, as_lengths, check_level, number_of
from gzipknn.compressors.inflate import Token, read_tokens
from gzipknn.metrics import Lengths, Metric, cdm, clm, ncd
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.interruption import check_wanted

# At lower levels, zlib parses greedily or not at all. The kernel implements only the lazy parse.
NATIVE_FROM_LEVEL = 4
# With prefixes of at least this many bytes, it is faster to compress the prefix once and to copy the compressor's
# state (about 260 kB) for each text than to compress each pair as a whole: benchmarks/copy_trick.py.
COPY_FROM = 1_300
# With longer prefixes, zlib may slide its window (64 KiB - 262 bytes) before the text arrives, one position earlier
# than if the pair were compressed in one call. Then a length could differ from the reference.
COPY_UP_TO = 65_000

# The window of zlib has 32 KiB, less the 262 bytes that it reads ahead.
LOOKS_BACK = 2**15 - 262

# The position of a metric is its number in the kernel.
_NATIVE_METRICS = (ncd, cdm, clm)


class DeflateIndex(TextIndex):
    """Texts with the tables of the native kernel.

    The compressed lengths are a by-product of the tables. If they are needed before, they are computed separately.
    """

    def __init__(self, texts: Corpus, separator: bytes, lengths: Lengths | None, compressor: Deflate) -> None:
        super().__init__(texts, separator, np.empty(0, dtype=np.int64) if lengths is None else lengths)
        self.compressor = compressor

    @property
    def lengths(self) -> Lengths:
        if len(self._lengths) != len(self.texts):
            self._lengths = self.compressor.lengths(self.texts)
        return self._lengths

    def tables(self) -> Any:
        """Return the kernel's index of the texts, or None if the kernel is not in use."""
        kernel = native() if self.compressor.level >= NATIVE_FROM_LEVEL else None
        if kernel is None:
            return None
        arguments = (self.texts.buffer, self.texts.offsets, self.separator, self.compressor.level)
        return self._once("tables", lambda: kernel.Index(*arguments))

    def prepare(self) -> None:
        tables = self.tables()
        if tables is not None and len(self._lengths) != len(self.texts):
            lengths = np.empty(len(self.texts), dtype=np.int64)
            tables.text_lengths(lengths)
            self._lengths = lengths + self.compressor.overhead

    def take(self, indices: NDArray[np.intp]) -> DeflateIndex:
        return DeflateIndex(self.texts.take(indices), self.separator, self.lengths[indices], self.compressor)

    @classmethod
    def join(cls, indexes: Sequence[DeflateIndex]) -> DeflateIndex:
        texts, lengths = Corpus.join([index.texts for index in indexes]), [index.lengths for index in indexes]
        return DeflateIndex(texts, indexes[0].separator, np.concatenate(lengths), indexes[0].compressor)


@dataclass(frozen=True)
class Deflate(Compressor):
    """The common base of gzip and zlib, which differ in the default level and in the wrapper around the stream."""

    level: int = 9
    wbits: ClassVar[int]
    """The parameter `wbits` of zlib, which selects the wrapper."""
    overhead: ClassVar[int]
    """The number of bytes that the wrapper adds to the deflate stream."""

    def __post_init__(self) -> None:
        check_level("level", self.level, 0, 9)

    @property
    def window(self) -> float:
        return LOOKS_BACK if self.level else 0

    def length(self, data: bytes) -> int:
        return len(zlib.compress(data, self.level, self.wbits))

    def lengths(self, texts: Corpus) -> Lengths:
        kernel = native() if self.level >= NATIVE_FROM_LEVEL else None
        if kernel is None:
            return super().lengths(texts)
        lengths = np.empty(len(texts), dtype=np.int64)
        kernel.lengths(texts.buffer, texts.offsets, self.level, lengths)
        return lengths + self.overhead

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> DeflateIndex:
        return DeflateIndex(texts, separator, None, self)

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        tables = index.tables() if isinstance(index, DeflateIndex) else None
        if tables is None:
            return self._joint_lengths_by_zlib(query, index, indices)
        if indices is not None:
            indices = indices.astype(np.int64, copy=False)
        lengths = np.empty(len(index.texts) if indices is None else len(indices), dtype=np.int64)
        tables.joint_lengths(query, lengths, indices)
        return lengths + self.overhead

    def matches(self, query: bytes, index: TextIndex, i: int) -> list[Match]:
        start = len(query) + len(index.separator)
        tokens = self.tokens(query + index.separator + index.texts[i])
        literals = [bits for _, distance, bits in tokens if distance == 0]
        literal_bits = sum(literals) / len(literals) if literals else 8.0
        found, place = [], 0
        for length, distance, bits in tokens:
            skipped = max(0, start - place)  # bytes of the match that lie before the text
            size = min(length, len(query) + distance - place) - skipped
            if distance and size > 0:
                saved = (length * literal_bits - bits) * size / length
                found.append(Match(place + skipped - start, size, place + skipped - distance, saved))
            place += length
        return found

    def tokens(self, data: bytes) -> list[Token]:
        """Return the literals and matches of the deflate stream of `data`."""
        kernel = native() if self.level >= NATIVE_FROM_LEVEL else None
        if kernel is None:
            return read_tokens(zlib.compress(data, self.level, -15))
        arrays = [np.empty(len(data), dtype=np.uint16) for _ in range(3)]
        n = kernel.tokens(data, self.level, *arrays)
        return list(zip(*(array[:n].tolist() for array in arrays), strict=True))

    def nearest(
        self,
        queries: Corpus,
        index: TextIndex,
        c_y: Lengths,
        metric: Metric,
        k: int,
        *,
        shift_and_scale: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
        within: NDArray[np.float64] | None = None,
    ) -> Neighbors | None:
        tables = index.tables() if isinstance(index, DeflateIndex) else None
        number = number_of(metric, _NATIVE_METRICS)
        if tables is None or number is None or shift_and_scale is not None:
            return None
        distances = np.empty((len(queries), k))
        indices = np.empty((len(queries), k), dtype=np.int64)
        for row, (query, c_x) in enumerate(zip(queries, self.lengths(queries).tolist(), strict=True)):
            check_wanted()
            tables.nearest(query, c_x, c_y, k, number, self.overhead, distances[row], indices[row])
        return distances, indices.astype(np.intp, copy=False)

    def add_nearest(
        self, query: bytes, index: TextIndex, metric: Metric, chosen: NDArray[np.intp], first: int, found: Neighbors
    ) -> bool:
        tables = index.tables() if isinstance(index, DeflateIndex) else None
        number = number_of(metric, _NATIVE_METRICS)
        if tables is None or number is None:
            return False
        c_x = int(self.lengths(Corpus.from_texts([query]))[0])
        chosen = chosen.astype(np.int64, copy=False)
        tables.nearest(query, c_x, index.lengths, len(found[0]), number, self.overhead, *found, chosen, first)
        return True

    def _joint_lengths_by_zlib(
        self, query: bytes, index: TextIndex, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        prefix = query + index.separator
        # at level 0, the sizes of the stored blocks depend on the pieces in which zlib gets the data
        if self.level == 0 or not COPY_FROM <= len(prefix) <= COPY_UP_TO:
            return super().joint_lengths(query, index, indices=indices)
        start = zlib.compressobj(self.level, zlib.DEFLATED, self.wbits)
        written = len(start.compress(prefix))

        def after_prefix(text: bytes) -> int:
            state = start.copy()
            return written + len(state.compress(text)) + len(state.flush())

        return as_lengths(map(after_prefix, index.chosen(indices)))


@dataclass(frozen=True)
class Gzip(Deflate):
    """``len(gzip.compress(data, level))``, in bytes: deflate with 18 bytes of header and trailer.

    Parameters
    ----------
    level : int, default=9
        0 (no compression) to 9 (best), as in :func:`gzip.compress`. Level 0 finds no repetitions, so its distances
        mean nothing.

    References
    ----------
    RFC 1951 (deflate), RFC 1952 (gzip).

    Examples
    --------
    >>> Gzip().length(b""), Gzip().length(b"abc" * 100)
    (20, 27)
    """

    level: int = 9
    wbits: ClassVar[int] = 31
    overhead: ClassVar[int] = 18


@dataclass(frozen=True)
class Zlib(Deflate):
    """``len(zlib.compress(data, level))``, in bytes: deflate with 6 bytes of header and trailer.

    Parameters
    ----------
    level : int, default=6
        0 (no compression) to 9 (best), as in :func:`zlib.compress`. 6 is the default of zlib.

    References
    ----------
    RFC 1950 (zlib), RFC 1951 (deflate).

    Examples
    --------
    >>> Zlib().length(b""), Zlib(level=9).length(b"abc" * 100)
    (8, 15)
    """

    level: int = 6
    wbits: ClassVar[int] = 15
    overhead: ClassVar[int] = 6
