"""Load texts and labels: find the source, read its rows, and check that each row has a text and a label."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gzipknn.datasets.class_folders import holds_classes, named_like_a_split, read_class_folders
from gzipknn.datasets.delimited_files import read_delimited
from gzipknn.datasets.hub import NAME, read_hub
from gzipknn.datasets.json_files import read_json
from gzipknn.datasets.parquet_files import read_parquet
from gzipknn.datasets.rows import Row, no_column

SEPARATORS = {".csv": ",", ".tsv": "\t"}
JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
ENDINGS = (*SEPARATORS, *JSON_ENDINGS, ".parquet")

LABEL_TYPES = (str, bool, int, float)
EXACT = 2.0**53
"""From this number on, a float does not represent every integer."""


def load_texts(
    source: str | os.PathLike[str],
    split: str | None = None,
    *,
    text: str | Sequence[str] = "text",
    label: str | None = "label",
    sep: str | None = None,
    header: bool = True,
    encoding: str | None = None,
    config: str | None = None,
    revision: str | None = None,
) -> tuple[list[Any], list[Any]]:
    r"""Load texts and their labels, from files, folders or the Hugging Face hub.

    Only the wanted columns are read, row by row, and their values are not changed: ``"001"``, ``"NA"`` and
    ``"2020-01-01"`` in a CSV or JSON file are strings. No row is skipped. If a row can't be read, the error names it.

    Parameters
    ----------
    source : str or path
        One of these:

        - a file ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson`` or ``.json`` (each also as ``.gz``), or ``.parquet``;
        - a folder that holds one such file for each split (``train.jsonl.gz``, ``test.jsonl.gz``, ...);
        - a folder that holds a folder for each class with a text in each file, as ``sklearn.datasets.load_files``
          takes it, or one that holds such a folder for each split;
        - if there is no such path, the name of a data set of the hub (``"stanfordnlp/imdb"``).
    split : str, default=None
        The split of a folder or of a data set of the hub. None means ``"train"`` for a data set of the hub.
    text : str or sequence of str, default="text"
        The column of the texts. Several columns are joined by a space.
    label : str or None, default="label"
        The column of the labels. With None no labels are read.
    sep : str, default=None
        The separator of the cells of a CSV or TSV file. None means a comma in ``.csv`` and a tab in ``.tsv``. If it is
        a tab, quotes are letters of the text. With other separators, a cell may be enclosed in quotes.
    header : bool, default=True
        Whether the first row of a CSV or TSV file holds the names of the columns. If not, the columns are named
        ``"1"``, ``"2"``, ...
    encoding : str, default=None
        The encoding of a text file, such as ``"cp1252"`` or ``"utf-16"``. None means UTF-8.
    config, revision : str, default=None
        The configuration and the revision of a data set of the hub, if it has several.

    Returns
    -------
    texts : list of str, length n
        If a Parquet file holds bytes, the texts are bytes.
    labels : list, length n
        All labels have one type: str, bool, int or float. Labels from CSV and TSV files are strings. If a data set has
        class names, these are the labels. With ``label=None`` the list is empty.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError, TypeError
        If a file, split or column is missing, if the hub can't be reached, or if a row or an argument is not valid. The
        message names the file, the row and the cure.

    Warns
    -----
    UserWarning
        If texts are empty, consist of white space, or are missing. Missing texts are loaded as ``""``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from gzipknn.datasets import load_texts
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "tickets.csv")
    ...     _ = path.write_text("title;body;queue\nNo sound;The speaker is silent.;007\n")
    ...     load_texts(path, text=["title", "body"], label="queue", sep=";")
    (['No sound The speaker is silent.'], ['007'])
    """
    _check_source(source)
    texts_in = [text] if isinstance(text, str) else text
    _check_arguments(texts_in, split=split, label=label, sep=sep, encoding=encoding, config=config, revision=revision)
    if not isinstance(header, bool):
        raise TypeError(f"header must be True or False, got {type(header).__name__} ({header!r:.50}).")
    columns = [*texts_in, *([] if label is None else [label])]
    found: Path | str = find(source, split)
    if isinstance(found, str):
        rows = read_hub(found, columns, split=split, config=config, revision=revision)
    elif found.is_dir():
        texts, labels = _load_class_folders(found, encoding)
        return texts, [] if label is None else labels
    else:
        rows = read_file(found, columns, label, sep=sep, header=header, encoding=encoding)
    return _gather(found, rows, len(texts_in), label)


def read_file(
    path: Path, columns: Sequence[str], label: str | None, *, sep: str | None, header: bool, encoding: str | None
) -> Iterator[Row]:
    """Yield the rows of a file, with the values of the wanted columns."""
    if _ending(path) in JSON_ENDINGS:
        return read_json(path, columns, encoding=encoding)
    if _ending(path) in SEPARATORS:
        sep = sep or SEPARATORS[_ending(path)]
        return read_delimited(path, columns, label, sep=sep, header=header, encoding=encoding)
    return read_parquet(path, columns)


# ---- arguments ----


def _check_source(source: Any) -> None:
    if not isinstance(source, str | os.PathLike) or not isinstance(os.fspath(source), str):
        raise TypeError(
            f"source must be a path or the name of a data set, as str or Path, "
            f"got {type(source).__name__} ({source!r:.50})."
        )
    if not os.fspath(source):
        raise ValueError("source must be a path or the name of a data set, got ''; for the current folder, pass '.'.")


def _check_arguments(texts_in: Any, *, sep: Any, **names: Any) -> None:
    if not isinstance(texts_in, Sequence) or not texts_in or not all(isinstance(name, str) for name in texts_in):
        raise TypeError(f"text must be a str or a list of str, got {type(texts_in).__name__} ({texts_in!r:.50}).")
    for name, value in {**names, "sep": sep}.items():
        if not (value is None or isinstance(value, str)):
            raise TypeError(f"{name} must be a str or None, got {type(value).__name__} ({value!r:.50}).")
    if sep is not None and (len(sep) != 1 or sep in '"\r\n'):
        raise ValueError(f"sep must be one character, and neither a quote nor the end of a line, got {sep!r:.50}.")


# ---- the source ----


def find(source: str | os.PathLike[str], split: str | None) -> Path | str:
    """Return what a source is: the path of a file or of a folder of class folders, or the name of a data set."""
    path = Path(source)
    if not _exists(path):
        # NAME or OWNER/NAME, unless it looks like a file whose path is misspelt
        looks_like_a_file = _ending(path) in ENDINGS or ("." in path.name and path.name == str(source))
        if NAME.fullmatch(str(source)) and not looks_like_a_file:
            return str(source)
        raise FileNotFoundError(f"there is no file or folder {str(path)!r} (looked from {Path.cwd()}).")
    found = _find_split(path, split) if path.is_dir() else path
    if not found.is_dir() and _ending(found) not in ENDINGS:
        raise ValueError(
            f"{found} must end in one of {sorted(ENDINGS)}, or in one of these with .gz (except .parquet)."
        )
    return found


def _find_split(path: Path, split: str | None) -> Path:
    files = [file for file in sorted(path.iterdir()) if _ending(file) in ENDINGS and not file.is_dir()]
    if split is not None:
        found = [file for file in files if file.name.partition(".")[0] == split]
        if (path / split).is_dir() and Path(split).name == split:
            found.append(path / split)
        if len(found) > 1:
            raise ValueError(f"more than one file for the split {split!r} in {path}: {[file.name for file in found]}.")
        if found:
            return found[0]
    if not files and holds_classes(path):
        return path
    no_class = None if files else named_like_a_split(path)
    why = "" if no_class is None else f" Its folders are not taken for classes because of the name of {no_class}."
    if split is None:
        names = [file.name.partition(".")[0] for file in files]
        raise ValueError(f"{path} is a folder, so split must name one of its files ({names or 'none'}), got None.{why}")
    raise FileNotFoundError(
        f"no file of texts for the split {split!r} in {path}; there are {[file.name for file in files] or 'none'} "
        f"(expected {split} with one of the endings {sorted(ENDINGS)}, also .gz, or a folder for each class).{why}"
    )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except ValueError:  # the name holds a NUL
        return False


def _ending(path: Path) -> str:
    name = path.name.lower()
    ending = Path(name.removesuffix(".gz")).suffix
    return "" if ending == ".parquet" and name.endswith(".gz") else ending


# ---- texts and labels ----


def _load_class_folders(path: Path, encoding: str | None) -> tuple[list[str], list[str]]:
    texts, labels, blank = [], [], []
    for file, text, label in read_class_folders(path, encoding):
        texts.append(text)
        labels.append(label)
        if not text.strip():
            blank.append(file)
    if not texts:
        raise ValueError(f"{path} holds no texts: its folders, one for each class, have no files.")
    if blank:
        _warn_of_blank(path, len(blank), len(texts), f"{blank[0].parent.name}/{blank[0].name}")
    return texts, labels


def _gather(source: Path | str, rows: Iterator[Row], n_texts: int, label: str | None) -> tuple[list[Any], list[Any]]:
    """Return the texts and the labels of all rows, or raise if one is not valid."""
    texts, labels = [], []
    n_blank, first_blank, first = 0, "", None
    for row in rows:
        parts = [_checked_text(source, row, value) for value in row.values[:n_texts]]
        if len(parts) > 1 and any(isinstance(part, bytes) for part in parts):
            raise ValueError(f"{source} has bytes in {row.place}; only columns of strings can be joined.")
        text: str | bytes = parts[0] if len(parts) == 1 else " ".join(map(str, parts))
        texts.append(text)
        if not text.strip():
            n_blank, first_blank = n_blank + 1, first_blank or row.place
        if label is not None:
            first = first or row
            labels.append(_checked_label(source, row, label, first))
    if not texts:
        raise ValueError(f"{source} holds no rows.")
    if n_blank:
        _warn_of_blank(source, n_blank, len(texts), first_blank)
    return texts, labels


def _warn_of_blank(source: Path | str, n_blank: int, n: int, first: str) -> None:
    warnings.warn(
        f"{source}: {n_blank:,} of {n:,} texts are blank (empty or only white space), the first in {first}. "
        f"A blank text says nothing, but it is near every short text: leave it out of the training texts.",
        UserWarning,
        stacklevel=4,
    )


def _checked_text(source: Path | str, row: Row, value: Any) -> str | bytes:
    if isinstance(value, str | bytes):
        return value
    if value is None:
        return ""
    raise ValueError(
        f"{source} has {type(value).__name__} ({value!r:.50}) for a text in {row.place}, but a text must be a string; "
        f"enclose it in quotes, or name another column."
    )


def _checked_label(source: Path | str, row: Row, column: str, first: Row) -> Any:
    value = row.values[-1]
    if column not in row.names and row.number == 1:
        raise no_column(source, column, row.names, where=f" in {row.place}")
    if value is None or value == "" or value != value:  # only NaN differs from itself
        raise ValueError(f"{source} has no label in {row.place}: there {column!r} is missing or empty.")
    if type(value) not in LABEL_TYPES:
        raise ValueError(
            f"{source} has {type(value).__name__} ({value!r:.50}) for a label in {row.place}, but a label must be a "
            f"string or a number; write it as a string."
        )
    if isinstance(value, float) and not abs(value) < EXACT:
        raise ValueError(
            f"{source} has the number {value!r} for a label in {row.place}, to which several written numbers are "
            f"rounded; write it as a string."
        )
    if type(value) is not type(first.values[-1]):
        raise ValueError(
            f"{source} has labels of several types: {type(first.values[-1]).__name__} ({first.values[-1]!r:.50}) in "
            f"{first.place}, but {type(value).__name__} ({value!r:.50}) in {row.place}; write all of them as strings."
        )
    return value
