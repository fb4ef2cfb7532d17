"""Open plain and compressed text files, and turn all errors of reading them into clear messages."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from pathlib import Path
from typing import TextIO

# UTF-32 first: its little-endian mark begins with that of UTF-16.
MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
GZIP_MARK = b"\x1f\x8b"
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)
"""The errors that reading a damaged compressed file raises."""


@contextmanager
def open_text(path: Path, encoding: str | None, *, is_table: bool = True) -> Iterator[TextIO]:
    r"""Open a file as text whose lines end only in ``\n``. A ``\r`` is not changed.

    A byte order mark at the beginning is skipped. Errors of decoding and decompressing become a ValueError that names
    the file, even if they are raised later, while the file is read.

    Parameters
    ----------
    path : Path
        If the name ends in ``.gz``, the file is decompressed.
    encoding : str or None
        The encoding of the file. None means UTF-8.
    is_table : bool
        Whether the file holds rows. If it does, and it begins with a NUL beside each letter, it is rejected as UTF-16.
    """
    try:
        with open_bytes(path) as binary:
            if encoding is None:
                _check_is_utf8(path, binary, is_table)
            name = without_mark(encoding or "utf-8")
            _skip_mark(path, binary, name)
            yield TextIOWrapper(binary, name, newline="\n")
    except UnicodeError as error:
        raise ValueError(_undecodable(path, encoding, error)) from error
    except DAMAGED as error:
        raise ValueError(
            f"{path} is damaged or not compressed by gzip, although its name ends in .gz: {error}."
        ) from error


def without_mark(encoding: str) -> str:
    """Return the name of the variant of an encoding that skips a byte order mark, or raise if it does not exist."""
    try:
        "".encode(encoding)
        return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    except (LookupError, ValueError) as error:
        raise ValueError(
            f"encoding must be the name of a text encoding such as 'cp1252', got {encoding!r:.50}."
        ) from error


def _skip_mark(path: Path, binary: BufferedReader | gzip.GzipFile, encoding: str) -> None:
    """Skip the byte order mark that an encoding with a fixed byte order, such as UTF-16-LE, takes for a letter."""
    begin = binary.peek(4)[:4]
    if begin.startswith(codecs.BOM_UTF8) and encoding != "utf-8-sig":
        raise ValueError(
            f"{path} begins with the byte order mark of UTF-8, but encoding is {encoding!r}; leave out the encoding."
        )
    if encoding[-2:].lower() in ("le", "be"):
        mark = "\ufeff".encode(encoding)
        if begin.startswith(mark):
            binary.read(len(mark))


def open_bytes(path: Path) -> BufferedReader | gzip.GzipFile:
    """Open a file as bytes, decompressed if its name ends in ``.gz``."""
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else open(path, "rb")


def _check_is_utf8(path: Path, binary: BufferedReader | gzip.GzipFile, is_table: bool) -> None:
    begin = binary.peek(4)[:4]
    for mark, encoding in MARKS.items():
        if begin.startswith(mark):
            raise ValueError(
                f"{path} begins like a file in {encoding.upper()}, but UTF-8 was expected; pass encoding={encoding!r} "
                f"(--encoding {encoding}), or save the file as UTF-8."
            )
    if is_table and len(begin) == 4:
        for first, order in ((1, "utf-16-le"), (0, "utf-16-be")):
            if not any(begin[first::2]) and all(begin[1 - first :: 2]):  # a NUL beside each letter
                raise ValueError(
                    f"{path} begins like a file in {order.upper()}, but UTF-8 was expected; pass encoding={order!r} "
                    f"(--encoding {order}), or save the file as UTF-8."
                )
    if begin.startswith(GZIP_MARK):
        raise ValueError(
            f"{path} is compressed by gzip, but its name does not end in .gz; rename it to {path.name}.gz."
        )


def _undecodable(path: Path, encoding: str | None, error: UnicodeError) -> str:
    if encoding is not None:
        return f"{path} can't be decoded as {encoding!r}: {error}. Pass the right encoding, or save the file as UTF-8."
    try:
        line = next((number for number, line in enumerate(_lines(path), 1) if not _is_utf8(line)), None)
    except DAMAGED:
        line = None
    return (
        f"{path} is not UTF-8{'' if line is None else f' in line {line}'}: {error}. Save it as UTF-8, or pass its "
        f"encoding, such as encoding='cp1252' (--encoding cp1252) for Western European Windows."
    )


def _lines(path: Path) -> Iterator[bytes]:
    with open_bytes(path) as binary:
        yield from binary


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
