"""What tells settings apart, functions of users among them, from one process to the next."""

from __future__ import annotations

import copyreg
import dis
import functools
import hashlib
import sys
import sysconfig
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from gzipknn.corpus import Corpus

# Where code lies that changes with its version.
_INSTALLED = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
_INSTALLED.append(Path(__file__).parent)

_CONSTANTS = (type(None), bool, int, float, complex, str, bytes, types.EllipsisType, np.generic)
_CODE = (
    *(types.FunctionType, types.BuiltinFunctionType, types.MethodType, types.ModuleType, types.CodeType, type),
    *(functools.partial, functools._lru_cache_wrapper, staticmethod, classmethod, property),
)


def digest(*parts: Any) -> bytes:
    """Return the SHA-256 of some buffers, told from the same bytes cut elsewhere."""
    found = hashlib.sha256()
    for part in parts:
        found.update(memoryview(part).nbytes.to_bytes(8, "little"))
        found.update(part)
    return found.digest()


def fingerprint(value: Any) -> bytes:
    """Return a digest that tells values apart by what they are, in every process.

    Texts by what they hold; objects by class and state; code that is not installed by itself, by its defaults, and by
    the constants it refers to: numbers, texts, tuples of these, other code. Other objects that code refers to count by
    their type, as they may be counters or memos; so do names to which it assigns itself.

    Raises
    ------
    TypeError
        If an object can't tell its state.
    """
    return _Fingerprint().of(value)


class _Fingerprint:
    """The digests of one value's parts; those on the way are told by their number, as code may refer to itself."""

    def __init__(self) -> None:
        self.on_the_way: dict[int, int] = {}

    def of(self, value: Any) -> bytes:
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, _CONSTANTS) and type(value).__module__ == "builtins":
            return digest(type(value).__name__.encode(), repr(value).encode())
        if id(value) in self.on_the_way:
            return digest(b"again", str(self.on_the_way[id(value)]).encode())
        self.on_the_way[id(value)] = len(self.on_the_way)
        try:
            return self._of_parts(value)
        finally:
            del self.on_the_way[id(value)]

    def _all(self, kind: str, values: Iterable[Any]) -> bytes:
        return digest(kind.encode(), *map(self.of, values))

    def _of_parts(self, value: Any) -> bytes:
        kind = type(value)
        if isinstance(value, Corpus):
            return digest(b"texts", value.buffer, value.offsets - value.offsets[0])
        if kind in (tuple, list):
            return self._all(kind.__name__, value)
        if kind in (set, frozenset):
            return digest(kind.__name__.encode(), *sorted(map(self.of, value)))
        if kind in (dict, types.MappingProxyType):
            return digest(b"dict", *sorted(self._all("item", item) for item in value.items()))
        if kind is np.ndarray and value.dtype != object:
            return digest(value.dtype.str.encode(), str(value.shape).encode(), np.ascontiguousarray(value).ravel())
        if isinstance(value, _CODE):
            return self._of_code(value)
        reduce = copyreg.dispatch_table.get(kind)
        reduced: Any = value.__reduce_ex__(4) if reduce is None else reduce(value)
        if isinstance(reduced, str):
            return self._all("global", (kind.__module__, reduced))
        return self._all("object", (list(part) if hasattr(part, "__next__") else part for part in reduced))

    def _of_code(self, value: Any) -> bytes:
        if isinstance(value, functools.partial):
            return self._all("partial", (value.func, value.args, value.keywords))
        if isinstance(value, staticmethod | classmethod | functools._lru_cache_wrapper):
            return self._all(type(value).__name__, (value.__wrapped__,))
        if isinstance(value, property):
            return self._all("property", (value.fget, value.fset))
        if isinstance(value, types.MethodType):
            return self._all("method", (value.__func__, value.__self__))
        if isinstance(value, types.CodeType):
            shape = (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount, value.co_flags)
            names = (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars)
            return self._all("code", (value.co_code, value.co_consts, value.co_exceptiontable, *shape, *names))
        if isinstance(value, types.ModuleType):
            file = None if _is_installed(value.__name__) else value.__file__
            return self._all("module", (value.__name__, Path(file).read_bytes() if file else None))
        name = (value.__module__, value.__qualname__)
        if isinstance(value, types.BuiltinFunctionType):
            owner = value.__self__
            return self._all("builtin", (*name, None if isinstance(owner, types.ModuleType) else owner))
        if _is_installed(value.__module__) and "<locals>" not in value.__qualname__:
            return self._all("installed", name)
        if isinstance(value, type):
            parts = {key: self._around(part) for key, part in vars(value).items() if key not in _OF_EVERY_CLASS}
            return self._all("class", (value.__qualname__, value.__bases__, parts))
        return self._of_function(value)

    def _of_function(self, function: types.FunctionType) -> bytes:
        codes = list(_nested(function.__code__))
        own = {
            instruction.argval
            for code in codes
            for instruction in dis.get_instructions(code)
            if instruction.opname in ("STORE_GLOBAL", "STORE_DEREF")
        }
        names = {name for code in codes for name in code.co_names}
        around = {name: value for name, value in function.__globals__.items() if name in names}
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                around[name] = cell.cell_contents
            except ValueError:  # not assigned yet
                around[name] = None
        known = {name: self._around(value) for name, value in around.items() if name not in own}
        return self._all("function", (function.__code__, function.__defaults__, function.__kwdefaults__, known))

    def _around(self, value: Any) -> Any:
        """Return what counts of a value that code refers to."""
        if isinstance(value, tuple | frozenset):
            return (
                tuple(sorted(map(self.of, map(self._around, value))))
                if isinstance(value, frozenset)
                else tuple(map(self._around, value))
            )
        return value if isinstance(value, (*_CONSTANTS, *_CODE)) else (type(value).__module__, type(value).__qualname__)


_OF_EVERY_CLASS = {
    *("__dict__", "__weakref__", "__doc__", "__module__"),
    *("__annotations__", "__firstlineno__", "__static_attributes__"),
}


def _nested(code: types.CodeType) -> Iterable[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _is_installed(module: str | None) -> bool:
    if module == "__main__":
        return False
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    return file is None or any(Path(file).is_relative_to(folder) for folder in _INSTALLED)
