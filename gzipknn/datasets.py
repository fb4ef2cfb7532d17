"""Labelled texts: the corpus that every Python carries, and loaders for files and for the Hugging Face hub."""

from __future__ import annotations

import ast
import glob
import hashlib
import importlib.util
import os
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

from sklearn.utils import Bunch

# Pure-Python modules that 3.11 to 3.14 all have, none of which a Linux distribution packages apart.
STDLIB_MODULES = (
    *("asyncio", "doctest", "email", "http", "importlib", "inspect", "ipaddress", "logging", "mailbox"),
    *("multiprocessing", "pathlib", "pydoc", "tarfile", "threading", "turtle", "typing", "unittest"),
    *("urllib", "wsgiref", "xml"),
)
MIN_LENGTH = 30
N_TEST = 200

_HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_BUILDERS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".tsv": "csv", ".parquet": "parquet"}


def load_stdlib_docs() -> Bunch:
    """Load the docstrings of Python's standard library, labelled with their top-level module.

    Real text that needs no download: about 2,500 docstrings of modules, classes and functions from 20
    modules, read from the source files without importing them. Texts shorter than 30 characters and
    texts that stand in more than one module are left out; each text is there once. 200 of them, of each
    module its share, are the test set, the same ones in every run on one version of Python.

    Returns
    -------
    Bunch
        ``X_train``, ``X_test`` : lists of str; ``y_train``, ``y_test`` : lists of str;
        ``target_names`` : list of the 20 labels, sorted; ``DESCR`` : str.

    Raises
    ------
    FileNotFoundError
        If this Python comes without its source files.

    Examples
    --------
    >>> from gzipknn.datasets import load_stdlib_docs
    >>> docs = load_stdlib_docs()
    >>> len(docs.target_names), len(docs.X_test)
    (20, 200)
    """
    labels: dict[str, set[str]] = {}
    for module in STDLIB_MODULES:
        for path in _source_files(module):
            for text in _docstrings(path):
                labels.setdefault(text, set()).add(module)
    alone = {text: module for text, [module, *others] in labels.items() if not others}
    in_order = sorted(alone, key=_sha256)
    by_module = sorted(in_order, key=alone.__getitem__)
    held_out = {by_module[i * len(by_module) // N_TEST] for i in range(N_TEST)}
    docs = Bunch(target_names=sorted(STDLIB_MODULES), DESCR=load_stdlib_docs.__doc__)
    for part in ("train", "test"):
        docs[f"X_{part}"] = [text for text in in_order if (text in held_out) == (part == "test")]
        docs[f"y_{part}"] = [alone[text] for text in docs[f"X_{part}"]]
    return docs


def _source_files(module: str) -> list[Path]:
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        raise FileNotFoundError(
            f"the source of the standard library's {module!r} is not there (found: {spec and spec.origin}); "
            f"install your Python with its .py files, or load texts of your own with load_texts(PATH)."
        )
    origin = Path(spec.origin)
    if not spec.submodule_search_locations:
        return [origin]
    folder = origin.parent
    # unittest carries its own tests up to Python 3.11
    return sorted(path for path in folder.rglob("*.py") if "test" not in path.relative_to(folder).parts)


def _docstrings(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_bytes()))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [ast.get_docstring(node) for node in nodes if isinstance(node, documented)]
    return [text for text in found if text and len(text) >= MIN_LENGTH]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def load_texts(
    source: str | os.PathLike[str],
    split: str | None = None,
    *,
    text: str = "text",
    label: str | None = "label",
    config: str | None = None,
    revision: str | None = None,
) -> tuple[list[Any], list[Any]]:
    """Load a column of texts and one of labels, from files or from the Hugging Face hub.

    Parameters
    ----------
    source : str or path
        A file ``.jsonl``, ``.json``, ``.csv``, ``.tsv`` (these also as ``.gz``) or ``.parquet``; a folder that
        holds one such file a split (``train.jsonl.gz``, ``test.jsonl.gz``, ...); or, if no such path
        exists, a data set of the hub (``"stanfordnlp/imdb"``).
    split : str, default=None
        Which split of a folder or of a data set of the hub.
    text, label : str
        Names of the columns. With ``label=None`` no labels are read.
    config, revision : str, default=None
        Which part and which revision of a data set of the hub, if it has several.

    Returns
    -------
    texts : list of str
    labels : list
        Class names where the data set has them; strings from CSV and TSV, as they stand there; empty with
        ``label=None``.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError, TypeError
        If there is no such file, hub, split or column (the message lists what there is), or an argument is none.
    """
    import datasets

    _check_arguments(source, split=split, text=text, label=label, config=config, revision=revision)
    columns = [text] if label is None else [text, label]
    if _names_hub(source):
        table = _load_from_hub(str(source), split, config, revision)
    else:
        table = _load_file(source, split, columns)
    for column in columns:
        if column not in table.column_names:
            raise ValueError(f"{source} has no column {column!r}; it has {table.column_names}.")
    texts = list(table[text])
    if label is None:
        return texts, []
    labels = list(table[label])
    for row, value in enumerate(labels):
        if value is None or value == "" or value != value:  # as NaN alone does
            raise ValueError(f"{source} has no label in row {row + 1} (of {len(labels)}, without the header).")
    feature = table.features[label]
    return texts, feature.int2str(labels) if isinstance(feature, datasets.ClassLabel) else labels


def _check_arguments(source: Any, **names: Any) -> None:
    if not isinstance(source, str | os.PathLike) or not isinstance(os.fspath(source), str):
        raise TypeError(
            f"source must be a path or the name of a data set, as str or Path, "
            f"got {type(source).__name__} ({source!r:.50})."
        )
    if not os.fspath(source):
        raise ValueError("source must be a path or the name of a data set, got ''; for the current folder, pass '.'.")
    for name, value in names.items():
        if not (isinstance(value, str) or (value is None and name != "text")):
            expected = "a str" if name == "text" else "a str or None"
            raise TypeError(f"{name} must be {expected}, got {type(value).__name__} ({value!r:.50}).")


def _names_hub(source: str | os.PathLike[str]) -> bool:
    """Tell a data set of the hub, NAME or OWNER/NAME, from a path that may be misspelt."""
    path = Path(source)
    looks_like_a_file = _suffix(path) in _BUILDERS or ("." in path.name and path.name == str(source))
    return not path.exists() and bool(_HUB_NAME.fullmatch(str(source))) and not looks_like_a_file


def _split_file(path: Path, split: str | None) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise FileNotFoundError(f"there is no file or folder {str(path)!r} (looked from {Path.cwd()}).")
    files = [file for file in sorted(path.iterdir()) if _suffix(file) in _BUILDERS]
    if split is None:
        names = [_stem(file) for file in files]
        raise ValueError(f"{path} is a folder, so split must name one of its files, of {names or 'none'}, got None.")
    found = [file for file in files if _stem(file) == split]
    if len(found) > 1:
        raise ValueError(f"more than one file for the split {split!r} in {path}: {[file.name for file in found]}.")
    if not found:
        raise FileNotFoundError(
            f"no file of texts for the split {split!r} in {path}; there are {[file.name for file in files] or 'none'} "
            f"(expected {split} with one of the endings {sorted(_BUILDERS)}, also .gz)."
        )
    return found[0]


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _suffix(path: Path) -> str:
    return Path(path.name.lower().removesuffix(".gz")).suffix


def _load_file(source: str | os.PathLike[str], split: str | None, columns: list[str]) -> Any:
    import datasets

    path = _split_file(Path(source), split)
    if _suffix(path) not in _BUILDERS:
        raise ValueError(f"{path} must end in one of {sorted(_BUILDERS)} (also .gz).")
    builder, options = _BUILDERS[_suffix(path)], {}
    if builder == "csv":
        # cells as they stand: a text "NA" is no missing one, a label "001" no number, an empty line an empty text
        as_they_stand = dict.fromkeys(columns, str)
        options = {"converters": as_they_stand, "keep_default_na": False, "skip_blank_lines": False}
        options["sep"] = "\t" if _suffix(path) == ".tsv" else ","
        options["index_col"] = False  # else a comma too many at the end of each line shifts the columns
    disabled = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()  # of a conversion that takes moments
    try:
        # an own folder for the converted table: the shared cache would take a file of the same time for the same file
        with tempfile.TemporaryDirectory() as cache, warnings.catch_warnings():
            warnings.filterwarnings("error", message="Length of header or names does not match")
            files = glob.escape(str(path))
            table = datasets.load_dataset(builder, data_files=files, split="train", cache_dir=cache, **options)
            return datasets.Dataset.from_dict(table[:], features=table.features)
    except (datasets.exceptions.DatasetGenerationError, StopIteration, ValueError) as error:
        cause = error.__cause__ or error
        reason = f"{type(cause).__name__}: {cause}"
        if isinstance(cause, StopIteration) or "corresponds to no data" in reason:
            reason = "it holds no rows"
        elif isinstance(cause, UnicodeDecodeError):
            reason += "; save it as UTF-8"
        raise ValueError(f"{path} could not be read as {builder}: {reason}") from error
    finally:
        if not disabled:
            datasets.enable_progress_bars()


def _load_from_hub(name: str, split: str | None, config: str | None, revision: str | None) -> Any:
    import datasets

    try:
        return datasets.load_dataset(name, config, split=split or "train", revision=revision)
    except (ConnectionError, FileNotFoundError, OSError) as error:
        raise ConnectionError(
            f"there is no file or folder {name!r}, and the Hugging Face hub could not give a data set of that name "
            f"({type(error).__name__}: {error!s:.200}). Either go online, or give the path of files "
            f"({', '.join(sorted(_BUILDERS))}) with the texts. To try gzipknn without any: gzipknn demo."
        ) from error
