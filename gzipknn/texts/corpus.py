"""Many texts in one flat buffer: picklable, memory-mappable, shared by threads without copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

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
    def join(cls, first: Corpus, second: Corpus) -> Corpus:
        """Lay the texts of `second` behind those of `first`: a copy, without labels."""
        buffers = [corpus.buffer[corpus.offsets[0] : corpus.offsets[-1]] for corpus in (first, second)]
        offsets = [first.offsets - first.offsets[0], second.offsets[1:] - second.offsets[0] + len(buffers[0])]
        return cls(np.concatenate(buffers), np.concatenate(offsets))

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
        return replace(self, labels=labels)

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
