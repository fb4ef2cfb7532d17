"""Tables that are made when they are first wanted, and the locks that let one thread alone make them."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


class Guard:
    """Holds a lock that is open in a forked child, whoever held it in the parent.

    A child has the thread that forked alone, so a lock that another thread held would never be given back. What that
    thread was making is not there in the child, which makes it anew: so whatever a guard protects must be either there
    as a whole or missing, at every moment.

    Attributes
    ----------
    lock : threading.RLock
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        _guards.add(self)


def _open_locks() -> None:
    for guard in list(_guards):
        guard.lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_open_locks)


class LazyTables:
    """Something with tables that are made once for all threads, and are not pickled but made again."""

    def __init__(self) -> None:
        self._tables: dict[str, Any] = {}
        self._guard = Guard()

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._tables:
            with self._guard.lock:
                if name not in self._tables:
                    self._tables[name] = make()
        return self._tables[name]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_tables", "_guard")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        LazyTables.__init__(self)
