"""A folder of texts for each class, as ``sklearn.datasets.load_files`` takes it: the folder's name is the label."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gzipknn.datasets.text_files import open_text

SPLITS = ("train", "test", "val", "valid", "validation", "dev")


def holds_classes(path: Path) -> bool:
    """Tell whether a folder has a folder for each class, and not one for each split or for each data set."""
    folders = [folder for folder in path.iterdir() if folder.is_dir() and not folder.name.startswith(".")]
    return bool(folders) and not any(_is_split(folder) or any(map(_is_split, folder.iterdir())) for folder in folders)


def _is_split(path: Path) -> bool:
    return path.name.lower().partition(".")[0] in SPLITS


def read_class_folders(path: Path, encoding: str | None) -> Iterator[tuple[Path, str, str]]:
    """Yield of each file in each folder its path, its text and the name of its folder; in order of their names.

    Files whose names begin with a dot are left out, and so are files beside the folders.
    """
    for folder in sorted(path.iterdir()):
        if not folder.is_dir() or folder.name.startswith("."):
            continue
        for file in sorted(folder.iterdir()):
            if file.name.startswith("."):
                continue
            if file.is_dir():
                raise ValueError(
                    f"{file} is a folder in a folder of one class, where texts were expected, a file each; "
                    f"move its files up, or give the path of the folder that holds the classes."
                )
            with open_text(file, encoding) as opened:
                yield file, opened.read(), folder.name
