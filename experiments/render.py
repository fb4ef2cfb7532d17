"""Tables and charts of the results that tables.py wrote as JSON."""

from __future__ import annotations

import base64
import csv
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
from methods import METHODS
from plot_tables import (
    OVERVIEW,
    Results,
    done,
    is_limited,
    mean_and_interval,
    on_all,
    plot_few_shot,
    plot_seconds,
    value,
)
from scipy.stats import binomtest
from sets import SETS

from gzipknn.search.hubs import draw

PUBLISHED = Path(__file__).parent / "published.csv"
AUDIT = Path(__file__).parent / "results/audit.json"
LEAK = 0.05
"""A set is marked in tables if more than this share of its test texts are also training texts."""
LEAKS = "† More than one in twenty of the test texts of this set are in its training set, too"


def render(out: Path) -> list[Path]:
    """Write all tables and charts for which there are results. Return their paths."""
    tables, few_shot = read(out, "table"), read(out, "few_shot")
    written = []
    if tables:
        (out / "tables.md").write_text(all_tables(tables), encoding="utf-8")
        write_csv(out / "tables.csv", rows(tables))
        write_csv(out / "tables_pairs.csv", pairs(tables))
        written += [out / name for name in ("tables.md", "tables.csv", "tables_pairs.csv")]
        written += plot_seconds(tables, out / "tables.svg")
        written += plot_seconds(tables, out / "overview.svg", OVERVIEW)
    if few_shot:
        (out / "few_shot.md").write_text(few_shot_table(few_shot), encoding="utf-8")
        plot_few_shot(few_shot, out / "few_shot.svg")
        written += [out / "few_shot.md", out / "few_shot.svg"]
    return written


def read(out: Path, kind: str) -> Results:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.glob(f"{kind}_*.json"))]
    order = {name: number for number, name in enumerate(SETS)}
    found.sort(key=lambda result: order.get(result["data"], len(order)))
    return {result["data"]: result["methods"] for result in found}


def part_read(out: Path, kind: str) -> list[str]:
    """Return the options that made results of a kind partial, or an empty list if all are of whole runs."""
    found = [json.loads(path.read_text(encoding="utf-8")).get("part", []) for path in out.glob(f"{kind}_*.json")]
    return sorted({option for part in found for option in part})


def marked(name: str) -> str:
    """Return the name of a data set, with a dagger if too many of its test texts are also training texts."""
    found = json.loads(AUDIT.read_text(encoding="utf-8"))["sets"].get(name)
    return f"{name} †" if found and found["test_in_train"] > LEAK * found["n_test"] else name


# ---- whole training sets ----


def all_tables(tables: Results) -> str:
    lines = [*summary(tables), *(line for name in tables for line in details(name, tables[name]))]
    return "\n".join(lines) + "\n"


def summary(tables: Results) -> list[str]:
    lines = [
        "# Every method on every data set",
        "",
        "The numbers are test accuracies. `python experiments/tables.py` made them, from the JSON beside this file.",
        "",
        "- Every k-NN method chooses its correction for hubs, its votes and k (from 1 to 241) on 1,000 training texts. "
        "A method that compresses holds these texts out; the others leave out one text at a time. lz77 also chooses "
        "its metric and its weights by the labels. Where the word 'alone' stands below, only k was chosen, from 1 to "
        "31.",
        "- On imdb, lz77, the landmarks and their mean with Kneser-Ney models were measured with an earlier "
        "version: lz77 had a background of a fixed order, which the k-NN chose, and there was one Kneser-Ney model.",
        "- Linear models on characters or phrases choose C on a fifth of the training texts, which is held out.",
        "- A star (\\*) marks a method that was given a random part of the training and test texts (see below).",
        "- **Bold** marks the best method of a column, and every method that is not significantly worse by McNemar's "
        "exact test at 5 %. The test uses the test texts that both methods were given. "
        "[tables_pairs.csv](tables_pairs.csv) has the p value of every pair.",
        "",
        f"| method | {' | '.join(marked(name) for name in tables)} |",
        "|---|" + "---|" * len(tables),
    ]
    best = {name: max(done(methods), key=lambda m: value(methods[m])) for name, methods in tables.items()}
    for method in METHODS:
        cells = []
        for name, methods in tables.items():
            result = methods.get(method, {})
            if "scores" not in result:
                cells.append("")
                continue
            cell = f"{value(result):.3f}"
            if method == best[name] or mcnemar(result, methods[best[name]])["p"] >= 0.05:
                cell = f"**{cell}**"
            cells.append(f"{cell} \\*" if is_limited(result) else cell)
        lines.append(f"| {METHODS[method].title} | {' | '.join(cells)} |")
    if any(marked(name) != name for name in tables):
        lines += ["", f"{LEAKS} ([audit](audit.md))."]
    _, sets = on_all(tables)
    if not sets:
        return lines
    return [
        *lines,
        "",
        "![Mean accuracy and mean seconds of each method](tables.svg)",
        "",
        f"Means over {', '.join(sets)} (of seconds, geometric means), on which each method of the chart was measured "
        "whole. A small mark is one data set.",
    ]


def details(name: str, methods: dict[str, Any]) -> list[str]:
    lines = [
        "",
        f"## {marked(name)}",
        "",
        "| method | accuracy | 95 % interval | correct | chosen settings | accuracy at k = 1 | training texts | fit, s "
        "| predict, s | memory | device |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for method, result in done(methods).items():
        test = result["scores"]["test"]
        low, high = test["interval"]
        kept = f", {result['n_candidates']} kept" if "n_candidates" in result else ""
        at_1 = f"{result['scores']['k=1']['value']:.3f}" if "k=1" in result["scores"] else ""
        peak = "" if result["peak_bytes"] is None else f"{result['peak_bytes'] / 1e6:,.0f} MB"
        model = f" ({result['model']})" if "model" in result else ""
        cells = [
            METHODS[method].title + model,
            f"{test['value']:.4f}",
            f"{low:.4f} to {high:.4f}",
            f"{test['right']} of {test['n']}",
            f"{chosen(result)}{kept}",
            at_1,
            str(result["n_train"]),
            *("" if result[name] is None else f"{result[name]:.1f}" for name in ("fit_seconds", "predict_seconds")),
            peak,
            result["device"],
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for method, result in methods.items():
        if "skipped" in result:
            lines += ["", f"Skipped: {METHODS[method].title}: {result['skipped']}"]
    beside = published(name, methods)
    if beside:
        lines += [
            "",
            "| published | setting | measure | published | here | source | how known |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [f"| {' | '.join(row)} |" for row in beside]
    return lines


def chosen(result: dict[str, Any]) -> str:
    """Return a description of the settings that were chosen on training texts."""
    if "setting" not in result:
        return f"k = {result['n_neighbors']} alone" if "n_neighbors" in result else ""
    names = {"n_neighbors": "k = ", "C": "C = ", "base": "base ", "vectorizer__ngram_range": "n-grams "}
    return ", ".join(f"{names.get(name, '')}{value}" for name, value in result["setting"].items() if value is not None)


def published(name: str, methods: dict[str, Any]) -> list[list[str]]:
    """Return a row for each published number of a data set, with the score here that repeats it, if there is one."""
    known = SETS[name].published if name in SETS else None
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        numbers = [row for row in csv.DictReader(file) if row["dataset"] == known]
    found = []
    for method, about in METHODS.items():
        for row in numbers:
            rules = [rule for *key, rule in about.published if key == [row["method"], row["setting"]]]
            for rule in rules:
                score = methods.get(method, {}).get("scores", {}).get(rule)
                here = f"{score['value']:.4f}" if score and not is_limited(methods[method]) else "-"
                if about.encodes:
                    here = "-"  # the published encoder is fine-tuned, ours is frozen
                numbers_of = [row[key] for key in ("method", "setting", "measure", "value")]
                found.append([*numbers_of, here, row["source"], row["how known"]])
    return found


def rows(tables: Results) -> list[dict[str, Any]]:
    found = []
    for name, methods in tables.items():
        for method, result in done(methods).items():
            for rule, score in result["scores"].items():
                found.append(
                    {
                        "data": name,
                        "method": method,
                        "rule": rule,
                        "accuracy": score["value"],
                        "low": score["interval"][0],
                        "high": score["interval"][1],
                        "right": score["right"],
                        "n_test": score["n"],
                        "n_train": result["n_train"],
                        "k": result.get("n_neighbors", ""),
                        "chosen": chosen(result),
                        "fit_seconds": result["fit_seconds"],
                        "predict_seconds": result["predict_seconds"],
                        "peak_bytes": result["peak_bytes"],
                        "device": result["device"],
                    }
                )
    return found


def right(result: dict[str, Any]) -> dict[int, bool]:
    """Return whether the method labelled each of its test texts right, by the position of the text."""
    bits = np.unpackbits(np.frombuffer(base64.b64decode(result["right"]), dtype=np.uint8))
    positions = draw(result["n_test_all"], result["n_test"])
    return dict(zip(positions.tolist(), bits[: result["n_test"]].astype(bool).tolist(), strict=True))


def mcnemar(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Compare two methods by McNemar's exact test on the test texts that both were given.

    The p value is exact: it comes from the binomial distribution.

    References
    ----------
    McNemar: Note on the sampling error of the difference between correlated proportions. Psychometrika 12 (1947).
    """
    rights = right(one), right(other)
    common = rights[0].keys() & rights[1].keys()
    only = [sum(rights[i][text] and not rights[1 - i][text] for text in common) for i in (0, 1)]
    p = binomtest(only[0], sum(only)).pvalue if sum(only) else 1.0
    return {"n": len(common), "only_one": only[0], "only_other": only[1], "p": float(p)}


def pairs(tables: Results) -> list[dict[str, Any]]:
    found = []
    for name, methods in tables.items():
        for one, other in itertools.combinations(done(methods), 2):
            found.append({"data": name, "one": one, "other": other, **mcnemar(methods[one], methods[other])})
    return found


def write_csv(path: Path, table: list[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table[0] if table else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def with_interval(values: list[float]) -> str:
    """Write a mean and half the width of its interval, with no-break spaces that keep them on one line."""
    return "{:.3f} ± {:.3f}".format(*mean_and_interval(values)).replace(" ", "\N{NO-BREAK SPACE}")


def few_shot_table(few_shot: Results) -> str:
    lines = [
        "# Few training texts",
        "",
        "Mean accuracy over five draws of 5 to 100 training texts per class, with half the width of its 95 % interval, "
        "at k = 1. Where a class has fewer texts, all of them are used. There are up to 500 test texts. "
        "`python experiments/tables.py --few-shot` made these numbers.",
    ]
    for name, methods in few_shot.items():
        ns = list(dict.fromkeys(n for values in methods.values() for n in values))
        lines += [
            "",
            f"## {name}",
            "",
            f"| method | {' | '.join(f'{n} per class' for n in ns)} |",
            "|---|" + "---|" * len(ns),
        ]
        for method, values in methods.items():
            cells = [with_interval(values[n]) if n in values else "" for n in ns]
            lines.append(f"| {METHODS[method].title} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", "![Few training texts](few_shot.svg)"]) + "\n"
