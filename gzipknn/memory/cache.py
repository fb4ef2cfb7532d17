"""A cache of search results on disk. A file is written completely or not at all, and it is verified when it is read."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import joblib
from numpy.typing import NDArray

from gzipknn.memory.block_file import Arrays, DamagedError, check_rows, pack, read_file, unpack
from gzipknn.memory.fingerprint import UnknownError, digest, fingerprint
from gzipknn.texts.corpus import Corpus

FOLDER = "gzipknn"
SUFFIX = ".block"
UNFINISHED = ".unfinished"

FILES = 512
"""A search is stored in at most this many files, so an interruption costs at most this part of it for each core."""
STALE = 60
"""After this many seconds, an unfinished file is taken for one that no process is writing."""
LEAST_PAIRS = 1 << 13
"""The files of a small search hold about this many pairs or more."""


@dataclass(frozen=True)
class BlockStore:
    """A store of arrays in the files of a folder, which several processes may share.

    Parameters
    ----------
    folder : Path
        The folder that `memory` names. The files are in a subfolder of it.
    """

    folder: Path

    @property
    def files(self) -> Path:
        """The subfolder that holds the files."""
        return self.folder / FOLDER

    def path(self, key: bytes) -> Path:
        """Return the path of the file for a key."""
        return Path(f"{self.folder}/{FOLDER}/{key.hex()}{SUFFIX}")

    def get(self, key: bytes, check: Callable[[Arrays], None] | None = None) -> list[NDArray[Any]] | None:
        """Return the arrays of a key, or None if there is no file or if it can't be used, which a warning reports.

        `check` raises DamagedError if the arrays can't be the wanted ones.
        """
        path = self.path(key)
        try:
            arrays = unpack(read_file(path), key)
            if check is not None:
                check(arrays)
            return arrays
        except FileNotFoundError:
            return None
        except DamagedError as error:
            cause = error.__cause__
            if isinstance(cause, OSError) and not os.access(self.files, os.R_OK | os.X_OK):  # no file can be read
                raise OSError(cause.errno, f"memory could not be read ({cause.strerror})", str(path)) from cause
            warnings.warn(
                f"{path} can't be used ({error}); its results are computed again.", RuntimeWarning, stacklevel=2
            )
            return None

    def put(self, key: bytes, arrays: Arrays) -> None:
        """Write the arrays of a key, and replace those that are there."""
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
            if path.is_dir():  # a folder that is not of this cache is left alone; `get` warns of it
                return
            raise OSError(
                error.errno,
                f"memory could not be written ({error.strerror}), its older results are unchanged; make room there, "
                f"or choose another folder",
                str(path),
            ) from error

    def info(self) -> dict[str, Any]:
        """Read all files; return their number, their size in bytes, and the paths of damaged and unfinished files."""
        damaged, sizes = [], []
        for path in self._all(SUFFIX):
            try:
                sizes.append(path.lstat().st_size)
                unpack(read_file(path), bytes.fromhex(path.stem))
            except FileNotFoundError:  # another process has deleted it
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
        """Delete all files of the cache, and no others. Return how many were deleted."""
        paths = [path for path in [*self._all(SUFFIX), *self._stale()] if not _is_folder(path)]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _all(self, suffix: str) -> Iterator[Path]:
        return self.files.glob(f"*{suffix}")

    def _stale(self) -> Iterator[Path]:
        for path in self._all(UNFINISHED):
            with suppress(FileNotFoundError):  # another process has finished it
                if time.time() - path.lstat().st_mtime > STALE:
                    yield path


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@dataclass(frozen=True)
class Cached:
    """The place where results of a search are kept: a store, and a key for everything they depend on but the queries.

    Parameters
    ----------
    store : BlockStore
    identify : callable
        Returns the current identity of the computation, or raises UnknownError.
    identity : bytes
        The identity when the settings were given.
    key : bytes
        A digest of the identity and of all other values on which the results depend.
    """

    store: BlockStore
    identify: Callable[[], bytes]
    identity: bytes
    key: bytes

    @classmethod
    def open(cls, store: BlockStore, identify: Callable[[], bytes]) -> Cached:
        """Return the place where results of a computation are kept, or raise UnknownError."""
        identity = identify()
        return cls(store, identify, identity, identity)

    def of(self, *more: Any) -> Cached:
        """Return the place where results are kept that also depend on the plain values `more`."""
        return replace(self, key=digest(self.key, *map(fingerprint, more)))

    def load(self, queries: Corpus, n_train: int, out: Arrays) -> CachedRows | None:
        """Read the results that are kept into `out`, arrays with a row for each query.

        Return None, and warn, if the computation is no longer the one whose results are kept.
        """
        try:
            changed = None if self.identify() == self.identity else "the settings, or what computes them, were changed"
        except UnknownError as error:
            changed = str(error)
        if changed is None:
            return CachedRows(self, queries, n_train, out)
        warn_not_used(f"{changed}, after fit")
        return None


def warn_not_used(why: str) -> None:
    """Warn that results are neither read from memory nor written to it, and give the reason."""
    warnings.warn(
        f"memory is not used: {why}. All results are computed; none are read from memory or written to it.",
        RuntimeWarning,
        stacklevel=3,
    )


class CachedRows:
    """The rows of the results of one search. Each block of rows has its own file.

    The blocks do not depend on the number of cores.
    """

    def __init__(self, cached: Cached, queries: Corpus, n_train: int, out: Arrays) -> None:
        self._store = cached.store
        self._out = out
        self._n_train = n_train
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
        """Mark some rows of a block as computed. When all rows of the block are computed, the block is written."""
        number = rows.start // self._size
        self._left[number] -= rows.stop - rows.start
        if not self._left[number]:
            block = self._blocks[number]
            self._store.put(self._keys[number], [array[block] for array in self._out])

    def _read(self, rows: slice, key: bytes) -> bool:
        out = [array[rows] for array in self._out]
        arrays = self._store.get(key, lambda kept: check_rows(kept, out, self._n_train))
        # the file may hold more neighbours than are wanted
        if arrays is None or any(kept.shape[1] < array.shape[1] for kept, array in zip(arrays, out, strict=True)):
            return False
        for kept, array in zip(arrays, out, strict=True):
            array[:] = kept[:, : array.shape[1]]
        return True


def cut(rows: slice, size: int) -> list[slice]:
    """Cut a slice into slices of at most `size` rows.

    Examples
    --------
    >>> cut(slice(3, 8), 2)
    [slice(3, 5, None), slice(5, 7, None), slice(7, 8, None)]
    """
    return [slice(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size)]


def cache_folder(memory: Any) -> Any:
    """Return the folder that `memory` names, as a str. Return `memory` itself if it names no folder."""
    if isinstance(memory, joblib.Memory):
        memory = memory.location
    return os.fsdecode(memory) if isinstance(memory, str | os.PathLike) else memory


def open_store(memory: Any) -> BlockStore | None:
    """Return the store in the folder that `memory` names, or None if `memory` is None.

    `memory` may be a path or a joblib.Memory, whose folder is then used. A missing folder is created.
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
            error.errno,
            f"memory must be a folder, but it can't be created ({error.strerror}); choose another folder",
            str(path),
        ) from error
    return BlockStore(path)
