"""The command's streams."""

from __future__ import annotations

import sys
from typing import TextIO


def stdin() -> TextIO:
    """Return stdin, or raise if there is none."""
    if sys.stdin is None:
        raise OSError("there is no stdin to read texts from; give a file instead of -")
    return sys.stdin
