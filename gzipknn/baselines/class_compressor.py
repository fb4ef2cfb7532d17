"""One compressor a class, which has read the class's training texts: a text belongs where it adds least."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted
from tqdm import tqdm

from gzipknn.base import TextClassifier
from gzipknn.compressors import get_compressor
from gzipknn.compressors.windows import warn_of_long_texts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import MOST_BYTES, encode_separator, encode_texts, warn_of_empty_queries
from gzipknn.texts.labels import encode_labels
from gzipknn.utils.validation import check_int, check_parallel

JOINED = "joined texts of a class"


class ClassCompressorClassifier(TextClassifier):
    r"""Classify a text by how much it adds, compressed, to all training texts of a class at once.

    No neighbours and no k: a prediction takes as many compressions as there are classes.

    Parameters
    ----------
    compressor : str, Compressor or callable, default="lz77"
        As in :class:`gzipknn.NCDClassifier`, but not all suit: with ``"zstd"`` a class's texts are a dictionary that is
        read once (``Zstd(level=9)`` is what [1]_ uses), with ``"lz77"`` they are sorted once a call; the others
        compress them anew for each text. Compressors with a window see only the end of them (``"gzip"`` 32 KiB,
        ``"zstd"`` 2 MiB, at level 9 4 MiB); ``fit`` warns where that is not all.
    n_shards : int, default=1
        In how many parts the texts of a class are read, at most, by a compressor each; what a text adds is the mean.
        [1]_ takes the sum, with which a class of fewer texts than parts wins always.
    separator : str or bytes, default="\n"
        What stands between the texts.
    n_jobs : int, default=None
        As in joblib: None is 1 unless in a ``joblib.parallel_config`` context, -1 all cores.
    verbose : int, default=0
        Above 0, a progress bar over the compressors.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    compressor_ : Compressor
        Which has learnt from the training texts, if it does.
    n_features_in_ : int
        1: a sample is one text.

    Notes
    -----
    Of classes where a text adds equally much, the one with more training texts is predicted.

    References
    ----------
    .. [1] Ventresque: FTCC, Fast Text Classification with Compressors dictionary (2023).
    .. [2] Frank, Chui, Witten: Text Categorization Using Compression Models. DCC (2000).

    Examples
    --------
    >>> from gzipknn.baselines import ClassCompressorClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = ClassCompressorClassifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat sat on a mat", "will stocks fall again today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        compressor: Any = "lz77",
        *,
        n_shards: int = 1,
        separator: str | bytes = "\n",
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.compressor = compressor
        self.n_shards = n_shards
        self.separator = separator
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> Self:
        """Join the training texts of each class.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,)

        Returns
        -------
        self : ClassCompressorClassifier
        """
        n_shards = check_int(self.n_shards, "n_shards", 1)
        separator = encode_separator(self.separator)
        compressor = get_compressor(self.compressor)
        texts = encode_texts(X, "X")
        classes, labels = encode_labels(y, len(texts))
        rows = [np.flatnonzero(labels == label) for label in range(len(classes))]
        shards = [np.array_split(own, min(n_shards, len(own))) for own in rows]
        prefixes = [b"".join(texts[i] + separator for i in shard) for own in shards for shard in own]
        longest = max(map(len, prefixes))
        if longest > MOST_BYTES:
            raise ValueError(
                f"the training texts of a class have {longest:,} bytes together in one shard, but at most "
                f"{MOST_BYTES:,} can be compressed as one text: raise n_shards, now {n_shards}, or drop some texts."
            )
        joined = Corpus.from_texts(prefixes)
        self.compressor_ = compressor.fit(joined)
        warn_of_long_texts(
            compressor, JOINED, joined, meaning="Only their ends count; more n_shards make them shorter."
        )
        self._prefixes = prefixes
        self._behind: list[Any] | None = None
        self._starts = np.cumsum([0, *(len(own) for own in shards)])[:-1]
        self._n_texts = np.array([len(own) for own in rows])
        self.classes_ = classes
        self.n_features_in_ = 1
        return self

    def class_lengths(self, X: Any) -> NDArray[np.float64]:
        """Return how much each text adds to each class, compressed.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            In bytes, or in bits with ``"lz77"``; columns in the order of ``classes_``.
        """
        check_is_fitted(self)
        check_parallel(self.n_jobs, self.verbose)
        texts = Corpus.from_texts(encode_texts(X, "X"))
        # threads, as dictionaries can't be sent to other processes
        parallel = Parallel(n_jobs=self.n_jobs, require="sharedmem", return_as="generator")
        if self._behind is None:
            self._behind = list(parallel(delayed(self.compressor_.behind)(prefix) for prefix in self._prefixes))
        added = parallel(delayed(lengths)(texts) for lengths in self._behind)
        columns = list(tqdm(added, total=len(self._prefixes), unit="compressor", disable=self.verbose <= 0))
        n_shards = np.diff([*self._starts, len(columns)])
        return np.asarray(np.add.reduceat(np.stack(columns, axis=1), self._starts, axis=1) / n_shards)

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
            Elements of ``classes_``.

        Warns
        -----
        UserWarning
            If there are empty texts, which add the same to each class: they get the most frequent one.
        """
        texts = encode_texts(X, "X")
        lengths = self.class_lengths(texts)
        warn_of_empty_queries(texts)
        shortest = lengths == lengths.min(axis=1, keepdims=True)
        return np.asarray(self.classes_[np.where(shortest, self._n_texts, -1).argmax(axis=1)])

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = super().__getstate__()
        return {**state, "_behind": None} if "_behind" in state else state  # dictionaries, made again when wanted
