"""Compressors, given by name, as objects with a level, or as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gzipknn.compressors.base import CallableCompressor, Compressor, Match, Neighbors, TextIndex
from gzipknn.compressors.deflate import Gzip, Zlib
from gzipknn.compressors.extras import Brotli, Lz4, Zstd
from gzipknn.compressors.huffman import Huffman
from gzipknn.compressors.lz77 import LZ77
from gzipknn.compressors.stdlib import Bz2, Lzma
from gzipknn.utils.keyed import Keyed

__all__ = [
    "COMPRESSORS",
    "LZ77",
    "Brotli",
    "Bz2",
    "CallableCompressor",
    "Compressor",
    "Gzip",
    "Huffman",
    "Lz4",
    "Lzma",
    "Match",
    "Neighbors",
    "TextIndex",
    "Zlib",
    "Zstd",
    "get_compressor",
]

COMPRESSORS: dict[str, type[Compressor]] = {
    "gzip": Gzip,
    "zlib": Zlib,
    "bz2": Bz2,
    "lzma": Lzma,
    "lz77": LZ77,
    "huffman": Huffman,
    "zstd": Zstd,
    "lz4": Lz4,
    "brotli": Brotli,
}


def get_compressor(compressor: str | Compressor | Keyed | Callable[[bytes], Any]) -> Compressor:
    """Return the compressor for a name, a compressor object, a function, or any of these in a ``Keyed``.

    Raises
    ------
    ValueError
        If `compressor` is none of these. The message lists the names.
    ModuleNotFoundError
        If the package of the compressor is not installed. The message names the extra to install.

    Examples
    --------
    >>> get_compressor("gzip")
    Gzip(level=9)
    """
    if isinstance(compressor, Keyed):
        compressor = compressor.value
    if isinstance(compressor, Compressor):
        return compressor
    if isinstance(compressor, str) and compressor in COMPRESSORS:
        return COMPRESSORS[compressor]()
    if callable(compressor) and not isinstance(compressor, type):
        return CallableCompressor(compressor)
    raise ValueError(
        f"compressor must be one of {sorted(COMPRESSORS)}, a Compressor such as gzipknn.compressors.Gzip(level=6), "
        f"or a callable bytes -> bytes (or -> int), got {compressor!r:.80}."
    )
