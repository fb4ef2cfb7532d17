"""Weights of bytes by the information of their strings on the class, learnt from labelled training texts."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from math import inf
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.texts.corpus import Corpus

STRING = 4
"""The size of a string in bytes. Sizes 5 and 6 did as well on validation data, but 4 bytes fit in 32 bits."""
SMOOTHING = 8.0
"""The number of texts that are added to those with a string, in the shares that the classes have among all texts."""
UNITS = 1 << 16
"""The number of units in 1. Weights are counted in whole units, so that sums of them are exact."""
# The number of bytes that are processed at once. A text is never cut.
BLOCK = 1 << 20


def check_base_weight(weight: Any) -> None:
    """Raise unless `weight` is a valid `base_weight`, that is, a finite number above 0."""
    if isinstance(weight, bool) or not isinstance(weight, Real):
        raise TypeError(f"base_weight must be None or a number above 0, got {type(weight).__name__} ({weight!r:.50}).")
    if not 0 < float(weight) < inf:
        raise ValueError(f"base_weight must be above 0 and finite, or None, got {weight}.")


@dataclass(eq=False)
class ClassWeights:
    """Weights of the bytes of a text, by the information of their strings on the class of a text.

    Let n_c be the number of training texts of class c that hold a string s, n the number of all training texts that
    hold it, pi_c the share of the class among the training texts, and H the entropy of these shares::

        P(c | s) = (n_c + smoothing pi_c) / (n + smoothing),     I(s) = sum_c P(c | s) log(P(c | s) / pi_c) / H

    I is 0 for a string without information on the class. The weight of a byte is the mean of I over the strings of 4
    bytes that cover it, plus `base`. For a training text, the text itself does not count in n_c and n, so that only
    the other texts give its strings weight.

    Parameters
    ----------
    texts : Corpus
        The training texts, with labels.
    base : float
        The weight of a byte without information on the class.

    References
    ----------
    Batal, Hauskrecht: Boosting KNN Text Classification Accuracy by Using Supervised Term Weighting Schemes. CIKM
    (2009), on weights of terms by their information about the class.
    """

    texts: InitVar[Corpus]
    base: float
    n_classes: int = field(init=False)
    strings: NDArray[np.uint32] = field(init=False)
    """All strings of the training texts as numbers, ascending, shape (n_strings,)."""
    information: NDArray[np.int64] = field(init=False)
    """The information I of each string, in units, shape (n_strings,)."""
    pairs: NDArray[np.int64] = field(init=False)
    """The position of a string times `n_classes`, plus a class that has it, ascending, shape (n_pairs,)."""
    others: NDArray[np.int64] = field(init=False)
    """For each pair, I of the string if one text of the class is left out, in units, shape (n_pairs,)."""
    mean: float = field(init=False)
    """The mean weight of the strings of the training texts, in units. All weights are divided by it."""

    def __post_init__(self, texts: Corpus) -> None:
        assert texts.labels is not None
        self.n_classes = int(texts.labels.max(initial=0)) + 1
        share = np.bincount(texts.labels, minlength=self.n_classes) / max(1, len(texts))
        keys, held = self._count(texts)
        label = keys % self.n_classes
        string, number = np.unique(keys // self.n_classes, return_inverse=True)
        self.strings, self.pairs = string.astype(np.uint32), number * self.n_classes + label
        # the sum over classes of a log(a / pi), with a = n_c + smoothing pi_c; n_c is 0 for a class without a pair
        usual = SMOOTHING * share[label]
        mine = _times_log(held + usual, share[label])
        absent = 1 - np.bincount(number, share[label])
        total = np.bincount(number, mine) + absent * SMOOTHING * np.log(SMOOTHING)
        n = np.bincount(number, held).astype(np.float64)
        entropy = -float(np.sum(share * np.log(share, out=np.zeros_like(share), where=share > 0)))
        self.information = _units(total, n, entropy)
        less = total[number] - mine + _times_log(held - 1 + usual, share[label])
        self.others = _units(less, n[number] - 1, entropy)
        n_held = max(1, int(held.sum()))
        self.mean = int(np.sum(self.others * held)) / n_held + self.base * UNITS

    def worth(self, bits: NDArray[np.uint16], texts: Corpus, *, is_training: bool) -> NDArray[np.uint16]:
        """Return the bits of each byte of `texts` times its weight, in the unit of the bits, shape (n_bytes,).

        `is_training` tells whether `texts` are training texts, which have labels.
        """
        blocks = [self._block_weights(block, is_training) for block in texts.blocks(BLOCK)]
        weights = np.concatenate([*blocks, np.empty(0)])
        return np.minimum(np.rint(bits * (weights / self.mean)), np.iinfo(np.uint16).max).astype(np.uint16)

    def _count(self, texts: Corpus) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return each string times `n_classes` plus a class, ascending, and the number of its texts in that class."""
        known = pending = (np.empty(0, np.int64), np.empty(0, np.int64))
        for block in texts.blocks(BLOCK):
            assert block.labels is not None
            string, whole, text = _strings(block)
            held = np.sort(string[whole] << 31 | text[whole])  # 63 bits
            once = held[np.diff(held, prepend=-1) > 0]
            keys = (once >> 31) * self.n_classes + block.labels[once & (1 << 31) - 1]
            pending = _joined(pending, (keys, np.ones(len(keys), np.int64)))
            if len(pending[0]) > BLOCK + len(known[0]):  # so that memory is proportional to the number of keys
                known, pending = _added_up(_joined(known, pending)), (pending[0][:0], pending[1][:0])
        return _added_up(_joined(known, pending))

    def _block_weights(self, block: Corpus, is_training: bool) -> NDArray[np.float64]:
        string, whole, text = _strings(block)
        key = string * self.n_classes
        if is_training:
            assert block.labels is not None
            key += block.labels[text]
        different, number = np.unique(key, return_inverse=True)
        at, known = _find(self.strings, (different // self.n_classes).astype(np.uint32))
        values = self.information
        if is_training:
            at, has_pair = _find(self.pairs, at * self.n_classes + different % self.n_classes)
            known, values = known & has_pair, self.others
        information = np.zeros(len(different), np.int64)
        information[known] = values[at[known]]
        information = information[number]
        return _mean_of_covering(np.where(whole, information, 0), whole, block) + self.base * UNITS


def _find(ascending: NDArray[Any], wanted: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the position of each wanted number in an ascending array, and whether the number is there at all."""
    at = np.searchsorted(ascending, wanted)
    known = at < len(ascending)
    known[known] = ascending[at[known]] == wanted[known]
    return at, known


def _strings(block: Corpus) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return the string at each byte as a number, whether it lies in one text, and the position of the text."""
    size = len(block.buffer)
    padded = np.concatenate([block.buffer, np.zeros(STRING, np.uint8)]).astype(np.int64)
    string = np.zeros(size, np.int64)
    for i in range(STRING):
        string = string << 8 | padded[i : i + size]
    text = np.repeat(np.arange(len(block)), np.diff(block.offsets))
    return string, np.arange(size) + STRING <= block.offsets[1:][text], text


def _mean_of_covering(information: NDArray[np.int64], whole: NDArray[np.bool_], block: Corpus) -> NDArray[np.float64]:
    """Return the mean over the strings that cover each byte, or 0 in a text that is shorter than a string."""
    sums, counts = (np.concatenate([[0], np.cumsum(values, dtype=np.int64)]) for values in (information, whole))
    end = np.arange(1, len(information) + 1)
    begin = np.maximum(end - STRING, np.repeat(block.offsets[:-1], np.diff(block.offsets)))
    return np.asarray((sums[end] - sums[begin]) / np.maximum(counts[end] - counts[begin], 1))


def _times_log(a: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(a * np.log(a / share))


def _units(total: NDArray[np.float64], n: NDArray[np.float64], entropy: float) -> NDArray[np.int64]:
    if entropy == 0:  # with only one class, no string has information
        return np.zeros(len(total), np.int64)
    nats = total / (n + SMOOTHING) - np.log(n + SMOOTHING)
    return np.rint(np.maximum(nats, 0) / entropy * UNITS).astype(np.int64)


Counts = tuple[NDArray[np.int64], NDArray[np.int64]]


def _joined(first: Counts, second: Counts) -> Counts:
    return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])


def _added_up(counts: Counts) -> Counts:
    keys, inverse = np.unique(counts[0], return_inverse=True)
    return keys, np.bincount(inverse, counts[1], minlength=len(keys)).astype(np.int64)
