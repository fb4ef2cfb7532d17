"""Draw all charts and write all pages of results again, from the committed JSON of experiments and benchmarks.

python experiments/redraw.py --out FOLDER
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import audit
import byte_tables
import compressors
import confidence
import encoder_cost
import imdb
import landmarks
import lz77_definition
import scaling
import screening
import shapes
import streaming
from common import run
from plot_tables import OVERVIEW, plot_few_shot, plot_seconds
from render import read

ROOT = Path(__file__).parents[1]
EXPERIMENTS, BENCHMARKS = ROOT / "experiments/results", ROOT / "benchmarks/results"
FROM_JSON: dict[str, tuple[Callable[..., None], str | None]] = {
    "confidence": (confidence.plot, "sets"),
    "encoder_cost": (encoder_cost.plot, None),
    "landmarks": (landmarks.draw, "sets"),
    "lz77_definition": (lz77_definition.draw, "sets"),
    "scaling": (scaling.plot, "result"),
    "screening": (screening.plot, "result"),
    "shapes": (shapes.plot, "result"),
    "streaming": (streaming.plot, "result"),
}
"""For each chart, the function that draws it, and the key of the results in the JSON file of the same name."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about = "folder for all charts and pages (default: the folder of their results)"
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=about)
    options = parser.parse_args()
    for name, draw in charts().items():
        path = options.out / Path(name).name if options.out else ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draw(path)
        print(f"written: {path}")
    for name, text in pages().items():
        path = options.out / Path(name).name if options.out else ROOT / name
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}")


def pages() -> dict[str, str]:
    """Return the text of the pages of results that come from a single JSON file, by their paths in the repository."""
    return {
        "experiments/results/audit.md": "\n".join(audit.render(load(EXPERIMENTS / "audit.json")["sets"])) + "\n",
        "experiments/results/encoder_cost.md": "\n".join(encoder_cost.render(load(EXPERIMENTS / "encoder_cost.json")))
        + "\n",
    }


def charts() -> dict[str, Callable[[Path], Any]]:
    """Return the function that draws each chart of the committed results, by its path in the repository."""
    tables, few_shot = read(EXPERIMENTS, "table"), read(EXPERIMENTS, "few_shot")
    found: dict[str, Callable[[Path], Any]] = {
        "experiments/results/bytes.svg": lambda path: byte_tables.draw(byte_tables.read(EXPERIMENTS), path),
        "experiments/results/tables.svg": lambda path: plot_seconds(tables, path),
        "experiments/results/overview.svg": lambda path: plot_seconds(tables, path, OVERVIEW),
        "experiments/results/few_shot.svg": lambda path: plot_few_shot(few_shot, path),
        "experiments/results/compressors.svg": lambda path: compressors.plot(
            compressors.read_results(EXPERIMENTS), path
        ),
    }
    for folder in (EXPERIMENTS, BENCHMARKS):
        for name, (draw, key) in FROM_JSON.items():
            if (folder / f"{name}.json").exists():
                result = load(folder / f"{name}.json")
                shown = result[key] if key else result
                found[f"{folder.relative_to(ROOT)}/{name}.svg"] = lambda path, draw=draw, shown=shown: draw(shown, path)
    for source in sorted(EXPERIMENTS.glob("*_query-first*.json")):
        found[f"experiments/results/{source.stem}.svg"] = lambda path, source=source: imdb.plot(load(source), path)
    return found


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    run(main)
