"""Many texts in one flat buffer: picklable, memory-mappable, shared by threads without copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts laid end to end.

    Attributes
    ----------
    buffer : ndarray of uint8, shape (total bytes,)
        The texts, one after the other.
    offsets : ndarray of int64, shape (n + 1,)
        Text ``i`` is ``buffer[offsets[i]:offsets[i + 1]]``.
    labels : ndarray of intp, shape (n,), or None
        The number of the class of each text, for a compressor that learns from classes; None if none does.

    Examples
    --------
    >>> corpus = Corpus.from_texts([b"abc", b"", b"de"])
    >>> len(corpus), corpus[2], corpus.offsets.tolist()
    (3, b'de', [0, 3, 3, 5])
    >>> list(corpus.rows(1, 3))
    [b'', b'de']
    """

    buffer: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    labels: NDArray[np.intp] | None = field(default=None, kw_only=True)

    @classmethod
    def from_texts(cls, texts: Sequence[bytes]) -> Corpus:
        """Lay `texts` end to end."""
        buffer = np.frombuffer(b"".join(texts), dtype=np.uint8)
        offsets = np.fromiter(accumulate(map(len, texts), initial=0), dtype=np.int64, count=len(texts) + 1)
        return cls(buffer, offsets)

    @classmethod
    def join(cls, pieces: Sequence[Corpus]) -> Corpus:
        """Lay the texts of one or more corpora end to end: a copy, without labels."""
        sizes = [np.diff(piece.offsets) for piece in pieces]
        buffers = [piece.buffer[piece.offsets[0] : piece.offsets[-1]] for piece in pieces]
        return Corpus(np.concatenate(buffers), np.cumsum(np.concatenate([[0], *sizes])))

    def rows(self, start: int, stop: int) -> Corpus:
        """Texts `start` to `stop` (exclusive), without a copy; the view pickles as its own part only."""
        first, last = self.offsets[start], self.offsets[stop]
        labels = None if self.labels is None else self.labels[start:stop]
        return Corpus(self.buffer[first:last], self.offsets[start : stop + 1] - first, labels=labels)

    def take(self, indices: NDArray[np.intp]) -> Corpus:
        """Texts by their positions, in this order: a copy."""
        taken = Corpus.from_texts([self[i] for i in indices])
        return taken if self.labels is None else taken.labelled(self.labels[indices])

    def labelled(self, labels: NDArray[np.intp]) -> Corpus:
        """Return the same texts with the number of the class of each."""
        return Corpus(self.buffer, self.offsets, labels=labels)

    def blocks(self, n_bytes: int) -> Iterator[Corpus]:
        """Return the texts in order, as many at a time as have so many bytes together, but at least one."""
        start = 0
        while start < len(self):
            stop = int(np.searchsorted(self.offsets, self.offsets[start] + n_bytes, side="right")) - 1
            stop = max(stop, start + 1)
            yield self.rows(start, stop)
            start = stop

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, i: int) -> bytes:
        return self.buffer[self.offsets[i] : self.offsets[i + 1]].tobytes()

    def __iter__(self) -> Iterator[bytes]:
        return (self[i] for i in range(len(self)))


class JoinedCorpus(Corpus):
    """Texts of several corpora, which are laid end to end when they are first wanted so.

    To put a few texts behind many then takes no longer than to put them behind few.

    Parameters
    ----------
    pieces : tuple of Corpus

    Examples
    --------
    >>> corpus = JoinedCorpus((Corpus.from_texts([b"abc", b""]), Corpus.from_texts([b"de"])))
    >>> len(corpus), corpus[2], corpus.offsets.tolist()
    (3, b'de', [0, 3, 3, 5])
    """

    pieces: tuple[Corpus, ...]
    starts: NDArray[np.intp]

    _joined: Corpus | None

    def __init__(self, pieces: tuple[Corpus, ...]) -> None:
        vars(self).update(pieces=pieces, starts=np.cumsum([0, *map(len, pieces)]), _joined=None)

    @property
    def buffer(self) -> NDArray[np.uint8]:
        """The texts, one after the other."""
        return self._join().buffer

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Where each text starts, and the last ends, shape (n + 1,)."""
        return self._join().offsets

    def rows(self, start: int, stop: int) -> Corpus:
        """Texts `start` to `stop` (exclusive), without a copy if one piece holds them."""
        piece, first = self._piece(start)
        return piece.rows(start - first, stop - first) if stop - first <= len(piece) else super().rows(start, stop)

    def __len__(self) -> int:
        return int(self.starts[-1])

    def __getitem__(self, i: int) -> bytes:
        piece, first = self._piece(i)
        return piece[i - first]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_joined": None}

    def _join(self) -> Corpus:
        joined = Corpus.join(self.pieces) if self._joined is None else self._joined
        vars(self).update(_joined=joined)  # by several threads, it may be: they make the same
        return joined

    def _piece(self, i: int) -> tuple[Corpus, int]:
        """Return the piece that holds a text, or the last one if there is none, and where it starts."""
        number = min(int(np.searchsorted(self.starts, i, side="right")) - 1, len(self.pieces) - 1)
        return self.pieces[number], int(self.starts[number])
