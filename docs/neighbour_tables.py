"""Tables of outliers and clusters."""

from __future__ import annotations

from typing import Any

from table_sources import ROOT, load


def outliers_table() -> list[list[str]]:
    """Of each score the mean AUC: on the queries by which its setting was chosen, and on the test queries."""
    chosen = load(ROOT / "experiments/results/outliers.json")["chosen"]
    rows = [["score", "k", "AUC, validation", "AUC, test"]]
    methods = {name: found for name, found in chosen.items() if name not in ("compression", "tf-idf")}
    for name, found in sorted(methods.items(), key=lambda item: -item[1]["validation"]):
        k = found["setting"].rsplit("k = ", 1)[1]
        rows.append([name, k, f"{found['validation']:.3f}", f"{found['test']:.3f}"])
    return rows


def outlier_tasks_table() -> list[list[str]]:
    """Of each task the test AUC of three methods, each with the setting that is chosen for all tasks."""
    results = load(ROOT / "experiments/results/outliers.json")
    methods = {name: results["chosen"][name]["setting"] for name in ("compression", "tf-idf", "tf-idf of words, lof")}
    rows = [["task", *methods.values()]]
    for name, task in results["tasks"].items():
        rows.append([name, *(f"{task['auc']['test'][setting]:.3f}" for setting in methods.values())])
    return rows


def clusterings() -> list[tuple[str, dict[str, Any]]]:
    """Return the name of each method, and what was found with it."""
    return list(load(ROOT / "experiments/results/clustering.json")["methods"].items())


def clustering_table() -> list[list[str]]:
    """Of each clustering how well it agrees with the sets that texts are from, and with their classes."""
    values = ["ARI, sets", "NMI, sets", "NMI, classes", "without noise: NMI, sets", "without noise: NMI, classes"]
    rows = [["texts", "method", "clusters", "noise", *values]]
    for method, found in clusterings():
        for setting, scores in found["clusterings"].items():
            values = [
                scores["sets, all"]["ari"],
                scores["sets, all"]["nmi"],
                scores["classes, all"]["nmi"],
                scores["sets, without noise"]["nmi"],
                scores["classes, without noise"]["nmi"],
            ]
            name = method if setting == "k-means" else f"{method}, {setting}"
            counts = [f"{found['n_texts']:,}", name, str(scores["n_clusters"]), f"{scores['share_of_noise']:.0%}"]
            rows.append([*counts, *(f"{value:.3f}" for value in values)])
    return rows


def clustering_cost_table() -> list[list[str]]:
    """Of each method the seconds of its graph and of one HDBSCAN, and its memory."""
    costs = ["graph, core seconds", "HDBSCAN, core seconds", "all, core seconds", "seconds that passed"]
    rows = [["texts", "method", *costs, "peak memory, GB"]]
    for method, found in clusterings():
        steps = found["steps"]
        runs = [step["core_seconds"] for name, step in steps.items() if name.startswith("clusters")]
        graph = f"{steps['graph']['core_seconds']:.0f}" if "graph" in steps else ""
        each = f"{max(runs):.1f}" if runs else ""
        sums = [f"{sum(step[kind] for step in steps.values()):.0f}" for kind in ("core_seconds", "seconds")]
        rows.append([f"{found['n_texts']:,}", method, graph, each, *sums, f"{found['peak_bytes'] / 1e9:.1f}"])
    return rows
