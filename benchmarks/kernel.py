"""Measure how fast the native kernel is, in microseconds per pair, and compare it with loops around zlib.

    python benchmarks/kernel.py [--data FOLDER] [--sets r8 ohsumed ...] [--queries N] [--level 9]

There is one process, one thread and one run. There are three loops around zlib:

    naive    compress both texts and the pair
    cached   compress only the pair
    copy     compress only the text, from a copy of the state after the query

For each query, a sample of the training texts is compressed by each of the loops. Then all training texts are given to
the kernel, once for all lengths and once for the 5 nearest texts.
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
import zlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from shared import add_data, load_bytes, parse, read_json, run_script, spread, write_json

from gzipknn._kernel import native
from gzipknn.compressors import Gzip
from gzipknn.metrics import ncd
from gzipknn.texts.corpus import Corpus

SETS = ("sms_spam", "agnews_10k", "r8", "ohsumed", "imdb", "20news")
LOOP_PAIRS = 300
K = 5


def naive(query: bytes, texts: list[bytes], level: int) -> None:
    for text in texts:
        len(zlib.compress(query, level, 31))
        len(zlib.compress(text, level, 31))
        len(zlib.compress(query + b" " + text, level, 31))


def cached(query: bytes, texts: list[bytes], level: int) -> None:
    prefix = query + b" "
    for text in texts:
        len(zlib.compress(prefix + text, level, 31))


def copy(query: bytes, texts: list[bytes], level: int) -> None:
    start = zlib.compressobj(level, zlib.DEFLATED, 31)
    start.compress(query + b" ")
    for text in texts:
        state = start.copy()
        len(state.compress(text)) + len(state.flush())


LOOPS = (naive, cached, copy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser, SETS)
    parser.add_argument(
        "--queries", type=int, default=60, help="queries per set, spread over the test texts; default: 60"
    )
    parser.add_argument("--level", type=int, default=9, help="default: 9")
    options = parse(parser, "sets", "queries")
    name = "kernel" if options.level == 9 else f"kernel-level{options.level}"
    read_json(options, name)  # an error about existing results comes before the work
    if native() is None:
        parser.error("the native kernel is not in use: build it, and unset GZIPKNN_IMPLEMENTATION")
    header = (
        "set",
        "bytes",
        "naive",
        "cached",
        "copy",
        "all",
        "ratio",
        "5-near",
        "ratio",
        "MB/s",
        "fit s",
        "2 threads",
    )
    print(f"{header[0]:<12}" + "".join(f"{name:>10}" for name in header[1:]))
    rows = [measure(each, options) for each in options.sets]
    print("µs per pair; ratios to the fastest of the three loops; MB/s of training text; 2 threads: speed-up")
    write_json(options, name, rows)


def measure(name: str, options: argparse.Namespace) -> dict[str, Any]:
    texts = load_bytes(options.data / name, "train")
    queries = spread(load_bytes(options.data / name, "test"), options.queries)
    sample = spread(texts, LOOP_PAIRS)
    corpus, gzip = Corpus.from_texts(texts), Gzip(options.level)
    index = gzip.index(corpus, b" ")
    fit_seconds = clock(index.prepare)[1]  # otherwise the first query would make the tables
    c_y = gzip.lengths(corpus)

    def nearest(queries: list[bytes]) -> None:
        gzip.nearest(Corpus.from_texts(queries), index, c_y, ncd, K)

    seconds: dict[str, list[float]] = defaultdict(list)
    for query in queries:
        for loop in LOOPS:
            seconds[loop.__name__].append(clock(lambda: loop(query, sample, options.level))[1] / len(sample))  # noqa: B023
        seconds["all"].append(clock(lambda: gzip.joint_lengths(query, index))[1] / len(texts))  # noqa: B023
        seconds["nearest"].append(clock(lambda: nearest([query]))[1] / len(texts))  # noqa: B023

    # These are means and not medians, because queries differ in length far more than runs differ in time.
    micros = {what: statistics.fmean(values) * 1e6 for what, values in seconds.items()}
    fastest = min(micros[loop.__name__] for loop in LOOPS)
    row = {
        "set": name,
        "mean_bytes": len(corpus.buffer) / len(texts),
        **micros,
        "all_ratio": fastest / micros["all"],
        "nearest_ratio": fastest / micros["nearest"],
        "megabytes_a_second": len(corpus.buffer) / len(texts) / micros["all"],
        "fit_seconds": fit_seconds,
        "two_threads": two_threads(nearest, queries),
    }
    numbers = [f"{value:>10.2f}" for value in list(row.values())[1:]]
    order = (0, 1, 2, 3, 4, 6, 5, 7, 8, 9, 10)
    print(f"{name:<12}" + "".join(numbers[i] for i in order), flush=True)
    return row


def two_threads(nearest: Callable[[list[bytes]], None], queries: list[bytes]) -> float:
    """Return how many times as fast two threads are as one, each with half of the work. Median of some runs."""
    halves = queries[::2], queries[1::2]

    def together() -> None:
        threads = [threading.Thread(target=nearest, args=(half,)) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    ratios = []
    for _ in range(5):
        one = sum(clock(lambda: nearest(half))[1] for half in halves)  # noqa: B023
        ratios.append(one / clock(together)[1])
    return statistics.median(ratios)


def clock(function: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = function()
    return result, time.perf_counter() - start


if __name__ == "__main__":
    run_script(main)
