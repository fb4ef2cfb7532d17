"""A linear model on distances to landmarks (gzipknn.recipes.landmark_classifier), on whole test sets.

python experiments/landmarks.py --data ../shared/data --sets r8 ohsumed imdb
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, read_known, run, timed, write_result
from plots import draw_scores

from gzipknn.datasets import load_texts
from gzipknn.recipes import landmark_classifier
from gzipknn.scores import accuracy

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with a folder for each set")
    parser.add_argument("--sets", nargs="+", default=("r8", "ohsumed", "imdb"))
    parser.add_argument("--landmarks", type=int, default=4000, help="at most so many (default: 4000)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    add_memory(parser)
    options = parser.parse_args()
    path = options.out / "landmarks.json"
    known = read_known(path, "sets")
    for name in options.sets:
        X_train, y_train = load_texts(options.data / name, "train")
        X_test, y_test = load_texts(options.data / name, "test")
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
        write_result(path, {"sets": known})
        print(name, json.dumps(known[name]), flush=True)
    draw(known, path.with_suffix(".png"))


def draw(sets: dict[str, Any], path: Path) -> None:
    scores = {name: found["test"] for name, found in sets.items()}
    draw_scores({"whole test sets": {"lz77": scores}}, path, "A linear model on distances to landmarks")


if __name__ == "__main__":
    run(main)
