"""Identify the code of this library that runs, and detect whether it was replaced after the import.

The version number is not enough, because the code of a checkout changes while its version stays the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from gzipknn._kernel import native
from gzipknn.memory.fingerprint import UnknownError, digest

_FOLDER = Path(__file__).parent.parent
_LIBRARY = __name__.partition(".")[0]


@cache
def running_code() -> tuple[bytes, bytes, dict[tuple[str, ...], tuple[Any, ...]]]:
    """Return digests of the Python files and of the kernel, and all functions and constants, from the first call.

    The first call is at the end of the import. Later, the files may hold other code than the code that runs.
    """
    return _digest_files(_FOLDER.rglob("*.py")), _digest_kernel(), dict(_parts())


def check_nothing_was_replaced() -> None:
    """Raise UnknownError if the code that runs is not that of the files at the time of the import."""
    _, kernel, before = running_code()
    if not Path(__file__).is_file():  # for example, if the library is in an archive
        raise UnknownError("the files of gzipknn can't be read, so it is not known which code runs")
    if native() is not None and _digest_kernel() != kernel:
        raise UnknownError("the native kernel of gzipknn was built again since gzipknn was imported")
    now = dict(_parts())
    for name, part in before.items():
        same = name in now and len(part) == len(now[name])
        if not same or any(one is not other for one, other in zip(part, now[name], strict=True)):
            raise UnknownError(f"{'.'.join(name)} was replaced since gzipknn was imported")


def _digest_kernel() -> bytes:
    return _digest_files((_FOLDER / "_kernel").glob("_native.*"))


def _digest_files(paths: Iterable[Path]) -> bytes:
    return digest(*(part for path in sorted(paths) for part in (path.name.encode(), path.read_bytes())))


def _parts() -> Iterator[tuple[tuple[str, ...], tuple[Any, ...]]]:
    """Yield the name and value of each member of the library's modules and classes; for functions also the code."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] != _LIBRARY:
            continue
        for key, value in list(vars(module).items()):
            if not key.startswith("__"):
                yield (name, key), _code(value)
            if isinstance(value, type) and value.__module__ == name:
                for member, part in list(vars(value).items()):
                    if not member.startswith("__") or hasattr(part, "__code__"):
                        yield (name, key, member), _code(part)


def _code(value: Any) -> tuple[Any, ...]:
    function = getattr(value, "__func__", value)  # the function of a class method
    names = ("__code__", "__defaults__", "__kwdefaults__")
    return (value, *(getattr(function, name) for name in names)) if hasattr(function, "__code__") else (value,)
