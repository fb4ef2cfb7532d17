"""The compressors bz2 and lzma of the standard library."""

from __future__ import annotations

import bz2
import lzma
from dataclasses import dataclass

from gzipknn.compressors.base import Compressor, check_level

# The base-2 logarithm of the dictionary size of each preset (256 KiB to 64 MiB): see the manual of xz.
LZMA_WINDOW_BITS = (18, 20, 21, 22, 22, 23, 23, 24, 25, 26)


@dataclass(frozen=True)
class Bz2(Compressor):
    """``len(bz2.compress(data, level))``, in bytes: the Burrows-Wheeler transform.

    Parameters
    ----------
    level : int, default=9
        The block size in units of 100 kB, from 1 to 9.

    Examples
    --------
    >>> Bz2().length(b"abc" * 100)
    43
    """

    level: int = 9

    def __post_init__(self) -> None:
        check_level("level", self.level, 1, 9)

    @property
    def window(self) -> float:
        # bz2 finds repetitions only inside a block. A block has this many bytes after runs of one byte have been
        # shortened. If a pair is longer, only a part of the second text is compared with the first.
        return self.level * 100_000 - 19

    def length(self, data: bytes) -> int:
        return len(bz2.compress(data, self.level))


@dataclass(frozen=True)
class Lzma(Compressor):
    """``len(lzma.compress(data, preset=level))``, in bytes: LZ77 with a large window and range coding, as .xz.

    Parameters
    ----------
    level : int, default=6
        The preset, from 0 to 9. Even a short pair takes milliseconds, because each call clears a large table.

    Examples
    --------
    >>> Lzma().length(b"abc" * 100)
    76
    """

    level: int = 6

    def __post_init__(self) -> None:
        check_level("level", self.level, 0, 9)

    @property
    def window(self) -> float:
        return 1 << LZMA_WINDOW_BITS[self.level]

    def length(self, data: bytes) -> int:
        return len(lzma.compress(data, preset=int(self.level)))
