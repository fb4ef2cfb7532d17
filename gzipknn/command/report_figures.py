"""The numbers of a report."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.report_results import Results
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.escapes import for_page

N_BINS = 10
CONFUSIONS = 20
GROUPS = 10
"""The number of groups of copies that are shown."""
MOST_COPIES = 12
"""The number of copies of a group that are shown."""
MOST_LETTERS = 300
"""The number of characters of a copied text that are shown."""


def baselines(results: Results, right: NDArray[np.bool_]) -> list[dict[str, Any]]:
    """Return the accuracies, on the same parts, of the most frequent class and of a linear SVM on tf-idf."""
    from gzipknn.baselines import linear_classifier

    n = len(results.texts)
    frequent, linear = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    failed = ""
    for part in results.parts:
        if part.X_train is None or part.y_train is None:
            return []
        truth = np.array([results.truth[i] for i in part.tested], dtype=object)
        frequent[part.tested] = truth == Counter(part.y_train).most_common(1)[0][0]
        try:
            fitted = linear_classifier("tfidf", "svm", random_state=0).fit(list(part.X_train), list(part.y_train))
        except ValueError:  # there is only one class, or there are no words
            failed = "needs two classes and words"
            continue
        linear[part.tested] = truth == fitted.predict([results.texts[i] for i in part.tested])
    found = [{"name": "tf-idf and a linear SVM", "failed": failed, **_compared(right, linear)}]
    return [*found, {"name": "always the most frequent class", "failed": "", **_compared(right, frequent)}]


def _compared(right: NDArray[np.bool_], other: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the accuracy of a baseline, on how many texts only one of the two is right, and McNemar's test of them."""
    from scipy.stats import binomtest

    ours, theirs = int((right & ~other).sum()), int((other & ~right).sum())
    p = float(binomtest(ours, ours + theirs).pvalue) if ours + theirs else 1.0
    return {**accuracy(other), "ours": ours, "theirs": theirs, "p": p}


def by_class(truth: Sequence[str], predicted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the figures of each class. The class with most texts comes first."""
    n, taken = Counter(truth), Counter(predicted)
    pairs = Counter(zip(truth, predicted, strict=True))
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    for (true, label), count in pairs.items():
        if true != label:
            wrong[true][label] += count
    rows = []
    for label in sorted({*n, *taken}, key=lambda label: (-n[label], label)):
        right = pairs[label, label]
        recall = right / n[label] if n[label] else None
        precision = right / taken[label] if taken[label] else None
        rows.append(
            {
                "label": label,
                "n": n[label],
                "taken": taken[label],
                "recall": recall,
                "precision": precision,
                "f1": 2 * right / (n[label] + taken[label]),
                "mostly": wrong[label].most_common(1)[0] if wrong[label] else None,
            }
        )
    return rows


def confusion(truth: Sequence[str], predicted: Sequence[str], names: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Return the confusion matrix as numbers and shares of rows. Rows are true classes, columns are labels."""
    n, pairs = Counter(truth), Counter(zip(truth, predicted, strict=True))
    return [
        [{"n": pairs[true, label], "share": pairs[true, label] / max(n[true], 1)} for label in names] for true in names
    ]


def largest_confusions(truth: Sequence[str], predicted: Sequence[str]) -> list[dict[str, Any]]:
    """Return the pairs of true and predicted class that are confused most often."""
    n = Counter(truth)
    pairs = Counter((true, label) for true, label in zip(truth, predicted, strict=True) if true != label)
    largest = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))[:CONFUSIONS]
    return [{"truth": true, "label": label, "n": count, "of": n[true]} for (true, label), count in largest]


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> dict[str, Any]:
    """Return in bins of equal width how often labels with this confidence are right, and the mean gap."""
    numbers = np.minimum((confidence * N_BINS).astype(int), N_BINS - 1)
    bins = []
    for number in np.unique(numbers):
        own = numbers == number
        mean = float(confidence[own].mean())
        bins.append({"from": number / N_BINS, "to": (number + 1) / N_BINS, "confidence": mean, **accuracy(right[own])})
    gap = sum(abs(one["confidence"] - one["value"]) * one["n"] for one in bins) / len(right)
    return {"bins": bins, "gap": gap, "mean": float(confidence.mean()), "most": max(one["n"] for one in bins)}


def leaks_of(results: Results) -> NDArray[np.bool_]:
    """Return which test texts are training texts of the model that labelled them. White space does not count."""
    leaks = np.zeros(len(results.texts), dtype=bool)
    for part in results.parts:
        known = {_key(text) for text in part.X_train or ()}
        leaks[part.tested] = [bool(key) and key in known for key in (_key(results.texts[i]) for i in part.tested)]
    return leaks


def copies(results: Results, right: NDArray[np.bool_], leaks: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the groups of texts that differ only in white space, those of them with several labels, and the leaks."""
    found: dict[Any, dict[tuple[str, int], str]] = defaultdict(dict)
    training, test = ("row", "row") if results.is_one_file else ("training row", "test row")
    for part in results.parts:
        if part.X_train is None or part.y_train is None:
            continue
        for text, label, row in zip(part.X_train, part.y_train, part.rows_train, strict=True):
            found[_key(text)][training, row] = label
    for text, row, label in zip(results.texts, results.rows, results.truth, strict=True):
        found[_key(text)][test, row] = label
    groups: list[dict[str, Any]] = [
        {
            "pieces": [(for_page(text[:MOST_LETTERS]), None)],
            "more": max(0, len(text) - MOST_LETTERS),
            "places": [(*place, label) for place, label in sorted(places.items())[:MOST_COPIES]],
            "n": len(places),
            "labels": len(set(places.values())),
        }
        for text, places in found.items()
        if text and len(places) > 1
    ]
    groups.sort(key=lambda group: (group["labels"] == 1, -group["n"]))
    return {
        "n": sum(group["n"] for group in groups),
        "n_groups": len(groups),
        "n_conflicts": sum(group["labels"] > 1 for group in groups),
        "groups": groups[:GROUPS],
        "leaks": int(leaks.sum()),
        "without": None if leaks.all() else accuracy(right[~leaks]),
    }


def _key(text: Any) -> Any:
    return (b" " if isinstance(text, bytes) else " ").join(text.split())
