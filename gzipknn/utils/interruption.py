"""Ctrl-C: Python tells the main thread alone, and the threads of a search must hear of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Stop:
    """Tells the threads of a search that its results are no longer wanted. Other processes are ended by joblib."""

    now = False

    def __reduce__(self) -> Any:
        return Stop, ()


class StoppedError(Exception):
    """Ends a task whose result nobody wants."""


_thread = threading.local()


@contextmanager
def working_for(stop: Stop) -> Iterator[None]:
    """Let :func:`check_wanted` look at `stop` as long as this thread works on a task."""
    _thread.stop = stop
    try:
        yield
    finally:
        _thread.stop = None


def check_wanted() -> None:
    """Raise if this thread works for a search that was interrupted. To be called about every millisecond."""
    stop = getattr(_thread, "stop", None)
    if stop is not None and stop.now:
        raise StoppedError
