"""Keys that users give to their own compressors and metrics, so that `memory` can recognise their results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Keyed:
    """A compressor or metric of yours, with a key by which `memory` recognises its results.

    `memory` keeps results only if it can later recognise the same computation. It can't recognise a function, because
    the result of a function may depend on any other code, on files, and on data that changes. With a key you promise
    that **you change the key whenever a result may change**: when you edit the function, the code that it calls or the
    data that it reads, or when you install another version of a package that it uses. Without a key no results of the
    function are kept.

    Parameters
    ----------
    value : callable or Compressor
        The compressor or metric, as you would pass it without a key.
    key : str
        Any name with a number, such as ``"words-2"``. Two compressors in one folder need two different keys. The same
        is true of two metrics.

    Examples
    --------
    >>> import tempfile
    >>> from gzipknn import Keyed, NCDClassifier
    >>> def n_words(data: bytes) -> int:
    ...     return len(set(data.split()))
    >>> clf = NCDClassifier(1, compressor=Keyed(n_words, "words-1"), memory=tempfile.mkdtemp())
    >>> clf.fit(["the cat sat", "stocks fell"], ["pets", "money"]).predict(["a cat sat"])
    array(['pets'], dtype='<U5')
    """

    value: Any
    key: str

    def __post_init__(self) -> None:
        if not isinstance(self.key, str):
            raise TypeError(f"key must be a str such as 'words-1', got {type(self.key).__name__} ({self.key!r:.50}).")
        if not self.key:
            raise ValueError("key must be a str that is not empty, such as 'words-1', got ''.")
        if isinstance(self.value, Keyed):
            raise TypeError(
                f"value must be a compressor or a metric without a key, got one with the key {self.value.key!r:.50}."
            )
