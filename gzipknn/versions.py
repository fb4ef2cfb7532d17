"""The versions that results depend on: of this library, of zlib and of other packages."""

from __future__ import annotations

import platform
import zlib
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from gzipknn._kernel import implementation

__version__ = version("gzipknn")

PACKAGES = (
    *("numpy", "scipy", "scikit-learn", "joblib", "datasets", "tqdm"),
    *("matplotlib", "zstandard", "lz4", "brotli", "torch", "transformers"),
)


def versions() -> dict[str, str]:
    """Return the versions that results depend on, by name, without packages that are not installed.

    Examples
    --------
    >>> from gzipknn import versions
    >>> sorted(versions())[:3]
    ['brotli', 'datasets', 'gzipknn']
    """
    found = {
        "gzipknn": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "implementation": implementation(),
    }
    if find_spec("_zstd"):  # from Python 3.14 on
        found["libzstd"] = import_module("_zstd").zstd_version
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def show_versions() -> None:
    """Print :func:`versions`, for bug reports."""
    for name, number in versions().items():
        print(f"{name:>14}  {number}")
