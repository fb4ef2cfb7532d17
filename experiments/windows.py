"""Measure how far back each compressor looks: the distance of an incompressible text to itself, by its size.

The text consists of random bytes, so only a second copy of the text repeats anything. At the size where the distance to
itself rises from near 0 to 1, the compressor no longer sees the first copy when it reads the second.

    python experiments/windows.py
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np
from common import add_out, check_replaceable, part_of, run, write_result

from gzipknn import pairwise_ncd
from gzipknn.compressors import LZ77, Brotli, Bz2, Compressor, Gzip, Huffman, Lz4, Lzma, Zlib, Zstd

SIZES = (
    *(1_000, 30_000, 34_000, 60_000, 70_000, 250_000, 300_000, 440_000, 600_000, 900_000, 1_100_000, 1_600_000),
    *(2_000_000, 2_300_000, 4_000_000, 4_300_000, 8_300_000, 8_500_000),
)
"""The sizes of the text in bytes. There are at least two around each window."""
SIZES_BEYOND = 2
"""The number of sizes to measure beyond the window."""
COMPRESSORS: tuple[Compressor, ...] = (
    *(Gzip(), Gzip(level=1), Gzip(level=0), Zlib(), Lz4(), Lz4(level=9), Brotli(level=0), Brotli(level=2), Brotli()),
    *(Zstd(level=1), Zstd(), Zstd(level=9), Bz2(level=1), Bz2(), Lzma(level=0), Lzma(), Huffman(), LZ77()),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most-bytes", type=int, default=SIZES[-1], help="leave out longer texts")
    parser.add_argument("--seed", type=int, default=0)
    add_out(parser)
    options = parser.parse_args()
    path, part = options.out / "windows.json", part_of(parser, options, "most_bytes")
    check_replaceable(path, part)  # before the work
    sizes = [size for size in SIZES if size <= options.most_bytes]
    text = np.random.default_rng(options.seed).bytes(max(sizes))
    measured = {}
    for compressor in COMPRESSORS:
        measured[repr(compressor)] = found = curve(compressor, text, sizes)
        print(
            repr(compressor),
            found["window"],
            *(f"{size}:{d:.3f}" for size, d in found["distances"].items()),
            flush=True,
        )
    write_result(path, {"seed": options.seed, "compressors": measured}, part)


def curve(compressor: Compressor, text: bytes, sizes: list[int]) -> dict[str, Any]:
    """Measure the NCD of prefixes of a text to themselves, up to some sizes beyond the window."""
    window = compressor.window
    assert window is not None
    stop = sum(size <= window for size in sizes) + SIZES_BEYOND
    distances = {}
    for size in sizes[:stop]:
        distances[str(size)] = float(pairwise_ncd([text[:size]], compressor=compressor)[0, 0])
    return {"window": None if math.isinf(window) else int(window), "distances": distances}


if __name__ == "__main__":
    run(main)
