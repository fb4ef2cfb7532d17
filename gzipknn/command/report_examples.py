"""The texts that a report shows, each with its neighbours and the phrases that it shares with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from gzipknn.command.report_results import Part, Results
from gzipknn.explanation import Explanation, pieces
from gzipknn.phrases import Phrase
from gzipknn.utils.escapes import for_page, shorten

MOST_LABEL = 60
"""The number of characters of a label that are shown."""
N_NEIGHBORS = 3
MOST_TEXT = 1500
"""The number of characters of a text that are shown."""
LEAST_BITS = 8
"""Phrases that save fewer bits are not marked, nor are single letters: nearly the whole text would be marked."""


def shown_label(label: Any) -> str:
    """Return a label as the page shows it."""
    return for_page(shorten(label, MOST_LABEL)) or "(blank)"


def examples_of(results: Results, chosen: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Return the examples of some test texts, by position."""
    examples = {}
    for part in results.parts:
        own = sorted({*chosen} & {*part.tested})
        for i, explained in zip(own, _explained(part, [results.texts[i] for i in own]), strict=True):
            examples[i] = {**named_text(results, i), **explained}
    return examples


def named_text(results: Results, i: int) -> dict[str, Any]:
    """Return a test text with its row and labels."""
    return {
        "row": results.rows[i],
        "truth": results.truth[i],
        "predicted": results.predicted[i],
        "confidence": float(results.confidence[i]),
        **_cut(results.texts[i], ()),
    }


def _explained(part: Part, texts: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the neighbours of some texts with their shared phrases. A model without neighbours has none."""
    clf = part.classifier
    if not texts or not hasattr(clf, "kneighbors"):
        return [{"reasons": [], "neighbors": []} for _ in texts]
    k = min(N_NEIGHBORS, clf.n_samples_fit_)
    try:
        return [_as_example(part, explanation) for explanation in clf.explain_each(texts, k)]
    except (AttributeError, TypeError):  # it has distances, but cannot tell which phrases it copied
        found = zip(*clf.kneighbors(texts, k), strict=True)
        return [{"reasons": [], "neighbors": _plain(part, *one)} for one in found]


def _as_example(part: Part, explanation: Explanation) -> dict[str, Any]:
    neighbors = [
        {
            "label": neighbor.label,
            "distance": neighbor.distance,
            "row": _row(part, neighbor.index),
            **_cut(neighbor.text, ((p.start, p.stop, p.bits) for p in _worth(neighbor.phrases))),
        }
        for neighbor in explanation.neighbors
    ]
    phrases = [phrase for neighbor in explanation.neighbors for phrase in _worth(neighbor.phrases)]
    own = _cut(explanation.text, ((p.query_start, p.query_stop, p.bits) for p in phrases))
    return {**own, "reasons": explanation.reasons(_isolated), "neighbors": neighbors}


def _plain(part: Part, distances: Any, indices: Any) -> list[dict[str, Any]]:
    if part.X_train is None or part.y_train is None:
        return []
    return [
        {
            "label": part.y_train[i],
            "distance": float(distance),
            "row": _row(part, i),
            **_cut(part.X_train[i], ()),
        }
        for distance, i in zip(distances, indices, strict=True)
    ]


def _row(part: Part, index: int) -> int:
    return int(part.rows_train[index]) if len(part.rows_train) else int(index) + 1


def _worth(phrases: Iterable[Phrase]) -> list[Phrase]:
    return [phrase for phrase in phrases if phrase.bits >= LEAST_BITS and len(phrase.text.strip()) > 1]


def _cut(text: Any, spans: Iterable[tuple[int, int, float]]) -> dict[str, Any]:
    """Return the beginning of a text in pieces, and the number of characters that follow."""
    return {"pieces": list(pieces(text[:MOST_TEXT], spans)), "more": max(0, len(text) - MOST_TEXT)}


def _isolated(label: Any) -> str:
    """Return a label for use in a sentence, which keeps its direction if the label is written from right to left."""
    return f"\N{FIRST STRONG ISOLATE}{shown_label(label)}\N{POP DIRECTIONAL ISOLATE}"
