"""Numbers with their nouns, for messages."""

from __future__ import annotations


def counted(n: int, one: str, more: str | None = None) -> str:
    """Return a number and its noun, in the singular or plural.

    Examples
    --------
    >>> counted(1, "class", "classes"), counted(2000, "text")
    ('1 class', '2,000 texts')
    """
    return f"{n:,} {one if n == 1 else more or f'{one}s'}"
