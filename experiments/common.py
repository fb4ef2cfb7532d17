"""What the experiments share: scores with their intervals, and results as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gzipknn


def write_result(path: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, with the versions that made it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "versions": gzipknn.versions()}
    path.write_text(json.dumps({**result, **made}, indent=1) + "\n", encoding="utf-8")


def read_known(path: Path, key: str) -> dict[str, Any]:
    """Return what earlier runs wrote under a key, to be added to."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))[key] if path.exists() else {}
    return known


def pyplot() -> Any:
    """Return matplotlib's pyplot, drawing to files only."""
    try:
        import matplotlib
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("plots need matplotlib; install it with: pip install 'gzipknn[plot]'") from error
    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    return plt


def device_name(device: str) -> str:
    """Return the name of a GPU, or "cpu"."""
    import torch

    return str(torch.cuda.get_device_name(device)) if device.startswith("cuda") else device
