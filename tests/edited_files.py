"""Modules that a user writes to a folder and edits between two runs."""

import importlib
import importlib.util
import sys

# ---- ways to change what a function computes ----


class Files:
    """Modules of a user in a folder that Python imports from."""

    def __init__(self, folder):
        self.folder = folder

    def write(self, name, source):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        return path

    def imported(self, name="mine"):
        for loaded in [loaded for loaded in sys.modules if loaded.partition(".")[0].startswith("mine")]:
            del sys.modules[loaded]
        importlib.invalidate_caches()
        return importlib.import_module(name)


LENGTH = "import zlib\ndef length(data): return len(zlib.compress(data)) + {n}\n"


def edited_source(source):
    def way(files, monkeypatch):
        for n in (0, 40):
            files.write("mine.py", source.format(n=n))
            yield {"compressor": files.imported().length}

    return way


def two_files(source, other="mine_too.py", text=LENGTH):
    def way(files, monkeypatch):
        files.write("mine.py", source)
        for n in (0, 40):
            files.write(other, text.format(n=n))
            yield {"compressor": files.imported().length}

    return way
