"""Text classification by compression: k nearest neighbours under the normalized compression distance."""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gzipknn.versions import __version__, show_versions, versions

if TYPE_CHECKING:
    from gzipknn.classifier import NCDClassifier
    from gzipknn.neighbors import NCDNeighbors
    from gzipknn.neighbors_transformer import NCDNeighborsTransformer
    from gzipknn.outliers import NCDOutlierDetector
    from gzipknn.pairwise import compressed_lengths, pairwise_ncd
    from gzipknn.regressor import NCDRegressor
    from gzipknn.transformer import NCDTransformer
    from gzipknn.tuning import NCDClassifierCV
    from gzipknn.utils.keyed import Keyed

__all__ = [
    "Keyed",
    "NCDClassifier",
    "NCDClassifierCV",
    "NCDNeighbors",
    "NCDNeighborsTransformer",
    "NCDOutlierDetector",
    "NCDRegressor",
    "NCDTransformer",
    "__version__",
    "compressed_lengths",
    "pairwise_ncd",
    "show_versions",
    "versions",
]

_HOMES = {
    "NCDClassifier": "classifier",
    "compressed_lengths": "pairwise",
    "pairwise_ncd": "pairwise",
    "NCDNeighbors": "neighbors",
    "NCDNeighborsTransformer": "neighbors_transformer",
    "NCDOutlierDetector": "outliers",
    "NCDRegressor": "regressor",
    "NCDTransformer": "transformer",
    "NCDClassifierCV": "tuning",
    "Keyed": "utils.keyed",
}


def __getattr__(name: str) -> Any:
    """Import all public names when the first of them is used, so that the command starts with fewer imports."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for public, home in _HOMES.items():
        globals()[public] = getattr(import_module(f"{__name__}.{home}"), public)
    import_module(f"{__name__}.memory.running_code").running_code()  # before the files of the code can change
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


__path__.append(str(Path(__file__).parent / "_moved"))
