"""Measure what screen="auto" costs and saves, with 100,000 training texts of 240 bytes and 50 or 5,000 queries.

Training texts and queries are windows of the data sets' texts. Times are processor seconds for `fit` and all queries on
one core. The exact search of 5,000 queries is not run. Its time is that of `fit` plus 100 times that of 50 queries.

    python benchmarks/auto_screen.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import numpy as np
from scaling import COMPRESSORS, windows
from shared import add_data, parse, run_script, write_json

from gzipknn import NCDClassifier

FEW, MANY = 50, 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--texts", type=int, default=100_000)
    options = parse(parser, "texts")
    texts = windows(options.data, options.texts + MANY, np.random.default_rng(0))
    train, queries = texts[: options.texts], texts[options.texts :]
    results = {}
    for compressor in COMPRESSORS:
        exact, auto = (measure(compressor, screen, train, queries) for screen in (None, "auto"))
        results[compressor] = {
            "exact": exact,
            "auto": auto,
            "few_ratio": auto["few"] / exact["few"],
            "many_speed_up": exact["many"] / auto["many"],
        }
        print(compressor, results[compressor], flush=True)
    write_json(options, "auto_screen", results)


def measure(compressor: str, screen: str | None, train: list[bytes], queries: list[bytes]) -> dict[str, Any]:
    """Return the seconds of `fit`, and of `fit` followed by few or many queries."""
    start = time.process_time()
    clf = NCDClassifier(compressor=compressor, screen=screen).fit(train, np.arange(len(train)) % 2)
    fitted = time.process_time()
    clf.predict(queries[:FEW])
    few = time.process_time() - fitted
    if screen is None:
        many = few * MANY / FEW
    else:
        clf.predict(queries)
        many = time.process_time() - fitted - few
    fit = fitted - start
    result = {"fit": fit, "few": fit + few, "many": fit + many}
    return result if clf.training_.screen is None else {**result, "kept": clf.training_.screen.least}


if __name__ == "__main__":
    run_script(main)
