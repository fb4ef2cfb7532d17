"""The rooms of the package and their order, and a drawing of both: made from the code, so that it can't lie.

    python docs/rooms.py            writes docs/rooms.svg

tests/test_rooms.py checks that imports go down only, and that the drawing is that of the code.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
PACKAGE = "gzipknn"
DRAWING = ROOT / "docs" / "rooms.svg"


class Room(NamedTuple):
    """Modules that answer one kind of question."""

    name: str
    question: str
    members: tuple[str, ...]
    """Modules or packages, without the name of the whole package."""


# From the top down: a room imports from the rooms below it, and never from one above.
ROOMS = (
    Room("command", "What does the command line do?", ("command", "__main__")),
    Room("for people", "Where do texts come from, and what does it look like?", ("datasets", "plotting")),
    Room(
        "estimators",
        "What does scikit-learn see?",
        (
            "recipes",
            "landmarks",
            "landmark_regressor",
            "landmark_model",
            "held_out_ridge",
            "baselines",
            "tuning",
            "trials",
            "held_out_votes",
            "classifier",
            "growth",
            "regressor",
            "outliers",
            "neighbors",
            "neighbors_transformer",
            "graphs",
            "transformer",
            "compression_knn",
            "compression_search",
            "knn",
            "ballots",
            "neighborhoods",
            "base",
            "targets",
            "pairwise",
            "trusted_types",
        ),
    ),
    Room("explanation", "Why is a text near?", ("explanation", "phrases")),
    Room("search", "Which training texts are nearest?", ("search",)),
    Room("memory", "What was searched before, and is it the same?", ("memory",)),
    Room("compressors", "How long is a text, or a pair?", ("compressors",)),
    Room("metrics, voting", "What is a distance, and who wins the vote?", ("metrics", "voting", "ties")),
    Room("texts", "What is a valid text or label?", ("texts",)),
    Room("utils", "What do several rooms check or make once?", ("utils",)),
    Room("_kernel", "Where do lengths come from, so fast?", ("_kernel", "versions")),
)
# The modules through which the data goes, from the texts to the labels; drawn above the rooms.
WAY = ("texts.encoding", "texts.corpus", "search.training_texts", "search.screen", "search.distances", "search.hubs")
WAY = (*WAY, "search.neighbors", "voting")


def modules() -> dict[str, Path]:
    """Return the file of each module, by its name without that of the package."""
    found = {}
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if not name.startswith("_moved"):  # old names of modules, for models that were written before they moved
            found[name] = path
    return found


def imports(path: Path, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules that a file imports, also those inside of functions and for type checking alone."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.removeprefix(f"{PACKAGE}.") for alias in node.names if _is_own(alias.name))
        elif isinstance(node, ast.ImportFrom) and _is_own(node.module or ""):
            module = (node.module or "").removeprefix(PACKAGE).removeprefix(".")
            for alias in node.names:
                inner = f"{module}.{alias.name}".removeprefix(".")
                yield inner if inner in known else module


def _is_own(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")


def room_of(module: str) -> int | None:
    """Return the number of a module's room, from the top; None for the package itself, which only names things."""
    if not module:
        return None
    for number, room in enumerate(ROOMS):
        if module.split(".")[0] in room.members:
            return number
    raise LookupError(f"{module} is in no room: add it to docs/rooms.py")


def arrows() -> dict[str, set[str]]:
    """Return which modules each module imports."""
    known = modules()
    return {name: set(imports(path, known)) - {name} for name, path in known.items()}


def circles() -> list[list[str]]:
    """Return the groups of modules that import each other, directly or through others."""
    graph = {name: found for name, found in arrows().items() if name}
    reached = {name: _reach(graph, name) for name in graph}
    groups = {tuple(sorted(b for b in reached[a] if a in reached[b])) for a in graph if a in reached[a]}
    return [list(group) for group in sorted(groups)]


def _reach(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += graph.get(name, ())
    return found


def upward() -> list[tuple[str, str]]:
    """Return the imports that go from a room to one above it."""
    wrong = []
    for name, found in arrows().items():
        own = room_of(name)
        wrong += [(name, other) for other in sorted(found) if own is not None and (room_of(other) or own) < own]
    return wrong


# ---- the drawing ----

WIDTH, LEFT, STEP = 390, 12, 17
STYLE = """
text { font-family: sans-serif; font-size: 12px; fill: #222 }
.name { font-weight: bold; font-size: 14px }
.files { font-family: monospace; font-size: 11px }
rect { fill: #f4f4f0; stroke: #777 } .way { fill: none; stroke: #777; stroke-width: 2 } polygon { fill: #777 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } rect { fill: #2a2a2a; stroke: #999 } }
"""


def draw() -> str:
    """Return the way of the data and the rooms as SVG, from the top down, each with its files and what it imports."""
    graph = arrows()
    missing = [name for name in WAY if name not in graph]
    if missing:
        raise LookupError(f"the way of the data leads through {missing}, which are no modules: mend docs/rooms.py")
    way = _wrapped([*WAY[:-1], WAY[-1]], 46, " → ")
    boxes = [[("name", "the way of the data"), *(("files", line) for line in way)]]
    for number, room in enumerate(ROOMS):
        own = [name for name in graph if room_of(name) == number]
        below = sorted({room_of(other) or 0 for name in own for other in graph[name] if other} - {number})
        uses = _wrapped(
            [f"uses {ROOMS[below[0]].name}", *(ROOMS[other].name for other in below[1:])] if below else [], 48
        )
        lines = [
            ("name", room.name),
            ("", room.question),
            *(("files", line) for line in _wrapped(_files(room, own), 46)),
        ]
        boxes.append([*lines, *(("", line) for line in uses)])
    parts, y = [], 8
    for number, lines in enumerate(boxes):
        height = STEP * len(lines) + 12
        parts.append(f'<rect x="{LEFT}" y="{y}" width="{WIDTH - 2 * LEFT}" height="{height}" rx="6"/>')
        for i, (kind, text) in enumerate(lines):
            parts.append(f'<text class="{kind}" x="{LEFT + 10}" y="{y + STEP * (i + 1) + 1}">{escape(text)}</text>')
        y += height + 18
        if 0 < number < len(boxes) - 1:
            middle = WIDTH // 2
            parts.append(f'<path class="way" d="M{middle} {y - 18} v12"/>')
            parts.append(f'<polygon points="{middle - 5},{y - 8} {middle + 5},{y - 8} {middle},{y}"/>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _files(room: Room, own: list[str]) -> list[str]:
    """Return the files of a room; of a package beside other modules, only how many files it has."""
    inside = [name.removeprefix(f"{room.name}.") for name in own if name != room.name]
    packages = {name for name in inside if any(other.startswith(f"{name}.") for other in inside)}
    counted = {name: sum(other.startswith(f"{name}.") for other in inside) for name in packages}
    alone = [name for name in inside if name.split(".")[0] not in packages]
    return [*alone, *(f"{name} ({n} files)" for name, n in sorted(counted.items()))]


def _wrapped(words: list[str], width: int, between: str = ", ") -> list[str]:
    """Join words to lines of at most `width` letters."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(between) + len(word) <= width:
            lines[-1] += between + word
        else:
            lines.append(word)
    return [line + between.rstrip() for line in lines[:-1]] + lines[-1:]


if __name__ == "__main__":
    DRAWING.write_text(draw(), encoding="utf-8")
    print(f"written: {DRAWING}")
