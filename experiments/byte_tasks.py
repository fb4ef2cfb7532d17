"""Tasks of bytes that an ordinary machine has: files, code, messages, DNA. Nothing is downloaded or copied.

Training and test texts never share a source: a file, a package, a module, a catalogue or a species. The texts
depend on what is installed. What a task needs and the machine lacks is said in a `MissingDataError`.
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
"""Of fragments of so many bytes: long ones take long."""
TEST_SHARE = 0.3
FEWEST_FILES = 4
"""Of a package, for its label."""
DECLARED = ".c .h;.cc .cpp .hpp .hh .tcc;.py;.pyi;.pyx .pxd;.js .mjs;.pl .pm;.php;.tcl;.sh;.sql;.cmake;.m4;.css;.html"
DECLARED += ";.svg;.xml;.json;.yaml .yml;.rst;.md;.vim;.el;.rb;.java;.go;.ts;.lua;.cu .cuh;.awk;.texi;.ps;.R"
LANGUAGE_OF = {suffix: group.split()[0] for group in DECLARED.split(";") for suffix in group.split()}
MARKUP = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>|&\w+;")


class MissingDataError(Exception):
    """The machine has not what a task is made of."""


@dataclass
class Texts:
    """Bytes, what they are, and which source each is from."""

    X: list[bytes] = field(default_factory=list)
    y: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    series: list[Any] = field(default_factory=list)
    """What the bytes are made of, where they are letters."""

    def add(self, text: bytes, label: str, group: str) -> None:
        """Add a text."""
        self.X.append(text)
        self.y.append(label)
        self.groups.append(group)

    def take(self, rows: Iterable[int]) -> Texts:
        """Return some of them."""
        rows = list(rows)
        columns = (self.X, self.y, self.groups, self.series)
        return Texts(*([values[row] for row in rows] if values else [] for values in columns))


Split = tuple[Texts, Texts]
"""Training and test texts."""


# ---- files ----


@cache
def _files(root: Path, smallest: int) -> list[tuple[str, Path]]:
    """Return the files of the system or of the installed packages, sorted, each with its package."""
    found = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if not path.is_symlink() and path.is_file() and path.stat().st_size >= smallest:
                parts = path.relative_to(root).parts
                # a package is a folder of site-packages, or one as /usr/share/perl
                found.append(("/".join(parts[: 1 if root == PACKAGES else 2]), path))
    return found


def _drawn(items: list[Any], n: int, seed: int = 0) -> list[Any]:
    return [items[i] for i in np.random.default_rng(seed).permutation(len(items))[:n]]


def _fragment(path: Path, size: int, seed: int) -> bytes:
    """Cut a fragment out of a file, from anywhere in it."""
    with path.open("rb") as file:
        file.seek(int(np.random.default_rng(seed).integers(0, path.stat().st_size - size + 1)))
        return file.read(size)


def fragments(size: int) -> Split:
    """Which type has the file that a fragment is cut from? The 20 types are the most frequent endings of files."""
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
    """Drop test texts that training texts equal, and copies among the training texts."""
    known = set(train.X)
    first = {text: row for row, text in reversed(list(enumerate(train.X)))}
    return train.take(sorted(first.values())), test.take([i for i, text in enumerate(test.X) if text not in known])


def languages_of_code() -> Split:
    """Which language has a piece of 1,000 bytes of a source file? Whole packages are held out."""
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
    """Make texts of the files of the 20 packages that have most of a type; whole files are held out."""
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
    """Which package has the Python file that a piece of 1,000 bytes is cut from? Whole files are held out."""
    return _of_packages(".py", 2000, lambda path, seed: iter([_fragment(path, 1000, seed)]), 80)


def machine_code() -> Split:
    """Which package has the library that a piece of 1,000 bytes of machine code is cut from? Libraries are held out."""

    def cut(path: Path, seed: int) -> Iterator[bytes]:
        yield _fragment(path, 1000, seed)

    return _of_packages(".so", 20_000, cut, 100)


def logs() -> Split:
    """Which package wrote a block of log lines? Whole modules are held out."""
    train, test = Texts(), Texts()
    paths = [path for _, path in _files(PACKAGES, 500) if path.suffix == ".py"]
    for package, module, text, is_test in log_blocks(paths, PACKAGES):
        (test if is_test else train).add(text, package, module)
    if len(set(train.y)) < 2:
        raise MissingDataError("the installed packages log too few messages: pip install django distributed")
    return _without_copies(train, test)


# ---- messages ----


def languages() -> Split:
    """Which of Django's languages and dialects has a message? Those of its core train, those of its parts are told."""
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
    """To which order of mammals belongs a piece of 300 bases of the gene BRCA1? Species are held out."""
    try:
        train, test = species()
    except PackageNotFoundError as error:
        raise MissingDataError(f"{error}: pip install --no-deps cogent3") from error
    return Texts(*map(list, zip(*train, strict=True))), Texts(*map(list, zip(*test, strict=True)))


# ---- time series ----


def series() -> list[Split]:
    """Return the series of five sets as letters, and as they are."""
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
    """What is to be told, and where it comes from."""

    title: str
    make: Callable[[], list[Split]]
    """Returns one split, or as many as it has sets, whose test texts are counted together."""


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
