"""Measure how fast models of classes learn and predict, compared with other compressors of whole classes.

For each data set, ClassCompressorClassifier("kneser-ney") is fitted on the training texts and predicts the test texts,
on one core. The same is done with lz77 and zstd, on some of the test texts. A further set has the shape of AG News:
120,000 training windows and 7,600 test windows of about 240 bytes. They are cut from the four sets with the most text,
and these sets are the classes. Times are processor seconds of the fastest of a few runs. For predictions, MB are the
bytes of the texts times the number of classes.

    python benchmarks/class_models.py --data ../shared/data
    python benchmarks/class_models.py --sets r8 --repeat 1
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from shared import add_data, load_bytes, parse, read_json, run_script, spread, write_json

from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.compressors import Zstd
from gzipknn.datasets import load_texts
from gzipknn.texts.encoding import encode_texts

SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
OTHERS = {"lz77": "lz77", "zstd": Zstd(level=9)}
N_TRAIN, N_TEST, WINDOW = 120_000, 7_600, 240


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser, SETS)
    parser.add_argument("--repeat", type=int, default=3, help="number of runs; the fastest counts (default: 3)")
    parser.add_argument("--n-others", type=int, default=40, help="test texts for lz77 and zstd (default: 40)")
    options = parse(parser, "repeat", "n_others")
    results = read_json(options, "class_models")
    for name in options.sets:
        train, test = (load_texts(options.data / name, split) for split in ("train", "test"))
        some = [spread(part, options.n_others) for part in test]
        results[name] = {"kneser-ney": measure("kneser-ney", train, test, options.repeat)}
        for other, compressor in OTHERS.items():
            results[name][other] = measure(compressor, train, some, 1)
        report(name, results[name])
        write_json(options, "class_models", results)
    if set(options.sets) == set(SETS):
        train, test = windows([options.data / name for name in SETS])
        results["windows"] = {"kneser-ney": measure("kneser-ney", train, test, options.repeat)}
        report("windows", results["windows"])
        write_json(options, "class_models", results)


def measure(compressor: Any, train: Any, test: Any, repeat: int) -> dict[str, Any]:
    fit_seconds, clf = fastest(lambda: ClassCompressorClassifier(compressor).fit(*train), repeat)
    predict_seconds, predicted = fastest(lambda: clf.predict(test[0]), repeat)
    n_train, n_test = (sum(map(len, encode_texts(texts))) for texts in (train[0], test[0]))
    n_classes = len(clf.classes_)
    result = {
        "n_train": len(train[0]),
        "n_test": len(test[0]),
        "n_classes": n_classes,
        "train_bytes": n_train,
        "test_bytes": n_test,
        "fit_seconds": fit_seconds,
        "predict_seconds": predict_seconds,
        "fit_mb_per_second": n_train / fit_seconds / 1e6,
        "predict_mb_classes_per_second": n_test * n_classes / predict_seconds / 1e6,
        "accuracy": float(np.mean(predicted == np.array(test[1]))),
    }
    if compressor == "kneser-ney":
        result["model_bytes"] = clf.nbytes
    return result


def fastest(call: Callable[[], Any], repeat: int) -> tuple[float, Any]:
    """Return the processor seconds of the fastest of some calls, and the result of that call."""
    runs = []
    for _ in range(repeat):
        start = time.process_time()
        returned = call()
        runs.append((time.process_time() - start, returned))
    return min(runs, key=lambda run: run[0])


def windows(folders: list[Path]) -> tuple[Any, Any]:
    """Return labelled training and test texts: random windows from the four sets with the most text.

    The sets are the classes. AG News has four classes, too.
    """
    rng = np.random.default_rng(0)
    joined = {folder.name: b" ".join(load_bytes(folder, "train")) for folder in folders}
    largest = sorted(joined, key=lambda name: len(joined[name]))[-4:]
    labels = rng.choice(largest, N_TRAIN + N_TEST).tolist()
    texts = []
    for label in labels:
        size = int(rng.integers(WINDOW // 2, WINDOW * 3 // 2))
        start = int(rng.integers(0, len(joined[label]) - size))
        texts.append(joined[label][start : start + size])
    return (texts[:N_TRAIN], labels[:N_TRAIN]), (texts[N_TRAIN:], labels[N_TRAIN:])


def report(name: str, results: dict[str, dict[str, Any]]) -> None:
    for method, result in results.items():
        numbers = " ".join(f"{key} {value:.4g}" for key, value in result.items())
        print(f"{name} {method}: {numbers}", flush=True)


if __name__ == "__main__":
    run_script(main)
