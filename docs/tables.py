"""Write the tables of README.md and of docs/ from committed JSON.

    python docs/tables.py [--check]

A table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RASBT = ROOT / "experiments/results/imdb_rasbt_gzip_ncd_query-first"
# published: of Schutte's and Raschka's repetitions of the paper
PUBLISHED = {
    "r8": {"k1": "0.913", "lowest": "", "top2": "0.952"},
    "ohsumed": {"k1": "0.365", "lowest": "", "top2": "0.481"},
    "imdb_rasbt": {"k1": "0.7191", "lowest": "0.7005", "top2": ""},
}
NAMES = {"r8": "R8", "ohsumed": "Ohsumed", "imdb_rasbt": "IMDb, 35,000 / 10,000"}


def published_table() -> list[list[str]]:
    rows = [["data, whole split", "k=1", "published", "k=2, lowest", "published", "top-2 *", "published", "seconds"]]
    for data, published in PUBLISHED.items():
        result = load(ROOT / f"experiments/results/{data}_gzip_ncd_query-first.json")
        scores = result["scores"]
        k1 = scores["1"]["nearest"]
        rows.append(
            [
                NAMES[data],
                f"{k1['value']:.4f} ({k1['right']} of {k1['n']})",
                published["k1"],
                f"{scores['2']['lowest']['value']:.4f}",
                published["lowest"] or "-",
                f"{scores['2']['any tied label right']['value']:.4f}",
                published["top2"] or "-",
                f"{result['search_seconds']:.0f}",
            ]
        )
    return rows


def rasbt_table() -> list[list[str]]:
    searches = {"exact": "", "screen='auto'": "_screen-auto"}
    found = {name: load(RASBT.with_name(f"{RASBT.name}{suffix}.json")) for name, suffix in searches.items()}
    ks = next(iter(found.values()))["scores"]
    rows = [["search", "kept", "fit, s", "search, s", *(f"k={k}, nearest" for k in ks), "k=2, lowest"]]
    for name, result in found.items():
        scores = [*(result["scores"][k]["nearest"] for k in ks), result["scores"]["2"]["lowest"]]
        seconds = [f"{result[name]:.0f}" for name in ("fit_seconds", "search_seconds")]
        kept = str(result.get("n_candidates", result["n_train"]))
        rows.append([name, kept, *seconds, *(f"{score['value']:.4f}" for score in scores)])
    return rows


def kernel_table() -> list[list[str]]:
    rows = [["µs a pair", "bytes", "naive", "cached", "copy", "all lengths", "ratio", "5 nearest", "ratio", "MB/s"]]
    for row in load(ROOT / "benchmarks/results/kernel.json")["result"]:
        loops = [f"{row[loop]:.1f}" for loop in ("naive", "cached", "copy")]
        kernel = [
            f"{row['all']:.2f}",
            f"{row['all_ratio']:.1f}",
            f"{row['nearest']:.2f}",
            f"{row['nearest_ratio']:.1f}",
        ]
        rows.append([row["set"], f"{row['mean_bytes']:.0f}", *loops, *kernel, f"{row['megabytes_a_second']:.0f}"])
    return rows


def compressor_results() -> dict[str, Any]:
    return {name: load(ROOT / f"experiments/results/compressors_{name}.json") for name in SETS}


def lz77_and_gzip_table() -> list[list[str]]:
    rows = [["set", "lz77", "gzip", "lz77, µs", "gzip, µs", "lz77: settings"]]
    for name, result in compressor_results().items():
        cells, scored = [name], result["compressors"]
        for compressor in ("lz77", "gzip"):
            test = scored[compressor]["chosen"]["test"]
            cells.append(f"{test['value']:.3f} ({test['interval'][0]:.3f} to {test['interval'][1]:.3f})")
        cells += [f"{scored[compressor]['us_per_pair']:.2f}" for compressor in ("lz77", "gzip")]
        chosen = scored["lz77"]["chosen"]
        correction = f", {chosen['normalize']}" if chosen["normalize"] else ""
        background = f"background {scored['lz77']['background']}, {chosen['metric']}"
        rows.append([*cells, f"{background}{correction}, {chosen['weights']}, k = {chosen['n_neighbors']}"])
    return rows


def lz77_definition_table() -> list[list[str]]:
    results = load(ROOT / "experiments/results/lz77_definition.json")["sets"]
    variants = [variant for variant in next(iter(results.values())) if variant != "n_train"]
    rows = [["validation accuracy", *results, "mean"]]
    for variant in variants:
        values = [result[variant]["value"] for result in results.values()]
        rows.append([variant, *(f"{value:.3f}" for value in values), f"{sum(values) / len(values):.3f}"])
    return rows


def shortlist_table() -> list[list[str]]:
    results = load(ROOT / "benchmarks/results/shortlist.json")["result"]
    shares = [f"{share:.1%}" for share, _ in next(iter(results["r8"]["gzip"].values()))]
    rows = [["set", "compressor", "strings", *shares]]
    for name, by_compressor in results.items():
        for compressor, ways in by_compressor.items():
            for way, recalls in ways.items():
                rows.append([name, compressor, way, *(f"{recall:.3f}" for _, recall in recalls)])
    return rows


def screening_table() -> list[list[str]]:
    searches = ["exact: accuracy", "screened", "exact: µs a pair", "screened"]
    faster = ["times as fast", "all queries"]
    rows = [["set", "compressor", "queries", "kept", "recall@5", "recall@1", *searches, *faster]]
    for name, by_compressor in load(ROOT / "benchmarks/results/screening.json")["result"].items():
        for compressor, result in by_compressor.items():
            low, high = result["recall"]["interval"]
            rows.append(
                [
                    f"{name}, {result['bytes_a_text']:.0f} B",
                    compressor,
                    str(result["n_queries"]),
                    f"{result['n_candidates']} ({result['n_candidates'] / result['n_train']:.1%})",
                    f"{result['recall']['value']:.4f} ({low:.4f} to {high:.4f})",
                    f"{result['recall_at_1']['value']:.4f}",
                    *(f"{result[f'accuracy_{mode}']['value']:.4f}" for mode in ("exact", "screened")),
                    *(f"{result[f'us_{mode}']:.2f}" for mode in ("exact", "screened")),
                    *(f"{result[name]:.1f}" for name in ("speed_up_one_core", "speed_up")),
                ]
            )
    return rows


def scaling_table() -> list[list[str]]:
    rows = [["search", "training texts", "fit, s", "query, ms", "peak memory, GB", "screen, GB"]]
    for name, by_size in load(ROOT / "benchmarks/results/scaling.json")["result"].items():
        for size, result in sorted(by_size.items(), key=lambda item: int(item[0])):
            screen = f"{result['screen_bytes'] / 1e9:.2f}" if "screen_bytes" in result else ""
            milliseconds = f"{result['query_seconds'] * 1e3:.1f}"
            memory = f"{result['peak_bytes'] / 1e9:.2f}"
            rows.append([name, f"{int(size):,}", f"{result['fit_seconds']:.1f}", milliseconds, memory, screen])
    return rows


def plan_table() -> list[list[str]]:
    """What two large benchmarks would take, by the cost of a query against 1,000,000 texts of 240 bytes."""
    results = load(ROOT / "benchmarks/results/scaling.json")["result"]
    rows = [["set", "training texts", "test texts", "bytes", "search", "core hours", "on 64 cores", "GB a worker"]]
    for name, (n_train, n_test, n_bytes) in LARGE.items():
        for search, by_size in results.items():
            scale = n_train / 1e6 * n_bytes / 240
            hours = by_size["1000000"]["query_seconds"] * scale * n_test / 3600
            memory = by_size["1000000"]["peak_bytes"] / 1e9 * scale
            sizes = [f"{n_train:,}", f"{n_test:,}", str(n_bytes)]
            rows.append([name, *sizes, search, f"{hours:.1f}", f"{hours / 64 * 60:.0f} min", f"{memory:.1f}"])
    return rows


def faults_table() -> list[list[str]]:
    result = load(ROOT / "benchmarks/results/faults.json")["result"]
    kills, damages, interrupts = result["kills"], result["damages"], result["interrupts"]
    rows = [
        ["what was done", "how often", "what came of it"],
        [
            "SIGKILL at a random moment, then the same command again",
            f"{kills['kills']} times in {kills['runs']} experiments",
            f"{kills['other_numbers']} other numbers; of {kills['finished_blocks']} finished blocks "
            f"{kills['recomputed']} computed again, {kills['damaged']} damaged",
        ],
        [
            "a bit of a cache file flipped, or the file cut off",
            f"{damages['flipped']} and {damages['cut']} times",
            f"{damages['detected']} noticed; {damages['other_numbers']} other numbers",
        ],
        [
            "Ctrl-C during the search",
            f"{len(interrupts['seconds'])} times",
            f"ended after {interrupts['median_seconds']:.1f} s (median), {interrupts['most_seconds']:.1f} s at most",
        ],
    ]
    for repeat in result["repeats"]:
        first, second = repeat["seconds"]
        rows.append(
            [
                f"fit and predict again with another k and tie rule, {repeat['compressor']}",
                f"{first:.1f} s, then {second:.2f} s",
                f"{repeat['times_as_fast']:.0f} times as fast",
            ]
        )
    return rows


def compared_table() -> list[list[str]]:
    """Every method on every set, one after the other as tables.py has them."""
    results = {name: load(ROOT / f"experiments/results/table_{name}.json")["methods"] for name in SETS}
    titles = {method: result["title"] for methods in results.values() for method, result in methods.items()}
    rows = [["test accuracy", *SETS]]
    for method, title in titles.items():
        cells = []
        for methods in results.values():
            result = methods[method]
            limited = (result["n_train"], result["n_test"]) != (result["n_train_all"], result["n_test_all"])
            cells.append(f"{result['scores']['test']['value']:.3f}{' *' * limited}")
        rows.append([title, *cells])
    return rows


def scores_of(methods: Any, method: str, rule: str = "test") -> str:
    scores = methods.get(method, {}).get("scores", {})
    return f"{scores[rule]['value']:.3f}" if rule in scores else "-"


def paper_table() -> list[list[str]]:
    """The sets of the paper that are here: its top-2 score, what others and this library make of it, and rivals."""
    with (ROOT / "experiments/published.csv").open(encoding="utf-8", newline="") as file:
        published = {(row["dataset"], row["method"], row["setting"]): row["value"] for row in csv.DictReader(file)}
    others, top_2 = ("k=1; ties: decrease k", "top-2 of tied k=2 (optimistic, not an accuracy)"), "top-2 of tied k=2"
    columns = ["top-2: paper", "repeated", "here", "k=1: repeated", "here"]
    rows = [["set", *columns, "gzip, k chosen", "set of words, k chosen", "tf-idf, linear SVM"]]
    for name, known in {"r8": "R8", "r52": "R52", "ohsumed": "Ohsumed", "20news": "20News"}.items():
        methods = load(ROOT / f"experiments/results/table_{name}.json")["methods"]
        paper = published[known, "gzip kNN (top-2 scoring)", "full training set"]
        k1, top = (published[known, "gzip kNN", setting] for setting in others)
        here_top, here_k1 = (scores_of(methods, "gzip", rule) for rule in (top_2, "k=1"))
        rivals = [scores_of(methods, method) for method in ("gzip", "bow-set", "tfidf-svm")]
        rows.append([known, paper, top, here_top, k1, here_k1, *rivals])
    return rows


def ties_table() -> list[list[str]]:
    """One search a set, its two nearest neighbours, every rule for ties."""
    rows = [["k=2, ties", "nearest", "random", "lowest class", "top-2 *"]]
    for data in PUBLISHED:
        scores = load(ROOT / f"experiments/results/{data}_gzip_ncd_query-first.json")["scores"]["2"]
        rules = ("nearest", "random", "lowest", "any tied label right")
        rows.append([NAMES[data], *(f"{scores[rule]['value']:.4f}" for rule in rules)])
    return rows


def choosing_table() -> list[list[str]]:
    """What a method costs and gives, the seconds being those of fit and predict together."""
    methods = ("gzip", "lz77", "lz77-landmarks", "bow-set", "tfidf-svm")
    results = {name: load(ROOT / f"experiments/results/table_{name}.json")["methods"] for name in SETS}
    titles = [next(iter(results.values()))[method]["title"] for method in methods]
    rows = [["set", "training texts", *(cell for title in titles for cell in (title, "s"))]]
    for name, found in results.items():
        cells = [name, f"{found['gzip']['n_train_all']:,}"]
        for method in methods:
            seconds = found[method]["fit_seconds"] + found[method]["predict_seconds"]
            cells += [scores_of(found, method), f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"]
        rows.append(cells)
    return rows


def corrections_table() -> list[list[str]]:
    """Mean test accuracy over all sets by compressor, metric and correction; k and weights chosen for each."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for results in compressor_results().values():
        for compressor in ("lz77", "gzip"):
            for setting in results["compressors"][compressor]["settings"]:
                by_correction = found.setdefault((compressor, setting["metric"]), {})
                by_correction.setdefault(setting["normalize"] or "none", []).append(setting["test"]["value"])
    rows = [["mean accuracy", "metric", "not corrected", "local", "zscore"]]
    for (compressor, metric), values in found.items():
        means = (sum(values[name]) / len(values[name]) for name in ("none", "local", "zscore"))
        rows.append([compressor, metric, *(f"{mean:.3f}" for mean in means)])
    return rows


def few_table() -> list[list[str]]:
    """Mean accuracy of draws of 10 training texts a class."""
    results = {name: load(ROOT / f"experiments/results/few_shot_{name}.json")["methods"] for name in FEW}
    titles = {key: found["title"] for key, found in load(ROOT / "experiments/results/table_r8.json")["methods"].items()}
    rows = [["10 training texts a class", *FEW]]
    for method in next(iter(results.values())):
        draws = [found[method]["10"] for found in results.values()]
        rows.append([titles[method], *(f"{sum(values) / len(values):.3f}" for values in draws)])
    return rows


def windows_table() -> list[list[str]]:
    """The distance of an incompressible text to itself, by its size; empty where it was not measured any more."""
    sizes = ("1000", "30000", "34000", "60000", "70000", "250000", "300000", "440000", "600000", "900000")
    sizes += ("2000000", "2300000", "4000000", "4300000", "8300000", "8500000")
    rows = [["compressor", "looks back, bytes", *(f"{int(size) // 1000:,} kB" for size in sizes)]]
    for name, found in load(ROOT / "experiments/results/windows.json")["compressors"].items():
        window = "no limit" if found["window"] is None else f"{found['window']:,}"
        distances = found["distances"]
        rows.append([f"`{name}`", window, *(f"{distances[n]:.2f}" if n in distances else "" for n in sizes)])
    return rows


def short_texts_table() -> list[list[str]]:
    rows = [
        ["set", "words", "", "gzip", "zlib", "lz77, background 2", "1", "0", "letters, k-NN", "letters, linear SVM"]
    ]
    for name, tasks in load(ROOT / "experiments/results/short_texts.json")["sets"].items():
        for words, found in tasks.items():
            for measure, title in (("finds_itself", "finds itself"), ("accuracy", "accuracy")):
                scores = (found[measure].get(method) for method in found["accuracy"])
                rows.append([name, words, title, *(f"{score['value']:.3f}" if score else "" for score in scores)])
    return rows


def exactness_table() -> list[list[str]]:
    result = load(ROOT / "benchmarks/results/exactness.json")["result"]
    rows = [["texts of", "pairs compared with zlib"]]
    rows += [[name, f"{pairs:,}"] for name, pairs in result["pairs"].items()]
    return [*rows, ["all", f"{sum(result['pairs'].values()):,}, of which differ: {result['differences']}"]]


def peers_table() -> list[list[str]]:
    found: dict[str, dict[str, Any]] = {}
    for row in load(ROOT / "benchmarks/results/peers.json")["result"]:
        found.setdefault(row["peer"], {})[row["set"]] = row
    sets = list(next(iter(found.values())))
    rows = [["", *(cell for name in sets for cell in (f"{name}, s", "times as long"))]]
    for peer, by_set in found.items():
        rows.append(
            [peer, *(cell for row in by_set.values() for cell in (f"{row['seconds']:.2f}", f"{row['ratio']:.1f}"))]
        )
    return rows


def confidence_results() -> list[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Of each set and model: their names, what is known of the set, and of the model."""
    sets = load(ROOT / "experiments/results/confidence.json")["sets"]
    return [(name, model, known, found) for name, known in sets.items() for model, found in known["models"].items()]


def calibration_table() -> list[list[str]]:
    methods = ("raw", "sigmoid", "isotonic", "temperature")
    titles = [f"{measure}: {methods[0]}" for measure in ("ECE", "Brier")]
    rows = [["set", "model", "accuracy", titles[0], *methods[1:], titles[1], *methods[1:]]]
    for name, model, _, found in confidence_results():
        measured = [f"{found[method][measure]:.3f}" for measure in ("ece", "brier") for method in methods]
        rows.append([name, model, f"{found['raw']['accuracy']['value']:.3f}", *measured])
    return rows


def coverage_table() -> list[list[str]]:
    levels = ("0.8", "0.9", "0.95")
    promised = [f"covered at {float(level):.0%}" for level in levels]
    held_out = ["held out", "right there", "right in test", "80% there"]
    rows = [["set", "model", *held_out, *promised, "labels a set, at 90%", "no label", "one", "worst class"]]
    for name, model, known, found in confidence_results():
        if "chosen" in model:
            sets = found["sigmoid"]["sets"]
            right = [found["raw"][part]["value"] for part in ("accuracy_held_out", "accuracy")]
            cells = [name, model, str(known["n_threshold"]), *(f"{value:.3f}" for value in right)]
            cells.append(f"{sets['0.8']['coverage_of_halves']:.3f}")
            cells += [interval(sets[level]["coverage"]) for level in levels]
            at_90 = sets["0.9"]
            shares = [f"{n / known['n_test']:.0%}" for n in (at_90["empty"], at_90["single"]["n"])]
            worst = at_90["least_covered_class"]
            of_worst = f"{worst['right'] / worst['n']:.2f} (n = {worst['n']})"
            rows.append([*cells, f"{at_90['mean_size']:.2f}", *shares, of_worst])
    return rows


def tied_sets_table() -> list[list[str]]:
    ways = [(method, sets) for method in ("raw", "sigmoid") for sets in ("sets", "sets_ties_at_random")]
    titles = [f"{method}{', ties at random' if 'ties' in sets else ''}" for method, sets in ways]
    rows = [["set", "model", "true label without a vote, in test", *titles]]
    for name, model, _, found in confidence_results():
        if "k = " in model:
            at_90 = [found[method][sets]["0.9"] for method, sets in ways]
            cells = [f"{way['coverage']['value']:.3f}, {way['mean_size']:.2f}" for way in at_90]
            rows.append([name, model, f"{found['truth_without_vote']:.1%}", *cells])
    return rows


def abstain_table() -> list[list[str]]:
    rows = [["set", "model", "all", "raw ≥ 0.9", "sigmoid ≥ 0.9", "one label at 90%", "one label at 95%"]]
    for name, model, known, found in confidence_results():
        if model in ("gzip, k = 5", "lz77, chosen"):
            sets = found["sigmoid"]["sets"]
            above = [found[method]["above"]["0.9"] for method in ("raw", "sigmoid")]
            parts = [*above, *(sets[level]["single"] for level in ("0.9", "0.95"))]
            cells = [answered(part, known["n_test"]) for part in parts]
            rows.append([name, model, f"{found['sigmoid']['accuracy']['value']:.3f}", *cells])
    return rows


def interval(share: dict[str, Any]) -> str:
    return f"{share['value']:.3f} ({share['interval'][0]:.3f} to {share['interval'][1]:.3f})"


def answered(part: dict[str, Any], n_test: int) -> str:
    return f"{part['right'] / part['n']:.3f} of {part['n'] / n_test:.0%}" if part["n"] else "none"


# training texts, test texts, and bytes a text, which are assumed
LARGE = {"DBpedia": (560_000, 70_000, 300), "YahooAnswers": (1_400_000, 60_000, 600)}
FEW = ("r8", "agnews_10k", "imdb")
SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")
TABLES = {
    "docs/screening.md": {
        "shortlist": shortlist_table,
        "screening": screening_table,
        "rasbt": rasbt_table,
        "scaling": scaling_table,
    },
    "README.md": {"compared": compared_table, "published": published_table},
    "docs/choosing.md": {
        "choosing": choosing_table,
        "corrections": corrections_table,
        "few": few_table,
        "windows": windows_table,
        "short_texts": short_texts_table,
    },
    "docs/exact.md": {"exactness": exactness_table},
    "docs/fast.md": {"peers": peers_table},
    "docs/paper.md": {"paper": paper_table, "ties": ties_table},
    "docs/confidence.md": {
        "calibration": calibration_table,
        "coverage": coverage_table,
        "abstain": abstain_table,
        "tied_sets": tied_sets_table,
    },
    "docs/scaling.md": {"plan": plan_table, "faults": faults_table},
    "docs/kernel.md": {"kernel": kernel_table},
    "docs/lz77.md": {"lz77_definition": lz77_definition_table, "lz77_and_gzip": lz77_and_gzip_table},
}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def markdown(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a table is not up to date; write nothing")
    options = parser.parse_args()
    for name, tables in TABLES.items():
        path = ROOT / name
        text = made = path.read_text(encoding="utf-8")
        for table, rows in tables.items():
            place = re.compile(rf"(<!-- table: {table} -->\n).*?(<!-- end -->)", re.DOTALL)
            made, n = place.subn(lambda match, rows=rows: match[1] + markdown(rows()) + "\n" + match[2], made)
            if n != 1:
                sys.exit(f"{name} has {n} places for the table {table}, not 1")
        if options.check and made != text:
            sys.exit(f"{name} is not up to date: run python docs/tables.py")
        if not options.check:
            path.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
