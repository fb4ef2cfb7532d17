"""How far predict_proba is to be trusted: as it is, calibrated, and as sets of labels that cover the truth.

    python experiments/confidence.py --data ../shared/data --datasets r8 trec6

The training set is cut in three, each class by its share: texts to fit on (and to choose settings on, leaving one out),
texts to calibrate with, texts to set the threshold of the sets with. All is measured on the test texts.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import add_memory, pyplot, read_known, run, timed, write_result
from numpy.typing import NDArray
from sets import Texts, load_set
from sklearn.calibration import CalibratedClassifierCV, calibration_curve
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.hubness import draw
from gzipknn.scores import accuracy

RESULTS = Path(__file__).parent / "results"
DATASETS = ("r8", "ohsumed", "agnews_10k", "trec6", "sms_spam")
METHODS = ("sigmoid", "isotonic", "temperature")
LEVELS = (0.8, 0.9, 0.95)
THRESHOLDS = (0.5, 0.8, 0.9, 0.95)
N_BINS = 15
N_POINTS = 8
SEED = 0

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with a folder for each set")
    parser.add_argument("--datasets", nargs="+", default=list(DATASETS), metavar="NAME")
    parser.add_argument("--limit-train", type=int, default=sys.maxsize, metavar="N", help="use N random training texts")
    parser.add_argument("--limit-test", type=int, default=sys.maxsize, metavar="N", help="use N random test texts")
    parser.add_argument("--n-jobs", type=int, default=-1, help="default: -1, all cores")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the results")
    parser.add_argument("--plot", action="store_true", help="only make the plot of the results there are")
    add_memory(parser)
    options = parser.parse_args()
    if min(options.limit_train, options.limit_test) < 1:
        parser.error("limits must be at least 1")
    path = options.out / "confidence.json"
    known = read_known(path, "sets")
    for name in () if options.plot else options.datasets:
        train, test = load_set(name, options.data)
        train, test = some(train, options.limit_train), some(test, options.limit_test)
        with tempfile.TemporaryDirectory() as folder:  # each text is looked at many times, and searched once
            known[name] = measure(train, test, options, options.memory or folder)
        known = {name: known[name] for name in sorted(known, key=place)}
        write_result(path, {"sets": known, "seed": SEED, "n_bins": N_BINS})
        print(name, json.dumps({model: result["raw"]["ece"] for model, result in known[name]["models"].items()}))
    plot(known, path.with_suffix(".png"))


def some(texts: Texts, limit: int) -> Texts:
    rows = draw(len(texts[0]), limit)
    return [texts[0][row] for row in rows], [texts[1][row] for row in rows]


def place(name: str) -> tuple[int, str]:
    return (DATASETS.index(name) if name in DATASETS else len(DATASETS)), name


def split(texts: Texts, share: float) -> tuple[Texts, Texts]:
    """Cut off a share, of each class alike."""
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
    results = {}
    start = time.perf_counter()
    for name, model in models.items():
        results[name] = look_at(model.fit(*fitted_on), **parts)
    return {**sizes, "seconds": timed(time.perf_counter() - start, options), "models": results}


def look_at(clf: Any, calibration: Texts, threshold: Texts, test: Texts) -> dict[str, Any]:
    """Measure a fitted classifier's probabilities, raw and calibrated."""
    settings = {name: str(value) for name, value in getattr(clf, "best_params_", {}).items()}
    found = {"raw": clf}
    with warnings.catch_warnings():
        # of folds without some class, but nothing is fitted on folds: the classifier is frozen
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        for method in METHODS:
            found[method] = CalibratedClassifierCV(FrozenEstimator(clf), method=method).fit(*calibration)
    truths = [np.searchsorted(clf.classes_, labels) for labels in (threshold[1], test[1])]
    unseen = np.mean(clf.predict_proba(test[0])[np.arange(len(test[0])), truths[1]] == 0)
    results = {"settings": settings, "truth_without_vote": float(unseen)}
    for name, model in found.items():
        right = model.predict(test[0]) == np.array(test[1])
        results[name] = scores([model.predict_proba(texts) for texts, _ in (threshold, test)], truths, right)
    return results


def scores(shares: list[Floats], truths: list[NDArray[np.intp]], right: Bools) -> dict[str, Any]:
    """Measure probabilities of the texts for the threshold and of the test texts, of which some are labelled right."""
    confidence = shares[1].max(axis=1)
    curve = calibration_curve(right, np.minimum(confidence, 1), n_bins=N_POINTS, strategy="quantile")
    random = np.random.RandomState(SEED)
    sets = {}
    for name, noise in (("sets", 0.0), ("sets_ties_at_random", 1e-9)):
        noisy = [values + noise * random.random_sample(values.shape) for values in shares]
        sets[name] = {str(level): set_scores(*noisy, *truths, level) for level in LEVELS}
    return {
        "accuracy": accuracy(right),
        "ece": expected_calibration_error(confidence, right),
        "brier": float(np.mean(np.sum((shares[1] - np.eye(shares[1].shape[1])[truths[1]]) ** 2, axis=1))),
        "curve": {"accuracy": curve[0].tolist(), "confidence": curve[1].tolist()},
        "above": {str(least): answered(confidence >= least, right) for least in THRESHOLDS},
        **sets,
    }


def expected_calibration_error(confidence: Floats, right: Bools) -> float:
    """Return the mean gap between confidence and accuracy, in bins of equal width, each weighted by its texts.

    References
    ----------
    Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML (2017), eq. (3).
    """
    bins = np.minimum((confidence * N_BINS).astype(np.intp), N_BINS - 1)
    gaps = np.bincount(bins, weights=confidence, minlength=N_BINS) - np.bincount(bins, weights=right, minlength=N_BINS)
    return float(np.abs(gaps).sum() / len(right))


def prediction_sets(held_out: Floats, truth: NDArray[np.intp], shares: Floats, level: float) -> Bools:
    """Put every label into a text's set that is as probable as that of all but 1 - level of the held-out texts.

    References
    ----------
    Sadinle, Lei, Wasserman: Least Ambiguous Set-Valued Classifiers with Bounded Error Levels. JASA 114 (2019).
    """
    rank = int(round((len(truth) + 1) * (1 - level), 9))  # 100 * (1 - 0.9) is less than 10
    if rank < 1:
        return np.ones_like(shares, dtype=np.bool_)  # too few held out to leave any label out
    of_truth = np.sort(held_out[np.arange(len(truth)), truth])
    return np.asarray(shares >= of_truth[rank - 1])


def set_scores(
    held_out: Floats, shares: Floats, truth: NDArray[np.intp], test: NDArray[np.intp], level: float
) -> dict[str, Any]:
    sets = prediction_sets(held_out, truth, shares, level)
    covered, sizes = sets[np.arange(len(test)), test], sets.sum(axis=1)
    common = np.flatnonzero(np.bincount(test) >= 20)
    by_class = {int(label): accuracy(covered[test == label]) for label in common}
    return {
        "coverage": accuracy(covered),
        "least_covered_class": min(by_class.values(), key=lambda share: share["value"]) if by_class else None,
        "mean_size": float(sizes.mean()),
        "empty": float(np.mean(sizes == 0)),
        "single": answered(sizes == 1, covered),
    }


def answered(which: Bools, right: Bools) -> dict[str, Any]:
    """Say how many texts are answered, and how many of these are right."""
    return {"share": float(which.mean()), "accuracy": accuracy(right[which]) if which.any() else None}


def plot(known: dict[str, Any], path: Path) -> None:
    """Draw reliability diagrams, a panel for each set."""
    columns = min(3, len(known) + 1)
    rows = -(-(len(known) + 1) // columns)
    size = (8, 2.75 * rows + 0.4)
    options: dict[str, Any] = {"squeeze": False, "sharex": True, "sharey": True, "constrained_layout": True}
    figure, panels = pyplot().subplots(rows, columns, figsize=size, **options)
    for panel, (name, result) in zip(panels.ravel(), known.items(), strict=False):
        panel.plot([0, 1], [0, 1], color="0.6", linewidth=1)
        for model, color in (("gzip, k = 5", "C0"), ("lz77, chosen", "C1")):
            for method, style in (("raw", "o:"), ("sigmoid", "s-")):
                curve = result["models"][model][method]["curve"]
                label = f"{model}, {'as it is' if method == 'raw' else method}"
                drawn = {"color": color, "markersize": 4, "linewidth": 1.3, "label": label}
                drawn["markerfacecolor"] = "white" if method == "raw" else color
                panel.plot(curve["confidence"], curve["accuracy"], style, **drawn)
        panel.set(title=name, xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
        panel.grid(alpha=0.3)
    for panel in panels[:, 0]:
        panel.set_ylabel("share that is right")
    for number in range(columns):  # the lowest panel of each column
        drawn_rows = [row for row in range(rows) if row * columns + number < len(known)]
        if drawn_rows:
            panels[drawn_rows[-1], number].set_xlabel("probability of the label")
            panels[drawn_rows[-1], number].tick_params(labelbottom=True)
    for panel in panels.ravel()[len(known) :]:
        panel.set_axis_off()
    handles, labels = panels[0, 0].get_legend_handles_labels()
    panels.ravel()[len(known)].legend(handles, labels, loc="center", frameon=False)
    figure.suptitle("Is a label as often right as its probability says? (test texts)")
    figure.savefig(path, dpi=100)


if __name__ == "__main__":
    run(main)
