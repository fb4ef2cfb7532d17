"""Digests of plain values: the same in every process for the same value, and different for different values."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from numbers import Real
from typing import Any

import numpy as np

from gzipknn.texts.corpus import Corpus


class UnknownError(TypeError):
    """Raised for a value that cannot be recognised in a later run."""


def digest(*parts: Any) -> bytes:
    """Return the SHA-256 of some buffers and of their sizes, so that the same bytes split elsewhere differ."""
    found = hashlib.sha256()
    for part in parts:
        found.update(memoryview(part).nbytes.to_bytes(8, "little"))
        found.update(part)
    return found.digest()


def fingerprint(value: Any) -> bytes:
    """Return a digest of None, a bool, a number, a str, bytes, texts, or a tuple or list of these.

    Equal numbers of different types have different digests, and so have 0.0 and -0.0.

    Raises
    ------
    UnknownError
        If `value` is anything else. What an object does depends on the code of its class.

    Examples
    --------
    >>> fingerprint((1, "a")) == fingerprint((1, "a")), fingerprint(1) == fingerprint(True)
    (True, False)
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str):
        value = str.__str__(value)  # the value, if it is a member of a str Enum
    kind = type(value)
    if value is None or kind in (bool, int, float, str, bytes):
        return digest(kind.__name__.encode(), repr(value).encode())
    if isinstance(value, Real):
        with suppress(AttributeError):
            return digest(kind.__name__.encode(), repr(value.as_integer_ratio()).encode())  # type: ignore[attr-defined]
    if kind in (tuple, list):
        return digest(kind.__name__.encode(), *map(fingerprint, value))
    if kind is Corpus:
        labels = () if value.labels is None else (b"labels", np.ascontiguousarray(value.labels, dtype=np.int64))
        return digest(b"texts", np.ascontiguousarray(value.buffer), value.offsets - value.offsets[0], *labels)
    raise UnknownError(f"{value!r:.80} is a {kind.__name__}, not a plain value")
