"""Log lines made of the messages in installed packages, with random values filled in."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

LEVELS = {"debug": "DEBUG", "info": "INFO", "warning": "WARNING", "error": "ERROR", "exception": "ERROR"}
LEVELS |= {"critical": "CRITICAL"}
LOGGERS = {"logger", "log", "_logger", "_log", "LOG", "LOGGER", "logging"}
CALL = re.compile(rf"\b({'|'.join(sorted(LOGGERS))})\.({'|'.join(LEVELS)})\(".encode())
PLACE = re.compile(r"%\(?[\w.]*\)?[-+#0-9.]*[sdrifgx]|\{[^{}]*\}")
WORDS = ("main", "worker", "default", "train", "cache", "model", "config", "remote", "input", "output", "user", "data")
N_LINES = 4
TEST_SHARE = 0.3
FEWEST, BLOCKS = 8, (60, 40)
"""FEWEST is the least number of modules with log messages that a package must have. BLOCKS are the numbers of training
and test blocks for each package."""


def log_blocks(paths: list[Path], site: Path) -> Iterator[tuple[str, str, bytes, bool]]:
    """Yield blocks of log lines: the package, the module, the text, and whether the block is for testing.

    A module's messages are either all for training or all for testing. A line has a time, a level and a message of the
    module. The values in a message are drawn at random, in the same way for all packages.
    """
    messages: dict[str, dict[str, list[tuple[str, str]]]] = defaultdict(dict)
    for path in paths:
        found = list(_messages(path))
        if found:
            parts = path.relative_to(site).parts
            messages[parts[0]]["/".join(parts)] = found
    for package, by_module in sorted(messages.items()):
        if len(by_module) < FEWEST or "test" in package:
            continue
        random = np.random.default_rng(0)
        modules = [sorted(by_module)[i] for i in random.permutation(len(by_module))]
        n_test = round(TEST_SHARE * len(modules))
        for is_test, own in ((False, modules[n_test:]), (True, modules[:n_test])):
            for number in range(BLOCKS[is_test]):
                module = own[number % len(own)]
                yield package, module, _block(by_module[module], random), is_test


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the level and the message of each logging call in a module. In f-strings, %s replaces each expression."""
    source = path.read_bytes()
    if not CALL.search(source):
        return  # a shortcut, because parsing is slow
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return  # written for another version of Python
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        owner, level = node.func.value, LEVELS.get(node.func.attr)
        name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
        if level is None or name not in LOGGERS:
            continue
        parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
        text = "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "%s" for part in parts
        )
        if len(PLACE.sub("", text)) >= 10:
            yield level, text


def _block(messages: list[tuple[str, str]], random: np.random.Generator) -> bytes:
    second, lines = int(random.integers(0, 86_400)), []
    for _ in range(N_LINES):
        second += int(random.integers(0, 20))
        level, message = messages[random.integers(0, len(messages))]
        filled = PLACE.sub(lambda _: _value(random), message)
        clock = f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        lines.append(f"2026-11-27 {clock},{random.integers(0, 1000):03d} {level} {filled}")
    return "\n".join(lines).encode()


def _value(random: np.random.Generator) -> str:
    word, other = (WORDS[i] for i in random.integers(0, len(WORDS), 2))
    number = int(random.integers(0, 10_000))
    kinds = (str(number), f"{number / 1000:.3f}", f"/srv/{word}/{other}", f"{word}_{other}", f"0x{number * 7919:x}")
    return kinds[random.integers(0, len(kinds))]
