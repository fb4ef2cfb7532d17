"""The deflate family, gzip and zlib: LZ77 and Huffman codes, through the standard library's zlib."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import ClassVar

from gzipknn.compressors.base import Compressor, TextIndex, as_lengths, check_level
from gzipknn.metrics import Lengths

# From here on, compressing the prefix once and copying the compressor's state (~ 260 kB) for each text
# beats compressing both halves anew: benchmarks/copy_trick.py.
COPY_FROM = 1_300
# A prefix that makes zlib slide its window (64 KiB - 262 bytes) before the text arrives may slide it one
# position earlier than in one go; then a length could differ from the reference.
COPY_UP_TO = 65_000


@dataclass(frozen=True)
class Deflate(Compressor):
    """What gzip and zlib share: they differ in the level and in the wrapper around the stream."""

    level: int = 9
    wbits: ClassVar[int] = -15
    """What tells zlib which wrapper to write; -15 for none."""

    def __post_init__(self) -> None:
        check_level("level", self.level, 0, 9)

    def length(self, data: bytes) -> int:
        return len(zlib.compress(data, self.level, self.wbits))

    def joint_lengths(self, query: bytes, index: TextIndex) -> Lengths:
        prefix = query + index.separator
        # level 0 cuts its stored blocks by the size of the pieces it is fed
        if self.level == 0 or not COPY_FROM <= len(prefix) <= COPY_UP_TO:
            return super().joint_lengths(query, index)
        start = zlib.compressobj(self.level, zlib.DEFLATED, self.wbits)
        written = len(start.compress(prefix))

        def after_prefix(text: bytes) -> int:
            state = start.copy()
            return written + len(state.compress(text)) + len(state.flush())

        return as_lengths(map(after_prefix, index.texts))


@dataclass(frozen=True)
class Gzip(Deflate):
    """``len(gzip.compress(data, level))``, in bytes: deflate with 18 bytes of header and trailer.

    Parameters
    ----------
    level : int, default=9
        0 (none) to 9 (best), as in :func:`gzip.compress`.

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


@dataclass(frozen=True)
class Zlib(Deflate):
    """``len(zlib.compress(data, level))``, in bytes: deflate with 6 bytes of header and trailer.

    Parameters
    ----------
    level : int, default=6
        0 (none) to 9 (best), as in :func:`zlib.compress`; 6 is zlib's own default.

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
