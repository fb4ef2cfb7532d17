"""The explanation of a label: the votes, and the phrases that the nearest training texts share with the text."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from gzipknn.phrases import Phrase, Text
from gzipknn.utils.escapes import for_page, place_on_one_line
from gzipknn.utils.escapes import one_line as _one_line
from gzipknn.utils.escapes import shorten as _short

MOST_PHRASES = 20
"""The largest number of phrases printed for a neighbour; the others are only counted."""
MOST_CLASSES = 5
"""The largest number of classes named in a sentence; the others are only counted."""


@dataclass(frozen=True)
class ClassVotes:
    """The votes for one class."""

    label: Any
    n: int
    """The number of voters with this label."""
    share: float
    """The share of the vote, in which neighbours may have different weights."""


@dataclass(frozen=True)
class ExplainedNeighbor:
    """A neighbour: its label, its distance, and the phrases that it shares with the query, the largest saving first."""

    index: int
    label: Any
    distance: float
    text: Text
    c_x: float
    """C(x), the compressed length of the query, in `unit`."""
    c_y: float
    """C(y), the compressed length of the training text, in `unit`."""
    c_xy: float
    """C(xy), the compressed length of both together, in `unit`."""
    unit: str
    """``"bytes"`` or ``"bits"``."""
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Explanation:
    """The explanation of a label, as :meth:`NCDClassifier.explain` returns it, to print or to show in a notebook."""

    text: Text
    label: Any
    neighbors: tuple[ExplainedNeighbor, ...]
    n_voting: int
    """The number of texts that voted. `neighbors` may hold fewer or more."""
    n_agreeing: int
    """The number of voters that have the predicted label."""
    share: float
    """The label's share of the vote, in which neighbours may have different weights."""
    is_tied: bool
    """Whether another label has the same share, so that `tie_break` decided."""
    by_all: bool = False
    """Whether all training texts voted, because the neighbours say nothing: see :meth:`NCDClassifier.predict`."""
    tally: tuple[ClassVotes, ...] = ()
    """The classes that got votes, the largest share first."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as dicts and tuples of plain values."""
        return asdict(self)

    def __str__(self) -> str:
        width = shutil.get_terminal_size((100, 24)).columns
        lines = [_short(self.text, width - 8), *self.reasons()]
        for number, neighbor in enumerate(self.neighbors, 1):
            lengths = f"C(x) {neighbor.c_x:g}, C(y) {neighbor.c_y:g}, C(xy) {neighbor.c_xy:g} {neighbor.unit}"
            head = f"{number}. {_one_line(neighbor.label)}, distance {neighbor.distance:.3f}, text {neighbor.index}"
            lines += ["", f"{head}; {lengths}", f"   {_short(neighbor.text, width - 4)}"]
            lines += self._phrase_lines(neighbor, width - 40)
        return "\n".join(lines)

    def _phrase_lines(self, neighbor: ExplainedNeighbor, width: int) -> Iterator[str]:
        if not neighbor.phrases:
            yield "   shares no phrase that is worth copying"
        for phrase in neighbor.phrases[:MOST_PHRASES]:
            counted = ""
            if phrase.weight != 1:
                counted = f" ({phrase.bits / phrase.weight:.1f}, counted {phrase.weight:.2f} times)"
            begins = _first_letter(phrase.text)
            place = place_on_one_line(neighbor.text, phrase.start + begins)
            in_query = place_on_one_line(self.text, phrase.query_start + begins)
            shown = _short(phrase.text, width) or " "
            yield f"   {phrase.bits:7.1f} bits{counted}  '{shown}' at {place}, in the query at {in_query}"
        others = neighbor.phrases[MOST_PHRASES:]
        if others:
            bits = sum(phrase.bits for phrase in others)
            yield f"   {bits:7.1f} bits  in {len(others)} more phrase{'s' * (len(others) > 1)}"

    def _repr_html_(self) -> str:
        rows = []
        for neighbor in self.neighbors:
            query = _marked(self.text, ((p.query_start, p.query_stop, p.bits) for p in neighbor.phrases))
            text = _marked(neighbor.text, ((p.start, p.stop, p.bits) for p in neighbor.phrases))
            head = (
                f"<b>{_as_html(neighbor.label)}</b> &middot; distance {neighbor.distance:.3f} &middot; text "
                f"{neighbor.index} &middot; C(x) {neighbor.c_x:g}, C(y) {neighbor.c_y:g}, C(xy) {neighbor.c_xy:g} "
                f"{neighbor.unit}"
            )
            rows.append(
                f'<div style="{_HEAD}">{head}</div><div style="{_ROW}"><div dir="auto" style="{_CELL}">{query}</div>'
                f'<div dir="auto" style="{_CELL}">{text}</div></div>'
            )
        reasons = " ".join(self.reasons(lambda label: f"<b>{_as_html(label)}</b>"))
        title = (
            f"<div>{reasons} The text is on the left, each training text on the right; shared phrases are marked.</div>"
        )
        return f'<div style="{_PAGE}">{title}{"".join(rows)}</div>'

    def reasons(self, shown: Any = _one_line) -> list[str]:
        """Return a few sentences on why the label was predicted; `shown` turns a label into text."""
        label = shown(self.label)
        if self.by_all:
            why = f"{self.n_agreeing} of all {self.n_voting} training texts are {label}; the neighbours say nothing"
        elif self.n_voting == 1:
            why = f"the nearest training text is {label}"
        else:
            why = f"{self.n_agreeing} of its {self.n_voting} neighbours {_are(self.n_agreeing)} {label}"
        if abs(self.share - self.n_agreeing / self.n_voting) > 0.005:
            why += f", with {self.share:.0%} of the vote"
        if self.is_tied:
            why += "; another label has as many votes, so the rule for ties decided"
        reasons = [f"The model predicts {label} because {why}."]
        others = [votes for votes in self.tally if votes.label != self.label]
        if others:
            reasons.append(self._of_others(others, shown))
        if not self.neighbors[0].phrases:
            reasons.append("The nearest training text shares no phrase with the text, so this label means little.")
        return reasons

    def _of_others(self, others: list[ClassVotes], shown: Any) -> str:
        """Return a sentence on the votes for the other classes."""
        named, rest = others[:MOST_CLASSES], others[MOST_CLASSES:]
        parts = [f"{votes.n} {_are(votes.n)} {shown(votes.label)}{self._share_of(votes)}" for votes in named]
        if rest:
            n = sum(votes.n for votes in rest)
            parts.append(f"{n} {_are(n)} of {len(rest)} more class{'es' * (len(rest) > 1)}")
        told = ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else parts[0]
        return f"Of the others, {told}."

    def _share_of(self, votes: ClassVotes) -> str:
        return f" ({votes.share:.0%})" if abs(votes.share - votes.n / self.n_voting) > 0.005 else ""


def pieces(text: Text, spans: Iterable[tuple[int, int, float]]) -> Iterator[tuple[str, float | None]]:
    """Cut a text at its shared phrases, and yield each piece as text for a web page, with its bits or None.

    Parameters
    ----------
    text : str or bytes
    spans : iterable of (start, stop, bits)
        The positions of the shared phrases, which may overlap, and the bits that each saves.

    Examples
    --------
    >>> list(pieces("the cat sat", [(4, 7, 9.5)]))
    [('the ', None), ('cat', 9.5), (' sat', None)]
    """
    place = 0
    for start, stop, bits in sorted(spans):
        start, stop = max(start, place), min(stop, len(text))
        if start >= stop:
            continue
        if place < start:
            yield for_page(text[place:start]), None
        yield for_page(text[start:stop]), bits
        place = stop
    if place < len(text):
        yield for_page(text[place:]), None


_PAGE = "font-family: sans-serif; font-size: 14px; line-height: 1.45; max-width: 70em;"
_HEAD = "margin: 0.9em 0 0.3em; overflow-wrap: anywhere;"
_ROW = "display: flex; flex-wrap: wrap; gap: 0.6em;"
_CELL = (
    "flex: 1 1 18em; min-width: 0; padding: 0.6em; border: 1px solid #bbb; border-radius: 4px; "
    "white-space: pre-wrap; overflow-wrap: anywhere; text-align: start;"
)
_MARK = "background: #ffe08a; color: #222; border-radius: 2px; padding: 0 1px;"


def _marked(text: Text, spans: Iterable[tuple[int, int, float]]) -> str:
    return "".join(
        html.escape(piece)
        if bits is None
        else f'<mark style="{_MARK}" title="{bits:.1f} bits">{html.escape(piece)}</mark>'
        for piece, bits in pieces(text, spans)
    )


def _as_html(label: Any) -> str:
    return html.escape(for_page(label))


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _first_letter(phrase: Text) -> int:
    """Return the number of white space characters at the beginning of a phrase, or 0 if it has only white space."""
    return (len(phrase) - len(phrase.lstrip())) % len(phrase)
