"""Results of searches on disk, by content: a file is written whole or not at all, and trusted only if every byte is."""

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

# An interruption costs at most this part of a search for each core, and as many files hold all of it; or, in a small
# one, so many pairs.
FILES = 512
STALE = 60
"""Seconds after which an unfinished file is one that nobody is writing."""
LEAST_PAIRS = 1 << 13


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

    def get(self, key: bytes, check: Callable[[Arrays], None] | None = None) -> list[NDArray[Any]] | None:
        """Return the arrays of a key, or None if there are none or they are damaged, which is said in a warning.

        `check` raises DamagedError of arrays that can't be those that are wanted.
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
            if isinstance(cause, OSError) and not os.access(self.files, os.R_OK | os.X_OK):  # so it is with all files
                raise OSError(cause.errno, f"memory could not be read ({cause.strerror})", str(path)) from cause
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
            if path.is_dir():  # somebody's folder, which is left alone; `get` says so
                return
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
                sizes.append(path.lstat().st_size)
                unpack(read_file(path), bytes.fromhex(path.stem))
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
        paths = [path for path in [*self._all(SUFFIX), *self._stale()] if not _is_folder(path)]
        for path in paths:
            path.unlink(missing_ok=True)
        return len(paths)

    def _all(self, suffix: str) -> Iterator[Path]:
        return self.files.glob(f"*{suffix}")

    def _stale(self) -> Iterator[Path]:
        for path in self._all(UNFINISHED):
            with suppress(FileNotFoundError):  # finished meanwhile
                if time.time() - path.lstat().st_mtime > STALE:
                    yield path


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


@dataclass(frozen=True)
class Cached:
    """Where the results of a search are kept: a store, and a key to all that they depend on but the queries.

    Parameters
    ----------
    store : BlockStore
    identify : callable
        Returns what identifies the computation now, or raises UnknownError.
    identity : bytes
        What it returned when the settings were given.
    key : bytes
        To that and all else.
    """

    store: BlockStore
    identify: Callable[[], bytes]
    identity: bytes
    key: bytes

    @classmethod
    def open(cls, store: BlockStore, identify: Callable[[], bytes]) -> Cached:
        """Return where results of a computation are kept, or raise UnknownError."""
        identity = identify()
        return cls(store, identify, identity, identity)

    def of(self, *more: Any) -> Cached:
        """Return where results are kept that depend on more, which are plain values."""
        return replace(self, key=digest(self.key, *map(fingerprint, more)))

    def load(self, queries: Corpus, n_train: int, out: Arrays) -> CachedRows | None:
        """Write to the rows of `out`, arrays with a row for each query, what is known of them.

        Return None if the computation is no longer the one whose results are kept, which is said in a warning.
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
    """Say why results are neither taken from memory nor kept there."""
    warnings.warn(
        f"memory is not used: {why}. All is computed, nothing is taken from memory or kept there.",
        RuntimeWarning,
        stacklevel=3,
    )


class CachedRows:
    """The rows of one search's results, a file for each block of them.

    How they are cut into blocks does not depend on the number of cores.
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
        """Say that some rows of a block are now there; when all of them are, it is kept."""
        number = rows.start // self._size
        self._left[number] -= rows.stop - rows.start
        if not self._left[number]:
            block = self._blocks[number]
            self._store.put(self._keys[number], [array[block] for array in self._out])

    def _read(self, rows: slice, key: bytes) -> bool:
        out = [array[rows] for array in self._out]
        arrays = self._store.get(key, lambda kept: check_rows(kept, out, self._n_train))
        # of neighbours there may be more than are wanted
        if arrays is None or any(kept.shape[1] < array.shape[1] for kept, array in zip(arrays, out, strict=True)):
            return False
        for kept, array in zip(arrays, out, strict=True):
            array[:] = kept[:, : array.shape[1]]
        return True


def cut(rows: slice, size: int) -> list[slice]:
    """Cut a slice into some of at most `size` rows.

    Examples
    --------
    >>> cut(slice(3, 8), 2)
    [slice(3, 5, None), slice(5, 7, None), slice(7, 8, None)]
    """
    return [slice(start, min(start + size, rows.stop)) for start in range(rows.start, rows.stop, size)]


def cache_folder(memory: Any) -> Any:
    """Return the folder that `memory` names as a str, if it names one; else what was given."""
    if isinstance(memory, joblib.Memory):
        memory = memory.location
    return os.fsdecode(memory) if isinstance(memory, str | os.PathLike) else memory


def open_store(memory: Any) -> BlockStore | None:
    """Return the store that `memory` names: a folder, or a joblib.Memory, in whose folder it then lies; None for none.

    The folder is made if it is not there.
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
    return BlockStore(path)
