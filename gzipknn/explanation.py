"""Why a text is near: the phrases that the compressor copied from one text to the other."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Match
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.escapes import one_line as _one_line
from gzipknn.utils.escapes import plain as _plain
from gzipknn.utils.escapes import shorten as _short

Text = str | bytes


@dataclass(frozen=True)
class Phrase:
    """What stands in both texts and was copied.

    Positions are in characters, of a text that is no UTF-8 in bytes; `stop` is the first one behind.
    """

    text: Text
    bits: float
    """What the copy saves: with ``"lz77"`` exactly; with gzip and zlib against literals of the pair's mean cost."""
    start: int
    """In the training text."""
    stop: int
    query_start: int
    """In the query."""
    query_stop: int
    weight: float = 1.0
    """How often each of its bits was counted: more than once where the phrase tells much about the class."""


@dataclass(frozen=True)
class ExplainedNeighbor:
    """A training text, its distance, and the phrases it shares with the query, longest first."""

    index: int
    label: Any
    distance: float
    text: Text
    c_x: float
    """C(x) of the query, in `unit`, as C(y) of the training text and C(xy) of both."""
    c_y: float
    c_xy: float
    unit: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Explanation:
    """Why a text was labelled as it was: made by :meth:`NCDClassifier.explain`; printed, it is for the terminal."""

    text: Text
    label: Any
    neighbors: tuple[ExplainedNeighbor, ...]
    n_voting: int
    """How many neighbours voted, of which `neighbors` may hold fewer or more."""
    n_agreeing: int
    """How many of those have the label."""
    share: float
    """The label's share of the vote, in which neighbours may count differently."""
    is_tied: bool
    """Whether another label has the same share, so that `tie_break` decided."""
    by_all: bool = False
    """Whether all training texts voted, as the text shares nothing with any of them or is empty."""

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as dicts and lists."""
        return asdict(self)

    def __str__(self) -> str:
        width = shutil.get_terminal_size((100, 24)).columns
        lines = [_short(self.text, width - 8), *self._reasons(_one_line(self.label))]
        for number, neighbor in enumerate(self.neighbors, 1):
            lengths = f"C(x) {neighbor.c_x:g}, C(y) {neighbor.c_y:g}, C(xy) {neighbor.c_xy:g} {neighbor.unit}"
            head = f"{number}. {_one_line(neighbor.label)}, distance {neighbor.distance:.3f}, text {neighbor.index}"
            lines += ["", f"{head}; {lengths}", f"   {_short(neighbor.text, width - 4)}"]
            if not neighbor.phrases:
                lines.append("   shares no phrase that is worth copying")
            for phrase in neighbor.phrases:
                shown = _short(phrase.text, width - 40)
                once = phrase.bits / phrase.weight
                counted = "" if phrase.weight == 1 else f" ({once:.1f}, counted {phrase.weight:.2f} times)"
                lines.append(
                    f"   {phrase.bits:7.1f} bits{counted}  '{shown}' at {phrase.start}, in the query at "
                    f"{phrase.query_start}"
                )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = []
        for neighbor in self.neighbors:
            query = _marked(self.text, [(p.query_start, p.query_stop, p.bits) for p in neighbor.phrases])
            text = _marked(neighbor.text, [(p.start, p.stop, p.bits) for p in neighbor.phrases])
            head = (
                f"<b>{html.escape(_plain(neighbor.label))}</b> &middot; distance {neighbor.distance:.3f} &middot; text "
                f"{neighbor.index} &middot; C(x) {neighbor.c_x:g}, C(y) {neighbor.c_y:g}, C(xy) {neighbor.c_xy:g} "
                f"{neighbor.unit}"
            )
            rows.append(
                f'<div style="{_HEAD}">{head}</div><div style="{_ROW}"><div style="{_CELL}">{query}</div>'
                f'<div style="{_CELL}">{text}</div></div>'
            )
        reasons = " ".join(self._reasons(f"<b>{html.escape(_plain(self.label))}</b>"))
        title = (
            f"<div>{reasons} The text is on the left, each training text on the right; shared phrases are marked.</div>"
        )
        return f'<div style="{_PAGE}">{title}{"".join(rows)}</div>'

    def _reasons(self, label: str) -> list[str]:
        """Say in a sentence or two what the label rests on."""
        if self.by_all:
            why = f"{self.n_agreeing} of all {self.n_voting} training texts are {label}; the neighbours say nothing"
        elif self.n_voting == 1:
            why = f"the nearest training text is {label}"
        else:
            why = (
                f"{self.n_agreeing} of its {self.n_voting} neighbours {'is' if self.n_agreeing == 1 else 'are'} {label}"
            )
        if abs(self.share - self.n_agreeing / self.n_voting) > 0.005:
            why += f", with {self.share:.0%} of the vote"
        if self.is_tied:
            why += "; another label has as many votes, so the rule for ties decided"
        reasons = [f"The model predicts {label} because {why}."]
        if not self.neighbors[0].phrases:
            reasons.append("The nearest training text shares no phrase with the text, so this label means little.")
        return reasons


_PAGE = "font-family: sans-serif; font-size: 14px; line-height: 1.45; max-width: 70em;"
_HEAD = "margin: 0.9em 0 0.3em;"
_ROW = "display: flex; flex-wrap: wrap; gap: 0.6em;"
_CELL = (
    "flex: 1 1 18em; min-width: 0; padding: 0.6em; border: 1px solid #bbb; border-radius: 4px; "
    "white-space: pre-wrap; overflow-wrap: anywhere; text-align: left;"
)
_MARK = "background: #ffe08a; color: #222; border-radius: 2px; padding: 0 1px;"


def explain(
    training: TrainingTexts, query: bytes, indices: Sequence[int], distances: Sequence[float]
) -> Iterator[dict[str, Any]]:
    """Yield for each of some training texts its lengths with the query, and what one copies from the other."""
    compressor = training.compressor
    corpus = Corpus.from_texts([query])
    c_x = compressor.lengths(corpus)
    unit = "bytes" if np.issubdtype(c_x.dtype, np.integer) else "bits"
    for index, distance in zip(indices, distances, strict=True):
        some = np.array([index])
        text = training.texts[index]
        found = _phrases(training, query, index)
        yield {
            "index": int(index),
            "distance": float(distance),
            "text": readable(text),
            "c_x": float(c_x[0]),
            "c_y": float(training.lengths[index]),
            "c_xy": float(training.joint_lengths(corpus, c_x, some)[0, 0]),
            "unit": unit,
            "phrases": tuple(sorted(found, key=lambda phrase: (phrase.start - phrase.stop, phrase.start))),
        }


def _phrases(training: TrainingTexts, query: bytes, i: int) -> Iterator[Phrase]:
    text = training.texts[i]
    number = int(np.searchsorted(training.starts, i, side="right")) - 1
    part, position = training.parts[number], i - int(training.starts[number])
    index = training.compressor.index(Corpus.from_texts([query]), training.separator)
    query_first = training.order == "query-first"
    if training.order == "symmetric":
        after_query = training.compressor.joint_lengths(query, part, indices=np.array([position]))[0]
        query_first = bool(after_query <= training.compressor.joint_lengths(text, index)[0])
    if query_first:
        matches = training.compressor.matches(query, part, position)
    else:
        matches = training.compressor.matches(text, index, 0)
    if matches is None:
        raise TypeError(
            f"only 'gzip', 'zlib' and 'lz77' tell what they copied, not {training.compressor!r:.80}; "
            f"fit with one of these, or look at kneighbors()."
        )
    is_binary = isinstance(readable(text), bytes) and isinstance(readable(query), bytes)
    characters, query_characters = _characters_before(text), _characters_before(query)
    for match in _joined(matches):
        copied = (text if query_first else query)[match.begin :][: match.size]
        # one byte string at two places: cut to whole characters, it is so at both
        cut, size = (0, len(copied)) if is_binary else _whole_characters(copied)
        if match.bits <= 0 or not size:
            continue
        phrase, begin, at = copied[cut : cut + size], match.begin + cut, match.at + cut
        start, query_start = (begin, at) if query_first else (at, begin)
        yield Phrase(
            phrase if is_binary else readable(phrase),
            match.bits,
            start=int(characters[start]),
            stop=int(characters[start + size]),
            query_start=int(query_characters[query_start]),
            query_stop=int(query_characters[query_start + size]),
            weight=match.weight,
        )


def _joined(matches: list[Match]) -> list[Match]:
    """Join matches of which one goes on where the one before ends, in both texts: their size is limited."""
    joined: list[Match] = []
    for match in matches:
        last = joined[-1] if joined else None
        if last and (last.begin + last.size, last.at + last.size) == (match.begin, match.at):
            bits = last.bits + match.bits
            once = sum(one.bits / one.weight for one in (last, match) if one.weight)
            joined[-1] = Match(last.begin, last.size + match.size, last.at, bits, bits / once if once else 0.0)
        else:
            joined.append(match)
    return joined


# ---- bytes and characters ----


def readable(text: bytes) -> Text:
    """Return a text as str if it is UTF-8, as the texts that users give as str are, else as it is."""
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text


def _is_inside(byte: Any) -> Any:  # an int or an array of uint8
    return byte & 0xC0 == 0x80  # of a character of several bytes, not the first


def _characters_before(text: bytes) -> NDArray[np.int64]:
    """Return how many characters begin before each byte and before the end; bytes of what is no UTF-8."""
    if isinstance(readable(text), bytes):
        return np.arange(len(text) + 1)
    begins = ~_is_inside(np.frombuffer(text, dtype=np.uint8))
    return np.concatenate([[0], np.cumsum(begins)])


def _whole_characters(phrase: bytes) -> tuple[int, int]:
    """Return how many bytes to cut off at the beginning of a phrase, and how many to keep: none if all are of parts."""
    cut = 0
    while cut < len(phrase) and cut < 3 and _is_inside(phrase[cut]):
        cut += 1
    for stop in range(len(phrase), max(cut, len(phrase) - 4), -1):
        if isinstance(readable(phrase[cut:stop]), str):
            return cut, stop - cut
    return cut, 0


def _marked(text: Text, spans: list[tuple[int, int, float]]) -> str:
    parts, place = [], 0
    for start, stop, bits in sorted(spans):
        start = max(start, place)
        if start >= stop:
            continue
        phrase = html.escape(_plain(text[start:stop]))
        parts += [
            html.escape(_plain(text[place:start])),
            f'<mark style="{_MARK}" title="{bits:.1f} bits">{phrase}</mark>',
        ]
        place = stop
    return "".join([*parts, html.escape(_plain(text[place:]))])
