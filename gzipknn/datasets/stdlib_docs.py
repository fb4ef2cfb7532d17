"""A corpus that comes with every Python: the docstrings of the standard library, labelled with their modules."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
from pathlib import Path

from sklearn.utils import Bunch

# Modules in pure Python that Python 3.11 to 3.14 have, and that no Linux distribution puts into a separate package.
STDLIB_MODULES = (
    *("asyncio", "doctest", "email", "http", "importlib", "inspect", "ipaddress", "logging", "mailbox"),
    *("multiprocessing", "pathlib", "pydoc", "tarfile", "threading", "turtle", "typing", "unittest"),
    *("urllib", "wsgiref", "xml"),
)
MIN_LENGTH = 30
N_TEST = 200


def load_stdlib_docs() -> Bunch:
    """Load the docstrings of Python's standard library, labelled with their top-level module.

    These are real texts that need no download: about 2,500 docstrings of modules, classes and functions from 20
    modules. They are read from the source files, which are not imported. Texts shorter than 30 characters and texts
    that occur in more than one module are left out. A text that occurs several times is kept once. 200 texts are the
    test set; each module has its share of them. The split is the same in every run with one version of Python.

    Returns
    -------
    Bunch
        ``X_train`` and ``X_test`` are the texts, ``y_train`` and ``y_test`` their labels, all as lists of str.
        ``target_names`` is the sorted list of the 20 labels, and ``DESCR`` is this docstring.

    Raises
    ------
    FileNotFoundError
        If the source files of this Python are missing.

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
            f"the source file of the standard library's {module!r} is missing (found: {spec and spec.origin}); "
            f"install your Python with its .py files, or load texts of your own with load_texts(PATH)."
        )
    origin = Path(spec.origin)
    if not spec.submodule_search_locations:
        return [origin]
    folder = origin.parent
    # up to Python 3.11, unittest contains its own tests
    return sorted(path for path in folder.rglob("*.py") if "test" not in path.relative_to(folder).parts)


def _docstrings(path: Path) -> list[str]:
    nodes = ast.walk(ast.parse(path.read_bytes()))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [ast.get_docstring(node) for node in nodes if isinstance(node, documented)]
    return [text for text in found if text and len(text) >= MIN_LENGTH]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
