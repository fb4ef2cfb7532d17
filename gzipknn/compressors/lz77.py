"""An idealised LZ77 compressor: code lengths in bits, not those of a file format. It is defined in docs/lz77.md."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf, log2
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from gzipknn._kernel import native
from gzipknn.compressors import lz77_python
from gzipknn.compressors.background import BLEND, UNITS, Background, check_background, learn_background
from gzipknn.compressors.base import Compressor, Match, Neighbors, Strings, TextIndex, number_of
from gzipknn.compressors.class_weights import ClassWeights, check_base_weight
from gzipknn.metrics import Lengths, Metric, cdm, clm, ncd, nmi
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.interruption import check_wanted

# All were chosen on validation data, see docs/lz77.md. No result depends much on any of them.
LENGTH_BITS = 3  # the cost of the length of a match, which is added to the cost of its pointer
COPY_MATCHES = 2  # a copy from earlier in the same text costs as much as this many matches
LITERAL_BITS = 8  # the cost of a literal if there is no background
SHORT_SHARE = 0.95  # a screen counts about this share of the keys, namely the shortest

# The position of a metric is its number in the kernel.
_NATIVE_METRICS = (ncd, cdm, clm, nmi)


@dataclass(frozen=True, eq=False)
class Measure:
    """The costs of bytes and matches, learnt from training texts."""

    match: int
    """The cost of a match, in units of 1 / 256 bit like all costs here."""
    background: Background | None
    weights: ClassWeights | None = None

    @classmethod
    def learn(cls, texts: Corpus, background: str | int | None, base_weight: float | None = None) -> Measure:
        """Learn the model of the bytes, the class weights, and the cost of a pointer into a text of mean size."""
        weights = None if base_weight is None else ClassWeights(texts, float(base_weight))
        match = _match_units(len(texts.buffer) / max(1, len(texts)))
        return cls(match, learn_background(texts, background), weights)

    def bits(self, texts: Corpus, *, learnt_from: bool = False) -> NDArray[np.uint16]:
        """Return the cost of each byte given the text before it, shape (n_bytes,)."""
        if self.background is None:
            literal = np.full(len(texts.buffer), UNITS * LITERAL_BITS, dtype=np.uint16)
        else:
            literal = self.background.literal_bits(texts, is_training=learnt_from)
        bits = np.empty_like(literal)
        _kernel().own_bits(texts.buffer, texts.offsets, literal, COPY_MATCHES * self.match, bits)
        return bits

    def worth(self, bits: NDArray[np.uint16], texts: Corpus, *, learnt_from: bool = False) -> NDArray[np.uint16]:
        """Return the cost of each byte times its class weight, shape (n_bytes,); without weights, the cost itself."""
        return bits if self.weights is None else self.weights.worth(bits, texts, is_training=learnt_from)


class Lz77Index(TextIndex):
    """Texts with the tables for finding the rare strings that a query shares with them."""

    weighed: NDArray[np.uint16] | None = None
    """The cost of each byte times its class weight, shape (n_bytes,); None if there are no class weights."""

    def __init__(
        self,
        texts: Corpus,
        separator: bytes,
        bits: NDArray[np.uint16],
        measure: Measure,
        weighed: NDArray[np.uint16] | None = None,
    ) -> None:
        super().__init__(texts, separator, _sums(bits if weighed is None else weighed, texts))
        self.bits = bits
        self.measure = measure
        self.weighed = weighed

    def tables(self) -> Any:
        """Return the kernel's index of the texts, or the one in Python if the kernel is not in use."""
        arguments = (self.texts.buffer, self.texts.offsets, self.bits, self.measure.match, self.weighed)
        return self._once("tables", lambda: _kernel().Lz77Index(*arguments))

    def key_sizes(self) -> NDArray[np.uint8]:
        """Return the size of the key at each byte: the shortest string that costs more than a match, or 0."""
        sizes: NDArray[np.uint8] = self._once("key sizes", self._key_sizes)
        return sizes

    def _key_sizes(self) -> NDArray[np.uint8]:
        sizes = np.empty(len(self.bits), dtype=np.uint8)
        _kernel().key_sizes(self.texts.buffer, self.texts.offsets, self.bits, self.measure.match, sizes)
        return sizes

    def prepare(self) -> None:
        self.tables()

    def take(self, indices: NDArray[np.intp]) -> Lz77Index:
        offsets = self.texts.offsets

        def taken(values: NDArray[np.uint16]) -> NDArray[np.uint16]:
            return np.concatenate([*(values[offsets[i] : offsets[i + 1]] for i in indices), values[:0]])

        weighed = None if self.weighed is None else taken(self.weighed)
        return Lz77Index(self.texts.take(indices), self.separator, taken(self.bits), self.measure, weighed)

    @classmethod
    def join(cls, indexes: Sequence[Lz77Index]) -> Lz77Index:
        bits = np.concatenate([index.bits for index in indexes])
        weights = [index.weighed for index in indexes if index.weighed is not None]  # all have them, or none has
        weighed = np.concatenate(weights) if weights else None
        texts = Corpus.join([index.texts for index in indexes])
        return Lz77Index(texts, indexes[0].separator, bits, indexes[0].measure, weighed)

    def strings(self) -> Strings:
        """Return the keys, weighted by the bits that a match with them saves. Every match that pays begins with a key.

        The longest keys are left out: they have many sizes, and queries seldom hold them.
        """
        sizes, n = self.key_sizes(), len(self.bits)

        def of_keys(values: NDArray[np.uint16]) -> NDArray[np.int64]:
            before = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
            sums: NDArray[np.int64] = before[np.minimum(np.arange(n) + sizes, n)] - before[:-1]
            return sums

        replaced = of_keys(self.bits)
        saved = replaced - self.measure.match
        if self.weighed is not None:
            saved = saved * of_keys(self.weighed) // np.maximum(replaced, 1)
        if n:
            last = int(SHORT_SHARE * (n - 1))
            sizes = np.where(sizes <= np.partition(sizes, last)[last], sizes, 0).astype(np.uint8)
        # a match may be longer than its key, and so save more
        return sizes, (np.clip(saved // UNITS, 1, 14) + 1).astype(np.uint8)


@dataclass(frozen=True)
class LZ77(Compressor):
    """The code length of a text in bits, parsed into literals and matches; only rare strings are worth a match.

    The cost of a literal comes from a model of the training texts. A string that also occurs in the other text of a
    pair costs at most a pointer to it. Strings that are common in the training texts are cheap as literals, so sharing
    them brings no two texts nearer. Bits are counted in whole 256ths. Before :meth:`fit`, a literal costs 8 bits.

    Parameters
    ----------
    background : {"blend", 2, 1, 0} or None, default="blend"
        The number of preceding bytes on which the cost of a byte depends. ``"blend"`` is 2, where long contexts count
        little unless the training texts have them often. With an int, a few occurrences are enough. With None every
        byte costs 8 bits, so every repetition counts; this is far slower and less accurate.
    base_weight : float or None, default=None
        With None, labels are not used. With a number above 0 (0.1 is a good start), each byte is weighted by the
        information of its strings on the class, learnt from the labels of the training texts. The weight is
        `base_weight` for no information, and `base_weight` + 1 for as much as the entropy of the classes; all weights
        are divided by their mean. :class:`gzipknn.NCDClassifierCV` chooses the number. Estimators have the labels;
        :func:`gzipknn.pairwise_ncd` has none. See docs/lz77.md.
    measure : Measure, default=None
        The costs learnt from the training texts. ``fit`` sets it; do not pass it.

    References
    ----------
    Ziv, Lempel: A Universal Algorithm for Sequential Data Compression. IEEE Trans. Inf. Theory 23 (1977);
    docs/lz77.md.

    Examples
    --------
    >>> LZ77().length(b""), LZ77().length(b"abc"), LZ77().length(b"abc" * 80)
    (0.0, 24.0, 45.8125)
    """

    adds_up: ClassVar[bool] = True

    background: str | int | None = BLEND
    base_weight: float | None = None
    measure: Measure | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        check_background(self.background)
        if self.base_weight is not None:
            check_base_weight(self.base_weight)

    @property
    def learns_labels(self) -> bool:
        return self.base_weight is not None

    @property
    def window(self) -> float:
        return inf

    def length(self, data: bytes) -> float:
        return float(self.lengths(Corpus.from_texts([data]))[0])

    def lengths(self, texts: Corpus) -> Lengths:
        if self.measure is not None:
            return _sums(self.measure.worth(self.measure.bits(texts), texts), texts)
        alone = [texts.rows(i, i + 1) for i in range(len(texts))]
        return np.array([_sums(Measure.learn(text, None).bits(text), text)[0] for text in alone], dtype=np.float64)

    def fit(self, texts: Corpus) -> LZ77:
        if self.learns_labels and texts.labels is None:
            raise ValueError(
                f"LZ77(base_weight={self.base_weight}) learns from the classes of the training texts, but there are no "
                f"labels here: use it where there are, as in NCDClassifier, or set base_weight=None."
            )
        return replace(self, measure=Measure.learn(texts, self.background, self.base_weight))

    def index(self, texts: Corpus, separator: bytes, *, learnt_from: bool = False) -> Lz77Index:
        if self.measure is None:
            return self.fit(texts).index(texts, separator, learnt_from=True)
        bits = self.measure.bits(texts, learnt_from=learnt_from)
        weighed = self.measure.worth(bits, texts, learnt_from=learnt_from) if self.measure.weights else None
        return Lz77Index(texts, separator, bits, self.measure, weighed)

    def joint_lengths(
        self, query: bytes, index: TextIndex, c_x: float | None = None, indices: NDArray[np.intp] | None = None
    ) -> Lengths:
        if not isinstance(index, Lz77Index):
            raise TypeError(f"index must be made by LZ77.index, got {type(index).__name__}.")
        if c_x is None:
            c_x = replace(self, measure=index.measure).length(query)
        prefix = query + index.separator
        if indices is None:
            savings = np.empty(len(index.texts), dtype=np.int64)
            index.tables().savings(prefix, savings)
            return c_x + index.lengths - savings / UNITS
        savings = np.empty(len(indices), dtype=np.int64)
        arrays = (index.texts.buffer, index.texts.offsets, index.bits, index.key_sizes())
        some = indices.astype(np.int64, copy=False)
        _kernel().pair_savings(*arrays, index.measure.match, prefix, some, savings, index.weighed)
        return c_x + index.lengths[indices] - savings / UNITS

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
        number = number_of(metric, _NATIVE_METRICS)
        if not isinstance(index, Lz77Index) or native() is None or number is None:
            return None
        tables, (shift, scale) = index.tables(), shift_and_scale or (None, None)
        nearer = [inf] * len(queries) if within is None else within.tolist()
        distances = np.empty((len(queries), k))
        indices = np.empty((len(queries), k), dtype=np.int64)
        for row, (query, c_x) in enumerate(zip(queries, self.lengths(queries).tolist(), strict=True)):
            check_wanted()
            found = distances[row], indices[row]
            tables.nearest(query + index.separator, c_x, c_y, number, shift, scale, nearer[row], k, *found)
        return distances, indices.astype(np.intp, copy=False)

    def matches(self, query: bytes, index: TextIndex, i: int) -> list[Match]:
        assert isinstance(index, Lz77Index)
        start, stop = index.texts.offsets[i : i + 2]
        text, prefix = index.texts[i], query + index.separator
        whole = np.array([0, len(text)])
        weighed = None if index.weighed is None else index.weighed[start:stop]
        alone = lz77_python.Lz77Index(
            np.frombuffer(text, np.uint8), whole, index.bits[start:stop], index.measure.match, weighed
        )
        found = []
        for begin, end, saved, worth in alone.matches(prefix):
            at = prefix.find(text[begin:end])
            size = min(end - begin, len(query) - at)  # the match may go on into the separator
            if size > 0:
                found.append(Match(begin, size, at, worth / UNITS, worth / saved))
        return found

    def behind(self, prefix: bytes) -> Callable[[Corpus], Lengths]:
        measure = self.measure or Measure.learn(Corpus.from_texts([prefix]), self.background)
        # here a pointer points into the prefix, whatever the mean size of the training texts is
        behind = replace(self, measure=replace(measure, match=_match_units(len(prefix))))
        return partial(behind._lengths_behind, prefix, 0)

    def _lengths_behind(self, prefix: bytes, c_prefix: float, texts: Corpus) -> Lengths:
        return self.joint_lengths(prefix, self.index(texts, b""), c_prefix, np.arange(len(texts)))


def _match_units(n_bytes: float) -> int:
    """Return the cost of a match whose pointer points into `n_bytes` bytes."""
    return round(UNITS * (log2(max(1.0, n_bytes)) + LENGTH_BITS))


def _kernel() -> Any:
    return native() or lz77_python


def _sums(bits: NDArray[np.uint16], texts: Corpus) -> Lengths:
    before = np.concatenate([[0], np.cumsum(bits, dtype=np.int64)])
    return np.diff(before[texts.offsets]) / UNITS
