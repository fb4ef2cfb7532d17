"""A linear model on distances to landmarks (gzipknn.recipes.landmark_classifier), on whole test sets.

python experiments/landmarks.py --data ../shared/data --datasets r8 ohsumed imdb
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, add_out, part_of, read_known, run, timed, write_result
from plots import draw_scores
from sets import add_sets, load_sets

from gzipknn.recipes import landmark_classifier
from gzipknn.utils.accuracy import accuracy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, ("r8", "ohsumed", "imdb"))
    parser.add_argument("--landmarks", type=int, default=4000, help="at most so many (default: 4000)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    add_out(parser)
    add_memory(parser)
    options = parser.parse_args()
    path = options.out / "landmarks.json"
    part = part_of(parser, options, "landmarks", "memory")
    known = read_known(path, "sets", part)
    for name, (X_train, y_train), (X_test, y_test) in load_sets(options.datasets, options.data):
        shared = {"n_jobs": options.n_jobs, "memory": options.memory, "verbose": int(sys.stderr.isatty())}
        clf = landmark_classifier(options.landmarks, **shared)
        start = time.perf_counter()
        clf.fit(X_train, y_train)
        fitted = time.perf_counter()
        test = accuracy(clf.predict(X_test) == np.array(y_test))
        done = time.perf_counter()
        seconds = {"fit_seconds": timed(fitted - start, options), "predict_seconds": timed(done - fitted, options)}
        n_landmarks = len(clf[0].landmarks_)
        known[name] = {
            "n_train": len(X_train),
            "n_landmarks": n_landmarks,
            "test": test,
            **seconds,
        }
        write_result(path, {"sets": known}, part)
        print(name, json.dumps(known[name]), flush=True)
    draw(known, path.with_suffix(".png"))


def draw(sets: dict[str, Any], path: Path) -> None:
    scores = {name: found["test"] for name, found in sets.items()}
    draw_scores({"whole test sets": {"lz77": scores}}, path, "A linear model on distances to landmarks")


if __name__ == "__main__":
    run(main)
