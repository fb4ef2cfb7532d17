from typing import Any

from numpy.typing import NDArray

def lengths(buffer: NDArray[Any], offsets: NDArray[Any], level: int, out: NDArray[Any]) -> None: ...
def tokens(data: bytes, level: int, length: NDArray[Any], dist: NDArray[Any], bits: NDArray[Any], /) -> int: ...
def own_bits(
    buffer: NDArray[Any], offsets: NDArray[Any], literal: NDArray[Any], copy: int, out: NDArray[Any], /
) -> None: ...

class Index:
    def __init__(self, buffer: NDArray[Any], offsets: NDArray[Any], separator: bytes, level: int) -> None: ...
    @property
    def nbytes(self) -> int: ...
    def text_lengths(self, out: NDArray[Any], /) -> None: ...
    def joint_lengths(self, query: bytes, out: NDArray[Any], indices: NDArray[Any] | None = None, /) -> None: ...
    def nearest(
        self,
        query: bytes,
        c_x: int,
        c_y: NDArray[Any],
        k: int,
        metric: int,
        overhead: int,
        distances: NDArray[Any],
        indices: NDArray[Any],
        chosen: NDArray[Any] | None = None,
        first: int = 0,
        /,
    ) -> int: ...

class Lz77Index:
    def __init__(self, buffer: NDArray[Any], offsets: NDArray[Any], bits: NDArray[Any], match: int) -> None: ...
    @property
    def nbytes(self) -> int: ...
    def savings(self, query: bytes, out: NDArray[Any], /) -> None: ...
    def nearest(
        self,
        query: bytes,
        c_x: float,
        c_y: NDArray[Any],
        metric: int,
        shift: NDArray[Any] | None,
        scale: NDArray[Any] | None,
        within: float,
        k: int,
        distances: NDArray[Any],
        indices: NDArray[Any],
        /,
    ) -> None: ...

def key_sizes(
    buffer: NDArray[Any], offsets: NDArray[Any], bits: NDArray[Any], match: int, out: NDArray[Any], /
) -> None: ...
def pair_savings(
    buffer: NDArray[Any],
    offsets: NDArray[Any],
    bits: NDArray[Any],
    sizes: NDArray[Any],
    match: int,
    query: bytes,
    indices: NDArray[Any],
    out: NDArray[Any],
    /,
) -> None: ...

class Screen:
    def __init__(
        self,
        buffer: NDArray[Any],
        offsets: NDArray[Any],
        sizes: NDArray[Any],
        weights: NDArray[Any] | None,
        totals: NDArray[Any],
    ) -> None: ...
    @property
    def nbytes(self) -> int: ...
    def shared(self, query: bytes, out: NDArray[Any], /) -> None: ...

class ClassCounts:
    def __init__(self, order: int, pooled: bool) -> None: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def n_raw(self) -> int: ...
    @property
    def n_strings(self) -> int: ...
    def add(self, buffer: NDArray[Any], offsets: NDArray[Any], classes: NDArray[Any], max_bytes: int, /) -> None: ...
    def remove(self, buffer: NDArray[Any], offsets: NDArray[Any], classes: NDArray[Any], /) -> None: ...
    def lengths(
        self,
        buffer: NDArray[Any],
        offsets: NDArray[Any],
        classes: NDArray[Any] | None,
        n_classes: int,
        background: float,
        out: NDArray[Any],
        /,
    ) -> None: ...
    def export(self, keys: NDArray[Any], classes: NDArray[Any], counts: NDArray[Any], /) -> None: ...
    def restore(self, keys: NDArray[Any], classes: NDArray[Any], counts: NDArray[Any], /) -> None: ...
