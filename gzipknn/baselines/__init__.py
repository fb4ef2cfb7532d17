"""What compression is to be compared with, on raw texts and with the same vote."""

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
