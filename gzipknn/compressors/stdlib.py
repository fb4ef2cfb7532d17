"""bz2 and lzma: the standard library's other compressors."""

from __future__ import annotations

import bz2
import lzma
from dataclasses import dataclass

from gzipknn.compressors.base import Compressor, check_level


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

    def length(self, data: bytes) -> int:
        return len(lzma.compress(data, preset=int(self.level)))
