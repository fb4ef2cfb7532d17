"""Measure how much longer a search by lz77 takes if it weights phrases by what they tell about the class.

For each data set, the nearest training texts of some test texts are searched with and without the weights, on one core.
The two searches alternate. Times are processor microseconds per pair of a test text and a training text, without `fit`.
The ratio is the median of the ratios of the runs.

    python benchmarks/class_weights.py --data ../shared/data
    python benchmarks/class_weights.py --sets r8 --repeat 3
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from shared import add_data, parse, read_json, run_script, spread, write_json

from gzipknn import NCDClassifier
from gzipknn.compressors import LZ77
from gzipknn.datasets import load_texts

SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam")
NEIGHBOURS = (5, 31)
BASE_WEIGHT = 0.1
"""The middle one of the three values that NCDClassifierCV tries."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser, SETS)
    parser.add_argument("--queries", type=int, default=200, help="number of test texts (default: 200)")
    parser.add_argument("--repeat", type=int, default=7, help="number of runs (default: 7)")
    options = parse(parser, "queries", "repeat")
    results = read_json(options, "class_weights")
    for name in options.sets:
        X, y = load_texts(options.data / name, "train")
        queries = spread(load_texts(options.data / name, "test")[0], options.queries)
        models = [
            NCDClassifier(compressor=LZ77(base_weight=base), metric="nmi").fit(X, y) for base in (None, BASE_WEIGHT)
        ]
        results[name] = {str(k): measure(models, queries, k, options.repeat) for k in NEIGHBOURS}
        print(name, results[name], flush=True)
        write_json(options, "class_weights", results)


def measure(models: list[NCDClassifier], queries: list[str], k: int, repeat: int) -> dict[str, float]:
    """Return the microseconds per pair without and with the weights, and the ratio of both."""
    seconds = np.empty((repeat + 1, len(models)))
    for run in seconds:
        for i, model in enumerate(models):
            start = time.process_time()
            model.kneighbors(queries, k)
            run[i] = time.process_time() - start
    seconds = seconds[1:]  # the first run also makes what is only made once
    blind, weighted = np.median(seconds, axis=0) / (len(queries) * models[0].n_samples_fit_) * 1e6
    ratio = np.median(seconds[:, 1] / seconds[:, 0])
    return {"blind_us": float(blind), "weighted_us": float(weighted), "ratio": float(ratio)}


if __name__ == "__main__":
    run_script(main)
