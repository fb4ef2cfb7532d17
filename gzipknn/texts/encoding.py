"""Validation of texts and their encoding as bytes, which happens only here."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence, Set, Sized
from typing import Any

import numpy as np

MOST_BYTES = 1_000_000_000
"""The largest size of a text. All positions in a text, or in two texts joined, then fit in 32 bits."""

# The characters that str.isspace() calls white space, in UTF-8.
_WHITE_SPACE = re.compile(
    rb"(?:[\t-\r\x1c-\x20]|\xc2[\x85\xa0]|\xe1\x9a\x80|\xe2\x80[\x80-\x8a\xa8\xa9\xaf]|\xe2\x81\x9f|\xe3\x80\x80)*"
)


def encode_texts(texts: Any, name: str = "X") -> list[bytes]:
    r"""Encode a sequence of texts as UTF-8.

    Parameters
    ----------
    texts : sequence of str or bytes, shape (n,) or (n, 1)
        A list, a tuple, a NumPy or pyarrow array, a pandas or polars Series, a column of a Hugging Face dataset or a
        similar sequence; or an array or table with one column, as scikit-learn's ``ColumnTransformer`` passes on.
        ``bytes`` stay as they are. A lone surrogate in a ``str`` (as ``surrogateescape`` produces) becomes the three
        bytes that ``"surrogatepass"`` gives, so no text is refused or altered silently.
    name : str
        The name of the argument, for messages.

    Returns
    -------
    list of bytes, length n

    Raises
    ------
    TypeError
        If `texts` is a single text or not a sequence, or if an element is neither ``str`` nor ``bytes``.
    ValueError
        If `texts` is empty or has several columns, or if a text has more than 1 GB.

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
            # each character takes at least a byte, so a text that is too long in characters need not be encoded
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
            f"bytes; cut it into shorter ones."
        )


def encode_separator(separator: Any) -> bytes:
    """Encode the separator between the two texts of a pair."""
    if isinstance(separator, str):
        return separator.encode("utf-8", "surrogatepass")
    if isinstance(separator, bytes):
        return separator
    raise TypeError(f"separator must be str or bytes, got {type(separator).__name__} ({separator!r:.50}).")


def check_sequence(values: Any, name: str, what: str = "text") -> None:
    """Raise unless `values` is a sequence that can hold several texts (or labels)."""
    got = type(values).__name__
    if isinstance(values, str | bytes | bytearray | memoryview):
        element = name if isinstance(values, str | bytes) else f"bytes({name})"
        raise TypeError(
            f"{name} must be a sequence of {what}s, got a single {got} ({values!r:.50}); "
            f"for one {what} pass a list: [{element}]."
        )
    if isinstance(values, Mapping | Set) or not (isinstance(values, Sized) and isinstance(values, Iterable)):
        # a pyarrow table is not a sequence of its rows
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
    """Warn if some training texts are blank."""
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
    """Warn if some of the texts to predict are empty."""
    what, outcome = "class", "all training texts vote on it, not the nearest: it gets the most frequent class"
    if not labelled:
        what, outcome = "target", "it gets the mean target of all training texts, not of the nearest"
    empty = [position for position, text in enumerate(texts) if not text]
    if empty:
        warnings.warn(
            f"X holds {len(empty)} empty {'text' if len(empty) == 1 else 'texts'}, the first at position {empty[0]}. "
            f"An empty text says nothing about its {what}, so {outcome}. To leave empty texts "
            f"{'unlabelled' if labelled else 'out'}, drop them from X.",
            UserWarning,
            stacklevel=stacklevel,
        )


def python_values(values: Any) -> Any:
    """Return the elements of a pyarrow array as Python objects, and any other sequence as it is."""
    return values.to_pylist() if hasattr(values, "to_pylist") else values


def only_column(texts: Any, name: str) -> Any:
    """Return the only column of an array or table, or any other sequence as it is; raise if it has several columns."""
    texts = as_sized(texts)
    shape = getattr(texts, "shape", None)
    if shape is None or len(shape) == 1 or isinstance(texts, str | bytes):
        return texts
    if len(shape) == 2 and shape[1] == 1 and not hasattr(texts, "tocsr"):
        return columns(texts)[0]
    table = hasattr(texts, "columns") or hasattr(texts, "column_names")
    cure = f"select the column of texts, as in {name}['text']" if table else "pass a list with one text per element"
    raise ValueError(
        f"{name} must be one-dimensional or have one column, got {type(texts).__name__} of shape "
        f"{tuple(shape)}; {cure}."
    )


def as_sized(values: Any) -> Any:
    """Convert an object to an array if it has ``__array__`` but no length; return anything else as it is."""
    is_array_alone = hasattr(values, "__array__") and not hasattr(values, "__len__") and not isinstance(values, type)
    return np.asarray(values) if is_array_alone else values


def columns(table: Any) -> list[Any]:
    """Return the columns of a two-dimensional array, or of a table of pandas, polars, pyarrow or Hugging Face."""
    if hasattr(table, "iloc"):  # by position, as two columns may have the same name
        return [table.iloc[:, i] for i in range(table.shape[1])]
    names = getattr(table, "column_names", None) or getattr(table, "columns", None)
    return [table[:, i] for i in range(table.shape[1])] if names is None else [table[name] for name in names]
