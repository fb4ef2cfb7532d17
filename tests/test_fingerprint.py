"""What tells settings apart, in this process and in the next."""

import functools
import importlib
import os
import subprocess
import sys
import threading
import zlib

import numpy as np
import pytest

from gzipknn.cache import identify
from gzipknn.compressors import LZ77, CallableCompressor, Gzip
from gzipknn.corpus import Corpus
from gzipknn.fingerprint import fingerprint

LEVEL = 6
calls = 0


def uses_a_constant(data):
    return len(zlib.compress(data, LEVEL))


def counts(data):
    global calls
    calls += 1
    return len(data)


def calls_itself(data):
    return calls_itself(data[1:]) + 1 if data else 0


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n > 0 and even(n - 1)


def add(n):
    return lambda data: len(data) + n


class Scaled(CallableCompressor):
    factor = 1

    def length(self, data):
        return self.factor * len(data)


class State:
    def __init__(self, n):
        self.n = n

    def __call__(self, data):
        return len(data) + self.n


@pytest.mark.parametrize(
    "values",
    [
        [0, 1, 0.0, -0.0, False, None, "0", b"0", (0,), [0], {0}, frozenset([0]), {0: 0}, 1j, ...],
        [(1, 2), (2, 1), ((1, 2),), (1, (2,))],
        [Gzip(), Gzip(6), LZ77(), LZ77(1), "gzip", len, zlib.compress, zlib.crc32, np.log, np.exp],
        [np.zeros(2), np.zeros(3), np.zeros((1, 2)), np.zeros(2, dtype=np.float32), np.ones(2)],
        [Corpus.from_texts(texts) for texts in ([b"ab"], [b"a", b"b"], [b"a", b"b", b""], [b"ba"])],
        [add(0), add(1), add("0"), lambda data: len(data), lambda data: len(data) + 1, lambda data, n=0: len(data)],
        [State(1), State(2), State([1]), State(1).__call__, CallableCompressor(State(1)), CallableCompressor(State(2))],
        [functools.partial(add(0), 1), functools.partial(add(0), 2), functools.partial(add(1), 1)],
        [functools.lru_cache(add(0)), functools.lru_cache(add(1)), add(0)],
        [Scaled(len), Scaled(sum), CallableCompressor(len)],
    ],
    ids=lambda values: type(values[0]).__name__,
)
def test_different_values_differ(values):
    assert len({fingerprint(value) for value in values}) == len(values)
    assert [fingerprint(value) for value in values] == [fingerprint(value) for value in values]


def test_equal_values_are_equal():
    assert fingerprint(np.int64(3)) == fingerprint(3)
    assert fingerprint(Gzip(level=np.int64(9))) == fingerprint(Gzip())
    assert fingerprint({1: 2, 3: 4}) == fingerprint({3: 4, 1: 2})
    whole = Corpus.from_texts([b"x", b"ab", b"c"])
    assert fingerprint(whole.rows(1, 3)) == fingerprint(Corpus.from_texts([b"ab", b"c"]))


def test_constants_count_and_counters_do_not(monkeypatch):
    seen = []

    def remembers(data):
        seen.append(data)
        return len(data)

    n = 0

    def rebinds(data):
        nonlocal n
        n += 1
        return len(data)

    for function in (counts, remembers, rebinds):
        before = fingerprint(function)
        function(b"a")
        assert fingerprint(function) == before
    before = fingerprint(uses_a_constant)
    monkeypatch.setattr(sys.modules[__name__], "LEVEL", 7)
    assert fingerprint(uses_a_constant) != before


def test_attributes_and_defaults_count_in_full():
    assert fingerprint(State([1])) != fingerprint(State([2]))
    assert fingerprint(functools.partial(len, [1])) != fingerprint(functools.partial(len, [2]))


def test_code_that_refers_to_itself():
    assert len({fingerprint(function) for function in (calls_itself, even, odd)}) == 3


SOURCE = """
import functools
from dataclasses import dataclass
from gzipknn.compressors import Compressor

CHOSEN = {{"b", "a", "c"}}

def helper(data):
    return len(data) + {n}

def plain(data):
    return helper(data) if data not in {{b"x", b"y", b"z"}} else 0

partial = functools.partial(plain)
cached = functools.lru_cache(plain)

class Object:
    def __call__(self, data):
        return helper(data)

@dataclass(frozen=True)
class Own(Compressor):
    factor: int = 1
    def length(self, data):
        return self.factor * helper(data)

values = [plain, partial, cached, Object(), Object().__call__, Own(), [plain], helper.__get__(1), Object]
"""
PRINT = """
import sys
sys.path.insert(0, sys.argv[1])
import mine
from gzipknn.fingerprint import fingerprint
print(*(fingerprint(value).hex() for value in mine.values))
"""


def test_edited_code_differs_and_other_processes_agree(tmp_path):
    found = []
    for number, n in enumerate([0, 0, 1]):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "mine.py").write_text(SOURCE.format(n=n))
        command = [sys.executable, "-c", PRINT, str(folder)]
        env = {"PYTHONHASHSEED": str(number), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env})
        assert done.returncode == 0, done.stderr
        found.append(done.stdout.split())
    assert found[0] == found[1]
    assert all(before != after for before, after in zip(found[0], found[2], strict=True))


def test_installed_code_by_name():
    assert fingerprint(importlib.import_module("json").dumps) == fingerprint(importlib.import_module("json").dumps)


def test_state_that_cannot_be_told():
    with pytest.raises(TypeError, match="memory needs settings whose state can be told"):
        identify(functools.partial(len, threading.Lock()))
