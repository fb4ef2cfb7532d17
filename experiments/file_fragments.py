"""Fragments of the files of this machine, labelled with the file extension."""

from __future__ import annotations

import os
import sysconfig
from collections import defaultdict
from pathlib import Path

import numpy as np

SUFFIXES = (
    ".c .css .gz .h .html .js .json .md .mo .pl .png .py .pyc .pyi .rst .so .svg .ttf .txt .whl .woff2 .xml .yaml"
)
FOLDERS = (Path("/usr"), Path(sysconfig.get_path("purelib")))
FILES_A_FOLDER = 3
FEWEST_FILES = 20


def fragments(size: int, a_type: int) -> tuple[list[bytes], list[str], list[str]]:
    """Cut one fragment of `size` bytes from each of up to `a_type` files of each type.

    Returns
    -------
    texts : list of bytes
    labels : list of str
        The extensions of the files. An extension needs at least `FEWEST_FILES` files, of which at most `FILES_A_FOLDER`
        count in each folder.
    folders : list of str
        The folder of each file. Training and held-out texts must not share a folder, because the files of a folder may
        be versions of each other.
    """
    random = np.random.default_rng(0)
    files, suffixes = defaultdict(list), set(SUFFIXES.split())
    for folder in FOLDERS:
        for parent, names, some in os.walk(folder):
            names.sort()  # so that the order of the files is the same in every run
            here: dict[str, int] = defaultdict(int)
            for name in sorted(some):
                suffix = os.path.splitext(name)[1]
                if suffix not in suffixes or here[suffix] == FILES_A_FOLDER:
                    continue
                path = Path(parent, name)
                if not path.is_symlink() and path.stat().st_size >= 3 * size:
                    here[suffix] += 1
                    files[suffix].append(path)
    found = []
    for suffix, paths in sorted(files.items()):
        if len(paths) >= FEWEST_FILES:
            for i in random.permutation(len(paths))[:a_type]:
                with paths[i].open("rb") as file:
                    file.seek(int(random.integers(paths[i].stat().st_size - size)))
                    found.append((file.read(size), suffix, str(paths[i].parent)))
    texts, labels, folders = (list(column) for column in zip(*found, strict=True))
    return texts, labels, folders
