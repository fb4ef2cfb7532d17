"""Compressors whose packages are optional: zstd, lz4, brotli."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gzipknn.compressors.base import Compressor, as_lengths, check_level
from gzipknn.metrics import Lengths
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.optional_packages import import_extra

# At qualities 2 and 3, brotli's window is 4 MiB, but its small hash table has by then forgotten what stood there:
# about here, half of an incompressible text is no longer found (experiments/windows.py).
BROTLI_REMEMBERS = 1_900_000


@dataclass(frozen=True)
class Zstd(Compressor):
    """Length in bytes of a Zstandard frame. Needs ``pip install gzipknn[zstd]``.

    Parameters
    ----------
    level : int, default=3
        1 (fast) to 22 (small).
    """

    level: int = 3

    def __post_init__(self) -> None:
        check_level("level", self.level, 1, 22)
        _extra("zstandard", "zstd")

    @property
    def window(self) -> float:
        # that of long inputs; for short ones it is smaller, but holds all of them
        parameters = _extra("zstandard", "zstd").ZstdCompressionParameters.from_level(self.level)
        return float(1 << parameters.window_log)

    def length(self, data: bytes) -> int:
        # an object a call: zstandard's may not be shared by threads
        return len(_extra("zstandard", "zstd").ZstdCompressor(level=self.level).compress(data))

    def behind(self, prefix: bytes) -> Callable[[Corpus], Lengths]:
        zstd = _extra("zstandard", "zstd")
        dictionary = zstd.ZstdCompressionDict(prefix, dict_type=zstd.DICT_TYPE_RAWCONTENT)
        dictionary.precompute_compress(level=self.level)

        def lengths(texts: Corpus) -> Lengths:
            compress = zstd.ZstdCompressor(dict_data=dictionary).compress
            return as_lengths(len(compress(text)) for text in texts)

        return lengths


@dataclass(frozen=True)
class Lz4(Compressor):
    """Length in bytes of an LZ4 frame: LZ77 without entropy coding. Needs ``pip install gzipknn[lz4]``.

    Parameters
    ----------
    level : int, default=0
        0 (fast) to 16 (small); from 3 on the high-compression parser.
    """

    level: int = 0

    def __post_init__(self) -> None:
        check_level("level", self.level, 0, 16)
        _extra("lz4.frame", "lz4")

    @property
    def window(self) -> float:
        return 2**16 - 1  # a distance has 16 bits

    def length(self, data: bytes) -> int:
        return len(_extra("lz4.frame", "lz4").compress(data, compression_level=self.level))


@dataclass(frozen=True)
class Brotli(Compressor):
    """Length in bytes of a Brotli stream, whose built-in dictionary helps short texts.

    Needs ``pip install gzipknn[brotli]``.

    Parameters
    ----------
    level : int, default=11
        The quality, 0 (fast) to 11 (small).
    """

    level: int = 11

    def __post_init__(self) -> None:
        check_level("level", self.level, 0, 11)
        _extra("brotli", "brotli")

    @property
    def window(self) -> float:
        if self.level in (2, 3):
            return BROTLI_REMEMBERS
        return 2 ** (18 if self.level < 2 else 22) - 16

    def length(self, data: bytes) -> int:
        return len(_extra("brotli", "brotli").compress(data, quality=self.level))


def _extra(module: str, extra: str) -> Any:
    return import_extra(module, extra, needed_by=f"compressor {extra!r}")
