"""Compare gzipknn with other libraries, on the same queries and training texts in one run.

    pip install '.[bench]' && pip install --no-deps npc-gzip      (npc-gzip requires numpy<2, but runs with later ones)
    python benchmarks/peers.py [--data FOLDER] [--queries N] [--train N]

Each library classifies by the nearest neighbour under NCD with gzip. textdistance and molzip use their own settings.
Rows give the seconds, the ratio to gzipknn on the same number of cores, and the accuracy. A library that cannot run is
listed with its error.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from shared import add_data, parse, read_json, run_script, spread, write_json

from gzipknn import NCDClassifier
from gzipknn.datasets import load_texts

SETS = ("r8", "sms_spam")
CORES = os.cpu_count() or 1
Data = tuple[list[str], Any, list[str]]


def npc_gzip(data: Data) -> Any:
    from npc_gzip.compressors.gzip_compressor import GZipCompressor
    from npc_gzip.knn_classifier import KnnClassifier

    X_train, y_train, X_test = data
    return KnnClassifier(GZipCompressor(), X_train, y_train.tolist()).predict(X_test, top_k=1)[1]


def ncd_knn_classifier(data: Data) -> Any:
    from NCD_KNN_Classifier import CompNCDClassifier
    from NCD_KNN_Classifier.utils import compressed_size

    X_train, y_train, X_test = data
    clf = CompNCDClassifier([], k=1, verbose=False)
    clf.training_data_with_sizes = [(y, x, compressed_size(x)) for x, y in zip(X_train, y_train, strict=True)]
    return clf.predict(X_test)


def molzip(data: Data) -> Any:
    from molzip import ZipClassifier

    X_train, y_train, X_test = data
    return ZipClassifier().fit_predict(X_train, y_train, X_test, k=1)[:, 0]


def textdistance_zlib(data: Data) -> Any:
    from textdistance import ZLIBNCD

    return nearest_by(ZLIBNCD(), data)


def textdistance_entropy(data: Data) -> Any:
    from textdistance import EntropyNCD

    return nearest_by(EntropyNCD(), data)


def nearest_by(distance: Callable[[str, str], float], data: Data) -> Any:
    X_train, y_train, X_test = data
    return y_train[[int(np.argmin([distance(x, text) for text in X_train])) for x in X_test]]


def kneighbors_with_a_callable(data: Data) -> Any:
    import zlib

    from sklearn.neighbors import KNeighborsClassifier

    X_train, y_train, X_test = data
    # scikit-learn needs numbers, so the samples are the positions of the texts.
    texts = [text.encode() for text in X_train + X_test]
    lengths = [len(zlib.compress(text, 9, 31)) for text in texts]

    def ncd(a: Any, b: Any) -> float:
        i, j = int(a[0]), int(b[0])
        joint = len(zlib.compress(texts[i] + b" " + texts[j], 9, 31))
        return (joint - min(lengths[i], lengths[j])) / max(lengths[i], lengths[j])

    positions = np.arange(len(texts))[:, None]
    clf = KNeighborsClassifier(1, metric=ncd, algorithm="brute").fit(positions[: len(X_train)], y_train)
    return clf.predict(positions[len(X_train) :])


def gzipknn(data: Data, n_jobs: int) -> Any:
    X_train, y_train, X_test = data
    return NCDClassifier(1, n_jobs=n_jobs).fit(X_train, y_train).predict(X_test)


PEERS: list[tuple[str, Callable[[Data], Any], int]] = [
    ("npc-gzip", npc_gzip, 1),
    ("ncd-knn-classifier", ncd_knn_classifier, CORES),
    ("molzip", molzip, CORES),
    ("textdistance ZLIBNCD", textdistance_zlib, 1),
    ("textdistance EntropyNCD", textdistance_entropy, 1),
    ("KNeighborsClassifier(metric=callable)", kneighbors_with_a_callable, 1),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--queries", type=int, default=20, help="default: 20")
    parser.add_argument("--train", type=int, default=10_000, help="most training texts; default: 10,000")
    options = parse(parser, "queries", "train")
    read_json(options, "peers")  # an error about existing results comes before the work
    logging.disable(logging.INFO)
    rows = []
    for name in SETS:
        X_train, y_train = (spread(part, options.train) for part in load_texts(options.data / name, "train"))
        X_test, y_test = (spread(part, options.queries) for part in load_texts(options.data / name, "test"))
        classes, codes = np.unique(y_train, return_inverse=True)
        truth = np.searchsorted(classes, y_test)
        data = X_train, codes, X_test
        print(f"\n{name}: {len(X_test)} queries, {len(X_train)} training texts, one nearest neighbour")
        ours = {}
        for cores in sorted({1, CORES}):
            ours[cores] = run(lambda data: gzipknn(data, cores), data, truth)  # noqa: B023
            rows.append(show(name, f"gzipknn, {cores} core(s)", ours[cores], ours[cores]))
        for peer, function, cores in PEERS:
            rows.append(show(name, f"{peer}, {cores} core(s)", run(function, data, truth), ours[cores]))
    write_json(options, "peers", rows)


def run(function: Callable[[Data], Any], data: Data, truth: Any) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            predicted = function(data)
    except Exception as error:  # any error of another library is listed in the table
        return {"error": f"{type(error).__name__}: {error}"}
    return {"seconds": time.perf_counter() - start, "accuracy": float(np.mean(np.asarray(predicted) == truth))}


def show(data: str, peer: str, result: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    row = {"set": data, "peer": peer, **result}
    if "error" in result:
        print(f"{peer:<52}{result['error']}", flush=True)
        return row
    row["ratio"] = result["seconds"] / ours["seconds"]
    print(f"{peer:<52}{row['seconds']:>9.3f} s{row['ratio']:>9.1f} x   accuracy {row['accuracy']:.3f}", flush=True)
    return row


if __name__ == "__main__":
    run_script(main)
