"""The native kernel; everything else is in setup.cfg."""

import sys

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "gzipknn._kernel._native",
            sources=[f"gzipknn/_kernel/{name}.c" for name in ("deflate", "trees", "tables", "query", "pair", "search", "module")],
            depends=[f"gzipknn/_kernel/{name}.h" for name in ("deflate", "pair", "prefix", "query", "search", "tables")],
            extra_compile_args=[] if sys.platform == "win32" else ["-std=c99", "-O3"],
            libraries=[] if sys.platform == "win32" else ["m"],
            py_limited_api=True,
            optional=True,  # without a compiler the standard library computes the same lengths, slower
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
