from collections import UserDict

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from datasets import Dataset
from scipy.sparse import csr_matrix

from gzipknn.texts import encoding
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator, encode_texts

TEXTS = ["naïve", "", "猫\x00"]
TWO = {"text": ["a"], "other": ["b"]}
ENCODED = ["naïve".encode(), b"", "猫\x00".encode()]


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS, dtype=object),
        pd.Series(TEXTS, index=[7, 8, 9]),
        pd.Series(TEXTS, dtype="string"),
        pd.Series(TEXTS, dtype="category"),
        pd.Index(TEXTS),
        Dataset.from_dict({"text": TEXTS})["text"],
        ENCODED,
        [TEXTS[0], ENCODED[1], np.str_(TEXTS[2])],
        np.array(TEXTS, dtype=np.dtypes.StringDType()),
        pd.Series(TEXTS, dtype="str"),
        pd.Series(TEXTS, dtype="string[pyarrow]"),
        pl.Series(TEXTS),
        pl.Series(TEXTS, dtype=pl.Categorical),
        pl.Series(ENCODED),
        pa.array(TEXTS),
        pa.array(TEXTS, type=pa.large_string()),
        pa.array(TEXTS).dictionary_encode(),
        pa.chunked_array([TEXTS[:1], TEXTS[1:]]),
        np.array(TEXTS, dtype=object)[:, None],
        np.array(TEXTS, dtype=np.dtypes.StringDType())[:, None],
        pd.DataFrame({"text": TEXTS}, index=[7, 8, 9]),
        pd.DataFrame({0: TEXTS}),
        pl.DataFrame({"text": TEXTS}),
        pa.table({"text": TEXTS}),
        Dataset.from_dict({"text": TEXTS}),
    ],
    ids=lambda texts: f"{type(texts).__module__} {type(texts).__name__}",
)
def test_every_sequence_of_texts(texts):
    assert encode_texts(texts) == ENCODED


def test_numpy_unicode_array():
    # NumPy itself drops trailing NULs, so they are lost
    assert encode_texts(np.array(["naïve", "x"])) == ["naïve".encode(), b"x"]


def test_lone_surrogates_are_kept():
    assert encode_texts(["\udc80"]) == [b"\xed\xb2\x80"]


def test_encoded_texts_are_plain_bytes():
    assert {type(text) for text in encode_texts([np.bytes_(b"a"), b"b", "c"])} == {bytes}


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        ("a text", TypeError, r"Z must be a sequence of texts, got a single str \('a text'\).*\[Z\]"),
        (b"bytes", TypeError, "got a single bytes"),
        (np.str_("a"), TypeError, "got a single str_"),
        (["a", None], TypeError, r"item at position 1 is NoneType \(None\)"),
        (["a", float("nan")], TypeError, r"item at position 1 is float \(nan\)"),
        (["a", "b", 3], TypeError, r"item at position 2 is int \(3\)"),
        (pd.Series(["a", pd.NA], dtype="string"), TypeError, "item at position 1 is"),
        ([["a"], ["b"]], TypeError, "item at position 0 is list"),
        (np.array([["a", "b"]]), ValueError, r"or have one column, got ndarray of shape \(1, 2\); pass a list"),
        (np.array([[["a"]]]), ValueError, r"or have one column, got ndarray of shape \(1, 1, 1\); pass a list"),
        (pd.DataFrame(TWO), ValueError, r"DataFrame of shape \(1, 2\); select the column of texts, as in Z\['text'\]"),
        (pl.DataFrame(TWO), ValueError, r"DataFrame of shape \(1, 2\); select the column"),
        (pa.table(TWO), ValueError, r"Table of shape \(1, 2\); select the column"),
        (Dataset.from_dict(TWO), ValueError, r"Dataset of shape \(1, 2\); select the column"),
        (pd.DataFrame({"text": ["a", None]}), TypeError, "item at position 1 is"),
        (pl.DataFrame({"text": ["a", None]}), TypeError, r"item at position 1 is NoneType \(None\)"),
        (pl.Series([1.5, 2.5]), TypeError, r"item at position 0 is float \(1.5\)"),
        (pa.chunked_array([["a"], [None]]), TypeError, r"item at position 1 is NoneType \(None\)"),
        (pd.Series([1, 2]), TypeError, r"item at position 0 is int \(1\)"),
        (np.array([[1.0], [2.0]]), TypeError, r"item at position 0 is float64"),
        (csr_matrix((2, 1)), ValueError, r"csr_matrix of shape \(2, 1\)"),
        (np.array("a"), ValueError, r"shape \(\)"),
        ([], ValueError, "Z holds 0 texts"),
        (pd.Series([], dtype=object), ValueError, "Z holds 0 texts"),
        ((text for text in "ab"), TypeError, "got generator; pass list"),
        ({"a": 1}, TypeError, "got dict"),
        (UserDict(a=1), TypeError, "got UserDict"),
        ({"a", "b"}, TypeError, "got set"),
        (None, TypeError, "got NoneType"),
        (3, TypeError, "got int"),
    ],
)
def test_bad_input_says_what_where_and_the_cure(texts, error, message):
    with pytest.raises(error, match=message):
        encode_texts(texts, "Z")


@pytest.mark.parametrize(
    ("text", "size"), [(b"12345678901", "11 bytes"), ("1234567890é", "11 characters, and so as"), ("é" * 6, "12 bytes")]
)
def test_texts_that_are_too_long_are_named(text, size, monkeypatch):
    monkeypatch.setattr(encoding, "MOST_BYTES", 10)
    assert encode_texts(["é" * 5, b"1234567890"]) == ["é".encode() * 5, b"1234567890"]
    with pytest.raises(ValueError, match=rf"position 1 of texts has {size}.* at most 10 bytes; cut it"):
        encode_texts(["short", text], "texts")


def test_separator():
    assert encode_separator("é") == encode_separator("é".encode()) == "é".encode()
    with pytest.raises(TypeError, match=r"separator must be str or bytes, got NoneType"):
        encode_separator(None)


def test_corpus_rows_are_views_that_pickle_small():
    import pickle

    corpus = Corpus.from_texts([b"a" * 100_000, b"bc", b""])
    rows = corpus.rows(1, 3)
    assert list(rows) == [b"bc", b""]
    assert np.shares_memory(rows.buffer, corpus.buffer)
    assert len(pickle.dumps(rows)) < 1000
    assert list(pickle.loads(pickle.dumps(rows))) == [b"bc", b""]


def test_corpus_of_empty_texts():
    assert list(Corpus.from_texts([b"", b""])) == [b"", b""]
