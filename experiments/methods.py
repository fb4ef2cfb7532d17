"""The methods that the tables compare: how each is made, and which published numbers it is compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from choosing import choose_compression, choose_vectors
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer

from gzipknn import NCDClassifier
from gzipknn.baselines import (
    BagOfWordsClassifier,
    BM25Classifier,
    ClassCompressorClassifier,
    TextEncoder,
    VectorNeighborsClassifier,
    class_model_classifier,
    linear_classifier,
)
from gzipknn.compressors import Zstd
from gzipknn.recipes import landmark_classifier, strong_classifier

CS = (0.01, 0.03, 0.1, 0.3, 1, 3)
"""The values of C for the strongest linear models. A held-out fifth of the training texts chooses among them."""
MANY_PAIRS = 5 * 10**7
"""Searches by compression are screened if there are more pairs of a test text and a training text than this."""


@dataclass(frozen=True)
class Setting:
    """The sizes and options on which a method may depend."""

    n_train: int
    n_test: int
    model: str
    cache: str | None
    max_length: int
    n_jobs: int
    memory: str | None = None

    @property
    def screen(self) -> str | None:
        """The value of the parameter `screen` for searches by compression."""
        return "auto" if self.n_train * self.n_test > MANY_PAIRS else None

    def encoder(self) -> TextEncoder:
        """Return the pretrained encoder."""
        return TextEncoder(self.model, max_length=self.max_length, cache=self.cache, verbose=1)


@dataclass(frozen=True)
class Method:
    """A method that classifies texts."""

    title: str
    make: Callable[[Setting], Any]
    choose: Callable[[Setting, list[str], list[Any]], dict[str, Any]] | None = None
    """For k-NN: a function that chooses the settings, such as k, on training texts."""
    encodes: bool = False
    """Whether it needs the encoder, which is slow without a GPU."""
    published: tuple[tuple[str, str, str], ...] = ()
    """The published numbers to show: the published method, its setting, and the score here that repeats it."""


def _gzip(setting: Setting) -> NCDClassifier:
    return NCDClassifier(screen=setting.screen, n_jobs=setting.n_jobs, memory=setting.memory)


def _lz77(setting: Setting) -> NCDClassifier:
    return _gzip(setting).set_params(compressor="lz77", metric="nmi", normalize="local", weights="margin")


def _choosing(compressor: Any, metric: Any) -> Any:
    return lambda setting, X, y: choose_compression(
        compressor, metric, X, y, n_jobs=setting.n_jobs, memory=setting.memory
    )


def _vectors(title: str, make: Callable[[Setting], Any], more: dict[str, Any] | None = None, **others: Any) -> Method:
    """Return a k-NN method on vectors. It chooses its settings, and further parameters among the choices in `more`."""
    return Method(title, make, lambda setting, X, y: choose_vectors(make(setting), more or {}, X, y), **others)


def _bag(distance: str) -> Callable[[Setting], Any]:
    return lambda setting: BagOfWordsClassifier(distance=distance, n_jobs=setting.n_jobs)


def _bm25(**params: Any) -> Callable[[Setting], Any]:
    def make(setting: Setting) -> BM25Classifier:
        words_and_pairs = CountVectorizer(token_pattern=r"\w+", ngram_range=(1, 2))
        return BM25Classifier(vectorizer=words_and_pairs, n_jobs=setting.n_jobs, **params)

    return make


def _majority(setting: Setting) -> Pipeline:
    # DummyClassifier needs two-dimensional samples.
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
        _choosing("gzip", "ncd"),
        published=(
            (_SCHUTTE, "k=1; ties: decrease k", "k=1"),
            (_SCHUTTE, "k=2; ties: nearest", "k=1"),
            (_SCHUTTE, "k=2; ties: nearest; 11 h 40 min", "k=1"),
            (_SCHUTTE, "k=2; ties: lowest class", "k=2, ties to the lowest class"),
            (_SCHUTTE, "k=2; ties: lowest class; 21 h 16 min", "k=2, ties to the lowest class"),
            (_SCHUTTE, "top-2 of tied k=2 (optimistic, not an accuracy)", "top-2 of tied k=2"),
        ),
    ),
    "lz77": Method("lz77 k-NN", _lz77, _choosing("lz77", ("ncd", "cdm", "nmi"))),
    "lz77-landmarks": Method(
        "lz77 distances to landmarks, ridge", lambda s: landmark_classifier(n_jobs=s.n_jobs, memory=s.memory)
    ),
    "strong": Method("landmarks and Kneser-Ney models", lambda s: strong_classifier(n_jobs=s.n_jobs, memory=s.memory)),
    "zstd-class": Method(
        "zstd, one dictionary per class",
        lambda s: ClassCompressorClassifier(Zstd(level=9), n_jobs=s.n_jobs),
        published=(("zstd dictionary per class", _ZSTD.format(1), "test"),),
    ),
    "zstd-class-3": Method(
        "zstd, three dictionaries per class",
        lambda s: ClassCompressorClassifier(Zstd(level=9), n_shards=3, n_jobs=s.n_jobs),
        published=(("zstd dictionary per class", _ZSTD.format(3), "test"),),
    ),
    "kneser-ney": Method(
        "Kneser-Ney, one model per class", lambda s: ClassCompressorClassifier("kneser-ney", n_jobs=s.n_jobs)
    ),
    "class-models": Method("Kneser-Ney models, logistic regression", lambda s: class_model_classifier(n_jobs=s.n_jobs)),
    "lz77-class": Method(
        "lz77, one dictionary per class", lambda s: ClassCompressorClassifier("lz77", n_jobs=s.n_jobs)
    ),
    "bow-cosine": _vectors(
        "word counts k-NN, cosine",
        _bag("cosine"),
        published=(("count-vector cosine kNN", "k=2; 10,000 features, English stop words; 9 h 10 min", "k=1"),),
    ),
    "bow-set": _vectors("sets of words k-NN", _bag("set")),
    "bow-bag": _vectors("bags of words k-NN", _bag("bag")),
    "tfidf-knn": _vectors(
        "tf-idf k-NN, cosine", lambda s: VectorNeighborsClassifier(TfidfVectorizer(), n_jobs=s.n_jobs)
    ),
    "bm25": _vectors("BM25 k-NN", _bm25(), {"vectorizer__ngram_range": ((1, 1), (1, 2))}),
    "bm25-classes": _vectors(
        "BM25 k-NN, weights learnt from labels", _bm25(term_weights="information"), {"base": (10, 3, 1, 0.3, 0.1)}
    ),
    "counts-logistic": Method("word counts, logistic regression", lambda s: linear_classifier("counts")),
    "tfidf-logistic": Method("tf-idf, logistic regression", lambda s: linear_classifier("tfidf")),
    "tfidf-svm": Method("tf-idf, linear SVM", lambda s: linear_classifier("tfidf", "svm", random_state=0)),
    "svm-union": Method(
        "words and characters, linear SVM",
        lambda s: linear_classifier("words+characters", "svm", C=CS, random_state=0),
    ),
    "nb-svm": Method(
        "phrases of up to three words, NB-SVM", lambda s: linear_classifier("phrases", "nb-svm", C=CS, random_state=0)
    ),
    "encoder-knn": _vectors(
        "encoder k-NN, cosine",
        lambda s: VectorNeighborsClassifier(s.encoder(), n_jobs=s.n_jobs),
        encodes=True,
    ),
    "encoder-logistic": Method(
        "encoder, logistic regression",
        lambda s: linear_classifier(s.encoder()),
        encodes=True,
        published=(("DistilBERT fine-tuned", "3 epochs, 7.2 min on one A100", "test"),),
    ),
}
