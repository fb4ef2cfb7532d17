"""Input of baselines, the cache, files and the command line that is refused, and the messages."""

import gzip

import numpy as np
import pytest
from bad_input import (
    NAN,
    ExitError,
    X,
    Y,
    bag,
    by_class,
    choose,
    classify,
    command,
    encode,
    file,
    give,
    load,
    predict,
    vectors,
)
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from gzipknn import Keyed, NCDTransformer
from gzipknn.baselines import (
    ClassCompressorClassifier,
    VectorNeighborsClassifier,
    linear_classifier,
)
from gzipknn.datasets import load_texts

REFUSED = [
    # ---- baselines ----
    ("distance unknown", lambda _: bag(distance="l2"), ValueError, "distance must be one of .*got 'l2'"),
    ("distance an array", lambda _: bag(distance=np.ones(2)), ValueError, "distance must be one of .*got array"),
    ("a vectorizer's name", lambda _: bag(vectorizer="tfidf"), TypeError, r"vectorizer must be an estimator .*'tfidf'"),
    (
        "a transformer's class",
        lambda _: VectorNeighborsClassifier(TfidfVectorizer).fit(X, Y),
        TypeError,
        "transf.*type",
    ),
    (
        "a classifier for a transformer",
        lambda _: VectorNeighborsClassifier(LogisticRegression()).fit(X, Y),
        TypeError,
        "transformer must be an estimator with the methods fit_transform and transform, got LogisticRegression",
    ),
    ("vectors None", lambda _: vectors(give(None)), TypeError, "transformer must return an array of numbers, got None"),
    ("vectors NaN", lambda _: vectors(lambda n: np.full((n, 2), NAN)), ValueError, "transformer must return finite"),
    ("vectors infinite", lambda _: vectors(lambda n: np.full((n, 2), np.inf)), ValueError, "transformer must .*finite"),
    ("vectors sparse", lambda _: vectors(lambda n: csr_matrix([[NAN]] * n)), ValueError, "transformer must .*finite"),
    ("vectors huge", lambda _: vectors(lambda n: np.full((n, 2), 1e200)), ValueError, r"finite numbers below 1e\+100"),
    ("vectors 1-D", lambda _: vectors(np.ones, "bag"), ValueError, r"shape \(5, n_features\), .*got shape \(5,\)"),
    ("vectors too few", lambda _: vectors(give(np.ones((5, 2)))), ValueError, r"shape \(2, 2\), .*got shape \(5, 2\)"),
    ("vectors too long", lambda _: vectors(np.eye, "bag"), ValueError, r"shape \(2, 5\), .*got shape \(2, 2\)"),
    ("vectors of fractions", lambda _: vectors(lambda n: np.full((n, 2), 0.5), "set"), ValueError, "need counts"),
    (
        "counts too large",
        lambda _: vectors(lambda n: np.full((n, 2), 1e99), "bag"),
        ValueError,
        r"counts .*2\*\*31 - 1",
    ),
    ("features unknown", lambda _: linear_classifier("words"), ValueError, "features must be one of .*got 'words'"),
    ("features None", lambda _: linear_classifier(None), TypeError, "features must be an estimator .*got NoneType"),
    ("no model", lambda _: linear_classifier(model=CountVectorizer()), TypeError, "model must .*predict"),
    ("n_shards 0", lambda _: by_class(n_shards=0), ValueError, "n_shards == 0, must be >= 1"),
    ("n_shards True", lambda _: by_class(n_shards=True), TypeError, "n_shards must be an int, got True"),
    ("no query for classes", lambda _: ClassCompressorClassifier().fit(X, Y).predict(None), TypeError, "X must be"),
    ("pooling unknown", lambda _: encode(pooling="sum"), ValueError, "pooling must be one of .*got 'sum'"),
    ("pooling an array", lambda _: encode(pooling=np.ones(2)), ValueError, "pooling must be one of .*got array"),
    ("max_length 2", lambda _: encode(max_length=2), ValueError, "max_length == 2, must be >= 3"),
    ("batch_size True", lambda _: encode(batch_size=True), TypeError, "batch_size must be an int, got True"),
    ("a model 3", lambda _: encode(model=3), TypeError, r"model must be a name or a folder .*got int \(3\)"),
    ("cache 3", lambda _: encode(cache=3), TypeError, r"cache must be a folder, or None .*got int \(3\)"),
    # ---- memory ----
    ("memory 3", lambda _: classify(memory=3), TypeError, r"memory must be a folder .*or None, got int \(3\)"),
    ("memory bytes", lambda _: choose(memory=b"a"), TypeError, r"memory must be a folder .*got bytes \(b'a'\)"),
    ("memory ''", lambda _: NCDTransformer(memory="").fit(X), ValueError, "memory must be the path .*got ''; .*None"),
    ("memory with NUL", lambda _: classify(memory="a\0b"), ValueError, r"memory must be the path .*got 'a\\x00b'"),
    ("memory a file", lambda tmp: classify(memory=file(tmp)), OSError, "memory must be a folder.*File exists"),
    (
        "memory below a file",
        lambda tmp: classify(memory=file(tmp) / "x"),
        OSError,
        "must be a folder.*Not a dir",
    ),
    ("memory too long", lambda tmp: classify(memory=tmp / ("a" * 999)), OSError, "memory must be a folder.*too long"),
    ("a key 3", lambda _: Keyed(len, 3), TypeError, r"key must be a str such as .*got int \(3\)"),
    ("a key ''", lambda _: Keyed(len, ""), ValueError, "key must be a str that is not empty.*got ''"),
    ("a key of a key", lambda _: Keyed(Keyed(len, "a"), "b"), TypeError, "value must be .*one with the key 'a'"),
    ("a key of a word", lambda _: classify(compressor=Keyed("zip", "a")), ValueError, "compressor must .*got 'zip'"),
    ("a key of None", lambda _: classify(metric=Keyed(None, "a")), ValueError, "metric must be one of .*got None"),
    # ---- load_texts ----
    ("source None", lambda _: load_texts(None), TypeError, r"source must be a path .*got NoneType \(None\)"),
    ("source bytes", lambda _: load_texts(b"a.csv"), TypeError, r"source must .*Path, got bytes \(b'a.csv'\)"),
    ("source ''", lambda _: load_texts(""), ValueError, r"source must be a path .*got ''; .*pass '\.'"),
    ("source with NUL", lambda _: load_texts("a\0.csv"), FileNotFoundError, r"no file or folder 'a\\x00.csv'"),
    (
        "text None",
        lambda tmp: load_texts(tmp, text=None),
        TypeError,
        r"text must be a str or a list of str, got NoneType",
    ),
    ("label a list", lambda tmp: load_texts(tmp, label=["a"]), TypeError, r"label must be a str or None, got list"),
    (
        "text no names",
        lambda tmp: load_texts(tmp, text=[]),
        TypeError,
        r"text must be a str or a list of str, got list",
    ),
    ("sep two", lambda tmp: load_texts(tmp, sep=";;"), ValueError, "sep must be one character, .*got ';;'"),
    ("sep a quote", lambda tmp: load_texts(tmp, sep='"'), ValueError, "sep must be one character, and neither a quote"),
    ("header None", lambda tmp: load_texts(tmp, header=None), TypeError, r"header must be True or False, got NoneType"),
    (
        "encoding 8",
        lambda tmp: load_texts(tmp, encoding=8),
        TypeError,
        r"encoding must be a str or None, got int \(8\)",
    ),
    ("split 3", lambda tmp: load_texts(tmp, 3), TypeError, r"split must be a str or None, got int \(3\)"),
    ("no split of a folder", lambda tmp: load_texts(file(tmp).parent), ValueError, "folder, so split must .*got None"),
    ("an empty file", lambda tmp: load(tmp, "a.jsonl", b""), ValueError, r"a\.jsonl holds no rows"),
    ("a header alone", lambda tmp: load(tmp, "a.csv", b"text,label\n"), ValueError, r"a\.csv holds no rows"),
    (
        "Latin-1",
        lambda tmp: load(tmp, "a.csv", b"text,label\n\xe9,1\n"),
        ValueError,
        "not UTF-8 in line 2.*Save it as UTF-8",
    ),
    ("no JSON", lambda tmp: load(tmp, "a.jsonl", b"{"), ValueError, "a.jsonl is not valid JSON in row 1 .*: Expecting"),
    (
        "cut off",
        lambda tmp: load(tmp, "a.csv.gz", gzip.compress(b"text,label\na,b\n" * 99)[:30]),
        ValueError,
        "gz is damaged or not compressed",
    ),
    ("label NaN", lambda tmp: load(tmp, "a.jsonl", b'{"text": "", "label": NaN}'), ValueError, "no label in row 1"),
    ("no such column", lambda tmp: load(tmp, "a.csv", b"a\n1\n", label=None), ValueError, "no column 'text'; it has"),
    # ---- the command ----
    ("-k 0", lambda tmp: predict(tmp, "-k", 0), ExitError, "^2: .*argument -k: must be a whole number from 1"),
    ("-k 99", lambda tmp: predict(tmp, "-k", 99), ExitError, "^1: gzipknn: -k must .*: 5, got 99; lower"),
    ("-k x", lambda tmp: predict(tmp, "-k", "x"), ExitError, "^2: .*argument -k: must be .*got 'x'"),
    ("--n-jobs 0", lambda tmp: predict(tmp, "--n-jobs", 0), ExitError, "^1: gzipknn: n_jobs must be .*other than 0"),
    ("--screen x", lambda tmp: predict(tmp, "--screen", "x"), ExitError, "^2: .*screen must be None, 'auto'.*got 'x'"),
    ("--memory ''", lambda tmp: predict(tmp, "--memory", ""), ExitError, "^1: gzipknn: memory must be .*got ''"),
    (
        "--memory FILE",
        lambda tmp: predict(tmp, "--memory", file(tmp)),
        ExitError,
        "^1: gzipknn: .*memory must .*File exists",
    ),
    ("--text COL", lambda tmp: predict(tmp, "--text", "body"), ExitError, r"^1: .*no column 'body'; it has .*label"),
    ("--text = --label", lambda tmp: predict(tmp, "--label", "text"), ExitError, "^1: .*as --text and as --label"),
    ("--sep ab", lambda tmp: predict(tmp, "--sep", "ab"), ExitError, "^1: gzipknn: sep must be one character"),
    (
        "--encoding x",
        lambda tmp: predict(tmp, "--encoding", "x"),
        ExitError,
        "^2: .*--encoding: encoding must be .* such as 'cp1252', got 'x'",
    ),
    ("--text first", lambda _: command("predict", "--text", "a", "b", "c"), ExitError, "^2: .*up to the next option"),
    ("cache", lambda _: command("cache"), ExitError, "^2: .*required: COMMAND"),
    *(
        (
            f"cache {what} {name}",
            lambda tmp, w=what, f=folder: command("cache", w, f(tmp)),
            ExitError,
            "^2: .*no folder",
        )
        for what in ("info", "clear")
        for name, folder in {
            "MISSING": lambda tmp: tmp / "missing",
            "FILE": file,
            "''": give(""),
            "NUL": give("a\0b"),
            "LONG": give("a" * 5000),
        }.items()
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
@pytest.mark.filterwarnings("ignore:X holds", "ignore:invalid value encountered in cast")
def test_refused(tmp_path, call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call(tmp_path)


# Extreme but legal input: the result, and what it must equal. Each test gets an empty folder.
