"""Read data sets of the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gzipknn.datasets.rows import Row, check_names

NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
"""NAME or OWNER/NAME."""


def read_hub(
    name: str, columns: Sequence[str], *, split: str | None, config: str | None, revision: str | None
) -> Iterator[Row]:
    """Yield the rows of a data set of the hub, with class names in place of the numbers of a ``ClassLabel``."""
    import datasets

    table = _load(name, split, config, revision)
    check_names(name, columns, table.column_names)
    lists = []
    for column in columns:
        feature, values = table.features[column], list(table[column])
        if isinstance(feature, datasets.ClassLabel):
            values = [None if value is None or value < 0 else feature.int2str(value) for value in values]
        lists.append(values)
    for number, row in enumerate(zip(*lists, strict=True), 1):
        yield Row(number, None, row, table.column_names)


def _load(name: str, split: str | None, config: str | None, revision: str | None) -> Any:
    import datasets

    try:
        return datasets.load_dataset(name, config, split=split or "train", revision=revision)
    except Exception as error:
        if not (isinstance(error, OSError) or _breaks_a_transfer(error)):
            raise
        raise ConnectionError(
            f"there is no file or folder {name!r}, and no data set of that name could be loaded from the Hugging Face "
            f"hub ({type(error).__name__}: {error!s:.200}). {_cure(error)}, or give the path of files "
            f"(.csv, .tsv, .jsonl, .json, .parquet) with the texts. To try gzipknn without files, run: gzipknn demo."
        ) from error


def _breaks_a_transfer(error: Exception) -> bool:
    # versions of huggingface_hub use different libraries (requests, httpx, httpx2), and some of their errors are not
    # OSErrors
    return any(kind.__name__ in ("TransportError", "RequestException") for kind in type(error).__mro__)


def _cure(error: Exception) -> str:
    if "gated" in str(error).lower():
        return "Ask for access on its page there and log in (hf auth login, or the variable HF_TOKEN)"
    if type(error).__name__ == "DatasetNotFoundError":
        return "Check the name, log in if the data set is private (hf auth login)"
    if _breaks_a_transfer(error):
        return "Try again (the incomplete download is not used)"
    return "Either go online"
