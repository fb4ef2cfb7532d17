"""Charts of the tables: accuracy and seconds of every method, and accuracy by number of training texts per class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from methods import METHODS
from plots import SERIES, Column, draw_rows, label_ends, log_ticks, panels, save
from scipy.stats import t

Results = dict[str, dict[str, Any]]
"""The results by data set and by method."""

COMPRESSING = ("gzip", "lz77", "lz77-landmarks", "strong", "zstd-class", "zstd-class-3", "kneser-ney", "class-models")
COMPRESSING += ("lz77-class",)
OVERVIEW = ("gzip", "lz77", "strong", "kneser-ney", "bm25", "tfidf-svm", "svm-union")
FEW_SHOWN = ("encoder-logistic", "tfidf-svm", "lz77-class", "lz77", "bow-set", "gzip")
"""The methods that the chart of few training texts shows."""


def done(methods: dict[str, Any]) -> dict[str, Any]:
    return {method: result for method, result in methods.items() if "scores" in result}


def is_limited(result: dict[str, Any]) -> bool:
    return (result["n_train"], result["n_test"]) != (result["n_train_all"], result["n_test_all"])


def value(result: dict[str, Any]) -> float:
    return float(result["scores"]["test"]["value"])


def on_all(tables: Results, methods: Any = METHODS) -> tuple[list[str], list[str]]:
    """Return the methods that can be compared by means, and the data sets on which all of them were measured.

    A method is left out if it was measured on less than two thirds of the sets, or on a part of their texts. The method
    that always predicts the most frequent class is left out, too, because it is far below all others.
    """
    every = [result for found in tables.values() for result in done(found).values()]
    timed = [result for result in every if result["fit_seconds"] is not None]
    whole = [result for result in timed if not is_limited(result)] or timed  # if all runs were on parts, all of them
    measured = {
        method: {name for name, found in tables.items() if any(found.get(method) is result for result in whole)}
        for method in methods
        if method != "majority"
    }
    most = max(map(len, measured.values()), default=0)
    drawn = [method for method, sets in measured.items() if sets and len(sets) >= 2 / 3 * most]
    return drawn, [name for name in tables if drawn and all(name in measured[method] for method in drawn)]


def plot_seconds(tables: Results, path: Path, methods: Any = METHODS) -> list[Path]:
    """Draw accuracy, and seconds to fit and predict, of the methods that can be compared by means.

    Returns the path in a list, which is empty if there is nothing to draw.
    """
    drawn, sets = on_all(tables, methods)
    if not sets:
        return []
    titles = {method: METHODS[method].title for method in drawn}
    accuracies = {title: [value(tables[name][method]) for name in sets] for method, title in titles.items()}
    seconds = {
        title: [
            max(tables[name][method]["fit_seconds"] + tables[name][method]["predict_seconds"], 0.01) for name in sets
        ]
        for method, title in titles.items()
    }
    kinds = {title: "compression" if method in COMPRESSING else "words" for method, title in titles.items()}
    columns = [Column("accuracy", accuracies), Column("seconds to fit and predict", seconds, "s", log=True)]
    draw_rows(columns, path, kinds)
    return [path]


# ---- few training texts ----


def mean_and_interval(values: list[float]) -> tuple[float, float]:
    """Return the mean of a few runs, and half the width of its 95 % interval by Student's t distribution."""
    half = t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(np.mean(values)), float(half)


def plot_few_shot(few_shot: Results, path: Path) -> None:
    """Draw accuracy by the number of training texts per class, in a panel for each set."""
    figure, axes = panels([2.6] * len(few_shot))
    for panel, (name, methods) in zip(axes, few_shot.items(), strict=True):
        ends = {}
        for method, style in zip(FEW_SHOWN, SERIES, strict=True):
            if method not in methods:
                continue
            ns = [int(n) for n in methods[method]]
            means, halves = zip(*(mean_and_interval(values) for values in methods[method].values()), strict=True)
            panel.errorbar(ns, means, yerr=halves, capsize=2, markersize=4, **style)
            ends[METHODS[method].title] = (means[-1], style["color"])
        panel.set(xscale="log", title=name, xlabel="training texts per class", ylabel="accuracy")
        log_ticks(panel.xaxis, sorted({int(n) for by_n in methods.values() for n in by_n}))
        label_ends(panel, ends)
    save(figure, path)
