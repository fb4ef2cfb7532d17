"""Labelled texts that every Python carries: the docstrings of its standard library."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from pathlib import Path

from sklearn.utils import Bunch

# Pure-Python modules that 3.11 to 3.14 all have, none of which a Linux distribution packages apart.
STDLIB_MODULES = (
    *("asyncio", "doctest", "email", "http", "importlib", "inspect", "ipaddress", "logging", "mailbox"),
    *("multiprocessing", "pathlib", "pydoc", "tarfile", "threading", "turtle", "typing", "unittest"),
    *("urllib", "wsgiref", "xml"),
)
MIN_LENGTH = 30
N_TEST = 200


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
