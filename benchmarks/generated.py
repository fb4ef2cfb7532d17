"""Data of many shapes without a download: generated, or cut from the standard library and the installed packages."""

from __future__ import annotations

import ast
import json
import sysconfig
from bisect import bisect
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

WORDS = [
    "user",
    "order",
    "cart",
    "login",
    "cache",
    "query",
    "index",
    "token",
    "retry",
    "batch",
    "worker",
    "queue",
    "shard",
    "node",
    "proxy",
    "session",
    "file",
]
HOSTS = [f"10.0.{i % 7}.{i}" for i in range(1, 60)]


def stream(shape: str, size: int) -> bytes:
    """Return `size` bytes of a shape, the same at each call.

    Raises
    ------
    ValueError
        If the installed packages have fewer bytes of the shape.
    """
    data = SHAPES[shape](size)
    if len(data) < size:
        raise ValueError(f"the installed packages have only {len(data):,} bytes of {shape}, not {size:,}.")
    return data[:size]


def logs(size: int) -> bytes:
    rng = np.random.default_rng(0)

    def lines() -> Iterator[str]:
        second = 1_700_000_000
        while True:
            second += int(rng.integers(0, 4))
            level = rng.choice(["INFO", "INFO", "INFO", "WARN", "ERROR"])
            host, word = rng.choice(HOSTS), rng.choice(WORDS)
            yield (
                f"2023-11-{14 + second // 86_400 % 16:02d}T{second // 3600 % 24:02d}:{second // 60 % 60:02d}:"
                f"{second % 60:02d}Z {level} [{word}-{rng.integers(0, 12)}] {host} GET /api/v2/{word}/"
                f"{rng.integers(0, 100_000)} status={rng.choice([200, 200, 200, 404, 503])} "
                f"time={rng.integers(1, 900)}ms\n"
            )

    return _join(lines(), size)


def json_lines(size: int) -> bytes:
    rng = np.random.default_rng(1)

    def lines() -> Iterator[str]:
        number = 0
        while True:
            number += 1
            record = {
                "id": number,
                "event": f"{rng.choice(WORDS)}.{rng.choice(['created', 'updated', 'deleted'])}",
                "user": {"id": int(rng.integers(1, 5_000)), "host": str(rng.choice(HOSTS))},
                "tags": rng.choice(WORDS, 3).tolist(),
                "amount": round(float(rng.gamma(2.0, 20.0)), 2),
            }
            yield json.dumps(record) + "\n"

    return _join(lines(), size)


def html(size: int) -> bytes:
    rng = np.random.default_rng(2)

    def rows() -> Iterator[str]:
        yield '<!doctype html>\n<html><body><table class="report">\n'
        while True:
            cells = "".join(f'<td class="cell number">{value}</td>' for value in rng.integers(0, 10_000, 4))
            link = f'<a href="/{rng.choice(WORDS)}">{rng.choice(WORDS)}</a>'
            yield f'  <tr class="row"><td class="cell">{link}</td>{cells}</tr>\n'

    return _join(rows(), size)


def dna(size: int) -> bytes:
    """Return four letters in an order like that of genomes.

    Each letter depends on the three before it, and some parts are repeated with mutations.
    """
    rng = np.random.default_rng(3)
    chances = np.cumsum(rng.dirichlet([6.0] * 4, 64), axis=1)[:, :3].tolist()
    draws, letters, context = rng.random(size), bytearray(size), 0
    for i, draw in enumerate(draws.tolist()):
        letter = bisect(chances[context], draw)
        letters[i] = b"ACGT"[letter]
        context = (context * 4 + letter) % 64
    for _ in range(size // 4_000):
        length = int(rng.integers(100, 1_000))
        if size <= 2 * length:
            break
        source, target = (int(at) for at in rng.integers(0, size - length, 2))
        repeat = bytearray(letters[source : source + length])
        for at in rng.integers(0, length, length // 20).tolist():
            repeat[at] = b"ACGT"[int(rng.integers(4))]
        letters[target : target + length] = repeat
    return bytes(letters)


def two_letters(size: int) -> bytes:
    return np.random.default_rng(4).choice(np.frombuffer(b"ab", dtype=np.uint8), size).tobytes()


def one_line(size: int) -> bytes:
    return _join(iter(lambda: "the quick brown fox jumps over the lazy dog 0123456789\n", None), size)


def source_code(size: int) -> bytes:
    return _files("*.py", size)


def executables(size: int) -> bytes:
    return _files("*.so*", size)


def books(size: int) -> bytes:
    """Return prose: the docstrings of the standard library and the installed packages."""

    def docstrings() -> Iterator[str]:
        for path in _paths("*.py"):
            try:
                tree = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                continue  # written for another version of Python
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                    text = ast.get_docstring(node)
                    if text and len(text) > 400:
                        yield text + "\n\n"

    return _join(docstrings(), size)


def random_bytes(size: int) -> bytes:
    return np.random.default_rng(5).bytes(size)


def _join(pieces: Iterator[str], size: int) -> bytes:
    joined, length = [], 0
    for piece in pieces:
        joined.append(piece.encode())
        length += len(joined[-1])
        if length >= size:
            break
    return b"".join(joined)


def _files(pattern: str, size: int) -> bytes:
    joined, length = [], 0
    for path in _paths(pattern):
        joined.append(path.read_bytes()[: 1 << 22])
        length += len(joined[-1])
        if length >= size:
            break
    return b"".join(joined)


@cache
def _paths(pattern: str) -> list[Path]:
    """Return the files of the standard library and of the installed packages, in random order."""
    folders = {sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")}
    paths = sorted({path for folder in folders for path in Path(folder).rglob(pattern) if path.is_file()})
    order = np.random.default_rng(6).permutation(len(paths))
    return [paths[i] for i in order.tolist() if paths[i].stat().st_size > 1_000]


SHAPES: dict[str, Callable[[int], bytes]] = {
    "books": books,
    "code": source_code,
    "html": html,
    "json": json_lines,
    "logs": logs,
    "dna": dna,
    "executables": executables,
    "random": random_bytes,
    "two letters": two_letters,
    "one line": one_line,
}
"""For each shape, the function that makes a given number of bytes."""
