"""A key that a user gives to code of his own, so that `memory` can tell it from other code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Keyed:
    """A compressor or metric of yours, with a key by which `memory` recognises its results.

    `memory` keeps results only if it can tell later that the same computation is wanted. It can't tell that of a
    function: what a function returns may depend on any other code, on files and on data that changes. With a key, you
    promise that **the key changes whenever a result may change**: after an edit of the function, of what it calls, of
    what it reads, and of the version of a package that it uses. Without a key nothing of it is kept.

    Parameters
    ----------
    value : callable or Compressor
        What you would pass as `compressor` or `metric`.
    key : str
        Any name and number, such as ``"words-2"``. Two compressors in one folder need two keys, so do two metrics.

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
            raise ValueError("key must name what it stands for, such as 'words-1', got an empty str.")
        if isinstance(self.value, Keyed):
            raise TypeError(f"value must be a compressor or a metric, got one that has a key, {self.value.key!r:.50}.")
