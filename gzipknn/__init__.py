"""Text classification by compression: k nearest neighbours under the normalized compression distance."""

from pathlib import Path

from gzipknn.classifier import NCDClassifier
from gzipknn.memory.running_code import running_code
from gzipknn.pairwise import compressed_lengths, pairwise_ncd
from gzipknn.transformer import NCDTransformer
from gzipknn.tuning import NCDClassifierCV
from gzipknn.utils.keyed import Keyed
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
__path__.append(str(Path(__file__).parent / "_moved"))
