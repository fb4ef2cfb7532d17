"""Optional packages, which are imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any


def import_extra(module: str, extra: str, needed_by: str) -> Any:
    """Import a module, or raise an error that names the extra to install."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise ModuleNotFoundError(
            f"{needed_by} needs the package {package!r}, which is not installed; "
            f"install it with: pip install 'gzipknn[{extra}]' (in a checkout: '.[{extra}]')",
            name=error.name,
        ) from error
