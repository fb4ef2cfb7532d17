"""Digests distinguish plain values and are the same in every process. All other values are unknown."""

import enum
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest

from gzipknn.compressors import Gzip
from gzipknn.memory.fingerprint import UnknownError, digest, fingerprint
from gzipknn.texts.corpus import Corpus


@pytest.mark.parametrize(
    "values",
    [
        [0, 1, 0.0, -0.0, 1.0, False, True, None, "0", b"0", "None", (0,), [0], (), [], "", b""],
        [(1, 2), (2, 1), ((1, 2),), (1, (2,)), (12,), ("1", "2"), ("12",)],
        [0.1, np.nextafter(0.1, 1), float("inf"), -float("inf"), Fraction(1, 3), 1 / 3],
        [Corpus.from_texts(texts) for texts in ([b"ab"], [b"a", b"b"], [b"a", b"b", b""], [b"ba"], [], [b""])],
    ],
    ids=["kinds", "nested", "numbers", "texts"],
)
def test_different_values_differ(values):
    assert len({fingerprint(value) for value in values}) == len(values)
    assert [fingerprint(value) for value in values] == [fingerprint(value) for value in values]


def test_equal_values_are_equal():
    class Order(str, enum.Enum):  # noqa: UP042  older code has such enums
        first = "query-first"

    assert fingerprint(np.int64(3)) == fingerprint(3)
    assert fingerprint(np.float64(0.1)) == fingerprint(0.1)
    assert fingerprint(np.str_("a")) == fingerprint("a")
    assert fingerprint(Order.first) == fingerprint("query-first")
    whole = Corpus.from_texts([b"x", b"ab", b"c"])
    assert fingerprint(whole.rows(1, 3)) == fingerprint(Corpus.from_texts([b"ab", b"c"]))


@pytest.mark.parametrize("value", [len, Gzip(), Gzip, object(), {}, {1: 2}, {1}, np.zeros(2), [len], (1, [object()])])
def test_what_is_not_plain_is_unknown(value):
    with pytest.raises(UnknownError, match="not a plain value"):
        fingerprint(value)


def test_buffers_cut_elsewhere_differ():
    assert len({digest(b"ab", b"c"), digest(b"a", b"bc"), digest(b"abc"), digest(b"abc", b"")}) == 4


def test_processes_agree():
    code = "from gzipknn.memory import fingerprint as f; print(f.fingerprint((1, -0.0, 'a', b'b', None, [True])).hex())"
    for seed in "01":
        env = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
        assert done.stdout.strip() == fingerprint((1, -0.0, "a", b"b", None, [True])).hex()
