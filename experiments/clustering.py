"""Cluster 100,000 texts by compression, and by tf-idf.

The texts are windows of 240 characters of labelled texts. The windows do not overlap. A screened search makes a graph
of neighbours by compression, and HDBSCAN finds clusters in it. There are two rivals: HDBSCAN on a graph of as many
neighbours by the cosine of tf-idf vectors of words, and k-means on these vectors, with as many clusters as there are
classes.

A clustering is compared with two labellings: the data set of each window, and the class of its text. The texts that
HDBSCAN calls noise count as one more cluster. The scores without the noise are given, too.

Each method runs in its own process, so that its peak memory can be measured. For each step, the elapsed seconds and the
processor seconds of all cores together are measured. On a machine that does other work as well, the processor seconds
divided by the number of cores are the better measure.

    python experiments/clustering.py --data ../shared/data --n-jobs 2
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from common import add_out, part_of, read_known, run, write_result
from numpy.typing import NDArray
from sets import add_sets, load_sets
from sklearn.cluster import HDBSCAN, MiniBatchKMeans
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.neighbors import KNeighborsTransformer

from gzipknn import NCDNeighborsTransformer
from gzipknn.graphs import connected_graph

SETS = ("20news", "imdb", "ohsumed", "r52", "agnews_10k")
N_CHARACTERS = 240
N_NEIGHBORS = 15
SCREEN = 0.01
"""The share of the texts with which each text is compressed."""
SETTINGS = [
    {"min_cluster_size": size, "min_samples": min_samples, "cluster_selection_method": "leaf"}
    for size in (5, 15, 50)
    for min_samples in (2, 5)
]
"""The settings of HDBSCAN. Each of them is a run on the same graph."""


class Clock:
    """A clock that notes the elapsed seconds of each step, and the processor seconds of all cores together."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}
        self._last = self._now()

    def note(self, step: str) -> None:
        """Note the time since the previous step."""
        now = self._now()
        self.steps[step] = {"seconds": now[0] - self._last[0], "core_seconds": now[1] - self._last[1]}
        self._last = now

    @staticmethod
    def _now() -> tuple[float, float]:
        return time.perf_counter(), time.process_time()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, SETS)
    parser.add_argument("--texts", type=int, default=100_000, help="windows (default: 100,000)")
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=list(METHODS))
    parser.add_argument("--n-jobs", type=int, default=2)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    add_out(parser)
    options = parser.parse_args()
    part = part_of(parser, options, "texts")
    path = options.out / (f"clustering_{options.texts}.json" if part else "clustering.json")
    if options.one:
        print(json.dumps(measure(options.one, options)))
        return
    results = read_known(path, "methods", part)
    common = ["--data", options.data, "--datasets", *options.datasets, "--texts", options.texts]
    for method in options.methods:
        command = [sys.executable, __file__, *common, "--n-jobs", options.n_jobs, "--one", method]
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True)
        if done.returncode:  # the process has printed the reason
            sys.exit(done.returncode)
        results[method] = json.loads(done.stdout.splitlines()[-1])
        print(method, json.dumps(results[method]), flush=True)
        write_result(path, {"n_characters": N_CHARACTERS, "n_neighbors": N_NEIGHBORS, "methods": results}, part)


def windows(options: argparse.Namespace) -> tuple[list[str], NDArray[np.intp], NDArray[np.intp]]:
    """Cut texts into windows, and draw the same number from each set, or all that it has.

    Returns
    -------
    texts : list of str
    sets, classes : ndarray of intp
        The data set and the class of each window, as numbers.
    """
    rng = np.random.default_rng(0)
    drawn: list[tuple[str, str, str]] = []
    loaded = []
    for name, *parts in load_sets(options.datasets, options.data):
        labelled = [pair for X, y in parts for pair in zip(X, y, strict=True)]
        cut = [(text[i : i + N_CHARACTERS], name, f"{name} {y}") for text, y in labelled for i in starts(text)]
        loaded.append([cut[i] for i in rng.permutation(len(cut))])
    for number, cut in enumerate(sorted(loaded, key=len)):  # larger sets make up for small ones
        drawn += cut[: (options.texts - len(drawn)) // (len(loaded) - number)]
    order = rng.permutation(len(drawn))
    texts, sets, classes = zip(*(drawn[i] for i in order), strict=True)
    return list(texts), *(np.unique(names, return_inverse=True)[1] for names in (sets, classes))


def starts(text: str) -> range:
    """Return the positions at which the whole windows of a text begin."""
    return range(0, len(text) - N_CHARACTERS + 1, N_CHARACTERS)


def measure(method: str, options: argparse.Namespace) -> dict[str, Any]:
    texts, *truths = windows(options)
    clock = Clock()
    found = METHODS[method](texts, truths, options.n_jobs, clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    scores = {name: score(labels, *truths) for name, labels in found.items()}
    counts = {"n_texts": len(texts), "n_classes": len(set(truths[1])), "n_jobs": options.n_jobs}
    return {**counts, "steps": clock.steps, "peak_bytes": peak, "clusterings": scores}


def by_compression(texts: list[str], truths: Any, n_jobs: int, clock: Clock) -> dict[str, Any]:
    transformer = NCDNeighborsTransformer(N_NEIGHBORS, compressor="lz77", screen=SCREEN, n_jobs=n_jobs)
    return clustered(transformer.fit_transform(texts), clock)


def by_words(texts: list[str], truths: Any, n_jobs: int, clock: Clock) -> dict[str, Any]:
    transformer = KNeighborsTransformer(n_neighbors=N_NEIGHBORS, metric="cosine", n_jobs=n_jobs)
    return clustered(transformer.fit_transform(vectorized(texts)), clock)


def by_k_means(texts: list[str], truths: Any, n_jobs: int, clock: Clock) -> dict[str, Any]:
    labels = MiniBatchKMeans(len(set(truths[1])), random_state=0, n_init=3).fit_predict(vectorized(texts))
    clock.note("k-means")
    return {"k-means": labels}


def vectorized(texts: list[str]) -> Any:
    return TfidfVectorizer(sublinear_tf=True, max_df=0.2).fit_transform(texts)


def clustered(graph: Any, clock: Clock) -> dict[str, Any]:
    clock.note("graph")
    connected = connected_graph(graph)
    clock.note("connected")
    found = {}
    for setting in SETTINGS:
        name = f"clusters of {setting['min_cluster_size']} or more, min_samples={setting['min_samples']}"
        found[name] = HDBSCAN(**setting, metric="precomputed", copy=True).fit_predict(connected)
        clock.note(name)
    return found


METHODS: dict[str, Callable[[list[str], Any, int, Clock], dict[str, Any]]] = {
    "lz77, HDBSCAN": by_compression,
    "tf-idf, k-means": by_k_means,
    "tf-idf, HDBSCAN": by_words,
}


def score(labels: NDArray[np.intp], sets: NDArray[np.intp], classes: NDArray[np.intp]) -> dict[str, Any]:
    kept = labels >= 0
    scores: dict[str, Any] = {"n_clusters": int(labels.max() + 1), "share_of_noise": float(1 - kept.mean())}
    for name, truth in (("sets", sets), ("classes", classes)):
        for which, some in (("all", slice(None)), ("without noise", kept)):
            scores[f"{name}, {which}"] = {
                "ari": float(adjusted_rand_score(truth[some], labels[some])),
                "nmi": float(normalized_mutual_info_score(truth[some], labels[some])),
            }
    return scores


if __name__ == "__main__":
    run(main)
