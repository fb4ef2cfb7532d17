"""Growth: seconds a query and memory from 1,000 to 1,000,000 training texts of 240 bytes, exact and screened.

Training texts are windows of 240 bytes at random places of the data sets' texts, so at the largest size they overlap.
Each measurement is a process of its own, of which the peak of resident memory is noted.

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
from shared import DATA, load_bytes, parse, read_json, run_script, write_json

from gzipknn import NCDClassifier

SIZES = (1_000, 10_000, 100_000, 1_000_000)
COMPRESSORS = ("gzip", "lz77")
SOURCES = (("imdb", "train"), ("imdb", "test"), ("20news", "train"), ("20news", "test"), ("ohsumed", "train"))
N_BYTES = 240
SCREEN = {"gzip": 0.1, "lz77": 0.01}
K = 5
QUERIES = 20
SECONDS = 60
"""For the queries of an exact search: as many as fit, but 3."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with a folder for each set")
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
    plot(results, options.out / "scaling.png")


def measure(data: Path, compressor: str, size: int, mode: str) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    texts = windows(data, size + QUERIES, rng)
    queries = [texts.pop() for _ in range(QUERIES)]
    start = time.perf_counter()
    clf = NCDClassifier(K, compressor=compressor, screen=SCREEN[compressor] if mode == "screened" else None)
    clf.fit(texts, np.arange(size) % 2)
    fit_seconds = time.perf_counter() - start
    clf.kneighbors(queries[:1])  # what is made when it is first wanted
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
        if size <= 100_000:  # the exact search needs memory of its own
            result["recall"] = clf.screening_report(queries)["recall"]
    return result


def windows(data: Path, n: int, rng: np.random.Generator) -> list[bytes]:
    """Cut n pieces out of the data sets' texts laid end to end."""
    texts = b"\n".join(b"\n".join(load_bytes(data / name, split)) for name, split in SOURCES)
    starts = rng.integers(0, len(texts) - N_BYTES, n)
    return [texts[start : start + N_BYTES] for start in starts.tolist()]


def plot(results: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (times, memory) = plt.subplots(1, 2, figsize=(12, 5), constrained_layout=True)
    for name, by_size in results.items():
        compressor, mode = name.split()
        style = {
            "color": f"C{COMPRESSORS.index(compressor)}",
            "linestyle": "-" if mode == "screened" else "--",
            "marker": "o",
            "label": name,
        }
        sizes = sorted(map(int, by_size))
        times.plot(sizes, [by_size[str(size)]["query_seconds"] for size in sizes], **style)
        memory.plot(sizes, [by_size[str(size)]["peak_bytes"] / 1e9 for size in sizes], **style)
    times.set(xscale="log", yscale="log", xlabel="training texts of 240 bytes", ylabel="seconds a query, one core")
    memory.set(xscale="log", yscale="log", xlabel="training texts of 240 bytes", ylabel="peak resident memory, GB")
    for axes in (times, memory):
        axes.grid(alpha=0.3)
        axes.legend()
    shares = ", ".join(f"{share:.0%} of the texts with {name}" for name, share in SCREEN.items())
    figure.suptitle(f"Growth of the search of the {K} nearest; screened: {shares} are compressed")
    figure.savefig(path, dpi=110)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
