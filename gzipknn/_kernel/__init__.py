"""The native kernel, and the choice between it and the standard library.

The environment variable ``GZIPKNN_IMPLEMENTATION`` says which one computes the lengths of gzip, zlib and lz77:
``native``, ``python`` or ``auto`` (the default: native where it was built). Both give the same numbers; a forced one
raises if it can't.
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
    """Return the native kernel, or None if the standard library is to be used.

    Raises
    ------
    ImportError
        If the kernel is forced and was not built, or was built and cannot be loaded.
    ValueError
        If ``GZIPKNN_IMPLEMENTATION`` names neither.
    """
    wanted = os.environ.get("GZIPKNN_IMPLEMENTATION", "auto")
    if wanted not in IMPLEMENTATIONS:
        raise ValueError(f"GZIPKNN_IMPLEMENTATION must be one of {list(IMPLEMENTATIONS)}, got {wanted!r}.")
    kernel = None if wanted == "python" else _load()
    if kernel is not None:
        return kernel
    if wanted == "native":
        raise ImportError(
            "GZIPKNN_IMPLEMENTATION=native, but the native kernel was not built; "
            "install gzipknn where there is a C compiler, or unset the variable."
        )
    _say_once(wanted)
    return None


def implementation() -> str:
    """Return which implementation is in use: ``"native"`` or ``"python"``."""
    return "python" if native() is None else "native"


@cache
def _load() -> ModuleType | None:
    # a kernel that is there and won't load is broken: that error is not caught
    try:
        return importlib.import_module("gzipknn._kernel._native")
    except ModuleNotFoundError:
        return None


@cache
def _say_once(wanted: str) -> None:
    if wanted == "auto":
        warnings.warn(
            "the native kernel of gzipknn was not built (no C compiler at installation? or Python started in a "
            "checkout that was not installed with pip install -e .?): gzip and zlib lengths come from the standard "
            "library, the same numbers many times slower; those of lz77 from Python, hundreds of times slower.",
            RuntimeWarning,
            stacklevel=2,
        )
    if not is_reference_zlib(zlib.ZLIB_RUNTIME_VERSION):
        warnings.warn(
            f"this Python links zlib {zlib.ZLIB_RUNTIME_VERSION}, whose lengths differ from those of reference zlib, "
            f"on which published results rest; the native kernel of gzipknn gives the latter.",
            RuntimeWarning,
            stacklevel=2,
        )


def is_reference_zlib(version: str) -> bool:
    """Tell reference zlib from its replacements, which compress otherwise and say so in their version.

    Examples
    --------
    >>> is_reference_zlib("1.3.1"), is_reference_zlib("1.3.1.zlib-ng")
    (True, False)
    """
    return all(part.isdigit() for part in version.split("."))
