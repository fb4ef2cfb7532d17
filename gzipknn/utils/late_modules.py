"""Modules that are imported when something in them is first used.

scikit-learn imports pandas and ``scipy.stats`` for functions that the command seldom calls. They would take most of the
time of ``gzipknn predict MODEL`` with one text. No module of this library is imported here, so that this comes first.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

LATE = ("pandas", "scipy.stats")


class LateModule(ModuleType):
    """Stands for a module in ``sys.modules`` until one of its attributes is asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_late() -> None:
    """Let these modules be imported late, those that are there and not yet imported."""
    for name in LATE:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            late = LateModule(name)
            late.__spec__ = spec  # which tells import that there is nothing to wait for
            sys.modules[name] = late
