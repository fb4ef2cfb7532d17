"""Tables of accuracy and confidence, of the JSON that experiments wrote."""

from __future__ import annotations

import csv
from typing import Any

import numpy as np
from table_sources import OVERVIEW, ROOT, SETS, TITLES, compressor_results, load, marked

RASBT = ROOT / "experiments/results/imdb_rasbt_gzip_ncd_query-first"
# published: of Schutte's and Raschka's repetitions of the paper
PUBLISHED = {
    "r8": {"k1": "0.913", "lowest": "", "top2": "0.952"},
    "ohsumed": {"k1": "0.365", "lowest": "", "top2": "0.481"},
    "imdb_rasbt": {"k1": "0.7191", "lowest": "0.7005", "top2": ""},
}

NAMES = {"r8": "R8", "ohsumed": "Ohsumed", "imdb_rasbt": "IMDb, 35,000 / 10,000"}


def published_table() -> list[list[str]]:
    heads = ["k=1", "published", "k=2, ties to the lowest class", "published", "top-2 *", "published", "seconds"]
    rows = [["data set", *heads]]
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
    rows = [["search", "candidates", "fit, s", "search, s", *(f"k={k}, nearest" for k in ks), "k=2, lowest"]]
    for name, result in found.items():
        scores = [*(result["scores"][k]["nearest"] for k in ks), result["scores"]["2"]["lowest"]]
        seconds = [f"{result[name]:.0f}" for name in ("fit_seconds", "search_seconds")]
        kept = str(result.get("n_candidates", result["n_train"]))
        rows.append([name, kept, *seconds, *(f"{score['value']:.4f}" for score in scores)])
    return rows


def summary_table() -> list[list[str]]:
    """The methods of the overview on every set."""
    results = {name: load(ROOT / f"experiments/results/table_{name}.json")["methods"] for name in SETS}
    rows = [[TITLES[method], *(scores_of(found, method) for found in results.values())] for method in OVERVIEW]
    return [["test accuracy", *(marked(name) for name in SETS)], *rows]


def scores_of(methods: Any, method: str, rule: str = "test") -> str:
    scores = methods.get(method, {}).get("scores", {})
    return f"{scores[rule]['value']:.3f}" if rule in scores else "-"


def paper_table() -> list[list[str]]:
    """The sets of the paper that are here: the scores of Schutte's repetition, those of this library, and rivals."""
    with (ROOT / "experiments/published.csv").open(encoding="utf-8", newline="") as file:
        published = {(row["dataset"], row["method"], row["setting"]): row["value"] for row in csv.DictReader(file)}
    others, top_2 = ("k=1; ties: decrease k", "top-2 of tied k=2 (optimistic, not an accuracy)"), "top-2 of tied k=2"
    columns = ["top-2: Schutte", "here", "k=1: Schutte", "here"]
    rivals = {"gzip": "gzip, k chosen", "bow-set": "set of words, k chosen", "bm25": "BM25, k chosen"}
    rivals |= {"tfidf-svm": "tf-idf, linear SVM", "svm-union": "words and characters, linear SVM"}
    rows = [["set", *columns, *rivals.values()]]
    for name, known in {"r8": "R8", "r52": "R52", "ohsumed": "Ohsumed", "20news": "20News"}.items():
        methods = load(ROOT / f"experiments/results/table_{name}.json")["methods"]
        k1, top = (published[known, "gzip kNN", setting] for setting in others)
        here_top, here_k1 = (scores_of(methods, "gzip", rule) for rule in (top_2, "k=1"))
        rows.append([known, top, here_top, k1, here_k1, *(scores_of(methods, method) for method in rivals)])
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
    return accuracy_and_seconds("gzip", "lz77", "strong", "kneser-ney", "tfidf-svm", "svm-union")


def class_methods_table() -> list[list[str]]:
    return accuracy_and_seconds("zstd-class", "zstd-class-3", "kneser-ney", "class-models")


def accuracy_and_seconds(*methods: str) -> list[list[str]]:
    """What a method costs and gives, the seconds being those of fit and predict together."""
    results = {name: load(ROOT / f"experiments/results/table_{name}.json")["methods"] for name in SETS}
    rows = [["set", "training texts", *(cell for method in methods for cell in (TITLES[method], "s"))]]
    for name, found in results.items():
        cells = [marked(name), f"{found['gzip']['n_train_all']:,}"]
        for method in methods:
            if "scores" not in found.get(method, {}):
                cells += ["-", "-"]
                continue
            seconds = found[method]["fit_seconds"] + found[method]["predict_seconds"]
            cells += [scores_of(found, method), f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"]
        rows.append(cells)
    return rows


def bytes_table() -> list[list[str]]:
    """Every task that was run, its numbers of texts, and the accuracy of some methods."""
    paths = [ROOT / f"experiments/results/bytes_{name}.json" for name in BYTES]
    results = [load(path) for path in paths if path.exists()]
    titles = {name: method["title"] for result in results for name, method in result["methods"].items()}
    shown = [name for name in OF_BYTES if name in titles]
    rows = [["task", "training texts", "test texts", *(titles[name] for name in shown)]]
    for result in results:
        methods, texts = result["methods"], result["texts"]
        scores = [methods[name]["scores"]["test"]["value"] if name in methods else None for name in shown]
        best = max(score for score in scores if score is not None)
        cells = ["-" if score is None else f"{score:.3f}" for score in scores]
        marked = [f"**{cell}**" if score == best else cell for cell, score in zip(cells, scores, strict=True)]
        rows.append([result["title"], f"{texts['n_train']:,}", f"{texts['n_test']:,}", *marked])
    return rows


def corrections_table() -> list[list[str]]:
    """Mean test accuracy over all sets by compressor, metric and correction; k and weights chosen for each."""
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for results in compressor_results().values():
        for compressor in ("lz77", "gzip"):
            for setting in results["compressors"][compressor]["settings"]:
                by_correction = found.setdefault((compressor, setting["metric"]), {})
                by_correction.setdefault(setting["normalize"] or "none", []).append(setting["test"]["value"])
    titles = {"none": "not corrected", "half-local": "half-local", "local": "local", "zscore": "zscore"}
    titles = {name: title for name, title in titles.items() if any(name in values for values in found.values())}
    rows = [["mean accuracy", "metric", *titles.values()]]
    for (compressor, metric), values in found.items():
        # a mean over fewer sets could not be compared with the others
        measured = [values.get(name, []) for name in titles]
        means = [f"{np.mean(own):.3f}" if len(own) == len(values["none"]) else "" for own in measured]
        rows.append([compressor, metric, *means])
    return rows


def few_table() -> list[list[str]]:
    """Mean accuracy of draws of 10 training texts a class."""
    results = {name: load(ROOT / f"experiments/results/few_shot_{name}.json")["methods"] for name in FEW}
    rows = [["10 training texts per class", *FEW]]
    for method in next(iter(results.values())):
        draws = [found[method]["10"] for found in results.values()]
        rows.append([TITLES[method], *(f"{sum(values) / len(values):.3f}" for values in draws)])
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


SHORT = {
    **{name: name for name in ("gzip", "zlib", "lz77")},
    **{f"lz77, background {order}": f"background {order}" for order in (2, 1, 0)},
    **{name: name for name in ("letters, k-NN", "letters, linear SVM")},
}


def short_texts_table() -> list[list[str]]:
    rows = [["set", "words", "", *SHORT.values()]]
    for name, tasks in load(ROOT / "experiments/results/short_texts.json")["sets"].items():
        for words, found in tasks.items():
            for measure, title in (("finds_itself", "finds itself"), ("accuracy", "accuracy")):
                scores = (found[measure].get(method) for method in SHORT)
                rows.append(
                    [marked(name), words, title, *(f"{score['value']:.3f}" if score else "" for score in scores)]
                )
    return rows


FEW = ("r8", "agnews_10k", "imdb")
BYTES = (
    "fragments_512",
    "fragments_1k",
    "fragments_4k",
    "code",
    "projects",
    "machine_code",
    "logs",
    "languages",
    "dna",
)
BYTES += ("series",)
"""Tasks of experiments/bytes.py."""
OF_BYTES = ("gzip", "good", "cv", "class-models", "strong", "svm", "bayes", "k-nn", "lzjd")
"""Methods of experiments/bytes.py."""
