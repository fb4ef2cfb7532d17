"""Measure how fast `fit` and searches are on texts that are long, repetitive or not prose.

There are ten shapes of data, at four sizes of a text. Books, source code and executables are cut from the standard
library and the installed packages. Logs, JSON lines, HTML and DNA are generated. Texts of two random letters, and of
one line that is repeated, are the hardest for hash chains.

A search computes all joint lengths of a query with some texts. It is compared with the faster of two loops around zlib:
compress each pair, or continue from a copy of the state after the query. The lengths are compared, too, and a single
difference ends the run. Each number is the median of some runs of one thread, which alternate with runs of zlib. If
runs take minutes, there are fewer of them.

    python benchmarks/shapes.py
    python benchmarks/shapes.py --shapes dna logs --sizes 1024 32768
"""

from __future__ import annotations

import argparse
import statistics
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generated import SHAPES, stream
from kernel import cached, copy
from shared import SERIES, log_ticks, panels, parse, read_json, run_script, save, write_json

from gzipknn._kernel import native
from gzipknn.compressors import LZ77, Compressor, Gzip, TextIndex
from gzipknn.texts.corpus import Corpus

SIZES = {1 << 10: (200, 8), 1 << 15: (24, 4), 1 << 18: (6, 2), 1 << 20: (3, 1)}
"""For each size of a text in bytes, the number of training texts and the number of queries."""
REPEATS = 3
ENOUGH = 30
"""The seconds after which no further run is started."""
LOOPS = (cached, copy)
SEPARATOR = b" "


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", nargs="+", default=tuple(SHAPES), choices=SHAPES)
    parser.add_argument("--sizes", nargs="+", type=int, default=tuple(SIZES), choices=SIZES)
    parser.add_argument("--repeats", type=int, default=REPEATS, help=f"runs; the median counts (default: {REPEATS})")
    options = parse(parser, "shapes", "sizes", "repeats")
    results = read_json(options, "shapes")
    if native() is None:
        parser.error("the native kernel is not in use: build it, and unset GZIPKNN_IMPLEMENTATION")
    for shape in options.shapes:
        for size in options.sizes:
            result = measure(shape, size, options.repeats)
            results.setdefault(shape, {})[str(size)] = result
            print(f"{shape:<12} {size:>8}", *(f"{key} {value:.3g}" for key, value in result.items()), flush=True)
        write_json(options, "shapes", results)
    plot(results, options.out / "shapes.svg")


def measure(shape: str, size: int, repeats: int) -> dict[str, float]:
    n_texts, n_queries = SIZES[size]
    data = stream(shape, size * (n_texts + n_queries))
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    texts, queries = pieces[:n_texts], pieces[n_texts:]
    corpus, gzip, lz77 = Corpus.from_texts(texts), Gzip(), LZ77()
    blind, index = lz77.fit(corpus), fit(gzip, corpus)
    expected = [[len(zlib.compress(query + SEPARATOR + text, 9, 31)) for text in texts] for query in queries]
    if [gzip.joint_lengths(query, index).tolist() for query in queries] != expected:
        raise AssertionError(f"lengths of {shape} at {size} bytes differ from those of zlib")
    found = fit(blind, corpus)
    c_x = blind.lengths(Corpus.from_texts(queries)).tolist()
    contenders: dict[str, Callable[[], Any]] = {
        "fit": lambda: fit(gzip, corpus),
        "fit_zlib": lambda: [zlib.compress(text, 9) for text in texts],
        "fit_lz77": lambda: fit(lz77.fit(corpus), corpus),
        "search": lambda: [gzip.joint_lengths(query, index) for query in queries],
        "search_lz77": lambda: [blind.joint_lengths(q, found, c) for q, c in zip(queries, c_x, strict=True)],
    }
    for loop in LOOPS:
        contenders[loop.__name__] = lambda loop=loop: [loop(query, texts, 9) for query in queries]  # type: ignore[misc]
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        if sum(map(sum, seconds.values())) > ENOUGH:
            break
        for name, run in contenders.items():
            start = time.thread_time()
            run()
            seconds[name].append(time.thread_time() - start)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    micros = {name: median[name] * 1e6 / (size * n_texts) for name in ("fit", "fit_zlib", "fit_lz77")}
    fastest = min(median[loop.__name__] for loop in LOOPS)
    pairs = {name: median[name] * 1e6 / (n_texts * n_queries) for name in ("search", "search_lz77")}
    return {
        **{f"{name}_us_per_byte": value for name, value in micros.items()},
        **{f"{name}_us_per_pair": value for name, value in pairs.items()},
        "zlib_us_per_pair": fastest * 1e6 / (n_texts * n_queries),
        "ratio": fastest / median["search"],
        "ratio_lz77": fastest / median["search_lz77"],
    }


def fit(compressor: Compressor, corpus: Corpus) -> TextIndex:
    """Make the index of the texts, as `fit` does."""
    index = compressor.index(corpus, SEPARATOR, learnt_from=True)
    index.prepare()
    return index


def plot(results: dict[str, Any], path: Path) -> None:
    """Draw the speed of a search for each shape of texts, with a series for each size of a text."""
    names = list(results)
    figure, (axes,) = panels([0.42 * len(names) + 0.9])
    axes.axvline(1, color="0.5", linewidth=1)
    for row, name in enumerate(names):
        for size, style in zip(SIZES, SERIES, strict=False):
            if str(size) in results[name]:
                drawn = {"marker": style["marker"], "color": style["color"], "label": f"{size >> 10:,} kB"}
                axes.plot([results[name][str(size)]["ratio"]], [row], markersize=6, linestyle="none", **drawn)
    axes.set(xscale="log", xlabel="search: times as fast as the faster loop around zlib", ylim=(len(names) - 0.5, -0.5))
    axes.set_yticks(range(len(names)), names)
    log_ticks(axes.xaxis, [0.5, 1, 2, 5, 10, 20, 50])
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles, loc="outside upper left", ncols=4, frameon=False, handletextpad=0.1)
    save(figure, path)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
