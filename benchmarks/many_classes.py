"""Measure the time and memory of the vote of 10,000 queries among 20,000 classes, and compare it with the search.

The texts are windows of 240 bytes of the data sets' texts, two for each class. The peak is the memory that Python and
NumPy allocate in `predict`, without the memory of the fitted model.

    python benchmarks/many_classes.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

import numpy as np
from scaling import windows
from shared import add_data, parse, run_script, write_json

from gzipknn import NCDClassifier
from gzipknn.voting import neighbor_weights, vote


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--classes", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--n-neighbors", type=int, default=15)
    options = parse(parser, "classes", "queries")
    texts = windows(options.data, 2 * options.classes + options.queries, np.random.default_rng(0))
    train, queries = texts[: 2 * options.classes], texts[2 * options.classes :]
    clf = NCDClassifier(options.n_neighbors, compressor="lz77").fit(train, np.arange(len(train)) // 2)
    clf.kneighbors(queries[:1])  # the first query makes some tables
    tracemalloc.start()
    clf.predict(queries)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    start = time.process_time()
    distances, indices = clf.kneighbors(queries)
    searched = time.process_time()
    vote(indices // 2, neighbor_weights(distances, clf.weights), clf.tie_break)
    search_seconds, vote_seconds = searched - start, time.process_time() - searched
    result = {
        "classes": len(clf.classes_),
        "queries": len(queries),
        "n_neighbors": options.n_neighbors,
        "search_seconds": search_seconds,
        "vote_seconds": vote_seconds,
        "peak_bytes_above_model": peak,
    }
    print(result)
    write_json(options, "many_classes", result)


if __name__ == "__main__":
    run_script(main)
