"""The base classes of compressors, which give the compressed lengths of texts and of pairs of texts."""

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
"""The strings that a screen counts: their sizes in bytes and their weights (0 to 15).

Either one size and one weight for each position of the texts, or the sizes that are counted at all positions, and None.
"""

MOST_LENGTH = 2**53
"""From this number on, float64 does not represent every integer, so that two lengths could be confused."""

# Among n-grams of 3 to 6 bytes, these two sizes rank texts as well as all four together, at less than half the cost.
NGRAMS = np.array([4, 6], dtype=np.uint8)


@dataclass(frozen=True)
class Match:
    """A phrase of a text that the compressor copied from the query."""

    begin: int
    """The position of its first byte in the text."""
    size: int
    """Its length in bytes."""
    at: int
    """The position of its first byte in the query."""
    bits: float
    """The bits that the copy saves."""
    weight: float = 1.0
    """The factor that is already in `bits`: it is not 1 if a compressor weights strings by their information on the
    class."""


class TextIndex(LazyTables):
    """Texts with their compressed lengths C(y), prepared for computing C(xy) with any query x."""

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
        """Build the tables now that the first call of :meth:`Compressor.joint_lengths` would build."""

    def take(self, indices: NDArray[np.intp]) -> TextIndex:
        """Return an index of some of the texts."""
        return TextIndex(self.texts.take(indices), self.separator, self.lengths[indices])

    @classmethod
    def join(cls, indexes: Sequence[Self]) -> Self | None:
        """Join several indexes into one, or return None if they cannot be joined.

        The lengths, and what else was computed for each text, are reused. The indexes of a subclass that does not
        override this method cannot be joined.
        """
        if {*map(type, indexes)} != {TextIndex}:
            return None
        texts, lengths = Corpus.join([index.texts for index in indexes]), [index.lengths for index in indexes]
        return cls(texts, indexes[0].separator, np.concatenate(lengths))

    def chosen(self, indices: NDArray[np.intp] | None) -> Iterator[bytes]:
        """Yield the texts at `indices`, or all texts if `indices` is None."""
        for i in range(len(self.texts)) if indices is None else indices:
            check_wanted()
            yield self.texts[i]

    def strings(self) -> Strings:
        """Return the strings that a screen counts to estimate how much a query shares with each text."""
        return NGRAMS, None


class Compressor(ABC):
    """Compressed lengths of texts and of pairs of texts.

    A subclass must define :meth:`length`. It may override the other methods with faster ones, and :meth:`fit` if it
    learns from the training texts. Compressors are values: immutable, comparable and picklable.
    """

    prefer: ClassVar[Literal["threads", "processes"]] = "threads"
    """How to use several cores: threads if the compressor releases the GIL, else processes."""

    adds_up: ClassVar[bool] = False
    """Whether C(xy) is exactly C(x) + C(y) if x and y share nothing, and less if they share something."""

    @property
    def learns_labels(self) -> bool:
        """Whether :meth:`fit` learns from the labels of the texts, and :meth:`index` needs those of training texts."""
        return False

    @property
    def window(self) -> float | None:
        """The size of the window in bytes: the greatest distance at which the compressor finds a repetition.

        A text longer than the window cannot be copied from the text before it, even if both are equal. Infinity means
        that there is no limit. None means that the window is not known, as with a function; then there are no warnings
        about long texts.
        """
        return None

    @abstractmethod
    def length(self, data: bytes) -> float:
        """Return C(data), the compressed length, in bytes or in the unit that the compressor documents."""

    def lengths(self, texts: Corpus) -> Lengths:
        """Return C(x) of every text, shape (n,)."""
        return as_lengths(self.length(text) for text in texts)

    def fit(self, texts: Corpus) -> Compressor:
        """Return a compressor that has learnt from the training texts, or the same one if it learns nothing."""
        return self

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> TextIndex:
        """Prepare `texts` for :meth:`joint_lengths`.

        `learnt_from` tells whether the texts are among those that were passed to :meth:`fit`.
        """
        return TextIndex(texts, separator, self.lengths(texts))

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        """Return C(query + separator + text) for each text of the index, shape (n,), or for those at `indices`.

        `c_x` is C(query). Some compressors need it; if it is None, they compute it.
        """
        prefix = query + index.separator
        return as_lengths(self.length(prefix + text) for text in index.chosen(indices))

    def matches(self, query: bytes, index: TextIndex, i: int) -> list[Match] | None:
        """Return the phrases that text i of the index copies from the query, or None if the compressor can't tell."""
        return None

    def behind(self, prefix: bytes) -> Callable[[Corpus], Lengths]:
        """Return a function that gives C(prefix + text) - C(prefix) for each text of a corpus."""
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
        """Return the k nearest texts of each query, or None if the compressor has no fast search.

        A fast search may skip texts that cannot be among the k smallest by (distance, index); its result must be that
        of a full search. If `shift_and_scale` is given, the shift of each text is subtracted from the distances to it,
        and the difference is divided by its scale. Texts that are not nearer to a query than `within`, shape
        (n_queries,), may be left out; the free places of the row then have infinite distances.
        """
        return None

    def add_nearest(
        self, query: bytes, index: TextIndex, metric: Metric, chosen: NDArray[np.intp], first: int, found: Neighbors
    ) -> bool:
        """Search the `chosen` texts of the index for nearer ones than those found; return whether it was done.

        A compressor without a fast search returns False. `found` holds distances and indices, both of shape (k,) and
        nearest first, and is changed in place. There, text i of the index has the number `first` + i.
        """
        return False


@dataclass(frozen=True)
class CallableCompressor(Compressor):
    """A function as a compressor: it takes bytes, and returns the compressed bytes or their length.

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
    """Return the position of a metric among those that the kernel implements, or None if it is not there."""
    return next((number for number, one in enumerate(known) if one is metric), None)


def as_lengths(lengths: Iterable[float]) -> Lengths:
    """Return an array of the lengths: int64 if all are integers, else float64."""
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
    """Return a length as a Python number, or None if it is not a valid length."""
    if isinstance(length, bool) or not isinstance(length, Real) or not 0 <= float(length) < MOST_LENGTH:
        return None
    return int(length) if isinstance(length, Integral) else float(length)


def check_level(name: str, level: Any, low: int, high: int) -> None:
    """Raise unless `level` is an integer in [low, high]."""
    if isinstance(level, bool) or not isinstance(level, Integral):
        raise TypeError(f"{name} must be an int from {low} to {high}, got {type(level).__name__} ({level!r:.50}).")
    if not low <= int(level) <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {level}.")
