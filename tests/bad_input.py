"""Calls and values for the tests of bad input."""

import contextlib
import enum
import io

import joblib
import naive
import numpy as np
import pandas as pd
from sklearn.preprocessing import FunctionTransformer

from gzipknn import NCDClassifier, NCDClassifierCV, pairwise_ncd
from gzipknn.__main__ import main
from gzipknn.baselines import (
    BagOfWordsClassifier,
    BM25Classifier,
    ClassCompressorClassifier,
    TextEncoder,
    VectorNeighborsClassifier,
)
from gzipknn.compressors import Compressor
from gzipknn.datasets import load_texts

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]
NAN = float("nan")
TABLE = pd.DataFrame({"text": X, "label": Y})


MANY = [""] * 100_000
LONG = "the cat sat on the mat; " * 420_000  # 10 MB


class Plain(enum.Enum):
    A = "a"


class OwnError(Exception):
    pass


class ExitError(Exception):
    """The exit code of a command and what it wrote to stderr."""


class Giving(Compressor):
    """A compressor that returns the lengths that it is given."""

    def __init__(self, *lengths):
        self.lengths_given = lengths

    def length(self, data):
        return self.lengths_given[len(data) % len(self.lengths_given)]


def give(value):
    return lambda *arguments: value


def fill(value):
    """Return a metric, or weights, that returns an array of the right shape."""
    return lambda *arrays: np.full(arrays[-1].shape, value)


def fail(*arguments):
    raise OwnError("of the caller")


def fail_if_long(data):
    """A compressor that fails only when it compresses pairs, which is when a search runs."""
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


def bm25(**settings):
    return BM25Classifier(**{"n_neighbors": 1, **settings}).fit(X, Y).predict(QUERIES)


def by_class(**settings):
    return ClassCompressorClassifier(**settings).fit(X, Y).predict(QUERIES)


def vectors(made, distance="cosine"):
    """Return a transformer that makes the vectors `made(n)` from n texts."""
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
    """Compare the distances between texts with those of a plain computation."""
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


# Each test gets an empty folder.
