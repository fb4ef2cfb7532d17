"""Postpone the import of slow modules until one of their attributes is used.

scikit-learn imports pandas and ``scipy.stats`` for functions that the command seldom calls. These imports would take
most of the time of ``gzipknn predict MODEL`` with one text. This module imports no other module of the library, so that
it can run first.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

LATE = ("pandas", "scipy.stats")


class LateModule(ModuleType):
    """A placeholder for a module in ``sys.modules``, which imports the module when one of its attributes is used."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def import_late() -> None:
    """Postpone the import of the modules in `LATE` that are installed and not yet imported."""
    for name in LATE:
        spec = None if name in sys.modules else find_spec(name)
        if spec is not None:
            late = LateModule(name)
            late.__spec__ = spec  # so that the import system does not take the module for one that is being imported
            sys.modules[name] = late
