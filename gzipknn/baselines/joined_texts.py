"""The joined training texts of each class, after which a text is compressed."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from tqdm.auto import tqdm

from gzipknn.compressors import Compressor
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import MOST_BYTES

JOINED = "joined texts of a class"


class JoinedTexts:
    """The joined training texts of each class, to measure the compressed length that a text adds to them."""

    def __init__(
        self, compressor: Compressor, prefixes: list[bytes], starts: NDArray[np.intp], n_texts: NDArray[np.intp]
    ) -> None:
        self.compressor = compressor
        """The compressor. If it learns, it has learnt from the training texts."""
        self.prefixes = prefixes
        """The joined texts of each shard."""
        self.starts = starts
        """The position of each class's first shard."""
        self.n_texts = n_texts
        """The number of texts of each class."""
        self._behind: list[Any] | None = None

    @classmethod
    def fit(
        cls,
        compressor: Compressor,
        texts: list[bytes],
        labels: NDArray[np.intp],
        n_classes: int,
        n_shards: int,
        separator: bytes,
    ) -> Self:
        """Join the texts of each class in `n_shards` parts, or in fewer if there are fewer texts."""
        rows = [np.flatnonzero(labels == label) for label in range(n_classes)]
        shards = [np.array_split(own, min(n_shards, len(own))) for own in rows]
        prefixes = [b"".join(texts[i] + separator for i in shard) for own in shards for shard in own]
        longest = max(map(len, prefixes))
        if longest > MOST_BYTES:
            raise ValueError(
                f"the training texts of a class have {longest:,} bytes together in one shard, but at most "
                f"{MOST_BYTES:,} can be compressed as one text; raise n_shards, now {n_shards}, or drop some texts."
            )
        joined = Corpus.from_texts(prefixes)
        fitted = compressor.fit(joined)
        warn_of_long_texts(
            compressor, JOINED, joined, meaning="Only their ends count; more n_shards make them shorter."
        )
        starts = np.cumsum([0, *(len(own) for own in shards)])[:-1]
        return cls(fitted, prefixes, starts, np.array([len(own) for own in rows]))

    def lengths(self, texts: Corpus, *, n_jobs: int | None, verbose: int) -> NDArray[np.float64]:
        """Return the length that each text adds to each class, averaged over its shards, shape (n, n_classes)."""
        # threads, because the dictionaries of some compressors can't be sent to other processes
        parallel = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")
        if self._behind is None:
            self._behind = list(parallel(delayed(self.compressor.behind)(prefix) for prefix in self.prefixes))
        added = parallel(delayed(lengths)(texts) for lengths in self._behind)
        columns = list(tqdm(added, total=len(self.prefixes), unit="compressor", disable=verbose <= 0))
        n_shards = np.diff([*self.starts, len(columns)])
        return np.asarray(np.add.reduceat(np.stack(columns, axis=1), self.starts, axis=1) / n_shards)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_behind": None}  # dictionaries can't be pickled; they are made again when needed
