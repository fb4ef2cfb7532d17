"""Tables of calibrated probabilities, sets of labels and no answer."""

from __future__ import annotations

from typing import Any

from table_sources import ROOT, interval, load, marked


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
        rows.append([marked(name), model, f"{found['raw']['accuracy']['value']:.3f}", *measured])
    return rows


def coverage_table() -> list[list[str]]:
    levels = ("0.8", "0.9", "0.95")
    promised = [f"coverage at {float(level):.0%}" for level in levels]
    held_out = ["held-out texts", "accuracy on them", "accuracy on test texts", "coverage at 80% on them"]
    rows = [
        ["set", "model", *held_out, *promised, "labels per set at 90%", "no label", "one label", "class covered least"]
    ]
    for name, model, known, found in confidence_results():
        if "chosen" in model:
            sets = found["sigmoid"]["sets"]
            right = [found["raw"][part]["value"] for part in ("accuracy_held_out", "accuracy")]
            cells = [marked(name), model, str(known["n_threshold"]), *(f"{value:.3f}" for value in right)]
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
    titles = [f"{method}{', ties broken at random' if 'ties' in sets else ''}" for method, sets in ways]
    rows = [["set", "model", "test texts whose true label has no vote", *titles]]
    for name, model, _, found in confidence_results():
        if "k = " in model:
            at_90 = [found[method][sets]["0.9"] for method, sets in ways]
            cells = [f"{way['coverage']['value']:.3f}, {way['mean_size']:.2f}" for way in at_90]
            rows.append([marked(name), model, f"{found['truth_without_vote']:.1%}", *cells])
    return rows


def abstain_table() -> list[list[str]]:
    rows = [["set", "model", "accuracy on all", "raw ≥ 0.9", "sigmoid ≥ 0.9", "one label at 90%", "one label at 95%"]]
    for name, model, known, found in confidence_results():
        if model in ("gzip, k = 5", "lz77, chosen"):
            sets = found["sigmoid"]["sets"]
            above = [found[method]["above"]["0.9"] for method in ("raw", "sigmoid")]
            parts = [*above, *(sets[level]["single"] for level in ("0.9", "0.95"))]
            cells = [answered(part, known["n_test"]) for part in parts]
            rows.append([marked(name), model, f"{found['sigmoid']['accuracy']['value']:.3f}", *cells])
    return rows


def answered(part: dict[str, Any], n_test: int) -> str:
    return f"{part['right'] / part['n']:.3f} of {part['n'] / n_test:.0%}" if part["n"] else "none"
