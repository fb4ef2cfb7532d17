"""Identify the computation of a compressor and a metric, so that its results are recognised in later processes.

The compressors and metrics of this library can be identified, and so can those with a key (:class:`gzipknn.Keyed`).
Other functions can't: their code may call, import and read anything.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from gzipknn import compressors
from gzipknn._kernel import implementation
from gzipknn.compressors import Compressor, get_compressor
from gzipknn.compressors.extras import PYTHON_HAS_ZSTD
from gzipknn.memory.fingerprint import UnknownError, digest, fingerprint
from gzipknn.memory.running_code import check_nothing_was_replaced, running_code
from gzipknn.metrics import cdm, clm, get_metric, ncd, nmi
from gzipknn.utils.keyed import Keyed

_METRICS = (ncd, cdm, clm, nmi)

# The compressors of this library, and the modules in C that each of them uses.
_MODULES: dict[type, tuple[str, ...]] = {
    compressors.Gzip: ("zlib",),
    compressors.Zlib: ("zlib",),
    compressors.Bz2: ("_bz2",),
    compressors.Lzma: ("_lzma",),
    compressors.LZ77: (),
    compressors.Huffman: (),
    compressors.Zstd: ("_zstd",) if PYTHON_HAS_ZSTD else ("zstandard", "zstandard.backend_c"),
    compressors.Lz4: ("lz4", "lz4.frame._frame"),
    compressors.Brotli: ("brotli", "_brotli"),
}
# The functions that return the version of a shared library, which may be updated without Python.
_TELLS_VERSION = {"_bz2": "BZ2_bzlibVersion", "_lzma": "lzma_version_string"}
_VERSIONS = ("__version__", "ZSTD_VERSION", "zstd_version", "ZLIB_RUNTIME_VERSION", "library_version_string")

# Libraries with the same version may differ. So the lengths of these texts are part of the identity, too. They hold
# words, random bytes, and long repetitions that are far enough apart to distinguish searches for matches.
_WORDS = b" ".join(b"%d %s" % (i * i % 97, b"abcdefghij"[i % 7 : i % 11 + 3]) for i in range(300))
_NOISE = digest(b"noise") + b"".join(digest(i.to_bytes(2, "little")) for i in range(32))
PROBES = (_WORDS, _NOISE + _WORDS[:500] + _NOISE[:700], b"ab" * 600 + _WORDS[::-1])


def settle(compressor: Any, metric: Any) -> tuple[Any, Any]:
    """Return the compressor and the metric as objects. A compressor of this library is copied, so it can't change."""
    if not isinstance(compressor, Keyed):
        compressor = get_compressor(compressor)
        if type(compressor) in _MODULES and _has_only_fields(compressor):
            compressor = replace(compressor)
    return compressor, metric if isinstance(metric, Keyed) else get_metric(metric)


def identify(compressor: Any, metrics: Sequence[Any]) -> bytes:
    """Return a digest of the compressor, the metrics, and the code and libraries that compute with them.

    Raises
    ------
    UnknownError
        If one of these can't be identified.
    """
    check_nothing_was_replaced()
    known = _identify_compressor(compressor), *map(_identify_metric, metrics)
    return digest(_environment(), running_code()[1], fingerprint((implementation(), known)))


def is_known(compressor: Any, metric: Any) -> bool:
    """Return whether results with this compressor and metric can be kept."""
    try:
        identify(compressor, [metric])
    except UnknownError:
        return False
    return True


def computed_by(compressor: Compressor) -> bytes:
    """Return a digest of the code and the libraries with which this process computes lengths with `compressor`."""
    return digest(_environment(), fingerprint(_libraries(_MODULES.get(type(compressor), ()))))


@cache
def _environment() -> bytes:
    return digest(running_code()[0], fingerprint((sys.version, np.__version__, zlib.ZLIB_RUNTIME_VERSION)))


def _identify_compressor(compressor: Any) -> tuple[Any, ...]:
    if isinstance(compressor, Keyed):
        return "keyed", compressor.key
    compressor = get_compressor(compressor)
    kind = type(compressor)
    if kind not in _MODULES or not _has_only_fields(compressor):
        raise UnknownError(_ask_for_a_key("compressor", compressor))
    settings = sorted(vars(compressor).items())
    try:
        fingerprint(settings)
    except UnknownError as error:
        raise UnknownError(
            f"compressor={compressor!r:.80} has a parameter that can't be identified ({error})"
        ) from error
    behaviour = [compressor.length(text) for text in PROBES]  # first, because it imports the modules
    return "own", kind.__name__, settings, behaviour, _libraries(_MODULES[kind])


def _identify_metric(metric: Any) -> tuple[str, str]:
    if isinstance(metric, Keyed):
        return "keyed", metric.key
    function = get_metric(metric)
    if not any(function is known for known in _METRICS):
        raise UnknownError(_ask_for_a_key("metric", function))
    return "own", function.__name__


def _has_only_fields(compressor: Compressor) -> bool:
    return vars(compressor).keys() == {field.name for field in fields(compressor)}  # type: ignore[arg-type]  # all own are


def _ask_for_a_key(name: str, value: Any) -> str:
    value = value.function if type(value) is compressors.CallableCompressor else value
    return (
        f"{name}={value!r:.80} is not part of gzipknn, so its results can't be recognised in a later run. "
        f"Give it a key, {name}=gzipknn.Keyed(..., 'my-{name}-1'), and change the key whenever its results change"
    )


@cache
def _libraries(modules: tuple[str, ...]) -> list[Any]:
    """Return what identifies some imported modules: the digests of their files, and their versions."""
    return [_library(name) for name in modules]


def _library(name: str) -> list[Any]:
    module = sys.modules.get(name)
    if module is None:
        raise UnknownError(f"the module {name} was not imported, so it is not known which code compresses")
    file = getattr(module, "__file__", None)  # a built-in module has no file; its version is that of Python
    content = digest(Path(file).read_bytes()) if file and Path(file).is_file() else b""
    told = [getattr(module, version, None) for version in _VERSIONS]
    versions = [str(version() if callable(version) else version) for version in told]
    return [name, content, versions, _linked_version(module, name)]


def _linked_version(module: ModuleType, name: str) -> bytes | None:
    """Return the version of the C library with which a module of the standard library is linked.

    Return None if it can't be determined, as on Windows. Then only the lengths of `PROBES` identify the library.
    """
    if name not in _TELLS_VERSION:
        return None
    with suppress(ImportError, OSError, AttributeError):
        import ctypes  # not every Python has it

        tell = getattr(ctypes.CDLL(getattr(module, "__file__", None)), _TELLS_VERSION[name])
        tell.restype = ctypes.c_char_p
        version: bytes | None = tell()
        return version
    return None
