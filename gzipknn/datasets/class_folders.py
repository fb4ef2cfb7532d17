"""Read a folder of texts for each class, as ``sklearn.datasets.load_files`` does: the folder's name is the label."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path

from gzipknn.datasets.text_files import open_text

SPLITS = ("train", "test", "val", "valid", "validation", "dev")


def holds_classes(path: Path) -> bool:
    """Return whether the folders in a folder are those of classes, and not those of splits or of data sets."""
    return any(_folders(path)) and named_like_a_split(path) is None


def named_like_a_split(path: Path) -> Path | None:
    """Return the first folder, or item in a folder, that is named like a split, so that the folders are not classes."""
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
    """Yield the path, the text and the folder's name of each file in each folder, in the order of their names.

    Files whose names begin with a dot are ignored, and so are files beside the folders.
    """
    for folder in _folders(path):
        files = [file for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
        if not files:
            warnings.warn(f"{folder} has no files, so there is no class {folder.name!r}.", UserWarning, stacklevel=4)
        for file in files:
            if file.is_dir():
                raise ValueError(
                    f"{file} is a folder, but the folder of a class must hold only files, one for each text; "
                    f"move its files up, or give the path of the folder that holds the classes."
                )
            with open_text(file, encoding, is_table=False) as opened:
                yield file, opened.read(), folder.name
