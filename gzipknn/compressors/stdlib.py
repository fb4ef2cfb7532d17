"""bz2 and lzma: the standard library's other compressors."""

from __future__ import annotations

import bz2
import lzma
from dataclasses import dataclass

from gzipknn.compressors.base import Compressor, check_level

# The dictionary size of each preset, from 256 KiB to 64 MiB, as base-2 logarithms: see the manual of xz.
LZMA_WINDOW_BITS = (18, 20, 21, 22, 22, 23, 23, 24, 25, 26)


@dataclass(frozen=True)
class Bz2(Compressor):
    """``len(bz2.compress(data, level))``, in bytes: the Burrows-Wheeler transform.

    Parameters
    ----------
    level : int, default=9
        Block size in units of 100 kB, 1 to 9.

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
        # Repetitions are found inside a block alone, of so many bytes after runs of one byte have been shortened. So
        # of a pair that is longer than a block, only a part of the second text is compared with the first.
        return self.level * 100_000 - 19

    def length(self, data: bytes) -> int:
        return len(bz2.compress(data, self.level))


@dataclass(frozen=True)
class Lzma(Compressor):
    """``len(lzma.compress(data, preset=level))``, in bytes: LZ77 with a large window and range coding, as .xz.

    Parameters
    ----------
    level : int, default=6
        The preset, 0 to 9. Milliseconds a pair whatever the text, as each call clears a large table.

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
