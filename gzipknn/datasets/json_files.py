"""Read JSON Lines and JSON files, which hold objects in sequence or in an array, without loading the whole file."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from gzipknn.datasets.rows import Row, no_column
from gzipknn.datasets.text_files import open_text

CHUNK = 1 << 20
"""The least number of characters that are read at once."""
LONGEST_TOKEN = 16
"""If an error is this near to the end of the characters read, a token may be cut: ``true``, an escape, ``-1.5e+1``."""

_WHITE_SPACE = re.compile(r"[ \t\n\r]*")


def read_json(path: Path, columns: Sequence[str], *, encoding: str | None) -> Iterator[Row]:
    """Yield the rows of a JSON file, one for each object.

    Parameters
    ----------
    path : Path
    columns : sequence of str
        The wanted columns. At least one row must have each of them.
    encoding : str or None
        The encoding of the file. None means UTF-8.
    """
    missing, first_names = set(columns), None
    for number, (line, value) in enumerate(_values(path, encoding), 1):
        row = Row(number, line, (), ())
        if not isinstance(value, dict):
            raise ValueError(
                f"{path} has {json.dumps(value):.50} in {row.place}, but each row must be an object, such as "
                f'{{"text": ..., "label": ...}}.'
            )
        if isinstance(value, _Repeated) and (twice := value.names.intersection(columns)):
            raise ValueError(f"{path} has the name {min(twice)!r} twice in {row.place}; keep one of them.")
        missing.difference_update(value)
        first_names = first_names or list(value)
        yield row._replace(values=[value.get(column) for column in columns], names=value.keys())
    if missing and first_names is not None:
        raise no_column(path, min(missing), first_names)


class _Repeated(dict[str, Any]):
    """An object in which some names occur more than once."""

    names: set[str]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    repeated = _Repeated(found)
    repeated.names = {name for name, n in Counter(name for name, _ in pairs).items() if n > 1}
    return repeated


def _values(path: Path, encoding: str | None) -> Iterator[tuple[int, Any]]:
    """Yield each value of a file with the number of the line on which it begins."""
    with open_text(path, encoding) as file:
        source, number = _Source(file), 0
        try:
            is_array = source.next_character() == "["
            if is_array:
                source.skip()
            while source.next_character() and not (is_array and source.next_character() == "]"):
                number += 1
                line = source.line
                yield line, source.value()
                if is_array and source.next_character() != "]":
                    source.skip_comma()
            if is_array:
                source.skip_end()
        except NotJSONError as error:
            raise ValueError(
                f"{path} is not valid JSON in row {max(number, 1)} (line {source.line} of the file): {error}."
            ) from error


class NotJSONError(Exception):
    """Raised if a file is not valid JSON. The message says what is wrong."""


class _Source:
    """A file of JSON values that is read in pieces."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.buffer = ""
        self.place = 0
        self.line = 1
        self.decoder = json.JSONDecoder(object_pairs_hook=_object)

    def next_character(self) -> str:
        """Skip white space and return the character after it, or "" at the end."""
        while True:
            match = _WHITE_SPACE.match(self.buffer, self.place)
            assert match is not None
            self._go_to(match.end())
            if self.place < len(self.buffer):
                return self.buffer[self.place]
            if not self._read_more():
                return ""

    def value(self) -> Any:
        """Read one value."""
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.place)
            except RecursionError as error:
                raise NotJSONError("it is nested too deeply") from error
            except json.JSONDecodeError as error:
                is_cut = error.msg.startswith("Unterminated") or error.pos > len(self.buffer) - LONGEST_TOKEN
                reason = error.msg
            except ValueError as error:  # an integer with more digits than Python converts
                raise NotJSONError(str(error)) from error
            else:
                self._go_to(end)
                return value
            if not (is_cut and self._read_more()):
                raise NotJSONError(reason)

    def skip(self) -> None:
        """Skip one character."""
        self.place += 1

    def skip_comma(self) -> None:
        """Skip the comma between two values of an array."""
        if self.next_character() != ",":
            raise NotJSONError("a comma or the end of the array was expected")
        self.skip()
        if self.next_character() in ("]", ""):
            raise NotJSONError("a value was expected after the comma")

    def skip_end(self) -> None:
        """Skip the end of the array, and check that nothing follows it."""
        if self.next_character() != "]":
            raise NotJSONError("the array has no end")
        self.skip()
        if self.next_character():
            raise NotJSONError("there is more text after the end of the array")

    def _go_to(self, place: int) -> None:
        self.line += self.buffer.count("\n", self.place, place)
        self.place = place

    def _read_more(self) -> bool:
        # read as many characters as there are now: so even a very large value is decoded only a few times
        more = self.file.read(max(CHUNK, len(self.buffer) - self.place))
        self.buffer, self.place = self.buffer[self.place :] + more, 0
        return bool(more)
