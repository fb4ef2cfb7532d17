"""Compare screened with exact search: recall, accuracy and time per pair.

For each data set and compressor, a model is fitted with screen="auto", which chooses the number of candidates on
training texts. Then the test texts are searched with and without the screen. The whole test set is used if the exact
search fits the budget, and otherwise a part of it. In addition, 200 test texts are searched on one core.

    python benchmarks/screening.py --data ../shared/data
    python benchmarks/screening.py --sets r8 --compressors gzip
    python benchmarks/screening.py --one-core               # measure only that again
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from shared import Column, add_data, draw_rows, parse, read_json, run_script, write_json

from gzipknn import NCDClassifier
from gzipknn.datasets import load_texts
from gzipknn.search.hubs import draw

SETS = ("r8", "ohsumed", "imdb", "20news", "agnews_10k")
COMPRESSORS = ("gzip", "lz77")
K = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser, SETS)
    parser.add_argument("--compressors", nargs="+", default=COMPRESSORS)
    parser.add_argument("--budget", type=float, default=600, help="seconds for an exact search (default: 600)")
    parser.add_argument("--n-jobs", type=int, default=1, help="cores for all test texts (default: 1)")
    parser.add_argument("--one-core", action="store_true", help="measure only the search on one core")
    options = parse(parser, "budget", "n_jobs")
    results = read_json(options, "screening")
    for name in options.sets:
        train, test = (load_texts(options.data / name, split) for split in ("train", "test"))
        for compressor in options.compressors:
            known = results.setdefault(name, {}).get(compressor, {})
            result = {**known, **measure(train, test, compressor, options)}
            results[name][compressor] = result
            print(name, compressor, *(f"{key} {value}" for key, value in result.items()), sep="\n  ", flush=True)
            write_json(options, "screening", results)
    plot(results, options.out / "screening.svg")


def measure(train: Any, test: Any, compressor: str, options: argparse.Namespace) -> dict[str, Any]:
    def search(n: int) -> dict[str, Any]:
        some = draw(len(test[0]), n)
        return clf.screening_report([test[0][i] for i in some], [test[1][i] for i in some])

    start = time.perf_counter()
    clf = NCDClassifier(K, compressor=compressor, screen="auto", n_jobs=options.n_jobs).fit(*train)
    fit_seconds = time.perf_counter() - start
    clf.set_params(n_jobs=1)
    one = search(200)
    pairs = 200 * len(train[0])
    result = {
        "us_exact": one["seconds_exact"] / pairs * 1e6,
        "us_screened": one["seconds_screened"] / pairs * 1e6,
        "speed_up_one_core": one["speed_up"],
    }
    if options.one_core:
        return result
    clf.set_params(n_jobs=options.n_jobs, verbose=1)
    affordable = int(options.budget * options.n_jobs * 200 / one["seconds_exact"])
    return {
        "n_train": len(train[0]),
        "bytes_a_text": sum(len(text.encode()) for text in train[0]) / len(train[0]),
        "fit_seconds": fit_seconds,
        "screen_bytes": clf.training_.screen.nbytes,
        **result,
        **search(affordable),
    }


def plot(results: dict[str, Any], path: Path) -> None:
    """Draw how many times as fast a screened search is, for the sets on which everything was measured."""
    columns = []
    whole = {name: found for name, found in results.items() if all("recall" in found.get(c, {}) for c in COMPRESSORS)}
    if not whole:  # only the search on one core was measured
        return
    for compressor in COMPRESSORS:
        found = [result[compressor] for result in whole.values()]
        names = [f"{name}, {one['bytes_a_text']:,.0f} bytes per text" for name, one in zip(whole, found, strict=True)]
        values = {name: [one["speed_up_one_core"]] for name, one in zip(names, found, strict=True)}
        columns.append(Column(f"{compressor}: times as fast", values, digits=1, limits=(0, 10)))
    draw_rows(columns, path)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
