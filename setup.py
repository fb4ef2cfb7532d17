"""The native kernel; everything else is in setup.cfg."""

import sys
from glob import glob

from setuptools import Extension, setup

WINDOWS = sys.platform == "win32"

setup(
    ext_modules=[
        Extension(
            "gzipknn._kernel._native",
            sources=sorted(glob("gzipknn/_kernel/*.c")),
            depends=sorted(glob("gzipknn/_kernel/*.h")),
            extra_compile_args=[] if WINDOWS else ["-std=c99", "-O3", "-fvisibility=hidden"],
            libraries=[] if WINDOWS else ["m"],
            py_limited_api=True,
            optional=True,  # without a compiler the standard library computes the same lengths, slower
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
