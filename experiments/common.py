"""What the experiments share: scores with their intervals, and results as JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gzipknn


def write_result(path: Path, result: dict[str, Any]) -> None:
    """Write a result as JSON, with the versions that made it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "versions": gzipknn.versions()}
    unfinished = path.with_suffix(".unfinished")  # so that an interruption leaves the old result or the new one
    unfinished.write_text(json.dumps({**result, **made}, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_known(path: Path, key: str) -> dict[str, Any]:
    """Return what earlier runs wrote under a key, to be added to."""
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))[key] if path.exists() else {}
    return known


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Add the option that keeps what was searched."""
    parser.add_argument("--memory", metavar="FOLDER", help="keep searches there: a run goes on where one was killed")


def timed(seconds: float, options: argparse.Namespace) -> float | None:
    """Return seconds, or None where a part of the work may have been known before."""
    return None if options.memory else seconds


def run(main: Callable[[], None]) -> None:
    """Run an experiment as a script: errors of data and settings without a traceback, and an end when interrupted."""
    try:
        main()
    except (OSError, ValueError, ModuleNotFoundError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {error}")
    except KeyboardInterrupt:
        print("interrupted; with --memory, the same command goes on from here", file=sys.stderr)
        sys.exit(130)


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
