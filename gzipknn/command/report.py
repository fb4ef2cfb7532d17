"""The report of ``gzipknn evaluate --report``: one HTML page that needs no network and runs no code."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.report_examples import examples_of, named_text, shown_label
from gzipknn.command.report_figures import (
    baselines,
    by_class,
    confusion,
    copies,
    largest_confusions,
    leaks_of,
    reliability,
)
from gzipknn.command.report_results import Results
from gzipknn.command.whole_files import whole_file
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.counted import counted
from gzipknn.utils.escapes import for_page
from gzipknn.versions import __version__

TEMPLATE = "report.html.jinja"
MATRIX = 12
"""The greatest number of classes for a confusion matrix. With more, the largest confusions are listed instead."""
MISTAKES, HITS, UNLIKE = 10, 6, 6
OPEN_CLASSES = 20
"""The number of classes that the table of classes always shows. The others are folded up."""


def report_path(text: str) -> Path:
    """Return the path of the report. Raise before the evaluation if the report could not be written there."""
    path = Path(text)
    if path.suffix.lower() not in (".html", ".htm"):  # otherwise --report TRAIN TEST would overwrite the training texts
        raise argparse.ArgumentTypeError(f"must name a file that ends in .html, such as report.html, got {text!r:.200}")
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"can't write a report to {text!r:.200}: give a file in a folder that exists")
    return path


def write_report(path: Path, results: Results) -> None:
    """Write the report of a test."""
    page = make_report(results)
    with whole_file(str(path)) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


def make_report(results: Results) -> str:
    """Return the report of a test as a page of HTML."""
    from jinja2 import Environment, StrictUndefined  # imported here because it is seldom needed and slow to import

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "label": shown_label,
        "percent": _percent,
        "count": "{:,}".format,
        "counted": counted,
        "page": for_page,
    }
    template = files("gzipknn.command").joinpath(TEMPLATE).read_text(encoding="utf-8")
    return environment.from_string(template).render(_figures(results)).lstrip()


def _figures(results: Results) -> dict[str, Any]:
    """Return all values that the template shows."""
    right, leaks = results.right, leaks_of(results)
    nearest = _nearest(results)
    classes = by_class(results.truth, results.predicted)
    names = [one["label"] for one in classes]
    wrong = np.flatnonzero(~right)
    mistakes = wrong[np.argsort(-results.confidence[wrong], kind="stable")][:MISTAKES]
    examples = {"mistakes": mistakes.tolist(), "hits": _typical(results, right & ~leaks, names, nearest)}
    shown = examples_of(results, sorted({*examples["mistakes"], *examples["hits"]}))
    unlike = [] if nearest is None else np.argsort(-nearest, kind="stable")[:UNLIKE].tolist()
    n_train = max((len(part.X_train) for part in results.parts if part.X_train is not None), default=None)
    return {
        "title": results.title,
        "made": date.today().isoformat(),
        "version": __version__,
        "settings": results.settings,
        "n_train": n_train,
        "n_parts": len(results.parts),
        "score": accuracy(right),
        "baselines": baselines(results, right),
        "classes": classes,
        "n_open": OPEN_CLASSES if len(classes) > OPEN_CLASSES + 5 else len(classes),
        "matrix": confusion(results.truth, results.predicted, names) if len(names) <= MATRIX else None,
        "confusions": largest_confusions(results.truth, results.predicted),
        "reliability": reliability(results.confidence, right),
        "confidence_is": results.confidence_is,
        **{kind: [shown[i] for i in chosen] for kind, chosen in examples.items()},
        "copies": copies(results, right, leaks),
        "unlike": [{**named_text(results, i), "distance": float(nearest[i])} for i in unlike],  # type: ignore[index]
    }


def _nearest(results: Results) -> NDArray[np.float64] | None:
    """Return the distance of each text to its nearest training text, or None if there are no distances."""
    if not all(hasattr(part.classifier, "kneighbors") for part in results.parts):
        return None
    nearest = np.empty(len(results.texts))
    for part in results.parts:
        nearest[part.tested] = part.classifier.kneighbors([results.texts[i] for i in part.tested], 1)[0][:, 0]
    return nearest


def _typical(
    results: Results, right: NDArray[np.bool_], names: Sequence[str], nearest: NDArray[np.float64] | None
) -> list[int]:
    """Choose for each class the text labelled right with most confidence. The largest class comes first."""
    order = np.lexsort((np.zeros(len(right)) if nearest is None else nearest, -results.confidence))
    truth, chosen = np.array(results.truth, dtype=object), []
    for name in names:
        chosen += order[(truth == name)[order] & right[order]][:1].tolist()
    return chosen[:HITS]


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", "\N{NO-BREAK SPACE}%")
