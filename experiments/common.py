"""What the experiments share: results as JSON, which those of a part never replace, and how a script ends."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gzipknn

OUT = Path("results")
"""Where results go unless --out says otherwise. Git ignores it; committed results are in the folder of the script."""


def add_out(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where results go."""
    committed = Path(sys.argv[0]).resolve().parent.name + "/results"
    about = f"folder for the results, made if needed (default: {OUT}); the committed results are in {committed}"
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=about)


def part_of(parser: argparse.ArgumentParser, options: argparse.Namespace, *names: str) -> list[str]:
    """Return those of some options that are not at their default, as a user writes them.

    Each of these options makes the results of a run less than those of the whole: fewer texts, fewer settings, or
    seconds that are not known. Without any of them a run is whole.
    """
    given = [(name, getattr(options, name)) for name in names if getattr(options, name) != parser.get_default(name)]
    return [f"-{'-' * (len(name) > 1)}{name.replace('_', '-')} {in_words(value)}" for name, value in given]


def in_words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def check_replaceable(path: Path, part: list[str]) -> bool:
    """Tell whether a file holds results of the same kind: of the whole, or of the same part.

    Raises
    ------
    ValueError
        If the file holds results of the whole, and the new ones are of a part.
    """
    if not path.exists():
        return True
    there = json.loads(path.read_text(encoding="utf-8")).get("part", [])
    if part and not there:
        raise ValueError(
            f"{path} holds results of a whole run, and those of a part ({', '.join(part)}) never replace them; "
            f"give another folder with --out."
        )
    return bool(part == there)


def check_folder(folder: Path, kind: str, part: list[str]) -> None:
    """Refuse results of a part in a folder with whole ones, as one table is made of all results of a kind there."""
    for path in sorted(folder.glob(f"{kind}_*.json")):
        check_replaceable(path, part)


def write_result(path: Path, result: dict[str, Any], part: list[str]) -> None:
    """Write a result as JSON, with the versions that made it, and which part of a whole run it is, if it is one.

    Raises
    ------
    ValueError
        If it is of a part, and the file holds the result of a whole run.
    """
    if not check_replaceable(path, part):
        print(f"{path} held results of another part; they are replaced", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {"part": part, "made": datetime.now(UTC).isoformat(timespec="seconds"), "versions": gzipknn.versions()}
    unfinished = path.with_suffix(".unfinished")  # so that an interruption leaves the old result or the new one
    unfinished.write_text(json.dumps({**result, **made}, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_known(path: Path, key: str, part: list[str]) -> dict[str, Any]:
    """Return what earlier runs of the same kind wrote under a key, to be added to.

    Raises
    ------
    ValueError
        If this run is of a part, and the file holds results of whole runs.
    """
    if not check_replaceable(path, part) or not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get(key, {})
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
        sys.exit(f"{Path(sys.argv[0]).name}: {one_line(error)}")
    except KeyboardInterrupt:
        print("interrupted; where --memory was given, the same command goes on from here", file=sys.stderr)
        sys.exit(130)


def one_line(error: Exception) -> str:
    """Return the message of an error without its line breaks."""
    return " ".join(str(error).split())


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
