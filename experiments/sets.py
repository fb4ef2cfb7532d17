"""The data sets of the paper and of this project: where they are, and what published tables call them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gzipknn.datasets import load_texts

Texts = tuple[list[str], list[str]]
"""Texts and their labels."""

# As the hub itself converted them, for sets that it only has as scripts, which `datasets` no longer runs.
CONVERTED = "refs/convert/parquet"


@dataclass(frozen=True)
class Source:
    """A data set of the Hugging Face hub; none was within reach where these names were written down."""

    hub: str | None = None
    text: tuple[str, ...] = ("text",)
    """Columns that make up a text, joined by a space."""
    label: tuple[str, ...] = ("label",)
    """The column of labels; or several of 0 and 1, of which the first with a 1 is the label."""
    config: str | None = None
    revision: str | None = None
    train: str = "train"
    published: str | None = None
    """Its name in published.csv."""


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


def load_set(name: str, folder: Path) -> tuple[Texts, Texts]:
    """Load training and test texts, from the folder `folder/name` if there is one, else from the hub.

    Raises
    ------
    OSError, ValueError
        If it is in neither; the message says why.
    """
    if (folder / name).is_dir():
        return load_texts(folder / name, "train"), load_texts(folder / name, "test")
    source = SETS.get(name, Source())
    if source.hub is None:
        raise FileNotFoundError(
            f"there is no folder {folder / name} with train and test files, and no hub has {name!r}"
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
