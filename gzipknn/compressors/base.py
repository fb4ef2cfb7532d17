"""What a compressor is to the rest of the library: an object that gives compressed lengths."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray

from gzipknn.metrics import Lengths, Metric
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.interruption import check_wanted
from gzipknn.utils.lazy_tables import LazyTables

Neighbors = tuple[NDArray[np.float64], NDArray[np.intp]]
"""Distances and indices, both of shape (n, k), nearest first."""

Strings = tuple[NDArray[np.uint8], NDArray[np.uint8] | None]
"""Their sizes (bytes) and weights (0 to 15) at each position of the texts; or sizes for all positions, and None."""

MOST_LENGTH = 2**53
"""From here on, float64 does not tell lengths apart."""

# Of n-grams of 3 to 6 bytes, these two sizes together rank texts as well as all four, at less than half the cost.
NGRAMS = np.array([4, 6], dtype=np.uint8)


@dataclass(frozen=True)
class Match:
    """Bytes of a text that were copied from the query before it."""

    begin: int
    """The first byte in the text."""
    size: int
    at: int
    """The first byte in the query."""
    bits: float
    """What the copy saves."""
    weight: float = 1.0
    """How often each bit was counted: not once where a compressor weighs what tells about the class."""


class TextIndex(LazyTables):
    """Texts with their lengths C(y), and what a compressor prepared to join a query with each of them."""

    def __init__(self, texts: Corpus, separator: bytes, lengths: Lengths) -> None:
        super().__init__()
        self.texts = texts
        self.separator = separator
        self._lengths = lengths

    @property
    def lengths(self) -> Lengths:
        """C(y) of each text, shape (n,)."""
        return self._lengths

    def prepare(self) -> None:
        """Make now what :meth:`Compressor.joint_lengths` would make when it is first called."""

    def take(self, indices: NDArray[np.intp]) -> TextIndex:
        """Return an index of some of the texts."""
        return TextIndex(self.texts.take(indices), self.separator, self.lengths[indices])

    @classmethod
    def join(cls, indexes: Sequence[Self]) -> Self | None:
        """Return an index of the texts of several, or None if they have to stay apart.

        The lengths, and whatever else was made of each text, are taken over. A subclass that says nothing stays apart.
        """
        if {*map(type, indexes)} != {TextIndex}:
            return None
        texts, lengths = Corpus.join([index.texts for index in indexes]), [index.lengths for index in indexes]
        return cls(texts, indexes[0].separator, np.concatenate(lengths))

    def chosen(self, indices: NDArray[np.intp] | None) -> Iterator[bytes]:
        """Return the texts at some positions, or all."""
        for i in range(len(self.texts)) if indices is None else indices:
            check_wanted()
            yield self.texts[i]

    def strings(self) -> Strings:
        """Return by which strings a screen is to guess how much a query shares with a text."""
        return NGRAMS, None


class Compressor(ABC):
    """Compressed lengths of texts and of pairs of texts.

    A new compressor needs :meth:`length` alone; the other methods are there to be made faster, and :meth:`fit`
    for one that learns from texts what is common in them.
    Compressors are values: immutable, comparable, picklable.
    """

    prefer: ClassVar[Literal["threads", "processes"]] = "threads"
    """How to run it on several cores: threads if it releases the GIL, else processes."""

    adds_up: ClassVar[bool] = False
    """Whether C(xy) is exactly C(x) + C(y) if x and y share nothing, and less if they share something."""

    @property
    def learns_labels(self) -> bool:
        """Whether :meth:`fit` learns from the labels of the texts, and :meth:`index` needs those of training texts."""
        return False

    @property
    def window(self) -> float | None:
        """How far back it looks (bytes): the greatest distance at which a repetition is found.

        A text longer than this cannot be copied from a text before it, not even from an equal one. Infinity if there
        is no limit; None if it is not known, as of a function: then nothing is said of long texts.
        """
        return None

    @abstractmethod
    def length(self, data: bytes) -> float:
        """Return C(data), the compressed length (bytes; bits where a compressor says so)."""

    def lengths(self, texts: Corpus) -> Lengths:
        """Return C(x) of every text, shape (n,)."""
        return as_lengths(self.length(text) for text in texts)

    def fit(self, texts: Corpus) -> Compressor:
        """Return the compressor that has learnt from the training texts: itself, if it learns nothing."""
        return self

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> TextIndex:
        """Prepare `texts` for :meth:`joint_lengths`.

        `learnt_from` says that they are among the texts of :meth:`fit`, so that each is known to the compressor.
        """
        return TextIndex(texts, separator, self.lengths(texts))

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        """Return C(query + separator + text) of every text of the index, shape (n,), or of those at `indices`.

        `c_x` is C(query), for a compressor that makes the joint lengths of it; None to have it computed.
        """
        prefix = query + index.separator
        return as_lengths(self.length(prefix + text) for text in index.chosen(indices))

    def matches(self, query: bytes, index: TextIndex, i: int) -> list[Match] | None:
        """Return what text i of the index copies from the query in their joint length; None if that can't be told."""
        return None

    def behind(self, prefix: bytes) -> Callable[[Corpus], Lengths]:
        """Return a function that says how much each of some texts adds to a prefix: C(prefix text) - C(prefix)."""
        return partial(self._lengths_behind, prefix, self.length(prefix))

    def _lengths_behind(self, prefix: bytes, c_prefix: float, texts: Corpus) -> Lengths:
        return np.asarray(as_lengths(self.length(prefix + text) for text in texts) - c_prefix)

    def nearest(
        self,
        queries: Corpus,
        index: TextIndex,
        c_y: Lengths,
        metric: Metric,
        k: int,
        *,
        shift_and_scale: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
        within: NDArray[np.float64] | None = None,
    ) -> Neighbors | None:
        """Return the k nearest texts of each query, or None if nothing is faster than all distances.

        A search may skip whatever can't be among the k smallest by (distance, index), but not change them. Distances to
        each text are corrected by its shift and scale, if given. Texts that are not nearer to a query than `within`,
        shape (n_queries,), may be left out: then infinite distances fill the row.
        """
        return None

    def add_nearest(
        self, query: bytes, index: TextIndex, metric: Metric, chosen: NDArray[np.intp], first: int, found: Neighbors
    ) -> bool:
        """Search some texts of the index for nearer ones than were found, or return False if all distances are as fast.

        `found`, both of shape (k,) and nearest first, is changed in place; text i of the index stands there as
        `first` + i.
        """
        return False


@dataclass(frozen=True)
class CallableCompressor(Compressor):
    """Any function from bytes to the compressed bytes, or to their length.

    Examples
    --------
    >>> CallableCompressor(lambda data: len(set(data))).length(b"abca")
    3
    """

    function: Callable[[bytes], Any]
    prefer: ClassVar[Literal["threads", "processes"]] = "processes"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TypeError(
                f"function must be a callable bytes -> bytes (or -> int), got {type(self.function).__name__} "
                f"({self.function!r:.50})."
            )

    def length(self, data: bytes) -> float:
        result = self.function(data)
        if isinstance(result, bytes | bytearray | memoryview):
            return memoryview(result).nbytes
        length = _as_length(result)
        if length is None:
            raise TypeError(
                f"compressor {self.function!r} must return the compressed bytes or their length "
                f"(a number >= 0, < 2**53), got {type(result).__name__} ({result!r:.50}) for a text of {len(data)} "
                f"bytes."
            )
        return length


def number_of(metric: Metric, known: Sequence[Metric]) -> int | None:
    """Return the position of a metric among those that the kernel knows, or None."""
    return next((number for number, one in enumerate(known) if one is metric), None)


def as_lengths(lengths: Iterable[float]) -> Lengths:
    """Gather lengths in an array: int64 if all are integers, else float64."""
    gathered = list(lengths)
    array = np.array(gathered if set(map(type, gathered)) <= {int, float} else [*map(_check_length, gathered)])
    if array.size and not (array.min() >= 0 and array.max() < MOST_LENGTH):
        for length in gathered:
            _check_length(length)
    return array


def _check_length(length: Any) -> float:
    number = _as_length(length)
    if number is None:
        raise TypeError(
            f"a compressor must give lengths that are numbers >= 0, < 2**53, "
            f"got {type(length).__name__} ({length!r:.50})."
        )
    return number


def _as_length(length: Any) -> float | None:
    """Return a Python number, or None for what is no length."""
    if isinstance(length, bool) or not isinstance(length, Real) or not 0 <= float(length) < MOST_LENGTH:
        return None
    return int(length) if isinstance(length, Integral) else float(length)


def check_level(name: str, level: Any, low: int, high: int) -> None:
    """Raise unless `level` is an integer in [low, high]."""
    if isinstance(level, bool) or not isinstance(level, Integral):
        raise TypeError(f"{name} must be an int from {low} to {high}, got {type(level).__name__} ({level!r:.50}).")
    if not low <= int(level) <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {level}.")
