"""Arrays in a file that is trusted only if every byte of it is what was written there."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Sequence[NDArray[Any]]

# A file: MAGIC, its key, of each array its type, rows, columns and contents, and the SHA-256 of all that.
MAGIC = b"gzipknn block 1\n"
ARRAY = struct.Struct("<3sQQ")
DIGEST = 32
DTYPES = {b"<f8": np.dtype("<f8"), b"<i8": np.dtype("<i8")}
"""What an array holds: numbers with a fraction, or positions; on every machine in this order of bytes."""


class DamagedError(Exception):
    """A file is not what was once written."""


def read_file(path: Path) -> bytes:
    """Return what a regular file holds; raise DamagedError if there is anything else, without waiting for it.

    Raises
    ------
    FileNotFoundError
        If there is nothing.
    """
    # opening a FIFO would wait for somebody who writes to it
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        opened = os.open(path, flags)
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise DamagedError("it is not a file")
            with open(opened, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(opened)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(f"it can't be read: {error.strerror}") from error
    except MemoryError as error:
        raise DamagedError("it is larger than the memory of this machine") from error


def pack(key: bytes, arrays: Arrays) -> bytes:
    """Return what a file of these arrays holds, each of shape (rows, columns) and not empty."""
    content = [MAGIC, key]
    for array in arrays:
        dtype = b"<f8" if array.dtype.kind == "f" else b"<i8"
        content += [ARRAY.pack(dtype, *array.shape), array.astype(DTYPES[dtype], copy=False).tobytes()]
    joined = b"".join(content)
    return joined + hashlib.sha256(joined).digest()


def unpack(data: bytes, key: bytes) -> list[NDArray[Any]]:
    """Return the arrays that a file holds.

    Raises
    ------
    DamagedError
        If it is not a file of this key, to the last bit.
    """
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
        if len(content) - place < ARRAY.size:
            raise DamagedError("bytes are left behind its arrays")
        name, rows, columns = ARRAY.unpack_from(content, place)
        place += ARRAY.size
        if name not in DTYPES:
            raise DamagedError(f"it holds numbers of the type {name!r}")
        n_bytes = rows * columns * DTYPES[name].itemsize  # ints of Python, which do not overflow
        if not 0 < n_bytes <= len(content) - place:
            raise DamagedError(f"it holds no array of shape ({rows}, {columns})")
        arrays.append(np.frombuffer(content, DTYPES[name], rows * columns, place).reshape(rows, columns))
        place += n_bytes
    return arrays


def check_rows(kept: Arrays, out: Arrays, n_train: int) -> None:
    """Raise DamagedError unless arrays may be rows of a search among so many texts, as `out` is.

    Whether they have all columns that are wanted is not checked.
    """
    if len(kept) != len(out):
        raise DamagedError(f"it holds {len(kept)} arrays, and {len(out)} were searched")
    for array, wanted in zip(kept, out, strict=True):
        if array.dtype.kind != wanted.dtype.kind or len(array) != len(wanted) or array.shape[1] > n_train:
            got, searched = (f"{some.dtype} of shape {some.shape}" for some in (array, wanted))
            raise DamagedError(f"it holds {got}, and {searched} was searched")
        if array.dtype.kind == "i" and not (array.min() >= 0 and array.max() < n_train):
            raise DamagedError(f"it names texts that are not among the {n_train}")
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise DamagedError("it holds NaN, which is no distance")
