"""A folder of texts for each class, as ``sklearn.datasets.load_files`` takes it: the folder's name is the label."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

from gzipknn.datasets.text_files import open_text

SPLITS = ("train", "test", "val", "valid", "validation", "dev")


def holds_classes(path: Path) -> bool:
    """Tell whether a folder has a folder for each class, and not one for each split or for each data set."""
    return any(_folders(path)) and named_like_a_split(path) is None


def named_like_a_split(path: Path) -> Path | None:
    """Return what tells that the folders in a folder are no classes: the first one that is, or holds, a split."""
    for folder in _folders(path):
        for found in (folder, *sorted(folder.iterdir())):
            if _is_split(found):
                return found
    return None


def _folders(path: Path) -> list[Path]:
    return [folder for folder in sorted(path.iterdir()) if folder.is_dir() and not folder.name.startswith(".")]


def _is_split(path: Path) -> bool:
    return path.name.lower().partition(".")[0] in SPLITS


def read_class_folders(path: Path, encoding: str | None) -> Iterator[tuple[Path, str, str]]:
    """Yield of each file in each folder its path, its text and the name of its folder; in order of their names.

    Files whose names begin with a dot are left out, and so are files beside the folders.
    """
    for folder in _folders(path):
        files = [file for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
        if not files:
            warnings.warn(f"{folder} has no files, so there is no class {folder.name!r}.", UserWarning, stacklevel=4)
        for file in files:
            if file.is_dir():
                raise ValueError(
                    f"{file} is a folder in a folder of one class, where texts were expected, a file each; "
                    f"move its files up, or give the path of the folder that holds the classes."
                )
            with open_text(file, encoding, is_table=False) as opened:
                yield file, opened.read(), folder.name
