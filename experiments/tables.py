"""Every method on every data set: accuracy with its interval, seconds, memory; and with few training texts.

    python experiments/tables.py --data ../shared/data                   all methods on the sets in that folder
    python experiments/tables.py --datasets r8 swahili --methods gzip tfidf-svm
    python experiments/tables.py --few-shot --datasets r8
    python experiments/tables.py --render                                only make tables and plots of the JSON there is
    python experiments/tables.py --render --out experiments/results      the same of the committed JSON

A set that is not in the folder is loaded from the Hugging Face hub. What can't be had is skipped, with the reason on
stderr; if that is everything, the exit code is 1. Results and tables go to `results`, or where --out says. A run adds
to what is there, but results of a part (--limit-train, ...) never replace or join those of whole runs. Each method runs
in a process of its own, so that its peak memory is its own. Without a GPU, an encoder gets only some texts.
"""

from __future__ import annotations

import argparse
import base64
import multiprocessing
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, add_out, check_folder, device_name, part_of, read_known, run, write_result
from methods import KS, METHODS, Setting
from numpy.typing import NDArray
from render import done, render
from sets import NOTHING, Texts, add_sets, check_titles, load_set, title_of

from gzipknn.baselines import TextEncoder
from gzipknn.knn import KNNClassifier
from gzipknn.search.hubs import draw
from gzipknn.search.neighbors import without_self
from gzipknn.utils.accuracy import accuracy

HERE = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
N_TUNING = 1000
"""Training texts by which k is chosen."""
ENCODER_TEXTS = (1000, 500)
"""Training and test texts for an encoder without a GPU."""
FEW = (5, 10, 50, 100)
"""Training texts a class."""
FEW_TEST = 500
SEEDS = range(5)


def main() -> None:
    options = parse_options()
    if not options.render:
        check_titles(options.datasets, options.data)
        check_folder(options.out, "few_shot" if options.few_shot else "table", options.part)
        run_set = run_few_shot if options.few_shot else run_methods
        anything_done = [run_set(name, options) for name in options.datasets]
        if not any(anything_done):
            sys.exit(NOTHING)
    for path in render(options.out):
        print(f"written: {path}")


def run_methods(name: str, options: argparse.Namespace) -> bool:
    """Run methods on a set; tell whether any was not skipped."""
    title = title_of(name, options.data)
    path = options.out / f"table_{title}.json"
    known, any_done = read_known(path, "methods", options.part), False
    check_model(path, {result.get("model") for result in done(known).values()} - {None}, options)
    encoding = [method for method in options.methods if METHODS[method].encodes]
    alone = [[method] for method in options.methods if method not in encoding]
    for group in [*alone, *([encoding] if encoding else [])]:
        results = in_own_process(measure, name, group, options)
        if "" in results:  # the set itself can't be had
            print(f"{name}: skipped: {results['']['skipped']}", file=sys.stderr)
            return False
        for method, result in results.items():
            skipped = "skipped" in result
            print(title, method, describe(result), flush=True, file=sys.stderr if skipped else sys.stdout)
            if not (skipped and method in done(known)):  # what was measured before stays
                known[method] = result
            any_done = any_done or not skipped
        if any_done:
            in_order = {method: known[method] for method in METHODS if method in known}
            write_result(path, {"data": title, "methods": in_order}, options.part)
    return any_done


def check_model(path: Path, there: set[str | None], options: argparse.Namespace) -> None:
    """Refuse to put the results of one encoder in the place of another's, or beside them."""
    model = model_name(options)
    if any(METHODS[method].encodes for method in options.methods) and there - {model}:
        was = ", ".join(sorted(str(name or "an unknown model") for name in there - {model}))
        raise ValueError(
            f"{path} holds results of the encoder {was}, and those of {model} never replace them; give another folder "
            f"with --out, or leave out the methods of encoders."
        )


def model_name(options: argparse.Namespace) -> str:
    return str(options.model_name or Path(options.model).name)


def in_own_process(function: Any, *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def describe(result: dict[str, Any]) -> str:
    if "skipped" in result:
        return f"skipped: {result['skipped']}"
    test = result["scores"]["test"]
    seconds = [result[name] for name in ("fit_seconds", "predict_seconds") if result[name] is not None]
    return f"{test['value']:.4f} ({test['n']} texts), {' + '.join(f'{one:.1f}' for one in seconds) or 'no'} s"


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
        if options.memory and "skipped" not in result:  # which may have known a part
            result.update({"fit_seconds": None, "predict_seconds": None})
        if encodes:
            result["model"] = model_name(options)
    return results


def measure_one(
    method: str, setting: Setting, train: Texts, test: Texts, embedding_seconds: tuple[float, float]
) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        clf = METHODS[method].make(setting)
    except ModuleNotFoundError as error:
        return {"skipped": str(error)}
    clf.fit(*train)
    result: dict[str, Any] = {}
    if METHODS[method].neighbors:
        result["n_neighbors"] = choose_k(clf, *train)
    if getattr(clf, "screen", None) is not None:
        result["n_candidates"] = clf.training_.screen.n_candidates(len(train[0]), max(KS))
    fitted = time.perf_counter()
    if METHODS[method].neighbors:
        right = by_rule(clf, test, result["n_neighbors"])
    else:
        right = {"test": clf.predict(test[0]) == np.array(test[1])}
    predicted = time.perf_counter()
    return {
        **result,
        "title": METHODS[method].title,
        "scores": {rule: accuracy(values) for rule, values in right.items()},
        "right": base64.b64encode(np.packbits(right["test"]).tobytes()).decode(),
        "fit_seconds": fitted - start + embedding_seconds[0],
        "predict_seconds": predicted - fitted + embedding_seconds[1],
        "peak_bytes": peak_bytes(),
    }


def choose_k(clf: KNNClassifier, X: list[str], y: list[str]) -> int:
    """Leave one out of training texts: which k labels most of them right? Of equals the smallest."""
    rows = draw(len(X), N_TUNING)
    ks = [k for k in KS if k < len(X)]
    found = without_self(*clf.kneighbors([X[row] for row in rows], max(ks) + 1), rows)
    truth = np.array(y)[rows]
    return max(ks, key=lambda k: (np.mean(predictions(clf, found, k) == truth), -k))


def predictions(clf: KNNClassifier, found: Any, k: int, tie_break: str = "nearest") -> NDArray[Any]:
    """Let the k nearest vote, from one search for all k."""
    return clf.set_params(tie_break=tie_break)._vote(*(values[:, :k] for values in found), None)


def by_rule(clf: KNNClassifier, test: Texts, k: int) -> dict[str, NDArray[np.bool_]]:
    """Which test texts are right at the k chosen, at k = 1, and as the published codes counted at k = 2."""
    found, truth = clf.kneighbors(test[0], min(max(KS), clf.n_samples_fit_)), np.array(test[1])
    either = clf.classes_[clf._y[found[1][:, :2]]] == truth[:, None]
    return {
        "test": predictions(clf, found, k) == truth,
        "k=1": predictions(clf, found, 1) == truth,
        "k=2, ties to the lowest class": predictions(clf, found, 2, "lowest") == truth,
        "top-2 of tied k=2": either.any(axis=1),
    }


def some(texts: Texts, *limits: int) -> Texts:
    """Take so many at random, the same ones in every run: many files are sorted by label."""
    rows = draw(len(texts[0]), min(limits))
    return [texts[0][row] for row in rows], [texts[1][row] for row in rows]


def embed(setting: Setting, texts: list[str]) -> float:
    """Embed texts once for all methods, and return the seconds that it took."""
    start = time.perf_counter()
    setting.encoder().fit_transform(texts)
    return time.perf_counter() - start


def peak_bytes() -> int | None:
    """Return the most memory that this process ever held, where the system tells."""
    if sys.platform == "win32":
        return None
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


# ---- few training texts ----


def run_few_shot(name: str, options: argparse.Namespace) -> bool:
    """Run methods on few texts of a set; tell whether any was not skipped."""
    title = title_of(name, options.data)
    path = options.out / f"few_shot_{title}.json"
    known, models = (read_known(path, key, options.part) for key in ("methods", "models"))
    any_done = False
    check_model(path, {models.get(method) for method in known if METHODS[method].encodes}, options)
    for method in options.methods:
        result = in_own_process(measure_few, name, method, options)
        if "skipped" in result:
            about = name if result["without_set"] else f"{title} {method}"
            print(f"{about}: skipped: {result['skipped']}", file=sys.stderr)
            if result["without_set"]:
                return False
            continue
        any_done = True
        known[method] = result["accuracies"]
        if METHODS[method].encodes:
            models[method] = model_name(options)
        print(title, method, {n: f"{np.mean(values):.3f}" for n, values in known[method].items()}, flush=True)
        in_order = {method: known[method] for method in METHODS if method in known}
        found = {"data": title, "n_test": result["n_test"], "methods": in_order, "models": models}
        write_result(path, found, options.part)
    return any_done


def measure_few(name: str, method: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fit on so many texts a class, drawn anew for each seed; k = 1, as there is little to choose k by."""
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
                if METHODS[method].neighbors:
                    clf.set_params(n_neighbors=1)
                clf.fit([X[row] for row in rows], y_train[rows])
            except (ModuleNotFoundError, OSError) as error:
                return {"skipped": str(error), "without_set": False}
            values.append(float(np.mean(clf.predict(test[0]) == np.array(test[1]))))
        accuracies[str(n)] = values
    return {"accuracies": accuracies, "n_test": len(test[0])}


def few(y: NDArray[Any], n: int, seed: int) -> NDArray[np.intp]:
    """Draw n texts of each class, or all it has."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.permutation(np.flatnonzero(y == label))[:n] for label in np.unique(y)])


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, HERE)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="NAME")
    parser.add_argument("--few-shot", action="store_true", help=f"{FEW} training texts a class, {len(SEEDS)} seeds")
    parser.add_argument("--render", action="store_true", help="only make tables and plots of the results there are")
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--model", default="bert-base-uncased", help="encoder: a name on the hub, or a folder")
    parser.add_argument("--model-name", help="what to call it in tables (default: the last part of its name)")
    parser.add_argument("--max-length", type=int, default=256, help="tokens an encoder reads of a text (default: 256)")
    parser.add_argument("--max-encoded", type=int, default=2500, help="texts to embed for a few-shot setting, at most")
    parser.add_argument("--cache", default=None, help="folder for the embeddings of few-shot runs")
    parser.add_argument("--n-jobs", type=int, default=-1, help="default: -1, all cores")
    add_memory(parser)
    add_out(parser)
    options = parser.parse_args()
    limits = ("limit_train", "limit_test", "max_length")
    options.part = part_of(parser, options, *limits, "max_encoded" if options.few_shot else "memory")
    if min(options.limit_train, options.limit_test) < 1:
        parser.error("limits must be at least 1")
    return options


if __name__ == "__main__":
    run(main)
