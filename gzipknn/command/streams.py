"""The streams of the command: results go to stdout, texts come from stdin, messages go to stderr."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

from gzipknn.utils.escapes import escaped, to_json

# ---- stdout and stderr ----


class ReaderGoneError(Exception):
    """Raised if the program that reads the results, such as head, has closed the pipe."""


def prepare_streams() -> None:
    r"""Write results in UTF-8 with ``\n`` at line ends unless stdout is a terminal, and replace a closed stderr.

    A terminal keeps its encoding, and characters that it does not have are written as escapes.
    """
    if sys.stderr is None:
        sys.stderr = _null_stderr()
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace", newline="\n")


def _null_stderr() -> TextIO:
    try:
        os.fstat(2)
    except OSError:
        _discard(2)  # otherwise the next file to be opened would get stderr's number, and what C code writes to stderr
    return open(os.devnull, "w", encoding="utf-8")  # it stays open until the process ends


def write(line: str = "") -> None:
    """Write a line of results. Raise ReaderGoneError if nobody reads them any more, or OSError if writing fails."""
    try:
        sys.stdout.write(f"{line}\n")
    except OSError as error:
        raise _unwritten(error) from error


def write_json(value: Any) -> None:
    r"""Write a value as a line of JSON. Characters that a terminal does not have become escapes of JSON."""
    write(_fitting(to_json(value), "gzipknn.json"))


def write_html(page: str) -> None:
    """Write a page of HTML. Characters that a terminal does not have become character references."""
    write(_fitting(page, "xmlcharrefreplace"))


def flush() -> None:
    """Flush the results, or raise as :func:`write` does."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _unwritten(error) from error


def say(message: str) -> None:
    """Write a message to stderr, on one line. The message is lost if writing to stderr fails."""
    try:
        print(f"gzipknn: {escaped(message)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        _discard_stream(sys.stderr)


def warn(message: str) -> None:
    """Write a warning to stderr, on one line."""
    say(f"warning: {message}")


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Show warnings of the library as :func:`warn` writes them. Each message is shown once."""
    said: set[str] = set()

    def show(
        message: Warning | str, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        text = str(message)
        if text not in said:
            said.add(text)
            warn(text)

    with warnings.catch_warnings():
        warnings.showwarning = show
        # the command itself reports their number, with the name of the file
        warnings.filterwarnings("ignore", r"X holds \d+ (blank|empty) text", UserWarning)
        yield


def _fitting(text: str, errors: str) -> str:
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, errors).decode(encoding)


def _escape_as_json(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error("gzipknn.json", _escape_as_json)


def _unwritten(error: OSError) -> OSError | ReaderGoneError:
    _discard_stream(sys.stdout)  # otherwise Python would try again at exit
    if isinstance(error, BrokenPipeError):
        return ReaderGoneError()
    return OSError(
        f"the results could not be written to standard output ({error.strerror or error}), so they are incomplete; "
        f"make room there, or send them elsewhere."
    )


def _discard_stream(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # the stream has no file number
        _discard(stream.fileno())


def _discard(number: int) -> None:
    """Connect a file number to the null device."""
    null = os.open(os.devnull, os.O_WRONLY)
    if null != number:
        os.dup2(null, number)
        os.close(null)


# ---- stdin ----

AT_ONCE = 1 << 20
"""The greatest number of bytes that are read at once."""


def read_lines(encoding: str | None) -> Iterator[str]:
    r"""Yield the lines of stdin without the ``\n`` or ``\r\n`` at their ends. A byte order mark is skipped."""
    for lines in read_blocks(encoding):
        yield from lines


def read_blocks(encoding: str | None) -> Iterator[list[str]]:
    r"""Yield lists of the lines of stdin that have arrived: at least one line, and at most one mebibyte.

    The lines do not contain the ``\n`` or ``\r\n`` at their ends. A byte order mark at the beginning is skipped.

    Parameters
    ----------
    encoding : str or None
        None means UTF-8.

    Raises
    ------
    OSError, ValueError
        If there is no stdin, or if a line cannot be decoded.
    """
    if sys.stdin is None:
        raise OSError("there is no stdin to read texts from; give a file instead of -")
    decoder = codecs.getincrementaldecoder(encoding or "utf-8")()
    number, line, begun = 1, "", False
    binary: Any = sys.stdin.buffer
    while block := binary.read1(AT_ONCE):
        whole: list[str] = []
        for piece in io.BytesIO(block):  # each ends after the byte of a newline
            try:
                line += decoder.decode(piece)
            except UnicodeError as error:
                if whole:
                    yield whole
                raise ValueError(_undecodable(number, encoding, error)) from error
            if not begun and line:
                line, begun = line.removeprefix("\ufeff"), True
            *ended, line = line.split("\n")
            whole += [one.removesuffix("\r") for one in ended]
            number += len(ended)
        if whole:
            yield whole
    try:
        line += decoder.decode(b"", True)
    except UnicodeError as error:
        raise ValueError(_undecodable(number, encoding, error)) from error
    if line:
        yield [line]


def _undecodable(number: int, encoding: str | None, error: UnicodeError) -> str:
    if encoding is None:
        cure = "convert it to UTF-8, or pass its encoding, such as --encoding cp1252 for Western European Windows."
        return f"stdin is not UTF-8 in line {number}: {error}; {cure}"
    return f"stdin can't be decoded as {encoding} in line {number}: {error}; pass the right --encoding."
