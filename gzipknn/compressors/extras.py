"""Compressors that need optional packages: zstd (part of Python from 3.14 on), lz4 and brotli."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from gzipknn.compressors.base import Compressor, as_lengths, check_level
from gzipknn.metrics import Lengths
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.optional_packages import import_extra

# At qualities 2 and 3, brotli's window has 4 MiB, but its small hash table forgets old strings earlier. At about this
# distance, half of an incompressible text is no longer found (experiments/windows.py).
BROTLI_REMEMBERS = 1_900_000

PYTHON_HAS_ZSTD = find_spec("_zstd") is not None
ZSTD_MAGIC = bytes.fromhex("37a430ec")
"""The first bytes of a trained dictionary."""
# The base-2 logarithm of the window of each level from 1 on: see ZSTD_defaultCParameters in libzstd.
ZSTD_WINDOW_BITS = (19, 20, *[21] * 6, *[22] * 8, *[23] * 3, 25, 26, 27)


@dataclass(frozen=True)
class Zstd(Compressor):
    """The length of a Zstandard frame in bytes. Before Python 3.14 it needs ``pip install gzipknn[zstd]``.

    From Python 3.14 on, ``compression.zstd`` is used if Python was built with it. The lengths may depend on the version
    of libzstd in that module or package.

    Parameters
    ----------
    level : int, default=3
        1 (fastest) to 22 (smallest output).
    """

    level: int = 3

    def __post_init__(self) -> None:
        check_level("level", self.level, 1, 22)
        if not PYTHON_HAS_ZSTD:
            _extra("zstandard", "zstd")

    @property
    def window(self) -> float:
        # the window for long inputs; for a short input libzstd takes a smaller one, which still holds all of it
        return float(1 << ZSTD_WINDOW_BITS[self.level - 1])

    def length(self, data: bytes) -> int:
        return len(_zstd(self.level)()(data))

    def behind(self, prefix: bytes) -> Callable[[Corpus], Lengths]:
        compressor = _zstd(self.level, prefix)

        def lengths(texts: Corpus) -> Lengths:
            compress = compressor()
            return as_lengths(len(compress(text)) for text in texts)

        return lengths


def _zstd(level: int, prefix: bytes = b"") -> Callable[[], Callable[[bytes], bytes]]:
    """Return a factory of functions that compress behind a prefix. Each thread needs a function of its own."""
    if PYTHON_HAS_ZSTD:
        own = import_module("compression.zstd")
        if prefix.startswith(ZSTD_MAGIC):
            prefix = b"\0" + prefix  # else libzstd would take it for a trained dictionary, even with is_raw=True
        # libzstd makes no use of shorter dictionaries, and Python refuses them
        dictionary = own.ZstdDict(prefix, is_raw=True).as_digested_dict if len(prefix) >= 8 else None
        return lambda: lambda data: own.compress(data, level, zstd_dict=dictionary)
    package = _extra("zstandard", "zstd")
    if len(prefix) < 8:
        return lambda: package.ZstdCompressor(level=level).compress
    dictionary = package.ZstdCompressionDict(prefix, dict_type=package.DICT_TYPE_RAWCONTENT)
    dictionary.precompute_compress(level=level)
    return lambda: package.ZstdCompressor(dict_data=dictionary).compress


@dataclass(frozen=True)
class Lz4(Compressor):
    """The length of an LZ4 frame in bytes: LZ77 without entropy coding. Needs ``pip install gzipknn[lz4]``.

    Parameters
    ----------
    level : int, default=0
        0 (fastest) to 16 (smallest output). Levels from 3 on use the high-compression parser.
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
    """The length of a Brotli stream in bytes. Needs ``pip install gzipknn[brotli]``.

    Brotli has a built-in dictionary, which helps short texts.

    Parameters
    ----------
    level : int, default=11
        The quality, from 0 (fastest) to 11 (smallest output).
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
