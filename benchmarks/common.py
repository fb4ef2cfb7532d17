"""What the benchmarks share: texts of the data sets as bytes, results as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gzipknn
from gzipknn.datasets import load_texts
from gzipknn.encoding import encode_texts

DATA = Path("../shared/data")
RESULTS = Path(__file__).parent / "results"


def load_bytes(folder: Path, split: str) -> list[bytes]:
    return encode_texts(load_texts(folder, split)[0])


def spread(items: list[Any], n: int) -> list[Any]:
    """Take about n items, evenly over all."""
    return items[:: max(1, len(items) // n)][:n]


def read_json(name: str) -> Any:
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["result"] if path.exists() else {}


def write_json(name: str, result: Any) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"versions": gzipknn.versions(), "result": result}, indent=1) + "\n", encoding="utf-8")
    print(f"written: {path}")
