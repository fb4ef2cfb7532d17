"""The table and the chart of the results of bytes.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from byte_methods import METHODS
from byte_tasks import TASKS
from plots import Column, draw_rows
from render import mcnemar

DRAWN = ("strong", "cv", "gzip", "svm", "bayes", "lzjd")
"""Methods in the chart."""
NORMAL = 1.96
INTRODUCTION = (
    "Made by `python experiments/bytes.py`. Accuracy on whole test sets that share no file, package, module, catalogue "
    "or species with the training texts; 95 % intervals. All that a method leaves open was chosen on training texts. "
    "The best method by compression and the best rival were chosen by their accuracy on training texts that were held "
    "out with their sources, a fifth at a time. The difference is that of the two; its interval and McNemar's exact "
    "test count the texts that only one of them labels right."
)


def read(out: Path) -> dict[str, Any]:
    """Return the results of each task that was measured."""
    paths = {name: out / f"bytes_{name}.json" for name in TASKS}
    return {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.exists()}


def render(out: Path) -> list[Path]:
    """Write the table and the chart of the results in a folder. Return their paths."""
    results = read(out)
    tables = {
        "Compression and its rivals": comparison(results),
        "Accuracy of every method": accuracies(results),
        "Seconds of one core to fit and predict, settings chosen": costs(results, seconds),
        "Peak memory of the process, MB": costs(results, lambda r: f"{(r['peak_bytes'] or 0) / 1e6:.0f}"),
        "With few training texts a class": few(results),
    }
    parts = ["# Bytes", INTRODUCTION]
    for title, rows in tables.items():
        head = f"| {' | '.join(rows[0])} |\n|{'---|' * len(rows[0])}"
        parts += [f"## {title}", "\n".join([head, *(f"| {' | '.join(row)} |" for row in rows[1:])])]
    written = [out / "bytes.md", out / "bytes.svg"]
    out.mkdir(parents=True, exist_ok=True)
    picture = "The means over the tasks, and a small mark for each task:\n\n![Accuracy of six methods](bytes.svg)"
    written[0].write_text("\n\n".join([*parts, picture]) + "\n", "utf-8")
    draw(results, written[1])
    return written


def best_of(methods: dict[str, Any], *, compresses: bool) -> str | None:
    """Return the name of the best method of a kind on the texts held out, of equals the first."""
    own = [name for name, result in methods.items() if result["compresses"] is compresses]
    return max(own, key=lambda name: methods[name]["validation"]["value"], default=None)


def difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, float]:
    """Return by how much one method is more accurate than another on the same texts, and the 95 % interval.

    References
    ----------
    Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions. 3rd ed. (2003), equation 13.9, without the
    correction for continuity.
    """
    found = mcnemar(one, other)
    n, only, others = found["n"], found["only_one"], found["only_other"]
    value = (only - others) / n
    half = NORMAL * np.sqrt(only + others - (only - others) ** 2 / n) / n
    return {"value": value, "low": value - half, "high": value + half, "p": found["p"]}


def comparison(results: dict[str, Any]) -> list[list[str]]:
    """Return a row for each task, with the best method by compression and the best rival."""
    rows = [["task", "training / test texts, classes", "by compression", "", "rival", "", "difference", "p"]]
    for result in results.values():
        methods, texts = result["methods"], result["texts"]
        names = [best_of(methods, compresses=compresses) for compresses in (True, False)]
        row = [result["title"], f"{texts['n_train']:,} / {texts['n_test']:,}, {texts['n_classes']}"]
        for name in names:
            row += [methods[name]["title"], interval(methods[name]["scores"]["test"])] if name else ["-", "-"]
        if None not in names:
            found = difference(*(methods[name] for name in names))
            row += [f"{found['value']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})", f"{found['p']:.2g}"]
        rows.append(row + [""] * (len(rows[0]) - len(row)))
    return rows


def interval(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"{score['value']:.3f} ({low:.3f} to {high:.3f})"


def accuracies(results: dict[str, Any]) -> list[list[str]]:
    """Return the accuracies, with a row for each method and a column for each task."""
    return costs(results, lambda result: f"{result['scores']['test']['value']:.3f}")


def costs(results: dict[str, Any], cell: Any) -> list[list[str]]:
    """Return a table with a row for each method and a column for each task. `cell` returns the text for a result."""
    rows = [["method", *(result["title"] for result in results.values())]]
    for name, method in METHODS.items():
        found = [result["methods"].get(name) for result in results.values()]
        if any(found):
            rows.append([method.title, *(cell(one) if one else "-" for one in found)])
    return rows


def seconds(result: dict[str, Any]) -> str:
    """Return the seconds to fit and predict."""
    return f"{result['fit_seconds'] + result['predict_seconds']:.1f}"


def few(results: dict[str, Any]) -> list[list[str]]:
    """Return the mean accuracies over a few draws, with a row for each task and number of training texts per class."""
    shown = [name for name, method in METHODS.items() if method.few]
    rows = [["task", "texts a class", *(METHODS[name].title for name in shown)]]
    for result in results.values():
        by_method = {name: result["methods"].get(name, {}).get("few", {}) for name in shown}
        for n in next((found for found in by_method.values() if found), {}):
            means = [f"{np.mean(found[n]):.3f}" if n in found else "-" for found in by_method.values()]
            rows.append([result["title"], n, *means])
    return rows


def draw(results: dict[str, Any], path: Path) -> None:
    """Draw the accuracies of six methods on the tasks on which all of them were measured."""
    tasks = [result["methods"] for result in results.values() if all(name in result["methods"] for name in DRAWN)]
    if tasks:
        values = {METHODS[name].title: [task[name]["scores"]["test"]["value"] for task in tasks] for name in DRAWN}
        kinds = {METHODS[name].title: "compression" if METHODS[name].compresses else "n-grams" for name in DRAWN}
        draw_rows([Column("test accuracy", values)], path, kinds)
