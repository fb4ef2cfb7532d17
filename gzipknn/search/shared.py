"""What all tasks of a search need: it reaches another process once, not with each task."""

from __future__ import annotations

import pickle
import sys
from typing import Any
from uuid import uuid4

import cloudpickle
import numpy as np

from gzipknn.utils.lazy_tables import Guard

MOST_RESTORED = 2
"""Shared objects that a process keeps: that of its search, and that of another beside it."""


class Shared:
    """An argument of many tasks: it reaches another process once, not with each of them, and is restored there once.

    As long as threads share it, nothing is copied. joblib hands large arrays to processes of the same machine by
    memory map; dask sends to each worker once what says that it is large; Ray has an object store for it.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self.token = ""
        self.packed: Any = None

    def __sizeof__(self) -> int:
        return len(self.pack())

    def __reduce__(self) -> Any:
        packed = self.pack()
        return _restore, (self.token, packed)

    def pack(self) -> Any:
        """Return the pickled value as an array, or what stands for it where it was sent before."""
        if self.packed is None:
            self.token = uuid4().hex
            self.packed = np.frombuffer(cloudpickle.dumps(self.value, protocol=5), dtype=np.uint8)
        return self.packed


_restored: dict[str, Shared] = {}
_restoring = Guard()


def _restore(token: str, packed: Any) -> Shared:
    with _restoring.lock:
        if token not in _restored:
            data: Any = packed if isinstance(packed, np.ndarray) else _ray().get(packed)
            shared = Shared(pickle.loads(data))
            shared.token, shared.packed = token, packed
            _restored[token] = shared
            for old in list(_restored)[:-MOST_RESTORED]:
                del _restored[old]
        return _restored[token]


def for_ray(backend: Any, task: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put what is shared into Ray's object store if the tasks go to Ray."""
    if type(backend).__module__.startswith("ray."):
        for argument in task:
            if isinstance(argument, Shared) and isinstance(argument.pack(), np.ndarray):
                argument.packed = _ray().put(argument.packed)
    return task


def _ray() -> Any:
    return sys.modules["ray"]  # whoever gives it tasks has imported it
