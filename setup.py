"""The native kernel; everything else is in setup.cfg."""

import sys
import sysconfig
from glob import glob

from setuptools import Extension, setup

WINDOWS = sys.platform == "win32"
# Free-threaded Python (3.13t, 3.14t) has no limited API, so each of its versions gets its own wheel.
LIMITED = not sysconfig.get_config_var("Py_GIL_DISABLED")

setup(
    ext_modules=[
        Extension(
            "gzipknn._kernel._native",
            sources=sorted(glob("gzipknn/_kernel/*.c")),
            depends=sorted(glob("gzipknn/_kernel/*.h")),
            define_macros=[("Py_LIMITED_API", "0x030B0000")] if LIMITED else [("Py_GIL_DISABLED", "1")],
            extra_compile_args=[] if WINDOWS else ["-std=c99", "-O3", "-fvisibility=hidden"],
            libraries=[] if WINDOWS else ["m"],
            py_limited_api=LIMITED,
            optional=True,  # without a compiler the standard library computes the same lengths, slower
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED else {},
)
