"""Show texts and labels safely: with escapes for control characters and for characters that UTF-8 can't encode."""

from __future__ import annotations

import json
import re
from typing import Any

# A terminal obeys control characters. A line separator begins a new line, a bidirectional control reverses the text
# after it, and UTF-8 cannot encode lone surrogates.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_CONTROLS_BUT_WHITE_SPACE = re.compile(r"(?!\s)" + _CONTROLS.pattern)
# Of the controls, an HTML page may hold only tabs and line ends. It may not hold the noncharacters of Unicode.
_NOT_IN_A_PAGE = re.compile(
    rf"(?![\t\n\r])(?:{_CONTROLS.pattern}|[\ufdd0-\ufdef\ufffe\uffff]|"
    f"[{''.join(chr(plane << 16 | low) for plane in range(1, 17) for low in (0xFFFE, 0xFFFF))}])"
)


def plain(text: Any) -> str:
    r"""Return a text with escapes for its control characters. White space, including line ends, is unchanged.

    Examples
    --------
    >>> plain("\x1b[31m red\n")
    '\\x1b[31m red\n'
    """
    return _CONTROLS_BUT_WHITE_SPACE.sub(_escape, _as_str(text))


def for_page(text: Any) -> str:
    r"""Return a text with escapes for characters that HTML must not hold. Tabs and line ends are unchanged.

    Examples
    --------
    >>> for_page("a <b>\n\x0b\ufffe")
    'a <b>\n\\x0b\\ufffe'
    """
    return _NOT_IN_A_PAGE.sub(_escape, _as_str(text))


def escaped(text: Any) -> str:
    r"""Return a text, such as a message or a path, with escapes for all control characters, including line ends.

    Examples
    --------
    >>> print(escaped("a\nb"))
    a\nb
    """
    return _CONTROLS.sub(_escape, _as_str(text))


def one_line(label: Any) -> str:
    r"""Return a label as one line from which the label can be restored exactly.

    Most labels are returned unchanged. A label is returned as a JSON string if it holds a control character, a line
    end or a lone surrogate, or if it begins with a double quote. So a line that begins with a double quote is always a
    JSON string.

    Examples
    --------
    >>> print(one_line("pets"), one_line("C:\\new"), one_line("two\nlines"), one_line('"a"'))
    pets C:\new "two\nlines" "\"a\""
    """
    shown = _as_str(label)
    return to_json(shown) if shown.startswith('"') or _CONTROLS.search(shown) else shown


def shorten(text: Any, width: int) -> str:
    r"""Return the first `width` characters of a text (at least 20), with one space for each run of white space.

    Examples
    --------
    >>> shorten("one\n two three four five", 20)
    'one two three four …'
    """
    line, width = " ".join(plain(text).split()), max(20, width)
    return line if len(line) <= width else f"{line[: width - 1]}…"


def place_on_one_line(text: str | bytes, position: int) -> int:
    r"""Return the position that a character of a text has in the result of :func:`shorten` for a large width.

    Examples
    --------
    >>> text = "\x1b[31m  red"
    >>> shorten(text, 20), place_on_one_line(text, text.index("red"))
    ('\\x1b[31m red', 9)
    """
    before = plain(text[:position])
    line = " ".join(before.split())
    is_behind_space = bool(line) and before[-1].isspace() and not text[position : position + 1].isspace()
    return len(line) + is_behind_space


def to_json(value: Any) -> str:
    r"""Return a value as one line of JSON: letters outside ASCII are kept, control characters are escaped.

    Examples
    --------
    >>> print(to_json({"text": "\ud83d caf\xe9 \x9b"}))
    {"text": "\ud83d café \u009b"}
    """
    line = json.dumps(value, ensure_ascii=False, default=_as_str)
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _as_str(text: Any) -> str:
    return text.decode("ascii", "backslashreplace") if isinstance(text, bytes) else str(text)
