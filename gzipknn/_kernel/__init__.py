"""The native kernel, and the choice between it and the implementation in Python.

The environment variable ``GZIPKNN_IMPLEMENTATION`` chooses what computes the lengths of gzip and zlib (levels 4 to 9)
and lz77, the Kneser-Ney models, and the screens of searches:

- ``native``: the kernel. It is an error if the kernel was not built.
- ``python``: Python and its standard library.
- ``auto`` (the default): the kernel if it was built, and Python otherwise.

Both implementations give the same numbers.
"""

from __future__ import annotations

import importlib
import os
import warnings
import zlib
from functools import cache
from types import ModuleType

IMPLEMENTATIONS = ("auto", "native", "python")


def native() -> ModuleType | None:
    """Return the native kernel, or None if the implementation in Python is in use.

    Raises
    ------
    ImportError
        If ``GZIPKNN_IMPLEMENTATION`` is ``native`` and the kernel was not built, or if the kernel was built and cannot
        be loaded.
    ValueError
        If ``GZIPKNN_IMPLEMENTATION`` has another value than ``native``, ``python`` and ``auto``.
    """
    wanted = os.environ.get("GZIPKNN_IMPLEMENTATION", "auto")
    if wanted not in IMPLEMENTATIONS:
        raise ValueError(f"GZIPKNN_IMPLEMENTATION must be one of {list(IMPLEMENTATIONS)}, got {wanted!r}.")
    kernel = None if wanted == "python" else _load()
    if kernel is not None:
        return kernel
    if wanted == "native":
        raise ImportError(
            "GZIPKNN_IMPLEMENTATION is native, but the native kernel was not built; "
            "install gzipknn where there is a C compiler, or unset the variable."
        )
    _say_once(wanted)
    return None


def implementation() -> str:
    """Return the name of the implementation that is in use, ``"native"`` or ``"python"``."""
    return "python" if native() is None else "native"


@cache
def _load() -> ModuleType | None:
    # If the kernel was built and fails to load, it is broken. That error is not caught.
    try:
        return importlib.import_module("gzipknn._kernel._native")
    except ModuleNotFoundError:
        return None


@cache
def _say_once(wanted: str) -> None:
    if wanted == "auto":
        warnings.warn(
            "the native kernel of gzipknn was not built. Perhaps there was no C compiler at installation, or Python "
            "was started in a checkout that was not installed with 'pip install -e .'. The numbers are the same, but "
            "gzip and zlib lengths take many times longer to compute, and those of lz77 hundreds of times longer.",
            RuntimeWarning,
            stacklevel=2,
        )
    if not is_reference_zlib(zlib.ZLIB_RUNTIME_VERSION):
        warnings.warn(
            f"this Python links zlib {zlib.ZLIB_RUNTIME_VERSION}, whose lengths differ from those of reference zlib. "
            f"Published results were computed with reference zlib. The native kernel of gzipknn gives its lengths.",
            RuntimeWarning,
            stacklevel=2,
        )


def is_reference_zlib(version: str) -> bool:
    """Return whether a version of zlib is one of reference zlib.

    Replacements such as zlib-ng compress differently. Their versions contain their name.

    Examples
    --------
    >>> is_reference_zlib("1.3.1"), is_reference_zlib("1.3.1.zlib-ng")
    (True, False)
    """
    return all(part.isdigit() for part in version.split("."))
