"""Measure seconds per query and memory with 1,000 to 1,000,000 training texts of 240 bytes, exact and screened.

The training texts are windows of 240 bytes at random places in the data sets' texts. At the largest size they overlap.
Each measurement runs in its own process, so that its peak resident memory can be measured.

    python benchmarks/scaling.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from shared import (
    SERIES,
    add_data,
    label_ends,
    load_bytes,
    log_ticks,
    panels,
    parse,
    read_json,
    run_script,
    save,
    write_json,
)

from gzipknn import NCDClassifier

SIZES = (1_000, 10_000, 100_000, 1_000_000)
COMPRESSORS = ("gzip", "lz77")
SOURCES = (("imdb", "train"), ("imdb", "test"), ("20news", "train"), ("20news", "test"), ("ohsumed", "train"))
N_BYTES = 240
SCREEN = {"gzip": 0.1, "lz77": 0.01}
K = 5
QUERIES = 20
SECONDS = 60
"""The seconds after which no further query is searched, if there were at least 3."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--compressors", nargs="+", default=COMPRESSORS)
    parser.add_argument("--one", nargs=3, metavar=("COMPRESSOR", "SIZE", "MODE"), help=argparse.SUPPRESS)
    options = parse(parser)
    if options.one:
        compressor, size, mode = options.one
        print(json.dumps(measure(options.data, compressor, int(size), mode)))
        return
    results = read_json(options, "scaling")
    for size in options.sizes:
        for compressor in options.compressors:
            for mode in ("screened", "exact"):
                one = ["--data", str(options.data), "--one", compressor, str(size), mode]
                run = subprocess.run([sys.executable, __file__, *one], capture_output=True, text=True, check=True)
                result = json.loads(run.stdout.splitlines()[-1])
                results.setdefault(f"{compressor} {mode}", {})[str(size)] = result
                print(compressor, mode, size, result, flush=True)
        write_json(options, "scaling", results)
    plot(results, options.out / "scaling.svg")


def measure(data: Path, compressor: str, size: int, mode: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    texts = windows(data, size + QUERIES, rng)
    queries = [texts.pop() for _ in range(QUERIES)]
    start = time.perf_counter()
    clf = NCDClassifier(K, compressor=compressor, screen=SCREEN[compressor] if mode == "screened" else None)
    clf.fit(texts, np.arange(size) % 2)
    fit_seconds = time.perf_counter() - start
    clf.kneighbors(queries[:1])  # the first query makes some tables
    seconds = []
    for query in queries:
        start = time.perf_counter()
        clf.kneighbors([query])
        seconds.append(time.perf_counter() - start)
        if sum(seconds) > SECONDS and len(seconds) >= 3:
            break
    start = time.perf_counter()
    clf.set_params(n_jobs=2).kneighbors(queries[: len(seconds)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    result = {
        "fit_seconds": fit_seconds,
        "query_seconds": float(np.median(seconds)),
        "query_seconds_two_cores": (time.perf_counter() - start) / len(seconds),
        "peak_bytes": peak,
    }
    if mode == "screened":
        result["screen_bytes"] = clf.training_.screen.nbytes
        if size <= 100_000:  # the exact search needs more memory
            result["recall"] = clf.screening_report(queries)["recall"]
    return result


def windows(data: Path, n: int, rng: np.random.Generator) -> list[bytes]:
    """Cut n windows from random places in the joined texts of the data sets."""
    texts = b"\n".join(b"\n".join(load_bytes(data / name, split)) for name, split in SOURCES)
    starts = rng.integers(0, len(texts) - N_BYTES, n)
    return [texts[start : start + N_BYTES] for start in starts.tolist()]


def plot(results: dict[str, Any], path: Path) -> None:
    figure, (times, memory) = panels([3.2, 3.2])
    for axes, value, label in (
        (times, lambda found: found["query_seconds"], "seconds per query, one core"),
        (memory, lambda found: found["peak_bytes"] / 1e9, "peak memory, GB"),
    ):
        axes.set(xscale="log", yscale="log", xlabel="training texts of 240 bytes", ylabel=label)
        ends = {}
        for (name, by_size), style in zip(results.items(), SERIES, strict=False):
            sizes = sorted(map(int, by_size))
            values = [value(by_size[str(size)]) for size in sizes]
            axes.plot(sizes, values, markersize=5, **style)
            ends[name] = (values[-1], style["color"])
        log_ticks(axes.xaxis, sizes, "{:,}")
        low, high = axes.get_ylim()
        log_ticks(axes.yaxis, [y for y in (0.001, 0.01, 0.1, 0.5, 1, 2, 5) if low <= y <= high])
        label_ends(axes, ends)
    save(figure, path)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
