"""Functions that the benchmarks share: loading texts as bytes, options, and results as in the experiments."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gzipknn.datasets import load_texts
from gzipknn.texts.encoding import encode_texts

sys.path.append(str(Path(__file__).parents[1] / "experiments"))

import common
from plots import SERIES as SERIES
from plots import Column as Column
from plots import draw_rows as draw_rows
from plots import label_ends as label_ends
from plots import log_ticks as log_ticks
from plots import panels as panels
from plots import save as save

DATA = Path("../shared/data")
run_script = common.run


def load_bytes(folder: Path, split: str) -> list[bytes]:
    return encode_texts(load_texts(folder, split)[0])


def spread(items: list[Any], n: int) -> list[Any]:
    """Take at most n items at regular steps."""
    return items[:: max(1, len(items) // n)][:n]


def add_data(parser: argparse.ArgumentParser, sets: tuple[str, ...] = ()) -> None:
    """Add the option --data, and --sets if a benchmark measures several sets by default."""
    parser.add_argument("--data", type=Path, default=DATA, help=f"folder with a folder for each set (default: {DATA})")
    if sets:
        parser.add_argument("--sets", nargs="+", default=sets, help=f"default: {' '.join(sets)}")


def parse(parser: argparse.ArgumentParser, *part: str) -> argparse.Namespace:
    """Add the option --out and parse the command line. The options named in `part` make the results partial."""
    common.add_out(parser)
    options = parser.parse_args()
    options.part = common.part_of(parser, options, *part)
    return options


def read_json(options: argparse.Namespace, name: str) -> Any:
    """Return the results of earlier runs of the same kind, so that this run can add to them.

    Raises
    ------
    ValueError
        If this run is of a part, and the file holds results of a whole run.
    """
    return common.read_known(options.out / f"{name}.json", "result", options.part)


def write_json(options: argparse.Namespace, name: str, result: Any) -> None:
    path = options.out / f"{name}.json"
    common.write_result(path, {"result": result}, options.part)
    print(f"written: {path}")
