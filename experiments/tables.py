"""Measure every method on every data set: accuracy, seconds and memory, or accuracy with few training texts.

    python experiments/tables.py --data ../shared/data                   all methods on the sets in that folder
    python experiments/tables.py --datasets r8 swahili --methods gzip tfidf-svm
    python experiments/tables.py --few-shot --datasets r8
    python experiments/tables.py --render                                only make tables and charts of existing results
    python experiments/tables.py --render --out experiments/results      the same for the committed results

A set that is not in the folder is loaded from the Hugging Face hub. Sets and methods that are not available are
skipped, with the reason on stderr. If everything is skipped, the exit code is 1. Results and tables go to the folder
`results`, or to that of --out. A run adds to the results there, but results of a part (--limit-train, ...) never
replace or join those of whole runs. Each method runs in its own process, so that its peak memory can be measured.
Without a GPU, an encoder gets only some of the texts.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, add_out, check_folder, part_of, read_known, run, write_result
from measuring import FEW, SEEDS, measure, measure_few, model_name
from methods import METHODS
from render import done, render
from sets import NOTHING, add_sets, check_titles, title_of

HERE = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")


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
    """Run methods on a data set. Return whether at least one was not skipped."""
    title = title_of(name, options.data)
    path = options.out / f"table_{title}.json"
    known, any_done = read_known(path, "methods", options.part), False
    check_model(path, {result.get("model") for result in done(known).values()} - {None}, options)
    encoding = [method for method in options.methods if METHODS[method].encodes]
    alone = [[method] for method in options.methods if method not in encoding]
    for group in [*alone, *([encoding] if encoding else [])]:
        results = in_own_process(measure, name, group, options)
        if "" in results:  # the set itself could not be loaded
            print(f"{name}: skipped: {results['']['skipped']}", file=sys.stderr)
            return False
        for method, result in results.items():
            skipped = "skipped" in result
            print(title, method, describe(result), flush=True, file=sys.stderr if skipped else sys.stdout)
            if not (skipped and method in done(known)):  # a skipped method keeps its earlier results
                known[method] = result
            any_done = any_done or not skipped
        if any_done:
            in_order = {method: known[method] for method in METHODS if method in known}
            write_result(path, {"data": title, "methods": in_order}, options.part)
    return any_done


def check_model(path: Path, there: set[str | None], options: argparse.Namespace) -> None:
    """Raise a ValueError if a file holds results of another encoder, which this run would replace or add to."""
    model = model_name(options)
    if any(METHODS[method].encodes for method in options.methods) and there - {model}:
        was = ", ".join(sorted(str(name or "an unknown model") for name in there - {model}))
        raise ValueError(
            f"{path} holds results of the encoder {was}, and those of {model} never replace them; name another folder "
            f"with --out, or leave out the methods that use an encoder."
        )


def in_own_process(function: Any, *arguments: Any) -> Any:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def describe(result: dict[str, Any]) -> str:
    if "skipped" in result:
        return f"skipped: {result['skipped']}"
    test = result["scores"]["test"]
    seconds = [result[name] for name in ("fit_seconds", "predict_seconds") if result[name] is not None]
    return f"{test['value']:.4f} ({test['n']} texts), {' + '.join(f'{one:.1f}' for one in seconds) or 'no'} s"


# ---- few training texts ----


def run_few_shot(name: str, options: argparse.Namespace) -> bool:
    """Run methods with few training texts of a data set. Return whether at least one was not skipped."""
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


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, HERE)
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS, metavar="NAME")
    parser.add_argument("--few-shot", action="store_true", help=f"{FEW} training texts per class, {len(SEEDS)} seeds")
    parser.add_argument("--render", action="store_true", help="only make the tables and charts of existing results")
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--model", default="bert-base-uncased", help="encoder: a name on the hub, or a folder")
    parser.add_argument("--model-name", help="name of the encoder in tables (default: the last part of its name)")
    parser.add_argument("--max-length", type=int, default=256, help="tokens an encoder reads of a text (default: 256)")
    parser.add_argument("--max-encoded", type=int, default=2500, help="most texts to embed for a few-shot setting")
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
