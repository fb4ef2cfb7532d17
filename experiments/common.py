"""Functions that the experiments share: options, results as JSON, and the end of a script.

The results of a run on a part of the texts or settings never replace those of a whole run.
"""

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
"""The default folder for results. Git ignores it. The committed results are in the folder of the script."""


def add_out(parser: argparse.ArgumentParser) -> None:
    """Add the option --out, which names the folder for results."""
    committed = Path(sys.argv[0]).resolve().parent.name + "/results"
    about = f"folder for the results, created if needed (default: {OUT}); the committed results are in {committed}"
    parser.add_argument("--out", type=Path, default=OUT, metavar="FOLDER", help=about)


def part_of(parser: argparse.ArgumentParser, options: argparse.Namespace, *names: str) -> list[str]:
    """Return the options among `names` that are not at their default, as a user writes them.

    Each of these options makes the results incomplete: they are of fewer texts or fewer settings, or without times. A
    run without any of them is a whole run.
    """
    given = [(name, getattr(options, name)) for name in names if getattr(options, name) != parser.get_default(name)]
    return [f"-{'-' * (len(name) > 1)}{name.replace('_', '-')} {in_words(value)}" for name, value in given]


def in_words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def check_replaceable(path: Path, part: list[str]) -> bool:
    """Return whether a file is missing, or holds results of the same kind: of a whole run, or of the same part.

    Raises
    ------
    ValueError
        If the file holds results of a whole run, and the new ones are of a part.
    """
    if not path.exists():
        return True
    there = json.loads(path.read_text(encoding="utf-8")).get("part", [])
    if part and not there:
        raise ValueError(
            f"{path} holds results of a whole run, and those of a part ({', '.join(part)}) never replace them; "
            f"name another folder with --out."
        )
    return bool(part == there)


def check_folder(folder: Path, kind: str, part: list[str]) -> None:
    """Refuse results of a part in a folder with results of whole runs, because one table shows all of them.

    Raises
    ------
    ValueError
        If there is a file of this kind with results of a whole run, and the new ones are of a part.
    """
    for path in sorted(folder.glob(f"{kind}_*.json")):
        check_replaceable(path, part)


def write_result(path: Path, result: dict[str, Any], part: list[str]) -> None:
    """Write a result as JSON, together with the versions of the software, and the options that made it a part.

    Raises
    ------
    ValueError
        If the result is of a part, and the file holds the result of a whole run.
    """
    if not check_replaceable(path, part):
        print(f"{path} held results of another part; they are replaced", file=sys.stderr)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = {"part": part, "made": datetime.now(UTC).isoformat(timespec="seconds"), "versions": gzipknn.versions()}
    unfinished = path.with_suffix(".unfinished")  # an interruption leaves either the old result or the new one
    unfinished.write_text(json.dumps({**result, **made}, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_known(path: Path, key: str, part: list[str]) -> dict[str, Any]:
    """Return the results that earlier runs of the same kind wrote under a key, so that this run can add to them.

    Raises
    ------
    ValueError
        If this run is of a part, and the file holds results of a whole run.
    """
    if not check_replaceable(path, part) or not path.exists():
        return {}
    known: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")).get(key, {})
    return known


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Add the option --memory, which keeps the results of searches."""
    parser.add_argument("--memory", metavar="FOLDER", help="keep searches there, to continue an interrupted run")


def timed(seconds: float, options: argparse.Namespace) -> float | None:
    """Return the seconds, or None if --memory was given, because a part of the work may have been done before."""
    return None if options.memory else seconds


def run(main: Callable[[], None]) -> None:
    """Run an experiment as a script. Errors of data and settings, and interruptions, end it without a traceback."""
    try:
        main()
    except (OSError, ValueError, ModuleNotFoundError) as error:
        sys.exit(f"{Path(sys.argv[0]).name}: {one_line(error)}")
    except KeyboardInterrupt:
        print("interrupted; if --memory was given, the same command continues from here", file=sys.stderr)
        sys.exit(130)


def one_line(error: Exception) -> str:
    """Return the message of an error on one line."""
    return " ".join(str(error).split())


def pyplot() -> Any:
    """Return matplotlib's pyplot, set up to draw to files only.

    Raises
    ------
    ModuleNotFoundError
        If matplotlib is not installed.
    """
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
