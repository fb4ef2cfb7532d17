"""Many texts in one flat buffer, which can be pickled, memory-mapped, and shared by threads without copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Corpus:
    """A sequence of texts, stored one after the other in one buffer.

    Attributes
    ----------
    buffer : ndarray of uint8, shape (total bytes,)
        The texts, one after the other.
    offsets : ndarray of int64, shape (n + 1,)
        Text ``i`` is ``buffer[offsets[i]:offsets[i + 1]]``.
    labels : ndarray of intp, shape (n,), or None
        The number of each text's class, for a compressor that learns from labels; None if it doesn't.

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
        """Copy some texts into one buffer."""
        buffer = np.frombuffer(b"".join(texts), dtype=np.uint8)
        offsets = np.fromiter(accumulate(map(len, texts), initial=0), dtype=np.int64, count=len(texts) + 1)
        return cls(buffer, offsets)

    @classmethod
    def join(cls, pieces: Sequence[Corpus]) -> Corpus:
        """Copy the texts of one or more corpora into one, without labels."""
        sizes = [np.diff(piece.offsets) for piece in pieces]
        buffers = [piece.buffer[piece.offsets[0] : piece.offsets[-1]] for piece in pieces]
        return Corpus(np.concatenate(buffers), np.cumsum(np.concatenate([[0], *sizes])))

    def rows(self, start: int, stop: int) -> Corpus:
        """Return the texts from `start` to `stop` (exclusive) without a copy; a pickle of them holds only that part."""
        first, last = self.offsets[start], self.offsets[stop]
        labels = None if self.labels is None else self.labels[start:stop]
        return Corpus(self.buffer[first:last], self.offsets[start : stop + 1] - first, labels=labels)

    def take(self, indices: NDArray[np.intp]) -> Corpus:
        """Return a copy of the texts at some positions, in the given order."""
        taken = Corpus.from_texts([self[i] for i in indices])
        return taken if self.labels is None else taken.labelled(self.labels[indices])

    def labelled(self, labels: NDArray[np.intp]) -> Corpus:
        """Return the same texts with the number of each text's class."""
        return Corpus(self.buffer, self.offsets, labels=labels)

    def blocks(self, n_bytes: int) -> Iterator[Corpus]:
        """Yield the texts in order, in blocks of at most `n_bytes` bytes but at least one text."""
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
    """The texts of several corpora, which are copied into one buffer only when that buffer is first needed.

    So adding a few texts to many takes no longer than adding them to few.

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
        """The start of each text, and the end of the last, shape (n + 1,)."""
        return self._join().offsets

    def rows(self, start: int, stop: int) -> Corpus:
        """Return the texts from `start` to `stop` (exclusive), without a copy if they are all in one piece."""
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
        vars(self).update(_joined=joined)  # several threads may do this, with the same result
        return joined

    def _piece(self, i: int) -> tuple[Corpus, int]:
        """Return the piece that holds text `i` (the last piece if there is no such text), and its first position."""
        number = min(int(np.searchsorted(self.starts, i, side="right")) - 1, len(self.pieces) - 1)
        return self.pieces[number], int(self.starts[number])
