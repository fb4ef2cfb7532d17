"""The methods that the tables compare: how each is made, and which published numbers stand beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gzipknn import NCDClassifier
from gzipknn.baselines import (
    BagOfWordsClassifier,
    ClassCompressorClassifier,
    TextEncoder,
    VectorNeighborsClassifier,
    linear_classifier,
)
from gzipknn.compressors import Zstd
from gzipknn.recipes import landmark_classifier

KS = (1, 2, 3, 5, 9, 15, 31)
"""To choose from, on training texts."""
MANY_PAIRS = 5 * 10**7
"""From so many pairs of a test and a training text on, compression is screened."""


@dataclass(frozen=True)
class Setting:
    """What a method may depend on."""

    n_train: int
    n_test: int
    model: str
    cache: str | None
    max_length: int
    n_jobs: int
    memory: str | None = None

    @property
    def screen(self) -> str | None:
        """How a search by compression is to be screened."""
        return "auto" if self.n_train * self.n_test > MANY_PAIRS else None

    def encoder(self) -> TextEncoder:
        """Return the pretrained encoder."""
        return TextEncoder(self.model, max_length=self.max_length, cache=self.cache, verbose=1)


@dataclass(frozen=True)
class Method:
    """A way to classify texts."""

    title: str
    make: Callable[[Setting], Any]
    neighbors: bool = False
    """Whether it has a k, which is then chosen by leaving one out of training texts."""
    encodes: bool = False
    """Whether it needs the encoder, which is slow without a GPU."""
    published: tuple[tuple[str, str, str], ...] = ()
    """Which published numbers to show: of which method, with which setting, as which score here."""


def _gzip(setting: Setting) -> NCDClassifier:
    return NCDClassifier(max(KS), screen=setting.screen, n_jobs=setting.n_jobs, memory=setting.memory)


def _lz77(setting: Setting) -> NCDClassifier:
    return NCDClassifier(
        max(KS),
        compressor="lz77",
        metric="nmi",
        normalize="local",
        weights="margin",
        screen=setting.screen,
        n_jobs=setting.n_jobs,
        memory=setting.memory,
    )


def _bag(distance: str) -> Callable[[Setting], Any]:
    return lambda setting: BagOfWordsClassifier(max(KS), distance=distance, n_jobs=setting.n_jobs)


def _majority(setting: Setting) -> Pipeline:
    # DummyClassifier wants two-dimensional samples
    return make_pipeline(FunctionTransformer(_as_column), DummyClassifier())


def _as_column(texts: Any) -> Any:
    return [[len(text)] for text in texts]


_SCHUTTE = "gzip kNN"
_ZSTD = "level 9, whole training set as prefix, {} compressor(s) a class"

METHODS = {
    "majority": Method("most frequent class", _majority),
    "gzip": Method(
        "gzip k-NN",
        _gzip,
        neighbors=True,
        published=(
            (_SCHUTTE, "k=1; ties: decrease k", "k=1"),
            (_SCHUTTE, "k=2; ties: nearest", "k=1"),
            (_SCHUTTE, "k=2; ties: nearest; 11 h 40 min", "k=1"),
            (_SCHUTTE, "k=2; ties: lowest class", "k=2, ties to the lowest class"),
            (_SCHUTTE, "k=2; ties: lowest class; 21 h 16 min", "k=2, ties to the lowest class"),
            (_SCHUTTE, "top-2 of tied k=2 (optimistic, not an accuracy)", "top-2 of tied k=2"),
            ("gzip kNN (top-2 scoring)", "full training set", "top-2 of tied k=2"),
        ),
    ),
    "lz77": Method("lz77 k-NN", _lz77, neighbors=True),
    "lz77-landmarks": Method("lz77 landmarks, ridge", lambda s: landmark_classifier(n_jobs=s.n_jobs, memory=s.memory)),
    "zstd-class": Method(
        "zstd, a dictionary a class",
        lambda s: ClassCompressorClassifier(Zstd(level=9), n_jobs=s.n_jobs),
        published=(("zstd dictionary per class", _ZSTD.format(1), "test"),),
    ),
    "zstd-class-3": Method(
        "zstd, three dictionaries a class",
        lambda s: ClassCompressorClassifier(Zstd(level=9), n_shards=3, n_jobs=s.n_jobs),
        published=(("zstd dictionary per class", _ZSTD.format(3), "test"),),
    ),
    "lz77-class": Method("lz77, behind each class", lambda s: ClassCompressorClassifier("lz77", n_jobs=s.n_jobs)),
    "bow-cosine": Method(
        "bag of words k-NN, cosine",
        _bag("cosine"),
        neighbors=True,
        published=(("count-vector cosine kNN", "k=2; 10,000 features, English stop words; 9 h 10 min", "k=1"),),
    ),
    "bow-set": Method("bag of words k-NN, set", _bag("set"), neighbors=True),
    "bow-bag": Method("bag of words k-NN, bag", _bag("bag"), neighbors=True),
    "tfidf-knn": Method(
        "tf-idf k-NN, cosine",
        lambda s: VectorNeighborsClassifier(TfidfVectorizer(), max(KS), n_jobs=s.n_jobs),
        neighbors=True,
    ),
    "counts-logistic": Method("bag of words, logistic regression", lambda s: linear_classifier("counts")),
    "tfidf-logistic": Method("tf-idf, logistic regression", lambda s: linear_classifier("tfidf")),
    "tfidf-svm": Method("tf-idf, linear SVM", lambda s: linear_classifier("tfidf", "svm", random_state=0)),
    "encoder-knn": Method(
        "encoder k-NN, cosine",
        lambda s: VectorNeighborsClassifier(s.encoder(), max(KS), n_jobs=s.n_jobs),
        neighbors=True,
        encodes=True,
    ),
    "encoder-logistic": Method(
        "encoder, logistic regression",
        lambda s: linear_classifier(s.encoder()),
        encodes=True,
        published=(
            ("BERT fine-tuned", "full training set", "test"),
            ("DistilBERT fine-tuned", "3 epochs, 7.2 min on one A100", "test"),
        ),
    ),
}
