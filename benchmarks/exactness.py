"""Check that every length equals that of zlib, with millions of random pairs of texts and with adversarial texts.

    python benchmarks/exactness.py [--data FOLDER] [--sets NAME ...] [--pairs 2000000] [--seed 0]

For every data set, the lengths of the given number of random pairs, spread over the levels from 4 to 9, are compared
with those of `zlib.compress`. Then adversarial texts are generated and compared in the same way. The script prints a
line for each set, and exits with 1 at the first difference. The counts of other sets are kept in the JSON.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from shared import add_data, load_bytes, parse, read_json, run_script, write_json

from gzipknn._kernel import native
from gzipknn.compressors import Zlib
from gzipknn.texts.corpus import Corpus

LEVELS = range(4, 10)
TEXTS_A_QUERY = 500


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--sets", nargs="*", help="default: all sets of the folder")
    parser.add_argument("--pairs", type=int, default=2_000_000, help="pairs per set; default: 2,000,000")
    parser.add_argument("--seed", type=int, default=0)
    options = parse(parser, "pairs")
    if native() is None:
        parser.error("the native kernel is not in use: build it, and unset GZIPKNN_IMPLEMENTATION")
    sets = options.sets if options.sets is not None else sorted(path.name for path in options.data.iterdir())
    jobs = [
        (options.data / name, level, options.pairs // len(LEVELS) + 1, options.seed)
        for name in sets
        for level in LEVELS
    ]
    results: dict[str, int] = {}
    before = read_json(options, "exactness").get("pairs", {})
    start = time.perf_counter()
    with ProcessPoolExecutor() as pool:
        for (folder, level, *_), checked in zip(jobs, pool.map(check_set, *zip(*jobs, strict=True)), strict=True):
            results[folder.name] = results.get(folder.name, 0) + checked
            if level == LEVELS[-1]:
                print(f"{folder.name:<14}{results[folder.name]:>10} pairs, 0 differences", flush=True)
        results["adversaries"] = sum(pool.map(check_adversaries, LEVELS))
    print(f"{'adversaries':<14}{results['adversaries']:>10} pairs, 0 differences")
    print(f"levels {LEVELS[0]} to {LEVELS[-1]}, zlib {zlib.ZLIB_RUNTIME_VERSION}, {time.perf_counter() - start:.0f} s")
    write_json(options, "exactness", {"pairs": before | results, "differences": 0, "seed": options.seed})


def check_set(folder: Path, level: int, n_pairs: int, seed: int) -> int:
    rng = np.random.default_rng((seed, level))
    texts, queries = load_bytes(folder, "train"), load_bytes(folder, "test")
    checked = 0
    while checked < n_pairs:
        chosen = [texts[i] for i in rng.choice(len(texts), TEXTS_A_QUERY, replace=False)]
        index = Zlib(level).index(Corpus.from_texts(chosen), b" ")
        for _ in range(40):
            query = queries[rng.integers(len(queries))]
            for text, length in zip(chosen, Zlib(level).joint_lengths(query, index), strict=True):
                compare(query + b" " + text, level, int(length))
            checked += TEXTS_A_QUERY
    return checked


def check_adversaries(level: int) -> int:
    checked = 0
    texts = adversaries()
    for separator in (b" ", b"", b"\n--\n"):
        short = [text for text in texts if len(text) < 5_000]
        groups = [(short, short)]
        if separator == b" ":
            groups.append((texts[:: len(texts) // 40], texts))
        for first, second in groups:
            corpus = Corpus.from_texts(second)
            for text, length in zip(second, Zlib(level).lengths(corpus), strict=True):
                compare(text, level, int(length))
            index = Zlib(level).index(corpus, separator)
            for query in first[:: max(1, len(first) // 60)]:
                for text, length in zip(second, Zlib(level).joint_lengths(query, index), strict=True):
                    compare(query + separator + text, level, int(length))
                checked += len(second)
    return checked


def adversaries() -> list[bytes]:
    """Return texts that are hard for deflate.

    They are runs of one byte, periods (some with changes), noise, alternations, Fibonacci strings, tiny texts, and
    texts whose lengths are around every limit of deflate.
    """
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, 1_100_000, dtype=np.uint8).tobytes()
    words = [b"the ", b"cat ", b"sat ", b"on ", b"mats, ", b"which ", b"lay ", b"there\n", b"\x00", "né ".encode()]
    prose = b"".join(words[i] for i in rng.integers(0, len(words), 300_000))
    fibonacci = [b"a", b"ab"]
    while len(fibonacci[-1]) < 70_000:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    texts = [bytes(t) for n in range(4) for t in itertools.product(b"a\x00", repeat=n)]
    texts += [noise[i : i + period] * (1 + 2_000 // period) for i, period in enumerate(range(1, 301))]
    texts += fibonacci
    limits = [3, 258, 259, 512, 4_095, 4_096, 4_097, 16_382, 16_383, 16_384, 32_506, 32_767, 32_768, 32_769]
    limits += [65_273, 65_274, 65_275, 65_535, 65_536, 65_537]
    for limit, shift in itertools.product(limits, (-1, 0, 1)):
        n = limit + shift
        texts += [b"x" * n, noise[:n], prose[:n], (noise[:300] + b"\x00" * n)[:n]]
        # Noise of all bytes would be stored, so that matches would not matter. Noise of few letters is compressed.
        texts += [bytes(c % letters for c in noise[:n]) for letters in (4, 8, 60)]
        texts += [changed(rng, (noise[:period] * (n // period + 1))[:n]) for period in (7, 300, 4_097)]
    texts += [noise[:1_000_000], prose[:1_000_000], b"\x00" * 1_000_000, (noise[:40_000] * 26)[:1_000_000]]
    return sorted(texts, key=len)


def changed(rng: np.random.Generator, data: bytes) -> bytes:
    """Change one byte in a hundred."""
    values = np.frombuffer(data, dtype=np.uint8) % 61
    places = rng.integers(0, len(data), len(data) // 100)
    values[places] = rng.integers(0, 61, len(places))
    return values.tobytes()


def compare(data: bytes, level: int, length: int) -> None:
    expected = len(zlib.compress(data, level))
    if length != expected:
        Path("difference.bin").write_bytes(data)
        sys.exit(f"level {level}: {length} instead of {expected} for the {len(data)} bytes in difference.bin")


if __name__ == "__main__":
    run_script(main)
