"""Labelled texts: the corpus that every Python carries, and loaders for files and for the Hugging Face hub."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import re
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
    texts that stand in more than one module are left out; each text is there once. The 200 texts whose
    SHA-256 is smallest are the test set, so that a text keeps its side whatever else a Python version adds.

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
    texts = sorted((text for text in labels if len(labels[text]) == 1), key=_sha256)
    target = [next(iter(labels[text])) for text in texts]
    return Bunch(
        X_train=texts[N_TEST:],
        y_train=target[N_TEST:],
        X_test=texts[:N_TEST],
        y_test=target[:N_TEST],
        target_names=sorted(STDLIB_MODULES),
        DESCR=load_stdlib_docs.__doc__,
    )


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
    source: str | os.PathLike[str], split: str | None = None, *, text: str = "text", label: str | None = "label"
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

    Returns
    -------
    texts : list of str
    labels : list
        Class names where the data set has them; empty with ``label=None``.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError
        If there is no such file, hub, split or column; the message lists what there is.
    """
    import datasets

    path = None if _names_hub(source) else _split_file(Path(source), split)
    shown = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()  # of a conversion that takes moments
    try:
        if path is not None:
            table = datasets.load_dataset(_builder(path), data_files=str(path), split="train", **_options(path))
        else:
            table = _load_from_hub(str(source), split)
    finally:
        if not shown:
            datasets.enable_progress_bars()
    for column in (text, label):
        if column is not None and column not in table.column_names:
            raise ValueError(f"{source} has no column {column!r}; it has {table.column_names}.")
    if label is None:
        return list(table[text]), []
    feature = table.features[label]
    labels = list(table[label])
    return list(table[text]), feature.int2str(labels) if isinstance(feature, datasets.ClassLabel) else labels


def _names_hub(source: str | os.PathLike[str]) -> bool:
    """Tell a data set of the hub, NAME or OWNER/NAME, from a path that may be misspelt."""
    path = Path(source)
    return not path.exists() and bool(_HUB_NAME.fullmatch(str(source))) and _suffix(path) not in _BUILDERS


def _split_file(path: Path, split: str | None) -> Path:
    if path.is_file():
        return path
    if not path.is_dir():
        raise FileNotFoundError(f"there is no file or folder {str(path)!r} (looked from {Path.cwd()}).")
    files = {_stem(file): file for file in sorted(path.iterdir()) if _suffix(file) in _BUILDERS}
    if split not in files:
        raise FileNotFoundError(
            f"no file of texts for the split {split!r} in {path}; there are {sorted(files) or 'none'} "
            f"(expected SPLIT with one of the endings {sorted(_BUILDERS)}, also .gz)."
        )
    return files[split]


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _suffix(path: Path) -> str:
    return Path(path.name.removesuffix(".gz")).suffix


def _builder(path: Path) -> str:
    if _suffix(path) not in _BUILDERS:
        raise ValueError(f"{path} must end in one of {sorted(_BUILDERS)} (also .gz).")
    return _BUILDERS[_suffix(path)]


def _options(path: Path) -> dict[str, Any]:
    # an empty cell is an empty text, and a text "NA" or "null" is that text, not a missing one
    if _builder(path) != "csv":
        return {}
    return {"keep_default_na": False, "sep": "\t" if _suffix(path) == ".tsv" else ","}


def _load_from_hub(name: str, split: str | None) -> Any:
    import datasets

    try:
        return datasets.load_dataset(name, split=split or "train")
    except (ConnectionError, FileNotFoundError, OSError) as error:
        raise ConnectionError(
            f"there is no file or folder {name!r}, and the Hugging Face hub could not give a data set of that name "
            f"({type(error).__name__}: {error!s:.200}). Either go online, or give the path of files "
            f"({', '.join(sorted(_BUILDERS))}) with the texts. To try gzipknn without any: gzipknn demo."
        ) from error
