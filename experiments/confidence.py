"""Measure how reliable predict_proba is: uncalibrated, calibrated, and as sets of labels that contain the right one.

    python experiments/confidence.py --data ../shared/data --datasets r8 trec6

The training set is split into three parts, stratified by class. The first part is for fitting and for choosing the
settings, the second for calibration, and the third for the threshold of the sets of labels. Everything is measured on
the test texts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, add_out, part_of, read_known, run, write_result
from numpy.typing import NDArray
from plots import SERIES, panels_in_columns, save
from sets import Texts, add_sets, load_sets
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.search.hubs import draw
from gzipknn.utils.accuracy import accuracy

DATASETS = ("r8", "ohsumed", "agnews_10k", "trec6", "sms_spam")
METHODS = ("sigmoid", "isotonic", "temperature")  # the last since scikit-learn 1.8
LEVELS = (0.8, 0.9, 0.95)
THRESHOLDS = (0.5, 0.8, 0.9, 0.95)
N_BINS = 15
N_POINTS = 8
SEED = 0

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, DATASETS)
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--n-jobs", type=int, default=-1, help="default: -1, all cores")
    add_out(parser)
    parser.add_argument("--plot", action="store_true", help="only make the chart of existing results")
    add_memory(parser)
    options = parser.parse_args()
    if min(options.limit_train, options.limit_test) < 1:
        parser.error("limits must be at least 1")
    path = options.out / "confidence.json"
    if options.plot:
        plot(json.loads(path.read_text(encoding="utf-8"))["sets"], path.with_suffix(".svg"))
        return
    part = part_of(parser, options, "limit_train", "limit_test")
    known = read_known(path, "sets", part)
    for name, train, test in load_sets(options.datasets, options.data):
        train, test = some(train, options.limit_train), some(test, options.limit_test)
        with tempfile.TemporaryDirectory() as folder:  # so that each text is searched only once
            known[name] = measure(train, test, options, options.memory or folder)
        known = {name: known[name] for name in sorted(known, key=place)}
        write_result(path, {"sets": known, "seed": SEED, "n_bins": N_BINS}, part)
        print(name, json.dumps({model: result["raw"]["ece"] for model, result in known[name]["models"].items()}))
    plot(known, path.with_suffix(".svg"))


def some(texts: Texts, limit: int) -> Texts:
    rows = draw(len(texts[0]), limit)
    return [texts[0][row] for row in rows], [texts[1][row] for row in rows]


def place(name: str) -> tuple[int, str]:
    return (DATASETS.index(name) if name in DATASETS else len(DATASETS)), name


def split(texts: Texts, share: float) -> tuple[Texts, Texts]:
    """Split off a share of the texts, stratified by class."""
    X, X_off, y, y_off = train_test_split(*texts, test_size=share, stratify=texts[1], random_state=SEED)
    return (X, y), (X_off, y_off)


def measure(train: Texts, test: Texts, options: argparse.Namespace, memory: str) -> dict[str, Any]:
    fitted_on, rest = split(train, 0.4)
    parts = dict(zip(("calibration", "threshold"), split(rest, 0.5), strict=True), test=test)
    shared: dict[str, Any] = {"n_jobs": options.n_jobs, "memory": memory, "verbose": int(sys.stderr.isatty())}
    models = {
        "gzip, chosen k": NCDClassifierCV(compressor="gzip", metric="ncd", normalize=None, **shared),
        "gzip, k = 5": NCDClassifier(**shared),
        "gzip, k = 1": NCDClassifier(1, **shared),
        "lz77, chosen": NCDClassifierCV(**shared),
    }
    sizes = {"n_fit": len(fitted_on[0]), **{f"n_{part}": len(texts) for part, (texts, _) in parts.items()}}
    results = {name: look_at(model.fit(*fitted_on), **parts) for name, model in models.items()}
    return {**sizes, "models": results}


def look_at(clf: Any, calibration: Texts, threshold: Texts, test: Texts) -> dict[str, Any]:
    """Measure the probabilities of a fitted classifier, uncalibrated and calibrated."""
    settings = {name: str(value) for name, value in getattr(clf, "best_params_", {}).items()}
    found = {"raw": clf}
    with warnings.catch_warnings():
        # This warning is about folds that lack a class. It does not apply, because the classifier is frozen.
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for method in METHODS:
            found[method] = CalibratedClassifierCV(FrozenEstimator(clf), method=method).fit(*calibration)
    truths = [np.searchsorted(clf.classes_, labels) for labels in (threshold[1], test[1])]
    unseen = np.mean(clf.predict_proba(test[0])[np.arange(len(test[0])), truths[1]] == 0)
    results = {"settings": settings, "truth_without_vote": float(unseen)}
    for name, model in found.items():
        right = model.predict(test[0]) == np.array(test[1])
        shares = [model.predict_proba(texts) for texts, _ in (threshold, test)]
        results[name] = scores(shares[1], truths[1], right)
        if name in ("raw", "sigmoid"):
            results[name] |= {**curves(shares[1].max(axis=1), right), **all_sets(shares, truths)}
    results["raw"]["accuracy_held_out"] = accuracy(clf.predict(threshold[0]) == np.array(threshold[1]))
    return results


def scores(shares: Floats, truth: NDArray[np.intp], right: Bools) -> dict[str, Any]:
    """Return the accuracy, the expected calibration error and the Brier score."""
    return {
        "accuracy": accuracy(right),
        "ece": expected_calibration_error(shares.max(axis=1), right),
        "brier": float(np.mean(np.sum((shares - np.eye(shares.shape[1])[truth]) ** 2, axis=1))),
    }


def curves(confidence: Floats, right: Bools) -> dict[str, Any]:
    """Return the calibration curve, and how many texts above each threshold of confidence are labelled right."""
    curve = calibration_curve(right, np.minimum(confidence, 1), n_bins=N_POINTS, strategy="quantile")
    above = {str(least): count(right[confidence >= least]) for least in THRESHOLDS}
    return {"curve": {"accuracy": curve[0].tolist(), "confidence": curve[1].tolist()}, "above": above}


def expected_calibration_error(confidence: Floats, right: Bools) -> float:
    """Return the mean gap between confidence and accuracy over bins of equal width, weighted by their numbers of texts.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML (2017), eq. (3).
    """
    bins = np.minimum((confidence * N_BINS).astype(np.intp), N_BINS - 1)
    gaps = np.bincount(bins, weights=confidence, minlength=N_BINS) - np.bincount(bins, weights=right, minlength=N_BINS)
    return float(np.abs(gaps).sum() / len(right))


def prediction_sets(held_out: Floats, truth: NDArray[np.intp], shares: Floats, level: float) -> Bools:
    """Return a set of labels for each text: those whose probability is at or above a threshold.

    The threshold is chosen on held-out texts, so that the probability of the right label reaches it for a share `level`
    of them.

    References
    ----------
    Sadinle, Lei, Wasserman: Least Ambiguous Set-Valued Classifiers with Bounded Error Levels. JASA 114 (2019).
    """
    of_truth = np.append(held_out[np.arange(len(truth)), truth], 0)  # with too few held-out texts, sets have all labels
    rank = int(round(len(of_truth) * (1 - level), 9))  # because 100 * (1 - 0.9) is less than 10 in floating point
    return np.asarray(shares >= np.sort(of_truth)[rank])


def all_sets(shares: list[Floats], truths: list[NDArray[np.intp]]) -> dict[str, Any]:
    """Measure the sets of labels of the test texts, and again after random noise has broken ties of probabilities."""
    random = np.random.RandomState(SEED)
    noisy = [values + 1e-9 * random.random_sample(values.shape) for values in shares]
    sets, parted = {}, {}
    for level in LEVELS:
        sets[str(level)] = set_scores(prediction_sets(shares[0], truths[0], shares[1], level), truths[1])
        sets[str(level)]["coverage_of_halves"] = coverage_of_halves(shares[0], truths[0], level)
        scored = set_scores(prediction_sets(noisy[0], truths[0], noisy[1], level), truths[1])
        parted[str(level)] = {name: scored[name] for name in ("coverage", "mean_size")}
    return {"sets": sets, "sets_ties_at_random": parted}


def coverage_of_halves(shares: Floats, truth: NDArray[np.intp], level: float) -> float:
    """Return the mean coverage of one half of the texts with the threshold of the other, over 100 random splits."""
    covered = []
    for seed in range(100):
        one, other = np.array_split(np.random.RandomState(seed).permutation(len(truth)), 2)
        sets = prediction_sets(shares[one], truth[one], shares[other], level)
        covered.append(sets[np.arange(len(other)), truth[other]].mean())
    return float(np.mean(covered))


def set_scores(sets: Bools, truth: NDArray[np.intp]) -> dict[str, Any]:
    covered, sizes = sets[np.arange(len(truth)), truth], sets.sum(axis=1)
    by_class = [count(covered[truth == label]) for label in np.flatnonzero(np.bincount(truth) >= 20)]
    return {
        "coverage": accuracy(covered),
        "least_covered_class": min(by_class, key=lambda found: found["right"] / found["n"], default=None),
        "mean_size": float(sizes.mean()),
        "empty": int(np.sum(sizes == 0)),
        "single": count(covered[sizes == 1]),
    }


def count(right: Bools) -> dict[str, int]:
    return {"right": int(right.sum()), "n": len(right)}


def plot(known: dict[str, Any], path: Path) -> None:
    """Draw a reliability diagram for each set, and the legend in the panel after the last."""
    figure, axes = panels_in_columns(len(known) + 1)
    for panel, (name, result) in zip(axes, known.items(), strict=False):
        panel.plot([0, 1], [0, 1], color="0.6", linewidth=1)
        lines = [(model, method) for model in ("gzip, k = 5", "lz77, chosen") for method in ("raw", "sigmoid")]
        for (model, method), style in zip(lines, SERIES, strict=False):
            curve = result["models"][model][method]["curve"]
            label = f"{model},\n{'raw' if method == 'raw' else 'calibrated'}"
            panel.plot(curve["confidence"], curve["accuracy"], markersize=4, label=label, **style)
        panel.set(title=name, xlim=(0, 1.03), ylim=(0, 1.03), aspect="equal")
        panel.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
        panel.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
        panel.set(xlabel="probability of the label", ylabel="share that is right")
    for panel in axes[len(known) :]:
        panel.set_axis_off()
    axes[len(known)].legend(*axes[0].get_legend_handles_labels(), loc="center", frameon=False)
    save(figure, path)


if __name__ == "__main__":
    run(main)
