"""Other classifiers of raw texts, with which classification by compression can be compared."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gzipknn.baselines.bm25 import BM25Classifier
    from gzipknn.baselines.class_compressor import ClassCompressorClassifier
    from gzipknn.baselines.class_lengths import ClassLengths, class_model_classifier
    from gzipknn.baselines.encoder import TextEncoder
    from gzipknn.baselines.kneser_ney import KneserNey
    from gzipknn.baselines.linear import linear_classifier
    from gzipknn.baselines.vectors import BagOfWordsClassifier, VectorNeighborsClassifier

__all__ = [
    "BM25Classifier",
    "BagOfWordsClassifier",
    "ClassCompressorClassifier",
    "ClassLengths",
    "KneserNey",
    "TextEncoder",
    "VectorNeighborsClassifier",
    "class_model_classifier",
    "linear_classifier",
]

_HOMES = {
    "BM25Classifier": "bm25",
    "BagOfWordsClassifier": "vectors",
    "ClassCompressorClassifier": "class_compressor",
    "ClassLengths": "class_lengths",
    "KneserNey": "kneser_ney",
    "TextEncoder": "encoder",
    "VectorNeighborsClassifier": "vectors",
    "class_model_classifier": "class_lengths",
    "linear_classifier": "linear",
}


def __getattr__(name: str) -> Any:
    """Import a baseline when it is first used, because some take long to import."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
