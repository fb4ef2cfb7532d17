"""Results of searches on disk, by content: a file is written whole or not at all, and trusted only if every byte is."""

from __future__ import annotations

import hashlib
import os
import platform
import struct
import time
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib
import numpy as np
from numpy.typing import NDArray

from gzipknn._kernel import implementation
from gzipknn.blocks import cut
from gzipknn.corpus import Corpus
from gzipknn.fingerprint import digest, fingerprint

Arrays = Sequence[NDArray[Any]]

# A file: MAGIC, its key, of each array its type, rows, columns and contents, and the SHA-256 of all that.
MAGIC = b"gzipknn block 1\n"
ARRAY = struct.Struct("<3sQQ")
DIGEST = 32
FOLDER = "gzipknn"
SUFFIX = ".block"
UNFINISHED = ".unfinished"

# An interruption costs at most this part of a search for each core, and as many files hold all of it; or, in a small
# one, so many pairs.
FILES = 512
STALE = 60
"""Seconds after which an unfinished file is one that nobody is writing."""
LEAST_PAIRS = 1 << 13


class DamagedError(Exception):
    """A file is not what was once written."""


@dataclass(frozen=True)
class BlockStore:
    """Files of arrays in a folder, which processes may share.

    Parameters
    ----------
    folder : Path
        The folder that `memory` names; the files lie below it in one of their own.
    """

    folder: Path

    @property
    def files(self) -> Path:
        """The folder of the files."""
        return self.folder / FOLDER

    def path(self, key: bytes) -> Path:
        """Return where the arrays of a key are."""
        return Path(f"{self.folder}/{FOLDER}/{key.hex()}{SUFFIX}")

    def get(self, key: bytes) -> list[NDArray[Any]] | None:
        """Return the arrays of a key, or None if there are none or they are damaged, which is said in a warning."""
        path = self.path(key)
        try:
            return unpack(path.read_bytes(), key)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise OSError(error.errno, f"memory could not be read ({error.strerror})", str(path)) from error
        except DamagedError as error:
            warnings.warn(
                f"{path} is not what was written there ({error}): it is computed again.", RuntimeWarning, stacklevel=2
            )
            return None

    def put(self, key: bytes, arrays: Arrays) -> None:
        """Write the arrays of a key, in place of any that are there."""
        path = self.path(key)
        unfinished = path.with_suffix(f".{os.getpid()}-{uuid4().hex}{UNFINISHED}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                unfinished.write_bytes(pack(key, arrays))
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise OSError(
                error.errno,
                f"memory could not be written ({error.strerror}), what it held before is as it was; make room there, "
                f"or choose another folder",
                str(path),
            ) from error

    def info(self) -> dict[str, Any]:
        """Read all files; return how many there are, their bytes, which are damaged, and which were never finished."""
        damaged, sizes = [], []
        for path in self._all(SUFFIX):
            try:
                data = path.read_bytes()
                sizes.append(len(data))
                unpack(data, bytes.fromhex(path.stem))
            except FileNotFoundError:  # cleared meanwhile
                continue
            except (DamagedError, ValueError):
                damaged.append(str(path))
        unfinished = [str(path) for path in self._stale()]
        return {
            "folder": str(self.files),
            "blocks": len(sizes),
            "bytes": sum(sizes),
            "damaged": damaged,
            "unfinished": unfinished,
        }

    def clear(self) -> int:
        """Delete all files of the cache, and no others; return how many."""
        paths = [*self._all(SUFFIX), *self._stale()]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _all(self, suffix: str) -> Iterator[Path]:
        return (path for path in self.files.glob(f"*{suffix}") if path.is_file())

    def _stale(self) -> Iterator[Path]:
        for path in self._all(UNFINISHED):
            with suppress(FileNotFoundError):  # finished meanwhile
                if time.time() - path.stat().st_mtime > STALE:
                    yield path


def pack(key: bytes, arrays: Arrays) -> bytes:
    """Return what a file of these arrays holds."""
    content = MAGIC + key
    for array in arrays:
        content += ARRAY.pack(array.dtype.str.encode(), *array.shape) + array.tobytes()
    return content + hashlib.sha256(content).digest()


def unpack(data: bytes, key: bytes) -> list[NDArray[Any]]:
    """Return the arrays that a file holds, or raise if it is not one of this key, to the last bit."""
    if len(data) < len(MAGIC) + 2 * DIGEST:
        raise DamagedError(f"{len(data)} bytes, which is too short")
    content = memoryview(data)[:-DIGEST]
    if not data.startswith(MAGIC):
        raise DamagedError("it does not begin as a file of this cache")
    if hashlib.sha256(content).digest() != data[-DIGEST:]:
        raise DamagedError("its checksum is another")
    if content[len(MAGIC) :][:DIGEST] != key:
        raise DamagedError("it belongs to another search")
    place, arrays = len(MAGIC) + DIGEST, []
    while place < len(content):
        dtype, rows, columns = ARRAY.unpack_from(content, place)
        array = np.frombuffer(content, dtype.decode(), rows * columns, place + ARRAY.size)
        arrays.append(array.reshape(rows, columns))
        place += ARRAY.size + array.nbytes
    return arrays


@dataclass(frozen=True)
class Cached:
    """Where the results of a search are kept: a store, and a key to all that they depend on but the queries."""

    store: BlockStore
    key: bytes = b""
    settings: tuple[Any, ...] = ()

    def of(self, *more: Any) -> Cached:
        """Return where results are kept that depend on more."""
        return replace(self, key=digest(self.key, *map(identify, more)))

    def of_settings(self, *settings: Any) -> Cached:
        """Return where results are kept that depend on settings, which may be functions of users."""
        return replace(self.of(*settings), settings=(settings, identify(settings)))

    def now(self) -> Cached | None:
        """Return this cache, or None if a setting is no longer what it was when it was given."""
        return self if not self.settings or identify(self.settings[0]) == self.settings[1] else None

    def load(self, queries: Corpus, n_train: int, out: Arrays) -> CachedRows:
        """Write to the rows of `out`, arrays with a row for each query, what is known of them."""
        return CachedRows(self, queries, n_train, out)


class CachedRows:
    """The rows of one search's results, a file for each block of them.

    How they are cut into blocks does not depend on the number of cores.
    """

    def __init__(self, cached: Cached, queries: Corpus, n_train: int, out: Arrays) -> None:
        self._store = cached.store
        self._out = out
        self._size = max(1, -(-len(queries) // FILES), LEAST_PAIRS // n_train)
        self._blocks = cut(slice(0, len(queries)), self._size)
        self._keys = [cached.of(queries.rows(rows.start, rows.stop)).key for rows in self._blocks]
        self._left = [
            0 if self._read(rows, key) else rows.stop - rows.start
            for rows, key in zip(self._blocks, self._keys, strict=True)
        ]

    @property
    def missing(self) -> list[slice]:
        """The rows of blocks that are not in the cache."""
        return [rows for rows, left in zip(self._blocks, self._left, strict=True) if left]

    def done(self, rows: slice) -> None:
        """Say that some rows of a block are now there; when all of them are, it is kept."""
        number = rows.start // self._size
        self._left[number] -= rows.stop - rows.start
        if not self._left[number]:
            block = self._blocks[number]
            self._store.put(self._keys[number], [array[block] for array in self._out])

    def _read(self, rows: slice, key: bytes) -> bool:
        arrays = self._store.get(key)
        # of neighbours there may be more than are wanted
        if arrays is None or any(kept.shape[1] < array.shape[1] for kept, array in zip(arrays, self._out, strict=True)):
            return False
        for kept, array in zip(arrays, self._out, strict=True):
            array[rows] = kept[:, : array.shape[1]]
        return True


def cache_folder(memory: Any) -> Any:
    """Return the folder that `memory` names as a str, if it names one; else what was given."""
    if isinstance(memory, joblib.Memory):
        memory = memory.location
    return os.fsdecode(memory) if isinstance(memory, str | os.PathLike) else memory


def open_cache(memory: Any) -> Cached | None:
    """Return the cache that `memory` names: a folder, or a joblib.Memory, in whose folder it then lies; None for none.

    The folder is made if it is not there. The key tells the versions that results depend on.
    """
    folder = cache_folder(memory)
    if folder is None:
        return None
    if not isinstance(folder, str):
        raise TypeError(
            f"memory must be a folder (str or path), a joblib.Memory or None, got {type(memory).__name__} "
            f"({memory!r:.50})."
        )
    if not folder or "\0" in folder:
        raise ValueError(f"memory must be the path of a folder, got {folder!r:.50}; for no cache, pass None.")
    path = Path(os.path.abspath(os.path.expanduser(folder)))
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(
            error.errno, f"memory must be a folder, but it can't be made ({error.strerror}); give another", str(path)
        ) from error
    return Cached(BlockStore(path)).of(_versions(), implementation())


def identify(value: Any) -> bytes:
    """Return what tells a setting from another, or raise."""
    try:
        return fingerprint(value)
    except Exception as error:  # whatever an object raises that is asked for its state, and that is anything
        raise TypeError(
            f"memory needs settings whose state can be told, to see later whether they are the same; that of "
            f"{value!r:.80} can't be ({type(error).__name__}: {error}). Set memory=None, or use a function."
        ) from error


@cache
def _versions() -> str:
    found = [f"python {platform.python_version()}", f"zlib {zlib.ZLIB_RUNTIME_VERSION}"]
    for package in ("gzipknn", "numpy", "zstandard", "lz4", "brotli"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return ", ".join(found)
