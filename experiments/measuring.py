"""Measure methods on a data set: accuracy, seconds and memory, and accuracy with few training texts per class."""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import device_name
from methods import METHODS, Setting
from numpy.typing import NDArray
from sets import Texts, load_set
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from gzipknn.baselines import TextEncoder
from gzipknn.knn import KNNClassifier
from gzipknn.search.hubs import draw
from gzipknn.ties import is_among_tied
from gzipknn.utils.accuracy import accuracy

PLAIN = {"n_neighbors": 2, "normalize": None, "weights": "uniform"}
"""The settings of the published experiments."""
ENCODER_TEXTS = (1000, 500)
"""The largest numbers of training and test texts for an encoder without a GPU."""
FEW = (5, 10, 50, 100)
"""The numbers of training texts per class."""
FEW_TEST = 500
SEEDS = range(5)


def model_name(options: argparse.Namespace) -> str:
    return str(options.model_name or Path(options.model).name)


# ---- one method, or all that share an encoder, on one set ----


def measure(name: str, methods: list[str], options: argparse.Namespace) -> dict[str, Any]:
    try:
        train, test = load_set(name, options.data)
    except (OSError, ValueError) as error:
        return {"": {"skipped": str(error)}}
    n_all = {"n_train_all": len(train[0]), "n_test_all": len(test[0])}
    encodes = METHODS[methods[0]].encodes
    with tempfile.TemporaryDirectory() as cache:
        try:
            device = device_name(TextEncoder(options.model).fit(["-"]).device_) if encodes else "cpu"
        except (ModuleNotFoundError, OSError) as error:
            return {method: {"skipped": str(error)} for method in methods}
        most = ENCODER_TEXTS if encodes and device == "cpu" else (sys.maxsize, sys.maxsize)
        train, test = some(train, options.limit_train, most[0]), some(test, options.limit_test, most[1])
        sizes, common = (len(train[0]), len(test[0])), (options.max_length, options.n_jobs, options.memory)
        setting = Setting(*sizes, options.model, cache, *common)
        seconds = (embed(setting, train[0]), embed(setting, test[0])) if encodes else (0.0, 0.0)
        results = {method: measure_one(method, setting, train, test, seconds) for method in methods}
    for result in results.values():
        result.update({"n_train": len(train[0]), "n_test": len(test[0]), **n_all, "device": device})
        if options.memory and "skipped" not in result:  # a part of the work may have been done before
            result.update({"fit_seconds": None, "predict_seconds": None})
        if encodes:
            result["model"] = model_name(options)
    return results


def measure_one(
    method: str, setting: Setting, train: Texts, test: Texts, embedding_seconds: tuple[float, float]
) -> dict[str, Any]:
    start = time.perf_counter()
    about = METHODS[method]
    try:
        clf = about.make(setting)
    except ModuleNotFoundError as error:
        return {"skipped": str(error)}
    chosen = {} if about.choose is None else about.choose(setting, *train)
    clf.set_params(**chosen).fit(*train)
    fitted = time.perf_counter()
    right = {"test": clf.predict(test[0]) == np.array(test[1])}
    predicted = time.perf_counter()
    result = {**described(clf, chosen), "title": about.title, "peak_bytes": peak_bytes()}
    if chosen and about.published:
        right.update(by_published_rules(about.make(setting).set_params(**PLAIN).fit(*train), train[1], test))
    return {
        **result,
        "scores": {rule: accuracy(values) for rule, values in right.items()},
        "right": base64.b64encode(np.packbits(right["test"]).tobytes()).decode(),
        "fit_seconds": fitted - start + embedding_seconds[0],
        "predict_seconds": predicted - fitted + embedding_seconds[1],
    }


def described(clf: Any, chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that were chosen on the training texts, in a form that JSON can hold."""
    model = clf[-1] if isinstance(clf, Pipeline) else clf
    if isinstance(model, GridSearchCV):
        return {"setting": {name.rpartition("__")[2]: value for name, value in model.best_params_.items()}}
    if not chosen:
        return {}
    plain = {
        name: value if isinstance(value, str | int | float | None) else str(value) for name, value in chosen.items()
    }
    result = {"n_neighbors": chosen["n_neighbors"], "setting": plain}
    if getattr(clf, "screen", None) is not None:
        result["n_candidates"] = clf.training_.screen.n_candidates(clf.n_samples_fit_, clf.n_neighbors)
    return result


def by_published_rules(clf: KNNClassifier, y_train: list[str], test: Texts) -> dict[str, NDArray[np.bool_]]:
    """Return which test texts are right at k = 1, and which the published code counted as right at k = 2."""
    labels, truth = np.array(y_train)[clf.kneighbors(test[0], 2, return_distance=False)], np.array(test[1])
    return {
        "k=1": labels[:, 0] == truth,
        "k=2, ties to the lowest class": np.sort(labels, axis=1)[:, 0] == truth,
        "top-2 of tied k=2": is_among_tied(truth, labels),
    }


def some(texts: Texts, *limits: int) -> Texts:
    """Draw texts at random up to the smallest limit, the same ones in every run. Many files are sorted by label."""
    rows = draw(len(texts[0]), min(limits))
    return [texts[0][row] for row in rows], [texts[1][row] for row in rows]


def embed(setting: Setting, texts: list[str]) -> float:
    """Embed texts, so that all methods can use the embeddings. Return the seconds that this took."""
    start = time.perf_counter()
    setting.encoder().fit_transform(texts)
    return time.perf_counter() - start


def peak_bytes() -> int | None:
    """Return the peak memory of this process in bytes, or None on Windows."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure_few(name: str, method: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure a method with few training texts per class, which are drawn anew for each seed.

    For methods that choose k, k is 1, because there are too few texts to choose it.
    """
    try:
        (X, y), test = load_set(name, options.data)
    except (OSError, ValueError) as error:
        return {"skipped": str(error), "without_set": True}
    test = some(test, FEW_TEST, options.limit_test)
    y_train, accuracies = np.array(y), {}
    for n in FEW:
        draws = [few(y_train, n, seed) for seed in SEEDS]
        if METHODS[method].encodes and options.max_encoded < len(set(np.concatenate(draws))) + len(test[0]):
            break
        values = []
        for rows in draws:
            setting = Setting(len(rows), len(test[0]), options.model, options.cache, options.max_length, options.n_jobs)
            try:
                clf = METHODS[method].make(setting)
                if METHODS[method].choose is not None:
                    clf.set_params(n_neighbors=1)
                clf.fit([X[row] for row in rows], y_train[rows])
            except (ModuleNotFoundError, OSError) as error:
                return {"skipped": str(error), "without_set": False}
            values.append(float(np.mean(clf.predict(test[0]) == np.array(test[1]))))
        accuracies[str(n)] = values
    return {"accuracies": accuracies, "n_test": len(test[0])}


def few(y: NDArray[Any], n: int, seed: int) -> NDArray[np.intp]:
    """Draw n texts of each class, or all texts of a class that has fewer. Return their positions."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in np.unique(y)])
