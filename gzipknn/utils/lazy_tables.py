"""Tables that are built when they are first needed, and the locks that let only one thread build them."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

_guards: weakref.WeakSet[Guard] = weakref.WeakSet()


class Guard:
    """A holder of a lock that is always free in a forked child, even if a thread of the parent held it.

    A forked child has only the thread that called fork. If another thread held the lock, nobody would release it in
    the child. What that thread was building is missing in the child, which builds it again. So at every moment, the
    object that a guard protects must be either complete or missing.

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
    """A base class for objects with tables that all threads share. The tables are not pickled but built again."""

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
