"""Stop the threads of a search after Ctrl-C, which Python reports only to the main thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Stop:
    """A flag that tells the threads of a search to stop. Other processes are ended by joblib."""

    now = False

    def __reduce__(self) -> Any:
        return Stop, ()


class StoppedError(Exception):
    """Raised in a task to end it, because its search was interrupted."""


_thread = threading.local()


@contextmanager
def working_for(stop: Stop) -> Iterator[None]:
    """Let :func:`check_wanted` check `stop` while this thread works on a task."""
    _thread.stop = stop
    try:
        yield
    finally:
        _thread.stop = None


def check_wanted() -> None:
    """Raise StoppedError if this thread works for a search that was interrupted. Call it about every millisecond."""
    stop = getattr(_thread, "stop", None)
    if stop is not None and stop.now:
        raise StoppedError
