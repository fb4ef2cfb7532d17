"""The training texts with everything that a search needs: the state that ``fit`` keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Compressor, TextIndex, get_compressor
from gzipknn.metrics import Lengths, Metric, get_metric
from gzipknn.search.string_index import MOST_TEXTS
from gzipknn.texts.corpus import Corpus, JoinedCorpus
from gzipknn.texts.encoding import MOST_BYTES, encode_separator
from gzipknn.utils.interruption import check_wanted
from gzipknn.utils.lazy_tables import Guard
from gzipknn.utils.validation import as_floats

ORDERS = ("query-first", "train-first", "symmetric")
# A part has at most this many texts and bytes, so that the positions in all of its tables fit in 32 bits. A part may be
# as large as the largest text that is allowed, so no text has to be cut.
TEXTS_PER_PART = MOST_TEXTS
BYTES_PER_PART = MOST_BYTES


class Correction(Protocol):
    """A correction of distances: each training text has a shift, which is subtracted, and a scale, which divides."""

    @property
    def kind(self) -> str:
        """The name of the correction."""

    @property
    def shift(self) -> NDArray[np.float64]:
        """The numbers that are subtracted from the distances to each text, shape (n,)."""

    @property
    def scale(self) -> NDArray[np.float64]:
        """The numbers by which the differences are divided, shape (n,)."""

    def __call__(self, distances: NDArray[np.float64], indices: NDArray[np.intp] | None = None) -> NDArray[np.float64]:
        """Correct distances to all texts, shape (rows, n), or to those at `indices`."""


class Shortlist(Protocol):
    """A rule that estimates which training texts are worth compressing with a query."""

    @property
    def n_fitted(self) -> int:
        """The number of texts from which the rule was learnt."""

    def n_candidates(self, n: int, k: int) -> int:
        """Return how many of n texts are candidates in a search of k neighbours."""

    def candidates(self, training: TrainingTexts, query: bytes, c_x: Lengths, k: int) -> NDArray[np.intp]:
        """Return the positions of the candidates in ascending order."""


@dataclass(frozen=True, eq=False)
class TrainingTexts:
    """The indexed training texts, and the settings with which their distances to queries are computed.

    Attributes
    ----------
    texts : Corpus of n texts
    parts : tuple of TextIndex
        The indexes of consecutive parts of the texts. So texts can be added without indexing the others again.
    normalizer : Correction or None
        The correction of the distances for hubs. None means that distances are not corrected.
    screen : Shortlist or None
        The rule that chooses the texts to compress with a query. None means all texts.
    """

    texts: Corpus
    parts: tuple[TextIndex, ...]
    compressor: Compressor
    metric: Metric
    order: str
    normalizer: Correction | None = None
    screen: Shortlist | None = None

    @classmethod
    def prepare(
        cls,
        texts: Corpus,
        compressor: Any,
        metric: Any,
        order: Any,
        separator: Any,
        *,
        learn_from: Corpus | None = None,
        are_learnt_from: bool = True,
        at_once: bool = True,
    ) -> TrainingTexts:
        """Check the settings, compress each text once and index all texts.

        The compressor learns from `learn_from`, by default from `texts`. `are_learnt_from` tells whether `texts` are
        among these. With `at_once`, the tables for a search of all texts are built now, else at the first search.
        """
        check_order(order)
        compressor, metric, separator = get_compressor(compressor), get_metric(metric), encode_separator(separator)
        compressor = compressor.fit(texts if learn_from is None else learn_from)
        parts = index_parts(texts, compressor, separator, learnt_from=are_learnt_from)
        if at_once and order != "train-first":  # with "train-first", blocks of queries are indexed instead
            for part in parts:
                part.prepare()
        return cls(texts, parts, compressor, metric, order)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def separator(self) -> bytes:
        """The bytes between the two texts of a pair."""
        return self.parts[0].separator

    @property
    def lengths(self) -> Lengths:
        """C(y) of each text, shape (n,)."""
        if len(self.parts) == 1:
            return self.parts[0].lengths
        lengths: Lengths | None = vars(self).get("_lengths")
        if lengths is None:  # joined only when needed, so that adding texts one by one stays fast
            lengths = np.concatenate([part.lengths for part in self.parts])
            vars(self)["_lengths"] = lengths
        return lengths

    @property
    def starts(self) -> NDArray[np.intp]:
        """The position of the first text of each part, and the number of texts, shape (n_parts + 1,)."""
        return np.cumsum([0, *(len(part.texts) for part in self.parts)])

    def with_parts(self, parts: tuple[TextIndex, ...]) -> TrainingTexts:
        """Return training texts with other parts and the same settings, but without correction and screen."""
        texts = parts[0].texts if len(parts) == 1 else JoinedCorpus(tuple(part.texts for part in parts))
        return replace(self, texts=texts, parts=parts, normalizer=None, screen=None)

    def distances(self, queries: Corpus) -> NDArray[np.float64]:
        """Return the distance of every query to every training text, shape (len(queries), n)."""
        c_x = self.compressor.lengths(queries)
        return self.distances_from(c_x[:, None], self.joint_lengths(queries, c_x))

    def distances_from(
        self, c_x: Lengths, c_xy: Lengths, indices: NDArray[np.intp] | None = None
    ) -> NDArray[np.float64]:
        """Return the distances for C(x), shape (rows, 1), and C(xy), shape (rows, n).

        With `indices`, C(xy) and the distances are those of the texts at these positions.
        """
        c_y = self.lengths if indices is None else self.lengths[indices]
        lengths = [c_x.view(), c_y.view(), c_xy.view()]
        for array in lengths:
            array.flags.writeable = False  # a metric that works in place must not change the lengths of the model
        distances = as_floats(self.metric(*lengths), "metric")
        if distances.shape != c_xy.shape:
            raise ValueError(
                f"metric must return an array of shape {c_xy.shape} for c_x {c_x.shape}, c_y {c_y.shape} "
                f"and c_xy {c_xy.shape}, got shape {distances.shape}."
            )
        if np.isnan(distances).any():
            raise ValueError("metric returned NaN; a distance must be a number for every pair of lengths.")
        return distances if self.normalizer is None else self.normalizer(distances, indices)

    def joint_lengths(self, queries: Corpus, c_x: Lengths, indices: NDArray[np.intp] | None = None) -> Lengths:
        """Return C(xy) of every query and every training text in the chosen order, shape (len(queries), n).

        With `indices`, which are sorted, only the training texts at these positions are used.
        """
        if self.order == "query-first":
            return self._query_first(queries, c_x, indices)
        if self.order == "train-first":
            return self._train_first(queries, indices)
        return np.minimum(self._query_first(queries, c_x, indices), self._train_first(queries, indices))

    def _query_first(self, queries: Corpus, c_x: Lengths, indices: NDArray[np.intp] | None) -> Lengths:
        parts, rows = self.by_part(indices), []
        for query, c in zip(queries, c_x.tolist(), strict=True):
            check_wanted()
            rows.append([self.compressor.joint_lengths(query, part, c, some) for part, _, some in parts])
        return np.stack([row[0] if len(row) == 1 else np.concatenate(row) for row in rows])

    def by_part(self, indices: NDArray[np.intp] | None) -> list[tuple[TextIndex, int, Any]]:
        """Return the parts that hold the texts at `indices`, the start of each part, and the positions in the part.

        If `indices` is None, return all parts, with None for the positions.
        """
        starts = self.starts
        if indices is None or len(self.parts) == 1:
            return [(part, int(start), indices) for part, start in zip(self.parts, starts, strict=False)]
        shares = np.split(indices, np.searchsorted(indices, starts[1:-1]))
        shifted = zip(self.parts, starts, shares, strict=False)
        return [(part, int(start), share - start) for part, start, share in shifted if len(share)]

    def _train_first(self, queries: Corpus, indices: NDArray[np.intp] | None) -> Lengths:
        # the roles are exchanged: each training text is the prefix of all queries of the block
        parts = index_parts(queries, self.compressor, self.separator, learnt_from=False)
        columns = []
        for i in range(len(self)) if indices is None else indices.tolist():
            check_wanted()
            text, c = self.texts[i], float(self.lengths[i])
            columns.append(np.concatenate([self.compressor.joint_lengths(text, part, c) for part in parts]))
        return np.stack(columns, axis=1)


def with_labels_for(compressor: Any, texts: Corpus, labels: NDArray[np.intp]) -> Corpus:
    """Return texts with their labels if the compressor learns from labels, else the texts as they are."""
    return texts.labelled(labels) if get_compressor(compressor).learns_labels else texts


def check_order(order: Any) -> None:
    """Raise unless `order` is one of `ORDERS`."""
    if not (isinstance(order, str) and order in ORDERS):
        raise ValueError(f"order must be one of {list(ORDERS)}, got {order!r:.50}.")


def index_parts(texts: Corpus, compressor: Compressor, separator: bytes, *, learnt_from: bool) -> tuple[TextIndex, ...]:
    """Index texts in parts of limited size."""
    parts: list[TextIndex] = []
    start = 0
    while start < len(texts) or not parts:
        fit = int(np.searchsorted(texts.offsets, texts.offsets[start] + BYTES_PER_PART, side="right")) - 1
        stop = min(max(fit, start + 1), start + TEXTS_PER_PART, len(texts))
        parts.append(compressor.index(texts.rows(start, stop), separator, learnt_from=learnt_from))
        start = stop
    return tuple(parts)


def fit_in_a_part(n_texts: int, n_bytes: int) -> bool:
    """Return whether one part may hold `n_texts` texts with `n_bytes` bytes together."""
    return n_texts <= TEXTS_PER_PART and n_bytes <= BYTES_PER_PART


class LazyTraining:
    """Training texts that are prepared only when a search needs a result that is not in the cache.

    Parameters
    ----------
    texts : Corpus of n texts
    make : callable
        Returns the TrainingTexts.
    """

    def __init__(self, texts: Corpus, make: Callable[[], TrainingTexts]) -> None:
        self.texts = texts
        self._make: Callable[[], TrainingTexts] | None = make
        self._made: TrainingTexts | None = None
        self._guard = Guard()

    def __len__(self) -> int:
        return len(self.texts)

    def get(self) -> TrainingTexts:
        """Return the training texts, and prepare them if this was not done before."""
        if self._made is None:
            with self._guard.lock:
                if self._made is None:
                    assert self._make is not None
                    self._made = self._make()
                    self._make = None
        return self._made

    def __getstate__(self) -> dict[str, Any]:
        return {"texts": self.texts, "_make": None, "_made": self.get()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _guard=Guard())
