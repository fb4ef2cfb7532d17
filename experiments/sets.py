"""The data sets of the paper and of this project: their sources, and their names in published tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from common import one_line

from gzipknn.datasets import load_texts

Texts = tuple[list[str], list[str]]
"""Texts and their labels."""

NOTHING = "nothing was done, because everything was skipped; the reasons are above"
"""The message of a script that skipped everything. Its exit code is 1."""

# Some sets of the hub are scripts, which `datasets` no longer runs. This revision has the hub's conversion to files.
CONVERTED = "refs/convert/parquet"


@dataclass(frozen=True)
class Source:
    """A data set of the Hugging Face hub. These names were written down without access to the hub."""

    hub: str | None = None
    text: tuple[str, ...] = ("text",)
    """The columns that make up a text, joined by a space."""
    label: tuple[str, ...] = ("label",)
    """The column of labels, or several columns of 0 and 1. Then the label is the name of the first column with a 1."""
    config: str | None = None
    revision: str | None = None
    train: str = "train"
    published: str | None = None
    """The name of the data set in published.csv."""


SETS = {
    "r8": Source("dxgp/R8", train="train+validation", published="R8"),
    "r52": Source("dxgp/R52", train="train+validation", published="R52"),
    "ohsumed": Source("dxgp/ohsumed", train="train+validation", published="Ohsumed"),
    "20news": Source("SetFit/20_newsgroups", published="20News"),
    "agnews_10k": Source(),
    "trec6": Source(),
    "sms_spam": Source(),
    "imdb": Source("stanfordnlp/imdb", published="IMDb"),
    "imdb_rasbt": Source(published="IMDb rasbt split"),
    "agnews": Source("fancyzhx/ag_news", published="AG News"),
    "dbpedia": Source("fancyzhx/dbpedia_14", text=("title", "content"), published="DBpedia"),
    "yahoo": Source(
        "community-datasets/yahoo_answers_topics",
        text=("question_title", "question_content", "best_answer"),
        label=("topic",),
        published="YahooAnswers",
    ),
    "kinyarwanda": Source(
        "andreniyongabo/kinnews_kirnews",
        text=("title", "content"),
        config="kinnews_cleaned",
        revision=CONVERTED,
        published="KinyarwandaNews",
    ),
    "kirundi": Source(
        "andreniyongabo/kinnews_kirnews",
        text=("title", "content"),
        config="kirnews_cleaned",
        revision=CONVERTED,
        published="KirundiNews",
    ),
    "dengue": Source(
        "jcblaise/dengue_filipino",
        label=("absent", "dengue", "health", "mosquito", "sick"),
        revision=CONVERTED,
        published="DengueFilipino",
    ),
    "swahili": Source("community-datasets/swahili_news", published="SwahiliNews"),
    "sogou": Source("community-datasets/sogou_news", text=("title", "content"), published="SogouNews"),
}


def add_sets(parser: argparse.ArgumentParser, default: Iterable[str]) -> None:
    """Add the options --data and --datasets, which choose the data sets."""
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with a folder for each set")
    about = (
        f"names of folders in the folder --data; names of sets on the Hugging Face hub, of {' '.join(SETS)}; or paths "
        f"of folders with train and test files (default: {' '.join(default)})"
    )
    parser.add_argument("--datasets", "--sets", nargs="+", default=list(default), metavar="NAME|PATH", help=about)


def load_sets(names: Iterable[str], data: Path) -> Iterator[tuple[str, Texts, Texts]]:
    """Load data sets one after the other: the title in results, the training texts and the test texts.

    Sets that cannot be loaded are skipped, and the reason is printed on stderr. If all are skipped, the script ends
    with exit code 1.

    Raises
    ------
    ValueError
        If two data sets would have the same title.
    """
    names, loaded = list(names), False
    check_titles(names, data)
    for name in names:
        try:
            train, test = load_set(name, data)
        except (OSError, ValueError) as error:
            print(f"{name}: skipped: {one_line(error)}", file=sys.stderr)
            continue
        loaded = True
        yield title_of(name, data), train, test
    if not loaded:
        sys.exit(NOTHING)


def check_titles(names: Iterable[str], data: Path) -> None:
    """Raise a ValueError if two data sets have the same title, because one would replace the other in the results."""
    titles: dict[str, str] = {}
    for name in names:
        title = title_of(name, data)
        if title in titles:
            raise ValueError(
                f"{titles[title]!r} and {name!r} would both be called {title!r} in the results; run them one at a time "
                f"with different --out."
            )
        titles[title] = name


def find_folder(name: str, data: Path) -> Path | None:
    """Return the folder of a data set, or None if there is none.

    A name with a slash is a path. If there is no such folder, it is looked for in `data`, too. Any other name is a
    folder in `data`, or else a set of the hub, or else a path.
    """
    is_path = "/" in name or os.sep in name or name in (".", "..")
    places = (Path(name), data / name) if is_path else (data / name, *(() if name in SETS else (Path(name),)))
    return next((place for place in places if place.is_dir()), None)


def title_of(name: str, data: Path) -> str:
    """Return the title of a data set, which names it in results and in their file names."""
    folder = find_folder(name, data)
    if folder is None:
        return name
    folder = folder.resolve()
    if folder.name in SETS and folder.parent != data.resolve():
        return f"{folder.parent.name}_{folder.name}"  # another set than the known one of this name
    return folder.name


def load_set(name: str, data: Path) -> tuple[Texts, Texts]:
    """Load training and test texts from a folder if :func:`find_folder` finds one, and otherwise from the hub.

    Raises
    ------
    OSError, ValueError
        If the data set can be loaded from neither.
    """
    folder = find_folder(name, data)
    if folder is not None:
        return load_texts(folder, "train"), load_texts(folder, "test")
    source = SETS.get(name, Source())
    if source.hub is None:
        raise FileNotFoundError(
            f"there is no folder {data / name} with train and test files, there is no folder {name}, and no data set "
            f"of the hub is known as {name!r}; give a folder with --data, or the path of a folder"
        )
    return _from_hub(source, source.train), _from_hub(source, "test")


def _from_hub(source: Source, split: str) -> Texts:
    def column(text: str, label: str | None) -> Texts:
        assert source.hub is not None
        return load_texts(source.hub, split, text=text, label=label, config=source.config, revision=source.revision)

    columns = [column(text, None)[0] for text in source.text]
    texts = [" ".join(parts) for parts in zip(*columns, strict=True)]
    marks = [column(source.text[0], label)[1] for label in source.label]
    if len(marks) == 1:
        return texts, marks[0]
    named = [
        (text, source.label[row.index("1")])
        for text, row in zip(texts, ([str(mark) for mark in row] for row in zip(*marks, strict=True)), strict=True)
        if "1" in row
    ]
    return [text for text, _ in named], [label for _, label in named]
