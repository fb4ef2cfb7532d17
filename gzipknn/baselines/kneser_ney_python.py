"""Counts of strings in the texts of each class, in Python: slower than the kernel, with the same results."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise
from math import log2
from typing import Any

from numpy.typing import NDArray

from gzipknn.utils.interruption import check_wanted

ALL_TEXTS = 0
"""The owner of the counts of all texts together. The owner of the counts of class c is c + 1."""

COUNT, TOTAL, TYPES, ONCE, TWICE = range(5)
"""The numbers in a cell. COUNT is the count of the string. The others are about the counts of the strings that are one
byte longer: their sum, how many of them are above 0, how many are 1, and how many are 2."""

KINDS = 4
CELL_BYTES, STRING_BYTES = 200, 300
"""The memory that a cell and a string take in Python, estimated."""

# A product that falls below SMALL is divided by it, and the division is counted.
SMALL_BITS = 500
SMALL = 2.0**-SMALL_BITS

String = tuple[bool, bytes]
"""Whether the string begins with the mark for the beginning of a text, and its bytes."""


class ClassCounts:
    """The counts of strings by class, as ``gzipknn/_kernel/class_counts.h`` defines them.

    See :class:`KneserNey` for the models.
    """

    def __init__(self, order: int, pooled: bool) -> None:
        self.order, self.pooled = order, pooled
        self.n_raw = self._bytes = 0
        self._cells: dict[String, dict[int, list[int]]] = {}
        self._n_cells = 0
        self._kinds = [[[0] * KINDS for _ in range(order + 2)] for _ in range(2)]
        self._log: dict[tuple[String, int], list[int] | None] = {}

    @property
    def n_strings(self) -> int:
        """The number of different strings that are counted."""
        return len(self._cells)

    @property
    def nbytes(self) -> int:
        """The memory that the counts take, in bytes, estimated."""
        return STRING_BYTES * len(self._cells) + CELL_BYTES * self._n_cells

    # ---- counting ----

    def add(self, buffer: NDArray[Any], offsets: NDArray[Any], classes: NDArray[Any], max_bytes: int) -> None:
        """Count each text for its class."""
        with self._all_or_nothing():
            for text, label in zip(_texts(buffer, offsets), classes.tolist(), strict=True):
                self._shift(text, label, 1)
                if self.nbytes > max_bytes:
                    raise ValueError(
                        f"the counts of these texts need more than max_bytes={max_bytes}; nothing was counted"
                    )

    def remove(self, buffer: NDArray[Any], offsets: NDArray[Any], classes: NDArray[Any]) -> None:
        """Take texts out of the counts."""
        with self._all_or_nothing():
            for number, (text, label) in enumerate(zip(_texts(buffer, offsets), classes.tolist(), strict=True)):
                self._take_away(number, text, label)

    def export(self, keys: NDArray[Any], classes: NDArray[Any], counts: NDArray[Any]) -> None:
        """Write the `n_raw` counts from which all others can be computed."""
        to = 0
        for (marked, text), cells in self._cells.items():
            if marked or len(text) == self.order + 1:
                for owner, cell in cells.items():
                    if owner != ALL_TEXTS and cell[COUNT]:
                        keys[to] = (16 | marked << 3 | len(text)) << 56 | int.from_bytes(text, "big")
                        classes[to], counts[to] = owner - 1, cell[COUNT]
                        to += 1

    def restore(self, keys: NDArray[Any], classes: NDArray[Any], counts: NDArray[Any]) -> None:
        """Read the arrays that :meth:`export` wrote into empty counts."""
        with self._all_or_nothing():
            for key, label, count in zip(keys.tolist(), classes.tolist(), counts.tolist(), strict=True):
                size, marked = key >> 56 & 7, bool(key >> 59 & 1)
                self._change((marked, (key & (1 << 8 * size) - 1).to_bytes(size, "big")), label + 1, count)

    @contextmanager
    def _all_or_nothing(self, undo: bool = False) -> Iterator[None]:
        """Undo all changes of cells if anything is raised, also by an interrupt; with `undo`, undo them always."""
        before = deepcopy(self._kinds), self.n_raw, self._bytes, self._n_cells
        done = False
        self._log = {}
        try:
            yield
            done = True
        finally:
            if undo or not done:
                for (string, owner), cell in self._log.items():
                    if cell is None:
                        self._cells.get(string, {}).pop(owner, None)
                    else:
                        self._cells.setdefault(string, {})[owner] = cell
                    if string in self._cells and not self._cells[string]:
                        del self._cells[string]
                self._kinds, self.n_raw, self._bytes, self._n_cells = before
            self._log = {}

    def _take_away(self, number: int, text: bytes, label: int) -> None:
        if not self._shift(text, label, -1):
            raise ValueError(f"text {number} is not among the counted texts of its class; nothing was changed")

    def _shift(self, text: bytes, label: int, by: int) -> bool:
        check_wanted()
        for i in range(len(text)):
            marked = i < self.order
            if not self._change((marked, text[0 if marked else i - self.order : i + 1]), label + 1, by):
                return False
        return True

    def _change(self, string: String, owner: int, by: int) -> bool:
        """Add `by` to the count of a string; if the string is new or gone, change the counts of shorter strings too."""
        owners = {owner: by, ALL_TEXTS: by} if self.pooled else {owner: by}
        raw = True
        while owners:
            marked, text = string
            turned = {}
            for each, change in owners.items():
                cell = self._cell(string, each)
                was, now = cell[COUNT], cell[COUNT] + change
                if now < 0:
                    return False
                cell[COUNT] = now
                kinds = self._kinds[each != ALL_TEXTS][len(text) + marked]
                for count, sign in ((was, -1), (now, 1)):
                    if 1 <= count <= KINDS:
                        kinds[count - 1] += sign
                context = self._cell((marked, text[:-1]), each)
                context[TOTAL] += change
                context[TYPES] += (now > 0) - (was > 0)
                context[ONCE] += (now == 1) - (was == 1)
                context[TWICE] += (now == 2) - (was == 2)
                if raw and each != ALL_TEXTS:
                    self.n_raw += (was == 0) - (now == 0)
                    self._bytes += change
                if (was > 0) != (now > 0):
                    turned[each] = 1 if now > 0 else -1
            for each in owners:
                self._drop_if_empty(string, each)
                self._drop_if_empty((marked, text[:-1]), each)
            raw = False
            string = (False, text if marked else text[1:])
            owners = turned if string[1] else {}
        return True

    def _cell(self, string: String, owner: int) -> list[int]:
        """Return a cell, a new one if there is none, and log its value before the changes."""
        cells = self._cells.setdefault(string, {})
        cell = cells.get(owner)
        if (string, owner) not in self._log:
            self._log[string, owner] = None if cell is None else cell.copy()
        if cell is None:
            cell = cells[owner] = [0] * 5
            self._n_cells += 1
        return cell

    def _drop_if_empty(self, string: String, owner: int) -> None:
        cells = self._cells.get(string, {})
        if owner in cells and not any(cells[owner]):
            del cells[owner]
            self._n_cells -= 1
        if not cells:
            self._cells.pop(string, None)

    # ---- lengths ----

    def lengths(
        self,
        buffer: NDArray[Any],
        offsets: NDArray[Any],
        classes: NDArray[Any] | None,
        n_classes: int,
        background: float,
        out: NDArray[Any],
    ) -> None:
        """Write the bits of each text in each class to `out`; with `classes`, leave each text out of its own class."""
        discounts = self._discounts()
        for number, text in enumerate(_texts(buffer, offsets)):
            check_wanted()
            row = slice(number * n_classes, (number + 1) * n_classes)
            if classes is None:
                out[row] = self._measure(text, n_classes, background, discounts)
                continue
            with self._all_or_nothing(undo=True):
                self._take_away(number, text, int(classes[number]))
                out[row] = self._measure(text, n_classes, background, self._discounts())

    def _discounts(self) -> list[list[list[float]]]:
        return [[_discounts(*n) for n in kinds] for kinds in self._kinds]

    def _measure(
        self, text: bytes, n_classes: int, background: float, discounts: list[list[list[float]]]
    ) -> list[float]:
        products, scaled = [1.0] * n_classes, [0] * n_classes
        for i in range(len(text)):
            everywhere, chances = 1 / 256, [1 / 256] * n_classes
            histories = [(False, text[i - n : i]) for n in range(min(i, self.order) + 1)]
            for marked, history in [*histories, *([(True, text[:i])] if i < self.order else [])]:
                contexts = self._cells.get((marked, history), {})
                longer = self._cells.get((marked, history + text[i : i + 1]), {})
                of_all, of_class = (kind[len(history) + 1 + marked] for kind in discounts)
                if self.pooled:
                    if ALL_TEXTS not in contexts or not contexts[ALL_TEXTS][TOTAL]:
                        continue
                    everywhere = _chance(contexts[ALL_TEXTS], longer.get(ALL_TEXTS), of_all, everywhere)
                    share, own = background * everywhere, 1 - background
                    chances = [share + own * chance for chance in chances]
                for owner, context in contexts.items():
                    if owner != ALL_TEXTS and context[TOTAL]:
                        chances[owner - 1] = _chance(context, longer.get(owner), of_class, chances[owner - 1])
            for c, chance in enumerate(chances):
                products[c] *= chance
                if products[c] < SMALL:
                    products[c] /= SMALL
                    scaled[c] += 1
        return [SMALL_BITS * times - log2(product) for times, product in zip(scaled, products, strict=True)]


def _texts(buffer: NDArray[Any], offsets: NDArray[Any]) -> list[bytes]:
    return [buffer[start:stop].tobytes() for start, stop in pairwise(offsets)]


def _discounts(n1: int, n2: int, n3: int, n4: int) -> list[float]:
    if not (n1 and n2 and n3):
        return [0, 0.75, 0.75, 0.75]
    y = n1 / (n1 + 2 * n2)
    shares = (2 * n2 / n1, 3 * n3 / n2, 4 * n4 / n3)
    return [0, *(min(max(0.05, count - y * share), count - 0.05) for count, share in enumerate(shares, 1))]


def _chance(context: list[int], longer: list[int] | None, discount: list[float], shorter: float) -> float:
    count = longer[COUNT] if longer else 0
    kept = discount[1] * context[ONCE] + discount[2] * context[TWICE]
    kept += discount[3] * (context[TYPES] - context[ONCE] - context[TWICE])
    return (count - discount[min(count, 3)] + kept * shorter) / context[TOTAL]
