"""Measure the accuracy and the time of every compressor on every data set.

For each compressor, metric and correction for hubs, k and the weights are chosen on held-out training texts. Then the
best metric and correction are chosen in the same way. The test texts are used once, at the end. NCDClassifierCV does
this by the same rule for all sets. For lz77, it also chooses the weights that are learned from the labels. If a
compressor is too slow for its budget, it gets fewer queries. The table gives their number.

    python experiments/compressors.py --data ../shared/data --datasets r8 ohsumed
    python experiments/compressors.py --table
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, add_out, check_folder, part_of, read_known, run, timed, write_result
from plots import Column, draw_rows
from sets import Texts, add_sets, load_sets

from gzipknn import NCDClassifierCV, voting
from gzipknn.compressors import COMPRESSORS, LZ77
from gzipknn.compressors.background import BLEND
from gzipknn.search.fitted import open_cache_of
from gzipknn.search.hubs import N_SAMPLE, draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.neighbors import nearest
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts
from gzipknn.trials import best_of
from gzipknn.utils.accuracy import accuracy

SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
METRICS = ("ncd", "cdm", "nmi")
NORMALIZATIONS = (None, "half-local", "local", "zscore")
N_VALIDATION = 1000
FEWEST = 100
"""With fewer queries than these, only the time of a compressor is measured."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, SETS)
    parser.add_argument("--compressors", nargs="+", default=list(COMPRESSORS), choices=COMPRESSORS)
    parser.add_argument("--budget", type=float, default=600, help="seconds for a compressor on a set (default: 600)")
    parser.add_argument("--n-jobs", type=int, default=-1)
    add_out(parser)
    parser.add_argument("--table", action="store_true", help="only make the table and the chart of existing results")
    add_memory(parser)
    options = parser.parse_args()
    options.part = part_of(parser, options, "budget", "memory")
    if not options.table:
        check_folder(options.out, "compressors", options.part)
        for name, train, test in load_sets(options.datasets, options.data):
            run_set(name, train, test, options)
    make_table(options.out)
    plot(read_results(options.out), options.out / "compressors.svg")


def run_set(name: str, train_texts: Texts, test_texts: Texts, options: argparse.Namespace) -> None:
    (X_train, y_train), (X_test, y_test) = train_texts, test_texts
    path = options.out / f"compressors_{name}.json"
    known = read_known(path, "compressors", options.part)
    train, test = (Corpus.from_texts(encode_texts(texts)) for texts in (X_train, X_test))
    train = train.labelled(np.unique(y_train, return_inverse=True)[1])
    for compressor in options.compressors:
        try:
            micros = micros_per_pair(compressor, train, test)
        except ModuleNotFoundError as error:
            print(f"{name} {compressor}: left out, {error}", file=sys.stderr)
            continue
        scored = score(compressor, X_train, y_train, X_test, y_test, micros, options)
        if compressor == "lz77" and "background" in scored:
            blind = LZ77(background=scored["background"])
            micros = micros_per_pair(replace(blind, base_weight=scored["base_weight"]), train, test)
            scored["us_per_pair_without_labels"] = micros_per_pair(blind, train, test)
        known[compressor] = {"us_per_pair": micros, **scored}
        result = {"data": name, "n_train": len(train), "n_test": len(test), "compressors": known}
        write_result(path, result, options.part)
        print(name, compressor, json.dumps(known[compressor].get("chosen")), f"{micros:.2f} us", flush=True)


def micros_per_pair(compressor: Any, train: Corpus, test: Corpus) -> float:
    """Return the microseconds per pair in a search of the 5 nearest on one core, as the median over some queries.

    If the compressor is slow, only some of the training texts are searched.
    """

    def search(texts: Corpus, n_queries: int) -> float:
        training = TrainingTexts.prepare(texts, compressor, "ncd", "query-first", " ")
        queries, seconds = test.take(draw(len(test), n_queries)), []
        for i in range(len(queries)):
            start = time.thread_time()
            nearest(training, queries.rows(i, i + 1), 5)
            seconds.append(time.thread_time() - start)
        return float(np.median(seconds)) * 1e6 / len(texts)

    guess = search(train.take(draw(len(train), 500)), 3)  # an overestimate, because a pair of few texts costs more
    return search(train, 41) if guess * len(train) < 1e6 else search(train.take(draw(len(train), 100)), 20)


def score(
    compressor: str,
    X_train: list[str],
    y_train: list[Any],
    X_test: list[str],
    y_test: list[Any],
    micros: float,
    options: argparse.Namespace,
) -> dict[str, Any]:
    cores = 2 if options.n_jobs == -1 else options.n_jobs
    affordable = int(options.budget * cores * 1e6 / (micros * len(X_train))) - N_SAMPLE
    normalizations = NORMALIZATIONS
    if affordable < 2 * N_SAMPLE:
        affordable, normalizations = affordable + N_SAMPLE, (None,)
    n_validation, n_test = min(N_VALIDATION, affordable // 3), min(len(X_test), affordable - affordable // 3)
    if affordable > 2 * N_VALIDATION:
        n_test = min(len(X_test), affordable - N_VALIDATION)
    if n_test < FEWEST:
        return {}
    start = time.perf_counter()
    clf = NCDClassifierCV(
        compressor=compressor,
        metric=METRICS,
        normalize=normalizations,
        n_samples=n_validation,
        n_jobs=options.n_jobs,
        verbose=int(sys.stderr.isatty()),
        memory=options.memory,
    ).fit(X_train, y_train)
    tried = [dict(zip(clf.cv_results_, values, strict=True)) for values in zip(*clf.cv_results_.values(), strict=True)]
    tried = [setting for setting in tried if setting["compressor"] == clf.best_params_["compressor"]]
    best = {
        (metric, normalize): best_of(
            [setting for setting in tried if (setting["metric"], setting["normalize"]) == (metric, normalize)]
        )
        for metric in METRICS
        for normalize in normalizations
    }
    chosen_test = draw(len(X_test), n_test)
    queries = Corpus.from_texts(encode_texts([X_test[i] for i in chosen_test]))
    truth = np.array(y_test)[chosen_test]
    labels = np.searchsorted(clf.classes_, y_train)
    training = clf.best_estimator_.training_
    hubs = draw(len(training), N_SAMPLE) if len(normalizations) > 1 else np.empty(0, dtype=np.intp)
    parallel = {"n_jobs": options.n_jobs, "verbose": int(sys.stderr.isatty())}
    chosen = clf.best_params_["compressor"]
    cached = open_cache_of(options.memory, chosen, METRICS, "query-first", b" ", training.texts)
    settings = vary(training, list(METRICS), list(normalizations), hubs, cached=cached, **parallel)
    if cached is not None:
        cached = cached.of("neighbors by", normalizations, hubs.tolist())
    k_most = max(setting["n_neighbors"] for setting in best.values())
    results = []
    for setting, (distances, indices) in zip(
        best.values(), neighbors_by(settings, queries, k_most, cached=cached, **parallel), strict=True
    ):
        k = setting["n_neighbors"]
        weights = voting.neighbor_weights(distances[:, :k], setting["weights"])
        winners = voting.vote(labels[indices[:, :k]], weights)
        right = clf.classes_[winners] == truth
        result = {key: value for key, value in setting.items() if key not in ("compressor", "accuracy")}
        results.append({**result, "validation": setting["accuracy"], "test": accuracy(right)})
    learnt = {"background": chosen.background, "base_weight": chosen.base_weight} if isinstance(chosen, LZ77) else {}
    which = ("metric", "normalize", "weights", "n_neighbors")
    return {
        **learnt,
        "seconds": timed(time.perf_counter() - start, options),
        "n_validation": n_validation,
        "settings": results,
        "chosen": next(r for r in results if all(r[name] == clf.best_params_[name] for name in which)),
    }


def read_results(out: Path) -> dict[str, Any]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in out.glob("compressors_*.json")]
    order = {name: number for number, name in enumerate(SETS)}
    found.sort(key=lambda result: (order.get(result["data"], len(order)), result["data"]))
    return {result["data"]: result for result in found}


def make_table(out: Path) -> None:
    """Write a Markdown file with a table of the chosen settings and one of all settings."""
    results = read_results(out)
    lines = [
        "# Compressors",
        "",
        "Accuracy on test texts with its 95 % Wilson interval, and microseconds per pair of texts in a search of the 5 "
        "nearest on one core. `python experiments/compressors.py` made these numbers.",
        "",
        "The metric, the correction for hubs, the weights and k were chosen on training texts that were held out. Slow "
        "compressors had fewer of these texts, no corrections and fewer test texts.",
    ]
    _, sets = drawn_of(results)
    if sets:
        lines += [
            "",
            "![Mean accuracy and mean time of each compressor](compressors.svg)",
            "",
            f"Means over {', '.join(sets)} (of times, geometric means), the sets on which each of these compressors "
            "was measured. A small mark is one data set.",
        ]
    for name, result in results.items():
        lines += ["", f"## {name}: {result['n_train']} training texts, {result['n_test']} test texts", ""]
        lines += [
            "| compressor | accuracy | 95 % interval | test texts | chosen settings | µs per pair |",
            "|---|---|---|---|---|---|",
        ]
        for compressor, scored in result["compressors"].items():
            micros = f"{scored['us_per_pair']:.2f}"
            if "chosen" not in scored:
                lines.append(f"| {compressor} | too slow | | | | {micros} |")
                continue
            chosen = scored["chosen"]
            if "background" in scored:
                background = scored["background"]
                compressor += (
                    f", {background}ed background" if background == BLEND else f", background of order {background}"
                )
                if scored.get("base_weight") is not None:
                    compressor += f", class weights with base {scored['base_weight']}"
            lines.append(f"| {compressor} | {' | '.join(cells(chosen))} | {describe(chosen)} | {micros} |")
    lines += ["", "# All settings", "", "k and the weights were chosen for each metric and correction.", ""]
    lines += ["| set | compressor | metric | normalize | weights | k | accuracy | 95 % interval | test texts |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    for name, result in results.items():
        for compressor, scored in result["compressors"].items():
            for setting in scored.get("settings", []):
                names = [str(setting[key]) for key in ("metric", "normalize", "weights", "n_neighbors")]
                lines.append(f"| {' | '.join([name, compressor, *names, *cells(setting)])} |")
    (out / "compressors.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cells(setting: dict[str, Any]) -> list[str]:
    test = setting["test"]
    low, high = test["interval"]
    return [f"{test['value']:.3f}", f"{low:.3f} to {high:.3f}", str(test["n"])]


def describe(setting: dict[str, Any]) -> str:
    correction = f", {setting['normalize']}" if setting["normalize"] else ""
    return f"{setting['metric']}{correction}, {setting['weights']}, k = {setting['n_neighbors']}"


def plot(results: dict[str, Any], path: Path) -> None:
    """Draw the accuracy and the time of each compressor that was measured on more than half of the sets."""
    drawn, sets = drawn_of(results)
    if not sets:
        return
    accuracies = {name: [found[name]["chosen"]["test"]["value"] for found in sets.values()] for name in drawn}
    micros = {name: [found[name]["us_per_pair"] for found in sets.values()] for name in drawn}
    columns = [Column("accuracy", accuracies), Column("µs per pair of texts, one core", micros, "µs", log=True)]
    draw_rows(columns, path)


def drawn_of(results: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    """Return the compressors with an accuracy on more than half of the sets, and the results of the sets they share."""
    found = {name: result["compressors"] for name, result in results.items()}
    measured = {name: [of for of in found if "chosen" in found[of].get(name, {})] for name in COMPRESSORS}
    drawn = [name for name, sets in measured.items() if 2 * len(sets) > len(found)]
    sets = {name: scored for name, scored in found.items() if all(name in measured[one] for one in drawn)}
    return drawn, sets if drawn else {}


if __name__ == "__main__":
    run(main)
