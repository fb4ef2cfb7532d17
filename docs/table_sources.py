"""Where the tables' numbers lie."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "experiments"))

from methods import METHODS
from plot_tables import OVERVIEW as OVERVIEW
from render import marked as marked

ROOT = Path(__file__).parent.parent
TITLES = {name: method.title for name, method in METHODS.items()}
SETS = ("r8", "r52", "ohsumed", "20news", "agnews_10k", "trec6", "sms_spam", "imdb")


def compressor_results() -> dict[str, Any]:
    return {name: load(ROOT / f"experiments/results/compressors_{name}.json") for name in SETS}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def interval(share: dict[str, Any]) -> str:
    """Return a share with its interval, as words that stay on one line."""
    text = f"{share['value']:.3f} ({share['interval'][0]:.3f} to {share['interval'][1]:.3f})"
    return text.replace(" ", "\N{NO-BREAK SPACE}")
