"""Measure the peak memory of `predict` with 5,000 queries and 20,000 training texts from a folder of texts.

python benchmarks/memory.py FOLDER
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from gzipknn import NCDClassifier
from gzipknn.datasets import load_texts

N_TRAIN, N_TEST = 20_000, 5_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="folder with train and test files, as for experiments/imdb.py")
    parser.add_argument("--compressor", default="gzip")
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    X_train, y_train = draw(load_texts(options.folder, "train"), N_TRAIN, rng)
    X_test, _ = draw(load_texts(options.folder, "test"), N_TEST, rng)
    clf = NCDClassifier(compressor=options.compressor, n_jobs=-1, verbose=1).fit(X_train, y_train)
    before = peak()
    start = time.perf_counter()
    clf.predict(X_test)
    seconds = time.perf_counter() - start
    print(f"{N_TEST} queries, {N_TRAIN} training texts of {sum(map(len, X_train)) / N_TRAIN:.0f} characters")
    print(f"peak resident memory: {before:.0f} MB after fit, {peak():.0f} MB after predict ({seconds:.0f} s)")


def draw(part, n, rng):
    """Draw n rows at random, with replacement if there are fewer than n."""
    texts, labels = part
    rows = rng.choice(len(texts), size=n, replace=len(texts) < n)
    return [texts[i] for i in rows], [labels[i] for i in rows]


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
