"""Ways to edit what a user's compressor or metric depends on between two runs.

Each way is a generator. It yields settings, edits what they depend on, and yields the settings of the second run.
"""

import ctypes
import functools
import importlib
import importlib.util
import os
import runpy
import shutil
import subprocess
import zlib
from dataclasses import dataclass, field

import numpy as np
import pytest
from edited_files import LENGTH, edited_source, two_files

from gzipknn.compressors import CallableCompressor, Compressor
from gzipknn.compressors.deflate import Deflate


def package_attribute(files, monkeypatch):
    files.write("mine_all/__init__.py", "import mine_all.part\n")
    files.write("mine.py", "import mine_all\ndef length(data): return mine_all.part.length(data)\n")
    for n in (0, 40):
        files.write("mine_all/part.py", LENGTH.format(n=n))
        yield {"compressor": files.imported().length}


def wrapped(files, monkeypatch):
    for n in (0, 40):

        @functools.wraps(zlib.compress)
        def length(data, n=n):
            return len(zlib.compress(data)) + n

        yield {"compressor": length}


def executed(files, monkeypatch):
    for n in (0, 40):
        names = {"__name__": "json"}
        exec(LENGTH.format(n=n), names)
        yield {"compressor": names["length"]}


def run_as_path(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": runpy.run_path(str(files.write("script.py", LENGTH.format(n=n))))["length"]}


def module_from_spec(files, monkeypatch):
    for n in (0, 40):
        spec = importlib.util.spec_from_file_location("plugin", files.write("plugin.py", LENGTH.format(n=n)))
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield {"compressor": module.length}


def closure(files, monkeypatch):
    def add(n):
        return lambda data: len(zlib.compress(data)) + n

    for n in (0, 40):
        yield {"compressor": add(n)}


class Adds:
    more = 0

    def __init__(self, n):
        self.n = n

    def __call__(self, data):
        return len(zlib.compress(data)) + self.n + self.more

    def length(self, data):
        return self(data)


def state_of_an_object(files, monkeypatch):
    adds = Adds(0)
    yield {"compressor": adds}
    adds.n = 40
    yield {"compressor": adds}


def bound_method(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": Adds(n).length}


def class_attribute(files, monkeypatch):
    yield {"compressor": Adds(0)}
    monkeypatch.setattr(Adds, "more", 40)
    yield {"compressor": Adds(0)}


def method_replaced(files, monkeypatch):
    yield {"compressor": Adds(0)}
    monkeypatch.setattr(Adds, "__call__", lambda self, data: len(data) + 40)
    yield {"compressor": Adds(0)}


CONFIG = {"level": 1}
TABLE = np.arange(256)
FUNCTIONS = [lambda data: len(zlib.compress(data))]


def dict_of_settings(files, monkeypatch):
    yield {"compressor": lambda data: len(zlib.compress(data, CONFIG["level"]))}
    monkeypatch.setitem(CONFIG, "level", 0)
    yield {"compressor": lambda data: len(zlib.compress(data, CONFIG["level"]))}


def array_in_place(files, monkeypatch):
    def length(data):
        return int(TABLE[list(set(data))].sum())

    yield {"compressor": length}
    TABLE[97:105] += 5000
    yield {"compressor": length}
    TABLE[97:105] -= 5000


def function_in_a_list(files, monkeypatch):
    def length(data):
        return FUNCTIONS[0](data)

    yield {"compressor": length}
    FUNCTIONS.insert(0, lambda data: len(data) + 40)
    yield {"compressor": length}
    FUNCTIONS.pop(0)


def partial_of_arguments(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": functools.partial(lambda n, data: len(zlib.compress(data)) + n, n)}


def memoized(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": functools.lru_cache(lambda data, n=n: len(zlib.compress(data)) + n)}


def code_replaced(files, monkeypatch):
    def length(data):
        return len(zlib.compress(data))

    yield {"compressor": length}
    length.__code__ = (lambda data: len(data) + 40).__code__
    yield {"compressor": length}


def metric(files, monkeypatch):
    for n in (0, 1000):
        files.write("mine.py", f"def metric(c_x, c_y, c_xy): return (c_xy - c_x) / (c_y + {n})\n")
        yield {"metric": files.imported().metric}


def metrics_of_one_name(files, monkeypatch):
    for n in (0, 1000):

        def metric(c_x, c_y, c_xy, n=n):
            return (c_xy - c_x) / (c_y + n)

        yield {"metric": metric}


def method_of_a_subclass(files, monkeypatch):
    for n in (0, 40):
        files.write(
            "mine.py",
            "from dataclasses import dataclass\nfrom gzipknn.compressors import Compressor\n"
            "@dataclass(frozen=True)\nclass Mine(Compressor):\n"
            f"    def length(self, data): return len(set(data)) + {n}\n",
        )
        yield {"compressor": files.imported().Mine()}


def subclass_of_gzip(files, monkeypatch):
    for n in (9, 1):

        @dataclass(frozen=True)
        class Gzip(Deflate):
            level: int = n
            wbits = 31
            overhead = 18

        yield {"compressor": Gzip()}


def field_that_can_change(files, monkeypatch):
    @dataclass(frozen=True)
    class Levels(Compressor):
        levels: list = field(default_factory=lambda: [9])

        def length(self, data):
            return len(zlib.compress(data, self.levels[0]))

    compressor = Levels()
    yield {"compressor": compressor}
    compressor.levels[0] = 0
    yield {"compressor": compressor}


def function_in_a_compressor(files, monkeypatch):
    for n in (0, 40):
        yield {"compressor": CallableCompressor(lambda data, n=n: len(zlib.compress(data)) + n)}


def extension_built_again(files, monkeypatch):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    for n in (0, 4000):
        source, built = files.write("mine.c", f"long add(long x) {{ return x + {n}; }}"), files.folder / f"mine{n}.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", built, source], check=True)
        add = ctypes.CDLL(str(built)).add
        yield {"compressor": lambda data, add=add: add(len(zlib.compress(data)))}


def environment_variable(files, monkeypatch):
    def length(data):
        return len(zlib.compress(data, int(os.environ["MY_LEVEL"])))

    for level in "90":
        monkeypatch.setenv("MY_LEVEL", level)
        yield {"compressor": length}


def file_that_is_read(files, monkeypatch):
    for n in "09":
        path = files.write("level.txt", n)
        yield {"compressor": lambda data, path=path: len(zlib.compress(data, int(path.read_text())))}


WAYS = {
    "body": edited_source(LENGTH),
    "default": edited_source("import zlib\ndef length(data, n={n}): return len(zlib.compress(data)) + n\n"),
    "constant": edited_source("import zlib\nN = {n}\ndef length(data): return len(zlib.compress(data)) + N\n"),
    "helper": edited_source("def helper(data): return len(set(data)) + {n}\ndef length(data): return helper(data)\n"),
    "helper of another module": two_files(
        "from mine_too import length as other\ndef length(data): return other(data)\n"
    ),
    "helper's helper": two_files(
        "import mine_too\ndef helper(data): return mine_too.length(data)\ndef length(data): return helper(data)\n"
    ),
    "import in the body": two_files("def length(data):\n    from mine_too import length\n    return length(data)\n"),
    "decorator of another module": two_files(
        "from mine_too import adding\n@adding\ndef length(data): return len(set(data))\n",
        text="def adding(function): return lambda data: function(data) + {n}\n",
    ),
    "looked up by name": two_files(
        "import importlib\ndef length(data): return getattr(importlib.import_module('mine_too'), 'length')(data)\n"
    ),
    **{
        way.__name__: way
        for way in (
            *(package_attribute, wrapped, executed, run_as_path, module_from_spec, closure, state_of_an_object),
            *(bound_method, class_attribute, method_replaced, dict_of_settings, array_in_place, function_in_a_list),
            *(partial_of_arguments, memoized, code_replaced, metric, metrics_of_one_name, method_of_a_subclass),
            *(subclass_of_gzip, field_that_can_change, function_in_a_compressor, extension_built_again),
            *(environment_variable, file_that_is_read),
        )
    },
}
