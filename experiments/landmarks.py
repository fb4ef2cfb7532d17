"""Measure a linear model on distances to landmarks (gzipknn.recipes.landmark_classifier) on whole test sets.

The results are the accuracy, the log loss of the probabilities (in nats) and their expected calibration error. They
also give the chosen penalty, the chosen number of landmarks, and the log loss on the held-out training texts that chose
them.

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
from confidence import expected_calibration_error
from plots import draw_scores
from sets import add_sets, load_sets

from gzipknn.recipes import landmark_classifier
from gzipknn.utils.accuracy import accuracy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, ("r8", "ohsumed", "imdb"))
    parser.add_argument("--landmarks", type=int, help="largest number of landmarks (default: it is chosen)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    add_out(parser)
    add_memory(parser)
    options = parser.parse_args()
    path = options.out / "landmarks.json"
    part = part_of(parser, options, "landmarks", "memory")
    known = read_known(path, "sets", part)
    for name, (X_train, y_train), (X_test, y_test) in load_sets(options.datasets, options.data):
        shared = {"n_jobs": options.n_jobs, "memory": options.memory, "verbose": int(sys.stderr.isatty())}
        clf = landmark_classifier("auto" if options.landmarks is None else options.landmarks, **shared)
        start = time.perf_counter()
        clf.fit(X_train, y_train)
        fitted = time.perf_counter()
        shares = clf.predict_proba(X_test)
        right = clf.classes_[shares.argmax(axis=1)] == np.array(y_test)
        done = time.perf_counter()
        seconds = {"fit_seconds": timed(fitted - start, options), "predict_seconds": timed(done - fitted, options)}
        # A label that is not in the training texts has probability 0.
        of_truth = np.where(clf.classes_ == np.array(y_test)[:, None], shares, 0).sum(axis=1)
        known[name] = {
            "n_train": len(X_train),
            "n_landmarks": len(clf.landmarks_),
            "alpha": clf.alpha_,
            "held_out_loss": clf.held_out_loss_,
            "test": accuracy(right),
            "log_loss": float(-np.log(np.maximum(of_truth, np.finfo(float).eps)).mean()),
            "ece": expected_calibration_error(shares.max(axis=1), right),
            **seconds,
        }
        write_result(path, {"sets": known}, part)
        print(name, json.dumps(known[name]), flush=True)
    draw(known, path.with_suffix(".svg"))


def draw(sets: dict[str, Any], path: Path) -> None:
    draw_scores({name: found["test"] for name, found in sets.items()}, path, "accuracy on the whole test set")


if __name__ == "__main__":
    run(main)
