"""Text classification by compression: k nearest neighbours under the normalized compression distance."""

from gzipknn.classifier import NCDClassifier
from gzipknn.keyed import Keyed
from gzipknn.matrix import compressed_lengths, pairwise_ncd
from gzipknn.selfcheck import running_code
from gzipknn.transformer import NCDTransformer
from gzipknn.tuning import NCDClassifierCV
from gzipknn.versions import __version__, show_versions, versions

__all__ = [
    "Keyed",
    "NCDClassifier",
    "NCDClassifierCV",
    "NCDTransformer",
    "__version__",
    "compressed_lengths",
    "pairwise_ncd",
    "show_versions",
    "versions",
]

running_code()  # before anybody can change it
