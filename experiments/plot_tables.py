"""Plots of the tables: accuracy against seconds, and by training texts a class."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from methods import METHODS
from plots import draw_point, finish, grid
from scipy.stats import t

Results = dict[str, dict[str, Any]]
"""Of each set, what it has of each method."""


def done(methods: dict[str, Any]) -> dict[str, Any]:
    return {method: result for method, result in methods.items() if "scores" in result}


def is_limited(result: dict[str, Any]) -> bool:
    return (result["n_train"], result["n_test"]) != (result["n_train_all"], result["n_test_all"])


def value(result: dict[str, Any]) -> float:
    return float(result["scores"]["test"]["value"])


def plot_seconds(tables: Results, path: Path) -> None:
    """Draw accuracy against seconds to fit and predict, a panel for each set."""
    figure, panels = grid(len(tables))
    colors = {method: f"C{number % 10}" for number, method in enumerate(METHODS)}
    markers = {method: "osDv"[number // 10] for number, method in enumerate(METHODS)}
    for panel, (name, methods) in zip(panels, tables.items(), strict=False):
        for method, result in done(methods).items():
            if method == "majority" or result["fit_seconds"] is None:  # far below all others; not timed
                continue
            seconds = result["fit_seconds"] + result["predict_seconds"]
            draw_point(
                panel,
                max(seconds, 0.01),
                result["scores"]["test"],
                fmt=markers[method],
                color=colors[method],
                markerfacecolor="white" if is_limited(result) else colors[method],
                capsize=2,
                label=METHODS[method].title,
            )
        panel.set(xscale="log", title=name, xlabel="seconds to fit and predict", ylabel="accuracy")
        panel.grid(alpha=0.3)
    finish(figure, panels, len(tables), path, "Every method: accuracy against time (hollow: on a part of the texts)")


# ---- few training texts ----


def mean_and_interval(values: list[float]) -> tuple[float, float]:
    """Return the mean of a few runs, and half the width of its 95 % interval by Student's t."""
    half = t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(np.mean(values)), float(half)


def plot_few_shot(few_shot: Results, path: Path) -> None:
    figure, panels = grid(len(few_shot))
    colors = {method: f"C{number % 10}" for number, method in enumerate(METHODS)}
    styles = {method: ("-", "--", ":")[number // 10] for number, method in enumerate(METHODS)}
    for panel, (name, methods) in zip(panels, few_shot.items(), strict=False):
        for method, by_n in methods.items():
            means, halves = zip(*(mean_and_interval(values) for values in by_n.values()), strict=True)
            label = METHODS[method].title
            panel.errorbar(
                [int(n) for n in by_n],
                means,
                yerr=halves,
                fmt=styles[method],
                color=colors[method],
                capsize=2,
                label=label,
            )
        panel.set(xscale="log", title=name, xlabel="training texts a class", ylabel="accuracy")
        panel.set_xticks([5, 10, 50, 100], ["5", "10", "50", "100"])
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    finish(figure, panels, len(few_shot), path, "Few training texts: mean of 5 draws, 95 % intervals")
