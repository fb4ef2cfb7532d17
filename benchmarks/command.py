"""Measure the command: how long it takes to predict one label, and whether `train --tune` is as good as the library.

The time for one label is the processor time of the whole process `gzipknn predict MODEL -` with one line on stdin and a
model of 10,000 training texts. The accuracy is measured on windows of a data set's texts, with typing errors, which
stand for support tickets. That of `gzipknn train --tune` and `predict` is compared with that of NCDClassifierCV.

    python benchmarks/command.py
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from shared import add_data, parse, read_json, run_script, write_json

from gzipknn import NCDClassifierCV
from gzipknn.__main__ import main as gzipknn
from gzipknn.datasets import load_texts

SIZE, ERRORS = 240, 0.03
"""The number of characters in a window, and the share of them that are replaced."""
REPEATS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--set", default="20news", help="data set from which windows are cut (default: 20news)")
    parser.add_argument("--texts", type=int, default=3120, help="number of training texts (default: 3,120)")
    options = parse(parser, "set", "texts")
    results = read_json(options, "command")
    with tempfile.TemporaryDirectory() as folder:
        for preset in ("good", "fast", "paper"):
            result = one_label(options.data / options.set, Path(folder), preset)
            results[f"one label, {preset}"] = result
            print(preset, result, flush=True)
        results["tickets"] = tickets(options.data / options.set, Path(folder), options.texts)
        print("tickets", results["tickets"])
    write_json(options, "command", results)


def one_label(source: Path, folder: Path, preset: str) -> dict[str, Any]:
    train, model = str(folder / "train.jsonl"), str(folder / "m.skops")
    save(windows(source, "train", 10_000, 0), train)
    gzipknn(["train", train, "-o", model, "--preset", preset, "--quiet"])
    command = [sys.executable, "-m", "gzipknn", "predict", model, "-"]
    seconds = []
    for _ in range(REPEATS):
        before = spent()
        subprocess.run(command, input=b"My printer is on fire.\n", stdout=subprocess.DEVNULL, check=True)
        seconds.append(spent() - before)
    return {"texts": 10_000, "seconds": statistics.median(seconds), "bytes": Path(model).stat().st_size}


def spent() -> float:
    """Return the processor seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def tickets(source: Path, folder: Path, n: int) -> dict[str, Any]:
    train, test, model, out = (str(folder / name) for name in ("train.jsonl", "test.jsonl", "m.skops", "out.jsonl"))
    training, queries = windows(source, "train", n, 1), windows(source, "test", 1000, 2)
    save(training, train)
    save(queries, test)
    gzipknn(["train", train, "-o", model, "--tune", "--quiet"])
    gzipknn(["predict", model, test, "-o", out, "--quiet"])
    labels = [json.loads(line)["label"] for line in Path(out).read_text(encoding="utf-8").splitlines()]
    right = [label == truth for label, (_, truth) in zip(labels, queries, strict=True)]
    clf = NCDClassifierCV(random_state=0, n_jobs=-1).fit(*map(list, zip(*training, strict=True)))
    python = clf.score(*map(list, zip(*queries, strict=True)))
    return {"train": n, "test": len(queries), "command": sum(right) / len(right), "library": python}


def windows(source: Path, split: str, n: int, seed: int) -> list[tuple[str, str]]:
    """Cut windows from random places in random texts, and replace some of their letters."""
    texts, labels = load_texts(source, split)
    random = np.random.default_rng(seed)
    found: list[tuple[str, str]] = []
    while len(found) < n:
        i = int(random.integers(len(texts)))
        start = int(random.integers(max(1, len(texts[i]) - SIZE)))
        letters = np.array(list(texts[i][start : start + SIZE]))
        wrong = random.random(len(letters)) < ERRORS
        letters[wrong] = random.choice(list("abcdefghijklmnopqrstuvwxyz "), int(wrong.sum()))
        if (text := "".join(letters)).strip():
            found.append((text, str(labels[i])))
    return found


def save(rows: list[tuple[str, str]], path: str) -> None:
    lines = (json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)
    Path(path).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    run_script(main)
