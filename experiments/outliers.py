"""Measure how well outliers are detected by compression and by tf-idf: the area under the ROC curve (AUC).

There are two kinds of data. In labelled sets, one class at a time is left out of the training texts, and its texts are
the outliers among queries of all classes. In generated log lines, the outliers are of kinds that no training line has.

The settings are the score (distance to the k-th neighbour, mean distance to k neighbours, or local outlier factor), k,
the compressor and the metric. The settings with the highest mean AUC over all tasks are chosen on queries held out from
the training texts. The same is done for tf-idf, with the same scores. Then the test texts are the queries.

    python experiments/outliers.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
from common import add_out, part_of, read_known, run, write_result
from log_lines import log_lines
from numpy.typing import NDArray
from sets import Texts, add_sets, load_sets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors

from gzipknn import NCDNeighbors

Floats = NDArray[np.float64]
Found = tuple[Floats, NDArray[np.intp]]

SETS = ("r8", "agnews_10k", "sms_spam", "trec6")
KS = (1, 3, 5, 10, 20, 50)
MOST_CLASSES = 4
"""The largest number of classes of a set that are left out in turn, the most frequent ones first."""
SEARCHES: dict[str, dict[str, Any]] = {
    f"{compressor}, {metric}": {"compressor": compressor, "metric": metric}
    for compressor, metric in (("gzip", "ncd"), ("lz77", "ncd"), ("lz77", "nmi"))
}
TFIDF: dict[str, dict[str, Any]] = {
    "tf-idf of words": {},
    "tf-idf of letters": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, SETS)
    parser.add_argument("--train", type=int, default=1000, help="largest number of training texts (default: 1000)")
    parser.add_argument("--queries", type=int, default=500, help="largest number of queries (default: 500)")
    parser.add_argument("--n-jobs", type=int, default=1)
    add_out(parser)
    options = parser.parse_args()
    path, part = options.out / "outliers.json", part_of(parser, options, "train", "queries")
    tasks = read_known(path, "tasks", part)
    for name, train, validation, test, outlier in all_tasks(options):
        tasks[name] = {
            "n_train": len(train),
            **{f"n_{kind}": len(texts) for kind, (texts, _) in (("validation", validation), ("test", test))},
            "outlier": outlier,
            **measure(train, {"validation": validation, "test": test}, options.n_jobs),
        }
        best = {kind: max(tasks[name]["auc"][kind].values()) for kind in ("validation", "test")}
        print(name, best, flush=True)
        write_result(path, {"tasks": tasks, **summary(tasks)}, part)


def all_tasks(options: argparse.Namespace) -> Iterator[tuple[str, list[str], Any, Any, str]]:
    """Yield tasks: a name, training texts without outliers, validation and test queries, and the name of the outliers.

    The queries are pairs of texts and marks. A mark is 1 for an outlier, 0 otherwise.
    """
    rng = np.random.RandomState(0)
    for name, train, test in load_sets(options.datasets, options.data):
        train, test = (shuffled(texts, rng) for texts in (train, test))
        validation = tuple(part[: options.queries] for part in train)
        rest = tuple(part[options.queries :] for part in train)
        classes, counts = np.unique(train[1], return_counts=True)
        for left_out in classes[np.argsort(-counts)[:MOST_CLASSES]].tolist():
            kept = [text for text, label in zip(*rest, strict=True) if label != left_out][: options.train]
            marked = [
                (texts[: options.queries], [int(label == left_out) for label in labels[: options.queries]])
                for texts, labels in (validation, test)
            ]
            yield f"{name} without {left_out}", kept, *marked, left_out
    for seed in (0, 1):
        train, validation, test = (log_lines(n, rng, n_outliers) for n, n_outliers in sizes(options))
        yield f"log lines {seed}", train[0], validation, test, "line of another kind"


def sizes(options: argparse.Namespace) -> list[tuple[int, int]]:
    return [(options.train, 0), *[(options.queries, options.queries // 20)] * 2]


def shuffled(texts: Texts, rng: np.random.RandomState) -> Texts:
    order = rng.permutation(len(texts[0]))
    return [texts[0][i] for i in order], [texts[1][i] for i in order]


def measure(train: list[str], queries: dict[str, Any], n_jobs: int) -> dict[str, Any]:
    """Return the AUC of every score, by kind of queries (validation or test) and by setting."""
    auc: dict[str, dict[str, float]] = {kind: {} for kind in queries}
    for name, settings in SEARCHES.items():
        search = NCDNeighbors(max(KS), n_jobs=n_jobs, **settings).fit(train)
        among = search.kneighbors()
        for kind, (texts, truth) in queries.items():
            auc[kind] |= all_auc(name, among, search.kneighbors(texts), truth)
    for name, settings in TFIDF.items():
        vectorizer = TfidfVectorizer(sublinear_tf=True, **settings)
        vectors = vectorizer.fit_transform(train)
        nearest = NearestNeighbors(n_neighbors=max(KS), metric="cosine").fit(vectors)
        among = nearest.kneighbors()
        for kind, (texts, truth) in queries.items():
            auc[kind] |= all_auc(name, among, nearest.kneighbors(vectorizer.transform(texts)), truth)
    return {"auc": auc}


def all_auc(name: str, among: Found, found: Found, truth: list[int]) -> dict[str, float]:
    results = {}
    for k in KS:
        distances = found[0][:, :k]
        scores = {"k-th": distances[:, -1], "mean": distances.mean(axis=1), "lof": lof(among, found, k)}
        for score, values in scores.items():
            results[f"{name}, {score}, k = {k}"] = float(roc_auc_score(truth, values))
    return results


def lof(among: Found, found: Found, k: int) -> Floats:
    """Return the local outlier factor of queries. `among` and `found` are neighbours of training texts and of queries.

    References
    ----------
    Breunig, Kriegel, Ng, Sander: LOF: Identifying Density-Based Local Outliers. SIGMOD (2000).
    """
    to_kth = among[0][:, k - 1]

    def density(distances: Floats, indices: NDArray[np.intp]) -> Floats:
        return np.asarray(1 / (np.maximum(distances[:, :k], to_kth[indices[:, :k]]).mean(axis=1) + 1e-10))

    return np.asarray(density(*among)[found[1][:, :k]].mean(axis=1) / density(*found))


def summary(tasks: dict[str, Any]) -> dict[str, Any]:
    """Choose a setting for each method by the mean AUC on validation queries. Return both mean AUCs of this setting."""
    settings = next(iter(tasks.values()))["auc"]["validation"]
    means = {name: float(np.mean([task["auc"]["validation"][name] for task in tasks.values()])) for name in settings}
    groups: dict[str, list[str]] = {}
    for name in settings:
        method = name.rsplit(", k = ", 1)[0]
        groups.setdefault(method, []).append(name)
        groups.setdefault("tf-idf" if name.startswith("tf-idf") else "compression", []).append(name)
    chosen = {group: max(names, key=means.__getitem__) for group, names in groups.items()}
    return {
        "chosen": {
            group: {
                "setting": name,
                "validation": means[name],
                "test": float(np.mean([task["auc"]["test"][name] for task in tasks.values()])),
            }
            for group, name in chosen.items()
        }
    }


if __name__ == "__main__":
    run(main)
