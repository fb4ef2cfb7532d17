"""Tables that are made when they are first wanted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class LazyTables:
    """Something with tables that are made once for all threads, and are not pickled but made again."""

    def __init__(self) -> None:
        self._tables: dict[str, Any] = {}
        self._lock = threading.Lock()

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._tables:
            with self._lock:
                if name not in self._tables:
                    self._tables[name] = make()
        return self._tables[name]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_tables", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        LazyTables.__init__(self)
