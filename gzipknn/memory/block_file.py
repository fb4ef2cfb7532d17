"""Store arrays in a file with a checksum, and verify it when the file is read."""

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

# The format of a file: MAGIC; the key; for each array its type, rows, columns and contents; the SHA-256 of all before.
MAGIC = b"gzipknn block 1\n"
ARRAY = struct.Struct("<3sQQ")
DIGEST = 32
DTYPES = {b"<f8": np.dtype("<f8"), b"<i8": np.dtype("<i8")}
"""The types of the arrays: floats or positions, little-endian on every machine."""


class DamagedError(Exception):
    """Raised if a file is not what was written there."""


def read_file(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises
    ------
    FileNotFoundError
        If nothing has this path.
    DamagedError
        If the path is not that of a regular file, or if the file can't be read.
    """
    # without O_NONBLOCK, opening a FIFO would wait for a writer
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        opened = os.open(path, flags)
        try:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise DamagedError("it is not a regular file")
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
    """Return the content of a file for these arrays, each of shape (rows, columns) and not empty."""
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
        If `data` is not the complete and unchanged content of a file with this key.
    """
    if len(data) < len(MAGIC) + 2 * DIGEST:
        raise DamagedError(f"it has {len(data)} bytes, which is too short")
    content = memoryview(data)[:-DIGEST]
    if not data.startswith(MAGIC):
        raise DamagedError("it does not begin like a file of this cache")
    if hashlib.sha256(content).digest() != data[-DIGEST:]:
        raise DamagedError("its checksum is wrong")
    if content[len(MAGIC) :][:DIGEST] != key:
        raise DamagedError("it belongs to another search")
    place, arrays = len(MAGIC) + DIGEST, []
    while place < len(content):
        if len(content) - place < ARRAY.size:
            raise DamagedError("it has more bytes after its arrays")
        name, rows, columns = ARRAY.unpack_from(content, place)
        place += ARRAY.size
        if name not in DTYPES:
            raise DamagedError(f"it holds numbers of the unknown type {name!r}")
        n_bytes = rows * columns * DTYPES[name].itemsize  # ints of Python, which do not overflow
        if not 0 < n_bytes <= len(content) - place:
            raise DamagedError(f"it holds no array of shape ({rows}, {columns})")
        arrays.append(np.frombuffer(content, DTYPES[name], rows * columns, place).reshape(rows, columns))
        place += n_bytes
    return arrays


def check_rows(kept: Arrays, out: Arrays, n_train: int) -> None:
    """Raise DamagedError unless the arrays can be results for the rows `out` of a search among `n_train` texts.

    They may have fewer or more columns than `out`.
    """
    if len(kept) != len(out):
        raise DamagedError(f"it holds {len(kept)} arrays, but {len(out)} were expected")
    for array, wanted in zip(kept, out, strict=True):
        if array.dtype.kind != wanted.dtype.kind or len(array) != len(wanted) or array.shape[1] > n_train:
            got, searched = (f"{some.dtype} of shape {some.shape}" for some in (array, wanted))
            raise DamagedError(f"it holds {got}, but {searched} was expected")
        if array.dtype.kind == "i" and not (array.min() >= 0 and array.max() < n_train):
            raise DamagedError(f"it names positions outside of the {n_train} training texts")
        if array.dtype.kind == "f" and np.isnan(array).any():
            raise DamagedError("it holds NaN instead of a distance")
