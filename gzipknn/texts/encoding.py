"""From what users hold, texts, to what compressors read, bytes: the one place that validates them."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from typing import Any

import numpy as np

MOST_BYTES = 1_000_000_000
"""In one text. The positions in all tables of a text, or of two that are joined, then fit in 32 bits."""

# What str.isspace() calls white space, as UTF-8.
_WHITE_SPACE = re.compile(
    rb"(?:[\t-\r\x1c-\x20]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"
)


def encode_texts(texts: Any, name: str = "X") -> list[bytes]:
    r"""Encode a sequence of texts as UTF-8.

    Parameters
    ----------
    texts : sequence of str or bytes, shape (n,) or (n, 1)
        A list, tuple, NumPy array, pandas or polars Series, pyarrow array, column of a Hugging Face dataset, ...; or an
        array or table of one column, as scikit-learn's ``ColumnTransformer`` passes on. ``bytes`` are taken as they
        are. A lone surrogate in a ``str`` (what ``surrogateescape`` leaves behind) becomes the three bytes that
        ``"surrogatepass"`` gives, so no text is refused or altered silently.
    name : str
        What the caller calls the argument; used in messages.

    Returns
    -------
    list of bytes, length n

    Raises
    ------
    TypeError
        If `texts` is a single text or no sequence, or an element is neither ``str`` nor ``bytes``.
    ValueError
        If `texts` is empty or has several columns, or a text has more than 1 GB.

    Examples
    --------
    >>> encode_texts(["naïve", b"raw"])
    [b'na\xc3\xafve', b'raw']
    """
    texts = only_column(texts, name)
    check_sequence(texts, name)
    encoded = []
    for position, text in enumerate(python_values(texts)):
        if isinstance(text, str):
            # no character takes less than a byte, so what is too long anyhow needs no encoding
            _check_size(len(text), "characters, and so as many bytes or more", name, position)
            encoded.append(text.encode("utf-8", "surrogatepass"))
        elif isinstance(text, bytes):
            encoded.append(bytes(text))
        else:
            raise TypeError(
                f"{name} must hold texts (str or bytes), but the item at position {position} is "
                f"{type(text).__name__} ({text!r:.50}); convert it, or drop the missing texts first."
            )
        _check_size(len(encoded[-1]), "bytes", name, position)
    if not encoded:
        raise ValueError(f"{name} holds 0 texts, but at least 1 is needed.")
    return encoded


def _check_size(size: int, unit: str, name: str, position: int) -> None:
    if size > MOST_BYTES:
        raise ValueError(
            f"the text at position {position} of {name} has {size:,} {unit}; a text may have at most {MOST_BYTES:,} "
            f"bytes: cut it into shorter ones."
        )


def encode_separator(separator: Any) -> bytes:
    """Encode the text that stands between the two halves of a pair."""
    if isinstance(separator, str):
        return separator.encode("utf-8", "surrogatepass")
    if isinstance(separator, bytes):
        return separator
    raise TypeError(f"separator must be str or bytes, got {type(separator).__name__} ({separator!r:.50}).")


def check_sequence(values: Any, name: str, what: str = "text") -> None:
    """Raise unless `values` can hold one text (or label) after the other."""
    got = type(values).__name__
    if isinstance(values, str | bytes | bytearray | memoryview):
        element = name if isinstance(values, str | bytes) else f"bytes({name})"
        raise TypeError(
            f"{name} must be a sequence of {what}s, got a single {got} ({values!r:.50}); "
            f"for one {what} pass a list: [{element}]."
        )
    if isinstance(values, Mapping | Set) or not (isinstance(values, Sized) and isinstance(values, Iterable)):
        # a table of pyarrow, which is no sequence of its rows
        cure = f"select the column of {what}s" if hasattr(values, "column_names") else f"pass list(...) of the {what}s"
        raise TypeError(f"{name} must be a sequence of {what}s (list, array, Series, ...), got {got}; {cure}.")


def is_blank(text: bytes) -> bool:
    r"""Tell whether an encoded text is empty or holds only white space.

    Examples
    --------
    >>> is_blank(b""), is_blank(" \t\u3000".encode()), is_blank(b"a")
    (True, True, False)
    """
    return _WHITE_SPACE.fullmatch(text) is not None


def warn_of_blank_texts(texts: Sequence[bytes], stacklevel: int = 3, *, labelled: bool = True) -> None:
    """Warn if there are blank texts among those that queries will be compared with."""
    harm, where = (" and votes on its label", "X and y") if labelled else ("", "X")
    blank = [position for position, text in enumerate(texts) if is_blank(text)]
    if blank:
        warnings.warn(
            f"X holds {len(blank)} blank {'text' if len(blank) == 1 else 'texts'} (empty, or only white space), the "
            f"first at position {blank[0]}. A blank training text is near every short query{harm}. "
            f"Blank texts are kept, so that positions stay; to leave them out, drop them from {where} before fit.",
            UserWarning,
            stacklevel=stacklevel,
        )


def warn_of_empty_queries(texts: Sequence[bytes], stacklevel: int = 3, *, labelled: bool = True) -> None:
    """Warn if there are empty texts among those to be labelled, or to get a number."""
    what, outcome = "class", "all training texts vote on it, not the nearest: it gets the most frequent class"
    if not labelled:
        what, outcome = "target", "it gets the mean target of all training texts, not of the nearest"
    empty = [position for position, text in enumerate(texts) if not text]
    if empty:
        warnings.warn(
            f"X holds {len(empty)} empty {'text' if len(empty) == 1 else 'texts'}, the first at position {empty[0]}. "
            f"An empty text says nothing of its {what}, so {outcome}. To leave empty texts "
            f"{'unlabelled' if labelled else 'out'}, drop them from X.",
            UserWarning,
            stacklevel=stacklevel,
        )


def python_values(values: Any) -> Any:
    """Return the elements of a pyarrow array as Python objects; any other sequence as it is."""
    return values.to_pylist() if hasattr(values, "to_pylist") else values


def only_column(texts: Any, name: str) -> Any:
    """Return the column of an array or table that has one, any other sequence as it is; raise if there are several."""
    texts = as_sized(texts)
    shape = getattr(texts, "shape", None)
    if shape is None or len(shape) == 1 or isinstance(texts, str | bytes):
        return texts
    if len(shape) == 2 and shape[1] == 1 and not hasattr(texts, "tocsr"):
        return columns(texts)[0]
    table = hasattr(texts, "columns") or hasattr(texts, "column_names")
    cure = f"select the column of texts, as in {name}['text']" if table else "pass a list, one text an element"
    raise ValueError(
        f"{name} must be one-dimensional or have one column, got {type(texts).__name__} of shape "
        f"{tuple(shape)}; {cure}."
    )


def as_sized(values: Any) -> Any:
    """Return as an array what can only be that, without a length; anything else as it is."""
    is_array_alone = hasattr(values, "__array__") and not hasattr(values, "__len__") and not isinstance(values, type)
    return np.asarray(values) if is_array_alone else values


def columns(table: Any) -> list[Any]:
    """Return the columns of an array or table of two dimensions: of NumPy, pandas, polars, pyarrow, Hugging Face."""
    if hasattr(table, "iloc"):  # two columns may have the same name
        return [table.iloc[:, i] for i in range(table.shape[1])]
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    return [table[:, i] for i in range(table.shape[1])] if names is None else [table[name] for name in names]
