"""Malformed and extreme input to the whole public API: refused with a message that helps, or answered exactly."""

import collections
import contextlib
import functools
import gzip
import io
import lzma
import threading

import joblib
import naive
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from gzipknn import NCDClassifier, NCDClassifierCV, NCDTransformer, compressed_lengths, pairwise_ncd
from gzipknn.__main__ import main
from gzipknn.baselines import (
    BagOfWordsClassifier,
    ClassCompressorClassifier,
    TextEncoder,
    VectorNeighborsClassifier,
    linear_classifier,
)
from gzipknn.compressors import LZ77, CallableCompressor, Compressor, Gzip, Lzma
from gzipknn.datasets import load_texts
from gzipknn.recipes import landmark_classifier

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]
NAN = float("nan")
TABLE = pd.DataFrame({"text": X, "label": Y})
LOCK = threading.Lock()


MANY = [""] * 100_000
LONG = "the cat sat on the mat; " * 420_000  # 10 MB


class OwnError(Exception):
    pass


class ExitError(Exception):
    """The command's exit code and what it said on stderr."""


class Giving(Compressor):
    """A compressor whose lengths are what it is told."""

    def __init__(self, *lengths):
        self.lengths_given = lengths

    def length(self, data):
        return self.lengths_given[len(data) % len(self.lengths_given)]


def give(value):
    return lambda *arguments: value


def fill(value):
    """Return a metric, or weights, that give an array of the right shape."""
    return lambda *arrays: np.full(arrays[-1].shape, value)


def fail(*arguments):
    raise OwnError("of the caller")


def fail_if_long(data):
    """A compressor that fails not before pairs are compressed, as when a search runs."""
    return len(data) if len(data) < 25 else fail()


def stop(*arguments):
    raise StopIteration


def change(distances):
    distances[:] = 1
    return distances


def classify(texts=X, labels=Y, queries=QUERIES, **settings):
    return NCDClassifier(**{"n_neighbors": 1, **settings}).fit(texts, labels).predict(queries).tolist()


def choose(labels=Y, texts=X, **settings):
    return NCDClassifierCV(**{"n_neighbors": [1], "compressor": "gzip", **settings}).fit(texts, labels)


def fitted(**settings):
    return NCDClassifier(**{"n_neighbors": 1, **settings}).fit(X, Y)


def bag(queries=QUERIES, **settings):
    return BagOfWordsClassifier(**{"n_neighbors": 1, **settings}).fit(X, Y).predict(queries)


def by_class(**settings):
    return ClassCompressorClassifier(**settings).fit(X, Y).predict(QUERIES)


def vectors(made, distance="cosine"):
    """Let a transformer make the vectors `made(n)` of n texts."""
    transformer = FunctionTransformer(lambda texts: made(len(texts)))
    return VectorNeighborsClassifier(transformer, 1, distance=distance).fit(X, Y).predict(QUERIES)


def encode(**settings):
    return TextEncoder(**{"model": "no/such/folder", **settings}).fit(X)


def in_threads(n_jobs, call):
    with joblib.parallel_config(backend="threading", n_jobs=n_jobs):
        return call()


def load(folder, name, content, **options):
    (folder / name).write_bytes(content)
    return load_texts(folder / name, **options)


def distances(*texts, **settings):
    """Compare the distances between texts with those said again plainly."""
    encoded = [text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass") for text in texts]
    return (pairwise_ncd(texts, **settings).tolist(), naive.distances(encoded, encoded, **settings))


def neighbors(texts, queries, k=3, **settings):
    clf = NCDClassifier(k, **settings).fit(texts, np.arange(len(texts)) % 2)
    return clf.kneighbors(queries, return_distance=False).tolist()


def said(call):
    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        call()
    return stderr.getvalue()


def file(folder):
    (folder / "a file").touch()
    return folder / "a file"


def cache_of_folders(folder):
    (folder / "gzipknn" / "ab" / "cd.block").mkdir(parents=True)
    return folder


def command(*arguments):
    with contextlib.redirect_stderr(io.StringIO()) as stderr, contextlib.redirect_stdout(io.StringIO()) as stdout:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as error:
            code = error.code
    if code:
        raise ExitError(f"{code}: {stderr.getvalue().splitlines()[-1]}")
    return stdout.getvalue()


def predict(folder, *options):
    TABLE.to_csv(folder / "train.csv", index=False)
    return command("predict", folder, folder / "train.csv", "-k", 1, "--quiet", *options)


# Each gets an empty folder.
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
    ("a class", lambda _: pairwise_ncd(list), TypeError, "X must be a sequence of texts .*, got type"),
    ("a file", lambda _: pairwise_ncd(io.StringIO("a")), TypeError, "X must be a sequence of texts .*, got StringIO"),
    ("no texts", lambda _: classify([], []), ValueError, "X holds 0 texts, but at least 1 is needed"),
    ("no queries", lambda _: classify(queries=[]), ValueError, "X holds 0 texts, but at least 1 is needed"),
    ("an empty array", lambda _: compressed_lengths(np.array([])), ValueError, "X holds 0 texts"),
    ("a DataFrame", lambda _: classify(TABLE), ValueError, r"DataFrame of shape \(5, 2\); select .*X\['text'\]"),
    ("a 2-D array", lambda _: classify(np.array([X])), ValueError, r"ndarray of shape \(1, 5\); pass a list"),
    ("a 0-D array", lambda _: pairwise_ncd(np.array("a")), ValueError, r"one-dimensional, got ndarray of shape \(\)"),
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
    ("y two-dimensional", lambda _: classify(labels=np.ones((5, 2))), ValueError, r"y must .*ndarray: .*\(5, 2\)"),
    ("y ragged", lambda _: classify(labels=[[1], [1, 2]] * 2), ValueError, "y must hold one label .*got list"),
    ("y of None", lambda _: classify(labels=[*Y[:4], None]), ValueError, "label for each text.*position 4 is None"),
    ("y of None, no list", lambda _: classify(labels=collections.deque([*Y[:4], None])), ValueError, "4 is None"),
    ("y of NaN", lambda _: classify(labels=[*Y[:4], NAN]), ValueError, "label for each text.*position 4 is nan"),
    ("y of NaN, no list", lambda _: classify(labels=collections.UserList([NAN, *Y[:4]])), ValueError, "0 is nan"),
    ("y of floats and NaN", lambda _: classify(labels=np.array([1, 2, 1, NAN, 1])), ValueError, "position 3 is .*nan"),
    ("y of NA", lambda _: classify(labels=pd.Series([1, 2, 1, 2, None], dtype="Int8")), ValueError, "4 is .*nan"),
    ("y of NaT", lambda _: classify(labels=np.array(["2020"] * 4 + ["NaT"], "M8[D]")), ValueError, "4 is .*NaT"),
    ("y masked", lambda _: classify(labels=np.ma.array([1] * 5, mask=[0, 0, 1, 0, 0])), ValueError, "2 is masked"),
    ("y continuous", lambda _: classify(labels=[0.5, 1, 2, 3, 4]), ValueError, "y must .*got list: .*continuous"),
    ("y infinite", lambda _: classify(labels=[1, 2, 1, 2, np.inf]), ValueError, "y must .*got list: .*infinity"),
    ("y complex", lambda _: classify(labels=[1j, 2, 1, 2, 1]), ValueError, "y must .*got list: Complex"),
    ("y of bytes", lambda _: classify(labels=[b"a"] * 5), ValueError, "y must .*got list: .*bytes"),
    ("y of objects", lambda _: classify(labels=[object()] * 5), ValueError, "y must hold .* of one kind.*got list"),
    ("y of a str and an int", lambda _: classify(labels=["a", 1] * 2 + ["a"]), TypeError, r"0 is str .* 1 int \(1\)"),
    ("y mixed, objects", lambda _: choose(np.array([1, "a"] * 2 + [1], object)), TypeError, r"0 is int .* 1 str"),
    ("y ends in NUL", lambda _: classify(labels=["a\0", *"aaaa"]), ValueError, r"position 0, 'a\\x00', .*dtype=object"),
    ("y in a baseline", lambda _: ClassCompressorClassifier().fit(X, [*Y[:4], NAN]), ValueError, "position 4 is nan"),
    # ---- k ----
    ("k 0", lambda _: classify(n_neighbors=0), ValueError, "n_neighbors == 0, must be >= 1"),
    ("k negative", lambda _: fitted().kneighbors(QUERIES, -1), ValueError, "n_neighbors == -1, must be >= 1"),
    ("k True", lambda _: fitted().kneighbors(QUERIES, True), TypeError, "n_neighbors must be an int, got True"),
    ("k 2.5", lambda _: fitted().kneighbors(QUERIES, 2.5), TypeError, "n_neighbors must be .* int, not float"),
    ("k '3'", lambda _: fitted().kneighbors_graph(QUERIES, "3"), TypeError, "n_neighbors must be .* int, not str"),
    ("k None", lambda _: classify(n_neighbors=None), TypeError, "n_neighbors must be .* int, not NoneType"),
    (
        "a text of more than 1 GB",
        lambda _: compressed_lengths(["a", bytes(10**9 + 1)]),
        ValueError,
        r"the text at position 1 of X has 1,000,000,001 bytes; a text may have at most 1,000,000,000 bytes: cut it",
    ),
    ("k huge", lambda _: classify(n_neighbors=10**30), ValueError, "at most the number of .*: 5, got 10{30};"),
    ("k of all", lambda _: fitted().kneighbors(None, 5), ValueError, "leaving itself out: 4, got 5; lower n_neighbors"),
    ("k of one text", lambda _: classify(["a"], [1], n_neighbors=2), ValueError, "training texts: 1, got 2"),
    ("no other text", lambda _: NCDClassifier(1).fit(["a"], [1]).kneighbors(), ValueError, "itself out: 0, got 1"),
    ("k changed", lambda _: fitted().set_params(n_neighbors="x").predict(X), TypeError, "n_neighbors must .*not str"),
    ("k in a bag", lambda _: bag(n_neighbors=0), ValueError, "n_neighbors == 0, must be >= 1"),
    # ---- other parameters ----
    ("no compressor", lambda _: classify(compressor=None), ValueError, "compressor must be one .*callable.*None"),
    ("an unknown compressor", lambda _: compressed_lengths(X, "rar"), ValueError, "compressor must be one of .*'rar'"),
    ("a compressor's class", lambda _: pairwise_ncd(X, compressor=Gzip), ValueError, "compressor must .*got <class"),
    ("level '9'", lambda _: Gzip("9"), TypeError, r"level must be an int from 0 to 9, got str \('9'\)"),
    ("level 10", lambda _: Gzip(10), ValueError, "level must be from 0 to 9, got 10"),
    ("background 3", lambda _: LZ77(3), ValueError, "background must be from 0 to 2, got 3"),
    ("no function", lambda _: CallableCompressor(3), TypeError, r"function must be a callable.*got int \(3\)"),
    ("an unknown metric", lambda _: classify(metric="l2"), ValueError, "metric must be one of .*callable.*got 'l2'"),
    ("an array for a metric", lambda _: pairwise_ncd(X, metric=np.ones(2)), ValueError, "metric must be .*got array"),
    ("normalize unknown", lambda _: classify(normalize="hubs"), ValueError, "normalize must be None or .*got 'hubs'"),
    ("normalize an array", lambda _: classify(normalize=np.ones(2)), ValueError, "normalize must be None or .*array"),
    ("screen unknown", lambda _: classify(screen="x"), ValueError, "screen must be None, 'auto', a share.*got 'x'"),
    ("screen 0", lambda _: classify(screen=0), ValueError, "screen must be a number of texts from 1 on, got 0"),
    ("screen 1.5", lambda _: classify(screen=1.5), ValueError, "screen must be a share .*got 1.5; .*pass an int"),
    ("screen NaN", lambda _: classify(screen=NAN), ValueError, "screen must be a share .*got nan"),
    ("screen True", lambda _: classify(screen=True), TypeError, r"screen must be .*got bool \(True\)"),
    ("screen a list", lambda _: classify(screen=[1]), TypeError, r"screen must be .*got list \(\[1\]\)"),
    ("weights unknown", lambda _: classify(weights="rank"), ValueError, "weights must be one of .*, got 'rank'"),
    ("weights an array", lambda _: classify(weights=np.ones(2)), ValueError, "weights must be one of .*got array"),
    ("weights NA", lambda _: bag(weights=pd.NA), ValueError, "weights must be one of .*got <NA>"),
    ("tie_break unknown", lambda _: classify(tie_break=None), ValueError, "tie_break must be one of .*got None"),
    ("tie_break an array", lambda _: choose(tie_break=np.ones(2)), ValueError, "tie_break must be one of .*got array"),
    ("order unknown", lambda _: pairwise_ncd(X, order="both"), ValueError, "order must be one of .*got 'both'"),
    ("order a Series", lambda _: classify(order=pd.Series(["query-first"] * 2)), ValueError, "order must be one of"),
    ("separator None", lambda _: classify(separator=None), TypeError, r"separator must be str or bytes, got NoneType"),
    ("separator 0", lambda _: by_class(separator=0), TypeError, r"separator must be str or bytes, got int \(0\)"),
    ("n_jobs 0", lambda _: classify(n_jobs=0), ValueError, r"n_jobs must be None or an int other than 0 .*got 0"),
    ("n_jobs a str", lambda _: pairwise_ncd(X, n_jobs="2"), TypeError, r"n_jobs must be .*got str \('2'\)"),
    ("n_jobs 1.5", lambda _: by_class(n_jobs=1.5), TypeError, r"n_jobs must be .*got float \(1.5\)"),
    ("n_jobs huge", lambda _: bag(n_jobs=10**30), ValueError, "n_jobs must be .*of at most 65536, got 10{30}"),
    ("random_state a str", lambda _: classify(random_state="x"), ValueError, r"random_state must be .*got str \('x'\)"),
    ("random_state -1", lambda _: choose(random_state=-1), ValueError, r"random_state must .*from 0 .*int \(-1\)"),
    ("verbose a str", lambda _: classify(verbose="x"), TypeError, r"verbose must be an int, got str \('x'\)"),
    ("mode unknown", lambda _: fitted().kneighbors_graph(mode="both"), ValueError, "mode must be one of .*got 'both'"),
    ("mode an array", lambda _: fitted().kneighbors_graph(mode=np.ones(2)), ValueError, "mode must .*got array"),
    (
        "weights by corrected distances",
        lambda _: classify(weights="distance", normalize="local"),
        ValueError,
        "weights='distance' needs distances above 0, .*use weights='margin'",
    ),
    # ---- callables: their own errors come through ----
    *(
        (f"{name} fails, {n_jobs} cores", lambda _, n=n_jobs, f=call: in_threads(n, f), OwnError, "^of the caller$")
        for n_jobs in (1, 2)
        for name, call in {
            "a compressor": lambda: classify(compressor=fail_if_long, queries=X),
            "a metric": lambda: classify(metric=fail),
            "a metric of pairs": lambda: pairwise_ncd(X, metric=fail),
            "a class's compressor": lambda: by_class(compressor=fail),
            "weights": lambda: classify(weights=fail),
            "a search for settings": lambda: choose(metric=["ncd", fail]),
        }.items()
    ),
    ("a compressor that stops", lambda _: compressed_lengths(X, stop), RuntimeError, "StopIteration"),
    # ---- callables that return nonsense ----
    *(
        (f"a compressor gives {value!r:.12}", lambda _, v=value: classify(compressor=give(v)), TypeError, message)
        for value, message in [
            (None, r"must return the compressed bytes or their length .*got NoneType \(None\) for a text of 22 bytes"),
            ("x", r"got str \('x'\)"),
            (NAN, r"a number >= 0, < 2\*\*53\), got float \(nan\)"),
            (-1, r"got int \(-1\)"),
            (np.inf, r"got float \(inf\)"),
            (True, r"got bool \(True\)"),
            (10**30, r"got int \(10{30}\)"),
            (1j, r"got complex \(1j\)"),
            (np.ones(2), r"got ndarray \(array"),
        ]
    ),
    *(
        (f"lengths of {value!r:.12}", lambda _, v=value: pairwise_ncd(X, compressor=Giving(v)), TypeError, message)
        for value, message in [
            (None, r"must give lengths that are numbers >= 0, < 2\*\*53, got NoneType \(None\)"),
            ("x", r"got str \('x'\)"),
            (NAN, r"got float \(nan\)"),
            (-1, r"got int \(-1\)"),
            (True, r"got bool \(True\)"),
            (10**30, r"got int \(10{30}\)"),
            ([1], r"got list \(\[1\]\)"),
        ]
    ),
    *(
        (f"a metric that returns {name}", lambda _, m=metric: classify(metric=m), error, message)
        for name, metric, error, message in [
            ("None", give(None), TypeError, r"metric must return an array of numbers, got NoneType \(None\)"),
            ("a number", give(0.5), ValueError, r"metric must return an array of shape \(2, 5\) .*got shape \(\)"),
            ("another shape", lambda x, y, xy: y, ValueError, r"of shape \(2, 5\) .*got shape \(5,\)"),
            ("NaN", fill(NAN), ValueError, "metric returned NaN; a distance must be a number"),
            ("texts", fill("1"), TypeError, "metric must return an array of numbers, got ndarray"),
            ("complex", fill(1j), TypeError, "metric must return an array of numbers, got ndarray"),
            ("dates", lambda x, y, xy: xy.astype("M8[D]"), TypeError, "metric must return an array of numbers"),
            ("a dict", give({}), TypeError, r"metric must return an array of numbers, got dict \({}\)"),
            ("a huge int", fill(10**400), TypeError, "metric must return an array of numbers, got ndarray"),
            ("ragged lists", give([[1], [1, 2]]), TypeError, r"metric must return an array of numbers, got list"),
            ("masked", lambda x, y, xy: np.ma.masked_less(xy, 99), TypeError, "array of numbers, got MaskedArray"),
        ]
    ),
    *(
        (f"weights that return {name}", lambda _, w=weights: classify(weights=w), error, message)
        for name, weights, error, message in [
            ("None", give(None), TypeError, r"weights must return an array of numbers, got NoneType \(None\)"),
            ("a number", give(1), ValueError, r"weights returned shape \(\) for distances of shape \(2, 1\)"),
            ("a text", give("x"), TypeError, r"weights must return an array of numbers, got str \('x'\)"),
            ("NaN", fill(NAN), ValueError, "weights must be finite, .*from nan to nan"),
            ("negative", fill(-2), ValueError, "weights must be finite, >= 0 .*from -2.0 to -2.0"),
            ("zeros", fill(0), ValueError, "weights must be .*not all 0 for a query.*from 0.0 to 0.0"),
            ("infinite", fill(np.inf), ValueError, "weights must be finite.*from inf to inf"),
        ]
    ),
    ("weights too large to add", lambda _: classify(weights=fill(1e308), n_neighbors=2), ValueError, "also added up"),
    ("weights that change what they get", lambda _: classify(weights=change), ValueError, "read-only"),
    ("infinite distances", lambda _: classify(normalize="zscore", metric=fill(np.inf)), ValueError, "finite distances"),
    # ---- before fit, and after ----
    ("predict first", lambda _: NCDClassifier().predict(X), NotFittedError, "NCDClassifier instance is not fitted"),
    ("predict_proba first", lambda _: BagOfWordsClassifier().predict_proba(X), NotFittedError, "Bag.* is not fitted"),
    ("kneighbors first", lambda _: NCDClassifierCV().kneighbors(X), NotFittedError, "NCDClassifierCV .* is not fitted"),
    ("kneighbors_graph first", lambda _: NCDClassifier().kneighbors_graph(), NotFittedError, "is not fitted"),
    ("transform first", lambda _: NCDTransformer().transform(X), NotFittedError, "NCDTransformer .* is not fitted"),
    ("class_lengths first", lambda _: ClassCompressorClassifier().class_lengths(X), NotFittedError, "is not fitted"),
    ("encode first", lambda _: TextEncoder().transform(X), NotFittedError, "TextEncoder .* is not fitted"),
    ("forget first", lambda _: NCDClassifier().forget([0]), NotFittedError, "NCDClassifier .* is not fitted"),
    ("report first", lambda _: NCDClassifier(screen=9).screening_report(X), NotFittedError, "is not fitted"),
    ("forget a negative", lambda _: fitted().forget([-1]), IndexError, "indices must be from 0 to 4, got -1 to -1"),
    ("forget out of range", lambda _: fitted().forget([0, 5]), IndexError, "indices must be from 0 to 4, got 0 to 5"),
    ("forget all", lambda _: fitted().forget(range(5)), ValueError, "leave at least one training text, got all 5"),
    ("forget floats", lambda _: fitted().forget([1.0]), TypeError, r"indices must be a list of int, got .*1.0"),
    ("forget an int", lambda _: fitted().forget(1), TypeError, r"indices must be a list of int, got int \(1\)"),
    ("forget None", lambda _: fitted().forget(None), TypeError, "indices must be a list of int, got NoneType"),
    ("forget a mask", lambda _: fitted().forget([True] * 5), TypeError, r"indices must .*pass np.flatnonzero\(mask\)"),
    ("forget ragged", lambda _: fitted().forget([[0], [1, 2]]), TypeError, "indices must be a list of int, got list"),
    ("forget masked", lambda _: fitted().forget(np.ma.array([0, 1], mask=[0, 1])), TypeError, "got MaskedArray"),
    ("partial_fit a str", lambda _: fitted().partial_fit("a", ["pets"]), TypeError, "X must be .*single str"),
    ("partial_fit no texts", lambda _: fitted().partial_fit([], []), ValueError, "X holds 0 texts"),
    ("partial_fit y=None", lambda _: fitted().partial_fit(["a"], None), ValueError, "y must hold a label .*got None"),
    ("partial_fit other labels", lambda _: fitted().partial_fit(["a"], [1]), ValueError, r"<U5, got int64; .*np.str_"),
    ("partial_fit, k changed", lambda _: fitted().set_params(n_neighbors="x").partial_fit(X, Y), TypeError, "not str"),
    ("report without a screen", lambda _: fitted().screening_report(X), ValueError, "needs .*screen, got screen=None"),
    ("report of no texts", lambda _: fitted(screen=3).screening_report([]), ValueError, "X holds 0 texts"),
    ("report, y short", lambda _: fitted(screen=3).screening_report(X, Y[:1]), ValueError, "5 texts and 1 labels"),
    ("report, other labels", lambda _: fitted(screen=3).screening_report(X, range(5)), ValueError, "got int64"),
    ("report, k 0", lambda _: fitted(screen=3).screening_report(X, Y, 0), ValueError, "n_neighbors == 0, must be >= 1"),
    # ---- NCDClassifierCV ----
    ("nothing to choose from", lambda _: choose(metric=[]), ValueError, "metric must be .*list.*an empty one"),
    ("choose from a dict", lambda _: choose(n_neighbors={1: 3}), TypeError, r"n_neighbors must .*got dict; pass list"),
    ("choose from a set", lambda _: choose(weights={"uniform"}), TypeError, "weights must be .*got set; pass list"),
    ("choose from a generator", lambda _: choose(n_neighbors=iter([1])), TypeError, "n_neighbors must .*_iterator"),
    ("choose of k", lambda _: choose(n_neighbors=[1, "x"]), TypeError, "n_neighbors must be .*int, not str"),
    ("choose a large k", lambda _: choose(n_neighbors=[5, 9]), ValueError, r"less than .*texts, 5, .*got \[5, 9\]"),
    ("choose with one text", lambda _: choose([1], ["a"]), ValueError, "X must hold two texts or more, .*got 1"),
    ("n_samples True", lambda _: choose(n_samples=True), TypeError, "n_samples must be an int, got True"),
    ("n_samples 0", lambda _: choose(n_samples=0), ValueError, "n_samples == 0, must be >= 1"),
    # ---- NCDTransformer ----
    ("landmarks 0", lambda _: NCDTransformer(0).fit(X), ValueError, "landmarks must be from 1 to .*5, got 0"),
    ("landmarks huge", lambda _: NCDTransformer(10**30).fit(X), ValueError, "landmarks must be .*got 10{30}; lower"),
    ("landmarks True", lambda _: NCDTransformer(True).fit(X), ValueError, "landmarks must be from 1 .*got True"),
    ("landmarks 2.5", lambda _: NCDTransformer(2.5).fit(X), TypeError, r"landmarks must be .*\(int\).*float \(2.5\)"),
    ("landmarks NaN", lambda _: landmark_classifier(NAN).fit(X, Y), TypeError, r"landmarks must .*float \(nan\)"),
    ("landmarks a str", lambda _: NCDTransformer("cat").fit(X), TypeError, r"landmarks must .*single str.*: \[land"),
    ("landmarks missing", lambda _: NCDTransformer(["a", None]).fit(X), TypeError, "landmarks must hold .*position 1"),
    ("landmarks none", lambda _: NCDTransformer([]).fit(X), ValueError, "landmarks holds 0 texts"),
    ("landmarks a set", lambda _: NCDTransformer({"a"}).fit(X), TypeError, "landmarks must be .*got set"),
    ("landmarks at random", lambda _: NCDTransformer(2, random_state=-1).fit(X), ValueError, r"random_state .*\(-1\)"),
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
        "transformer must be an estimator .* with fit_transform and transform, got LogisticRegression",
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
    ("counts too large", lambda _: vectors(lambda n: np.full((n, 2), 1e99), "bag"), ValueError, r"counts .*below 2"),
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
    (
        "a function that can't be told again",
        lambda tmp: classify(memory=tmp, metric=functools.partial(lambda lock, x, y, xy: xy, LOCK)),
        TypeError,
        "memory needs settings whose state can be told.*cannot pickle.*Set memory=None",
    ),
    # ---- load_texts ----
    ("source None", lambda _: load_texts(None), TypeError, r"source must be a path .*got NoneType \(None\)"),
    ("source bytes", lambda _: load_texts(b"a.csv"), TypeError, r"source must .*Path, got bytes \(b'a.csv'\)"),
    ("source ''", lambda _: load_texts(""), ValueError, r"source must be a path .*got ''; .*pass '\.'"),
    ("source with NUL", lambda _: load_texts("a\0.csv"), FileNotFoundError, r"no file or folder 'a\\x00.csv'"),
    ("text None", lambda tmp: load_texts(tmp, text=None), TypeError, r"text must be a str, got NoneType \(None\)"),
    ("label a list", lambda tmp: load_texts(tmp, label=["a"]), TypeError, r"label must be a str or None, got list"),
    ("split 3", lambda tmp: load_texts(tmp, 3), TypeError, r"split must be a str or None, got int \(3\)"),
    ("no split of a folder", lambda tmp: load_texts(file(tmp).parent), ValueError, "folder, so split must .*got None"),
    ("an empty file", lambda tmp: load(tmp, "a.jsonl", b""), ValueError, "could not be read as json: it holds no rows"),
    ("a header alone", lambda tmp: load(tmp, "a.csv", b"text,label\n"), ValueError, "read as csv: it holds no rows"),
    ("Latin-1", lambda tmp: load(tmp, "a.csv", b"text,label\n\xe9,1\n"), ValueError, "UnicodeDecodeError.*as UTF-8"),
    ("no JSON", lambda tmp: load(tmp, "a.jsonl", b"{"), ValueError, "a.jsonl could not be read as json: ArrowInvalid"),
    ("cut off", lambda tmp: load(tmp, "a.csv.gz", gzip.compress(b"a,b\n" * 99)[:20]), ValueError, "gz .*EOFError"),
    ("label NaN", lambda tmp: load(tmp, "a.jsonl", b'{"text": "", "label": NaN}'), ValueError, "no label in row 1"),
    ("no such column", lambda tmp: load(tmp, "a.csv", b"a\n1\n", label=None), ValueError, "no column 'text'; it has"),
    # ---- the command ----
    ("-k 0", lambda tmp: predict(tmp, "-k", 0), ExitError, "^1: gzipknn: n_neighbors == 0, must be >= 1"),
    ("-k 99", lambda tmp: predict(tmp, "-k", 99), ExitError, "^1: gzipknn: n_neighbors must .*: 5, got 99; lower"),
    ("-k x", lambda tmp: predict(tmp, "-k", "x"), ExitError, "^2: .*argument -k: invalid int value: 'x'"),
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
@pytest.mark.filterwarnings("ignore:The number of unique classes", "ignore:invalid value encountered in cast")
def test_refused(tmp_path, call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call(tmp_path)


# Extreme but legal: what is found, and what it must equal. Each gets an empty folder.
ANSWERED = [
    ("one training text", lambda _: (classify(["a"], ["x"]), ["x", "x"])),
    ("one empty training text", lambda _: (classify([""], ["x"], ["", "a"]), ["x", "x"])),
    ("one class", lambda _: (NCDClassifier(2).fit(X, ["x"] * 5).predict_proba(X[:2]).tolist(), [[1.0], [1.0]])),
    ("as many neighbours as texts", lambda _: (sorted(neighbors(X, X[:1], 5)[0]), [0, 1, 2, 3, 4])),
    *(
        (
            f"all texts equal, {settings}",
            lambda _, s=settings: (neighbors(["same"] * 50, ["same", "other", ""], **s), [[0, 1, 2]] * 3),
        )
        for settings in [
            {},
            {"compressor": "lz77"},
            {"compressor": "huffman", "order": "symmetric"},
            {"screen": 3},
            {"screen": "auto", "compressor": "lz77"},
            {"normalize": "local"},
            {"normalize": "zscore", "metric": "nmi"},
        ]
    ),
    ("settings chosen on equal texts", lambda _: (choose([0, 1] * 9, ["same"] * 18).classes_.tolist(), [0, 1])),
    ("empty texts", lambda _: distances("", "a", "")),
    ("NUL bytes", lambda _: distances("a\0", "a", "\0", "\0\0\0a")),
    ("lone surrogates", lambda _: distances("\udc80\ud83d", "\udc80", b"\xed\xb2\x80", "a")),
    ("bytes that are no UTF-8", lambda _: distances(b"\xff\xfe", b"caf\xe9", "caf\xe9")),
    ("a surrogate for a separator", lambda _: distances("ab", "abc", separator=b"\xed\xb2\x80")),
    ("a long separator", lambda _: distances("ab", "abc", separator=b"-" * 70_000)),
    ("surrogates as labels", lambda _: (classify(X[2:4], ["\udc80", "\udc81"], X[3:4]), ["\udc81"])),
    ("surrogates in a bag", lambda _: (bag(queries=["\udc80 mats", "\udc80 stocks"]).tolist(), ["pets", "money"])),
    ("an empty label", lambda _: (classify(X[2:4], ["", "b"], X[2:3]), [""])),
    ("labels that end in NUL", lambda _: (classify(X[2:4], np.array(["a\0", "a"], object), X[2:3]), ["a\0"])),
    ("labels beyond int64", lambda _: (classify(X[2:4], np.array([2**63, 1], np.uint64), X[2:3]), [2**63])),
    ("a column of labels", lambda _: (classify(labels=pd.DataFrame({"y": Y})), ["pets", "money"])),
    ("a text of 10 MB", lambda _: (compressed_lengths([LONG]).tolist(), [naive.LENGTHS["gzip"](LONG.encode())])),
    ("10 MB of two letters", lambda _: (compressed_lengths(["ab" * 5_000_000], "huffman").tolist(), [1e7])),
    ("a query of 1 MB", lambda _: (classify(queries=[LONG[: 10**6]], compressor="lz77"), ["pets"])),
    (
        "a query of 10 MB",
        lambda _: (pairwise_ncd([LONG], X[:1]).tolist(), naive.distances([LONG.encode()], [X[0].encode()])),
    ),
    ("a training text of 10 MB", lambda _: (classify([LONG, X[3]], [0, 1], ["stocks fell again", LONG]), [1, 0])),
    ("100,000 empty texts", lambda _: (set(compressed_lengths(MANY).tolist()), {20})),
    ("100,000 empty training texts", lambda _: (neighbors(MANY, ["", "a"]), [[0, 1, 2]] * 2)),
    ("100,000 screened", lambda _: (neighbors(MANY, ["", "a"], screen=10, compressor="lz77"), [[0, 1, 2]] * 2)),
    ("100,000 empty queries", lambda _: (set(classify(queries=MANY, metric="cdm")), set(classify(queries=[""])))),
    ("a screen larger than all", lambda _: (classify(screen=10**30), classify())),
    ("more shards than texts", lambda _: (by_class(n_shards=10**30).tolist(), by_class(n_shards=5).tolist())),
    ("more samples than texts", lambda _: (choose(n_samples=10**30).best_params_, choose().best_params_)),
    ("forget none", lambda _: (fitted().forget([]).n_samples_fit_, 5)),
    ("forget one twice", lambda _: (fitted().forget([1, 1]).kneighbors(X[2:3])[1].tolist(), [[1]])),
    ("forget all but one", lambda _: (fitted(screen=1).forget(range(4)).predict(X).tolist(), ["money"] * 5)),
    (
        "a small int for a level",
        lambda _: (compressed_lengths(["a"], Lzma(np.int8(0))).item(), len(lzma.compress(b"a"))),
    ),
    ("a view of 12 bytes", lambda _: (compressed_lengths(["a"], give(memoryview(np.zeros(3, "i4")))).item(), 12)),
    ("lengths as int8", lambda _: (pairwise_ncd(["a"], compressor=Giving(np.int8(99)), metric="cdm").item(), 0.5)),
    (
        "lengths without sign",
        lambda _: (pairwise_ncd(["ab"], compressor=Giving(np.uint64(9), np.uint64(5))).item(), (5 - 9) / 9),
    ),
    ("distances of bool", lambda _: (pairwise_ncd(X, metric=lambda x, y, xy: xy > 0).tolist(), [[1.0] * 5] * 5)),
    ("less than no progress", lambda _: (said(lambda: classify(verbose=-1)), "")),
    ("NUL in a file", lambda tmp: (load(tmp, "a.csv", b"text,label\na\0b,1\n"), (["a\0b"], ["1"]))),
    ("a folder in a cache", lambda tmp: (command("cache", "clear", cache_of_folders(tmp)), "0 files deleted\n")),
]


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in ANSWERED])
@pytest.mark.filterwarnings("ignore:The number of unique classes", "ignore:A column-vector y was passed")
def test_answered(tmp_path, call):
    found, expected = call(tmp_path)
    assert found == expected
