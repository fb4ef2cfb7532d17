"""Warn users about texts that are longer than the window of a compressor."""

from __future__ import annotations

import sys
import warnings
from math import inf
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from gzipknn.compressors import Compressor, Lzma
from gzipknn.texts.corpus import Corpus

COPIES = "It may miss even a copy of such a text, so distances to it say little."
"""The consequence of long texts for distances, as the message states it."""


def warn_of_long_texts(compressor: Compressor, what: str, *corpora: Corpus, meaning: str = COPIES) -> bool:
    """Warn if some texts are longer than the compressor's window, and return whether there was a warning.

    If two texts are longer than half of the window, not all of one is compared with all of the other. If a text is
    longer than the whole window, the compressor does not even find an equal text before it. Only then there is a
    warning. There is none if the window of the compressor is not known.

    Parameters
    ----------
    compressor : Compressor
    what : str
        The noun for the texts in the message.
    *corpora : Corpus
    meaning : str
        The sentence in the message that states the consequence.
    """
    window = compressor.window
    if not isinstance(window, Real) or window == inf:
        return False
    sizes = np.concatenate([np.diff(corpus.offsets) for corpus in corpora])
    if not (sizes > float(window)).any():
        return False
    warnings.warn(_message(compressor, float(window), what, sizes, meaning), RuntimeWarning, stacklevel=_outside())
    return True


def _message(compressor: Compressor, window: float, what: str, sizes: NDArray[np.int64], meaning: str) -> str:
    if window <= 0:
        return f"{compressor!r:.80} finds no repetitions, so its distances say nothing; choose a level above 0."
    longest, lzma = int(sizes.max()), Lzma().window
    or_lzma = f" or 'lzma' (up to {lzma:,.0f} bytes)" if longest <= lzma else ""
    n_longer = int((sizes > window).sum())
    are = "is" if n_longer == 1 else "are"
    return (
        f"{n_longer:,} of {len(sizes):,} {what} {are} longer than the {window:,.0f} bytes that "
        f"{compressor!r:.80} looks back; the longest has {longest:,} bytes. {meaning} Use compressor='lz77' (no limit)"
        f"{or_lzma}, or cut the texts into pieces; see 'Texts longer than the window' in docs/choosing.md."
    )


def _outside() -> int:
    """Return the stack level of the first caller outside of this package and scikit-learn, as seen by the caller."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("gzipknn.", "sklearn.")):
        level, frame = level + 1, frame.f_back
    return level
