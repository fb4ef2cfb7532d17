"""Texts and labels that are refused, and the messages."""

import collections
import io
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from bad_input import NAN, TABLE, Plain, X, Y, choose, classify, fitted
from scipy.sparse import csr_matrix

from gzipknn import compressed_lengths, pairwise_ncd
from gzipknn.baselines import (
    ClassCompressorClassifier,
)

REFUSED = [
    # ---- texts ----
    ("a single str", lambda _: classify("a text"), TypeError, r"X must be .*, got a single str \('a text'\).*: \[X\]"),
    ("a single bytes", lambda _: classify(queries=b"a"), TypeError, r"X must be .* single bytes \(b'a'\).*: \[X\]"),
    ("a bytearray", lambda _: pairwise_ncd(bytearray(b"a")), TypeError, r"got a single bytearray .*: \[bytes\(X\)\]"),
    ("bytearrays", lambda _: pairwise_ncd([bytearray(b"a")]), TypeError, r"position 0 is bytearray .*; convert it"),
    ("no texts at all", lambda _: classify(None), TypeError, "X must be a sequence of texts .*, got NoneType"),
    ("None to predict", lambda _: classify(queries=None), TypeError, "X must be a sequence of texts .*, got NoneType"),
    ("a number for texts", lambda _: compressed_lengths(3), TypeError, "X must be a sequence of texts .*, got int"),
    ("a generator", lambda _: classify(text for text in X), TypeError, r"got generator; pass list\(...\) of the texts"),
    ("a dict", lambda _: pairwise_ncd(X, dict.fromkeys(X)), TypeError, "Y must be a sequence of texts .*, got dict"),
    ("a set", lambda _: compressed_lengths(set(X)), TypeError, "X must be a sequence of texts .*, got set"),
    (
        "a pyarrow table",
        lambda _: pairwise_ncd(pa.table(TABLE)),
        ValueError,
        r"Table of shape \(5, 2\); select .*X\['text'\]",
    ),
    ("a class", lambda _: pairwise_ncd(list), TypeError, "X must be a sequence of texts .*, got type"),
    ("a file", lambda _: pairwise_ncd(io.StringIO("a")), TypeError, "X must be a sequence of texts .*, got StringIO"),
    ("no texts", lambda _: classify([], []), ValueError, "X holds 0 texts, but at least 1 is needed"),
    ("no queries", lambda _: classify(queries=[]), ValueError, "X holds 0 texts, but at least 1 is needed"),
    ("an empty array", lambda _: compressed_lengths(np.array([])), ValueError, "X holds 0 texts"),
    ("a DataFrame", lambda _: classify(TABLE), ValueError, r"DataFrame of shape \(5, 2\); select .*X\['text'\]"),
    ("a 2-D array", lambda _: classify(np.array([X])), ValueError, r"ndarray of shape \(1, 5\); pass a list"),
    (
        "a 0-D array",
        lambda _: pairwise_ncd(np.array("a")),
        ValueError,
        r"or have one column, got ndarray of shape \(\)",
    ),
    ("a sparse matrix", lambda _: pairwise_ncd(csr_matrix((2, 3))), ValueError, r"got csr_matrix of shape \(2, 3\)"),
    ("a missing text", lambda _: classify(["a", None], [0, 1]), TypeError, r"position 1 is NoneType \(None\).*drop"),
    ("NaN among texts", lambda _: classify(queries=["a", NAN]), TypeError, r"X must hold texts .* 1 is float \(nan\)"),
    (
        "pandas.NA",
        lambda _: pairwise_ncd(pd.Series(["a", pd.NA], dtype=object)),
        TypeError,
        r"position 1 is NAType \(<NA>\)",
    ),
    ("lists of texts", lambda _: pairwise_ncd([["a"], ["b", "c"]]), TypeError, r"position 0 is list \(\['a'\]\)"),
    ("numbers", lambda _: compressed_lengths(np.arange(2)), TypeError, r"position 0 is int64 \(np.int64\(0\)\)"),
    (
        "a text of more than 1 GB",
        lambda _: compressed_lengths(["a", bytes(10**9 + 1)]),
        ValueError,
        r"the text at position 1 of X has 1,000,000,001 bytes; a text may have at most 1,000,000,000 bytes; cut it",
    ),
    # ---- labels ----
    ("y=None", lambda _: classify(labels=None), ValueError, "y must hold a label for each text, got None"),
    ("y too short", lambda _: classify(labels=Y[:3]), ValueError, "same length, got 5 texts and 3 labels"),
    ("y too long", lambda _: choose(Y * 2), ValueError, "same length, got 5 texts and 10 labels"),
    ("y empty", lambda _: classify(labels=[]), ValueError, "same length, got 5 texts and 0 labels"),
    ("y a str", lambda _: classify(labels="ababa"), TypeError, r"y must be a sequence of labels, got a single str"),
    ("y an int", lambda _: classify(labels=1), TypeError, "y must be a sequence of labels .*, got int"),
    ("y a dict", lambda _: classify(labels=dict.fromkeys(X)), TypeError, "y must be a sequence of labels .*, got dict"),
    ("y a set", lambda _: classify(labels=set(X)), TypeError, "y must be a sequence of labels .*, got set"),
    ("y a generator", lambda _: choose(y for y in Y), TypeError, r"y must be .*, got generator; pass list\(...\)"),
    ("y two-dimensional", lambda _: choose(np.ones((5, 2))), ValueError, r"y must .*ndarray: .*\(5, 2\)"),
    (
        "y ragged",
        lambda _: classify(labels=[[1], [1, 2]] * 2 + [[1]]),
        ValueError,
        "y must .*got list: .*position 0 is list",
    ),
    ("y of None", lambda _: classify(labels=[*Y[:4], None]), ValueError, "label for each text.*position 4 is None"),
    ("y of None, no list", lambda _: classify(labels=collections.deque([*Y[:4], None])), ValueError, "4 is None"),
    ("y of NaN", lambda _: classify(labels=[*Y[:4], NAN]), ValueError, "label for each text.*position 4 is nan"),
    ("y of NaN, no list", lambda _: classify(labels=collections.UserList([NAN, *Y[:4]])), ValueError, "0 is nan"),
    ("y of floats and NaN", lambda _: classify(labels=np.array([1, 2, 1, NAN, 1])), ValueError, "position 3 is .*nan"),
    (
        "y of NA",
        lambda _: classify(labels=pd.Series([1, 2, 1, 2, None], dtype="Int8")),
        ValueError,
        "4 is .*(nan|<NA>)",
    ),
    ("y of NaT", lambda _: classify(labels=np.array(["2020"] * 4 + ["NaT"], "M8[D]")), ValueError, "4 is .*NaT"),
    ("y masked", lambda _: classify(labels=np.ma.array([1] * 5, mask=[0, 0, 1, 0, 0])), ValueError, "2 is masked"),
    ("y continuous", lambda _: classify(labels=[0.5, 1, 2, 3, 4]), ValueError, "y must .*got list: .*continuous"),
    ("y infinite", lambda _: classify(labels=[1, 2, 1, 2, np.inf]), ValueError, "y must .*got list: .*infinity"),
    (
        "y complex",
        lambda _: classify(labels=[1j, 2, 1, 2, 1]),
        ValueError,
        "y must .*got list: .*position 0 is complex",
    ),
    ("y of bytes", lambda _: classify(labels=[b"a"] * 5), ValueError, "y must .*got list: .*0 is bytes .*decode"),
    (
        "y of objects",
        lambda _: classify(labels=[object()] * 5),
        ValueError,
        "y must hold .*position 0 is object .*to str",
    ),
    ("y of a str and an int", lambda _: classify(labels=["a", 1] * 2 + ["a"]), TypeError, r"0 .* 1 is int \(1\)"),
    ("y mixed, objects", lambda _: choose(np.array([1, "a"] * 2 + [1], object)), TypeError, r"0 is int .* 1 is str"),
    ("y of bool and int", lambda _: classify(labels=[True, 1, 0, 0, 1]), TypeError, r"0 is bool .* 1 is int \(1\)"),
    ("y of int and float", lambda _: classify(labels=[1, 1.0, 0, 0, 1]), TypeError, r"0 .* 1 is float \(1.0\)"),
    (
        "y of tuples",
        lambda _: classify(labels=[("a", 1)] * 5),
        ValueError,
        "position 0 is tuple .*join these to one str",
    ),
    ("y of Decimal", lambda _: classify(labels=[Decimal(1)] * 5), ValueError, "position 0 is Decimal .*to str"),
    ("y of dates", lambda _: classify(labels=[date(2020, 1, 1)] * 5), ValueError, "position 0 is date .*to str"),
    ("y of an enum", lambda _: classify(labels=[Plain.A] * 5), ValueError, "position 0 is Plain .*label.value for"),
    (
        "y too wide",
        lambda _: classify(labels=[-1, 2**63, 0, 0, 0]),
        ValueError,
        "from -1 to 9223372036854775808.*to str",
    ),
    (
        "y too large",
        lambda _: classify(labels=[2**64, 1, 0, 0, 0]),
        ValueError,
        "from 0 to 18446744073709551616.*to str",
    ),
    ("y None in pyarrow", lambda _: classify(labels=pa.array([*Y[:4], None])), ValueError, "position 4 is None"),
    ("y 0-D", lambda _: classify(labels=np.array(1)), ValueError, r"y must .*got ndarray: .*shape \(\)"),
    ("score of other labels", lambda _: fitted().score(X, [1] * 5), ValueError, "which are str .*got int"),
    ("y in a baseline", lambda _: ClassCompressorClassifier().fit(X, [*Y[:4], NAN]), ValueError, "position 4 is nan"),
]


@pytest.mark.parametrize(("call", "error", "message"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
@pytest.mark.filterwarnings("ignore:X holds", "ignore:invalid value encountered in cast")
def test_refused(tmp_path, call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call(tmp_path)


# Extreme but legal input: the result, and what it must equal. Each test gets an empty folder.
