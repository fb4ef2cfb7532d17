"""The phrases that a compressor copied from one text to the other, and their positions in both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Match
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

Text = str | bytes


@dataclass(frozen=True)
class Phrase:
    """A phrase that is in both texts and was copied.

    Positions count characters, or bytes in a text that is not UTF-8. `start` is the position of the first character,
    and `stop` is the position behind the last.
    """

    text: Text
    bits: float
    """The bits that the copy saves: exact with ``"lz77"``; an estimate from the mean cost of the pair's literals with
    gzip and zlib."""
    start: int
    """The position in the training text."""
    stop: int
    query_start: int
    """The position in the query."""
    query_stop: int
    weight: float = 1.0
    """The weight with which each bit was counted: high if the phrase tells much about the class."""


def compared(
    training: TrainingTexts, query: bytes, indices: Sequence[int], distances: Sequence[float]
) -> Iterator[dict[str, Any]]:
    """Yield for each of some training texts its compressed lengths with the query, and the phrases that were copied."""
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
            "phrases": tuple(sorted(found, key=lambda phrase: (-phrase.bits, phrase.start))),
        }


def _phrases(training: TrainingTexts, query: bytes, i: int) -> Iterator[Phrase]:
    text = training.texts[i]
    number = int(np.searchsorted(training.starts, i, side="right")) - 1
    part, position = training.parts[number], i - int(training.starts[number])
    query_first = training.order == "query-first"
    if not query_first:
        index = training.compressor.index(Corpus.from_texts([query]), training.separator)
    if training.order == "symmetric":
        after_query = training.compressor.joint_lengths(query, part, indices=np.array([position]))[0]
        query_first = bool(after_query <= training.compressor.joint_lengths(text, index)[0])
    if query_first:
        matches = training.compressor.matches(query, part, position)
    else:
        matches = training.compressor.matches(text, index, 0)
    if matches is None:
        raise TypeError(
            f"an explanation needs a compressor that reports what it copied ('gzip', 'zlib' or 'lz77'), got "
            f"{training.compressor!r:.80}; fit with one of these, or look at kneighbors()."
        )
    is_binary = isinstance(readable(text), bytes) and isinstance(readable(query), bytes)
    characters, query_characters = _characters_before(text), _characters_before(query)
    for match in _joined(matches):
        copied = (text if query_first else query)[match.begin :][: match.size]
        # the copied bytes are the same in both texts, so cutting them to whole characters does so in both
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
    """Join each match that continues the one before it in both texts; compressors limit the size of a match."""
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
    """Return a text as str if it is UTF-8, as every text is that was given as str; else return it as it is."""
    try:
        return text.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return text


def _is_inside(byte: Any) -> Any:  # an int or an array of uint8
    return byte & 0xC0 == 0x80  # a byte of a character, but not its first one


def _characters_before(text: bytes) -> NDArray[np.int64]:
    """Count the characters (bytes if the text is not UTF-8) that begin before each byte and before the end."""
    if isinstance(readable(text), bytes):
        return np.arange(len(text) + 1)
    begins = ~_is_inside(np.frombuffer(text, dtype=np.uint8))
    return np.concatenate([[0], np.cumsum(begins)])


def _whole_characters(phrase: bytes) -> tuple[int, int]:
    """Return how many bytes to cut off at the beginning of a phrase, and how many to keep, for whole characters only.

    It keeps none if the phrase holds no whole character.
    """
    cut = 0
    while cut < len(phrase) and cut < 3 and _is_inside(phrase[cut]):
        cut += 1
    for stop in range(len(phrase), max(cut, len(phrase) - 4), -1):
        if isinstance(readable(phrase[cut:stop]), str):
            return cut, stop - cut
    return cut, 0
