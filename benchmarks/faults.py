"""Test the cache: kill an experiment at random moments and continue it, damage its cache, repeat it, interrupt it.

    python benchmarks/faults.py
    python benchmarks/faults.py --data ../shared/data/r8 --compressors gzip lz77

Without --data, the texts are the docstrings of the standard library. A later run must not change the files of finished
blocks: their inode, time of modification and bytes must stay the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from shared import parse, read_json, run_script, write_json

from gzipknn import NCDClassifier
from gzipknn.datasets import load_stdlib_docs, load_texts
from gzipknn.memory.cache import BlockStore

EXPERIMENT = Path(__file__).parent.parent / "experiments" / "imdb.py"
FOREVER = 3600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with train and test files (default: docstrings)")
    parser.add_argument("--kills", type=int, default=50, help="least number of kills (default: 50)")
    parser.add_argument("--damages", type=int, default=200, help="number of damaged files (default: 200)")
    parser.add_argument("--interrupts", type=int, default=10, help="number of interruptions (default: 10)")
    parser.add_argument("--compressors", nargs="+", default=["gzip", "lz77", "bz2"], help="compressors of the repeats")
    parser.add_argument("--seed", type=int, default=0)
    options = parse(parser, "data", "kills", "damages", "interrupts", "compressors")
    read_json(options, "faults")  # an error about existing results comes before the work
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.data or write_docs(Path(scratch) / "docs")
        result = {
            "data": folder.name,
            "kills": kill(folder, Path(scratch), options.kills, rng),
            "damages": damage(folder, Path(scratch), options.damages, rng),
            "repeats": [repeat(folder, Path(scratch), name) for name in options.compressors],
            "interrupts": interrupt(folder, Path(scratch), options.interrupts, rng),
        }
    write_json(options, "faults", result)


# ---- SIGKILL ----


def kill(folder: Path, scratch: Path, at_least: int, rng: random.Random) -> dict[str, Any]:
    """Run experiments, killing and restarting each until it ends, until there were at least `at_least` kills."""
    _, seconds = run(folder, scratch / "uninterrupted", scratch / "no-kill")
    expected = numbers(scratch / "uninterrupted")
    _, startup = run(folder, scratch / "repeated", scratch / "no-kill")  # everything is in the cache already
    counts = {"kills": 0, "runs": 0, "finished_blocks": 0, "recomputed": 0, "damaged": 0, "other_numbers": 0}
    while counts["kills"] < at_least:
        out, memory = scratch / f"out{counts['runs']}", scratch / f"memory{counts['runs']}"
        store, finished = BlockStore(memory), dict[Path, Any]()
        while True:
            killed, _ = run(folder, out, memory, rng.uniform(0, startup + seconds / 20))
            found = {path: identity(path) for path in store.files.rglob("*.block")}
            counts["recomputed"] += sum(found.get(path) != was for path, was in finished.items())
            counts["damaged"] += len(store.info()["damaged"])
            finished = found
            if not killed:
                break
            counts["kills"] += 1
        counts["runs"] += 1
        counts["finished_blocks"] += len(finished)
        counts["other_numbers"] += numbers(out) != expected
        print(counts, flush=True)
    return {**counts, "seconds_uninterrupted": seconds, "seconds_repeated": startup}


def run(folder: Path, out: Path, memory: Path, kill_after: float = FOREVER) -> tuple[bool, float]:
    """Run the experiment. Return whether it was killed, and the seconds that it ran."""
    start = time.perf_counter()
    process = subprocess.Popen(command(folder, out, memory), stdout=subprocess.DEVNULL)
    try:
        process.wait(kill_after)
    except subprocess.TimeoutExpired:
        process.kill()
    code = process.wait()
    if code not in (0, -signal.SIGKILL):
        raise RuntimeError(f"the experiment ended with exit code {code}, expected 0 or {-signal.SIGKILL} (killed)")
    return code != 0, time.perf_counter() - start


def command(folder: Path, out: Path, memory: Path) -> list[str]:
    settings = ["--compressor", "bz2", "--memory", str(memory), "--out", str(out)]
    return [sys.executable, str(EXPERIMENT), "--data", str(folder), *settings]


def numbers(out: Path) -> Any:
    (path,) = out.glob("*.json")
    result = json.loads(path.read_text(encoding="utf-8"))
    return result["scores"], result["n_train"], result["n_test"]


def identity(path: Path) -> Any:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


# ---- damaged files ----


def damage(folder: Path, scratch: Path, times: int, rng: random.Random) -> dict[str, Any]:
    """Flip a bit of a cached file or truncate the file, each time at a random place, and search again."""
    (X, y), queries = load_texts(folder, "train"), load_texts(folder, "test")[0][:200]
    clf = NCDClassifier(5, memory=scratch / "damaged").fit(X, y)
    expected = clf.kneighbors(queries)
    files = sorted(BlockStore(scratch / "damaged").files.rglob("*.block"))
    counts = {"flipped": 0, "cut": 0, "detected": 0, "other_numbers": 0, "not_mended": 0}
    for _ in range(times):
        path = rng.choice(files)
        data = whole = path.read_bytes()
        place = rng.randrange(len(whole))
        if rng.random() < 0.5:
            data, counts["cut"] = whole[:place], counts["cut"] + 1
        else:
            flipped = whole[place] ^ 1 << rng.randrange(8)
            data, counts["flipped"] = whole[:place] + bytes([flipped]) + whole[place + 1 :], counts["flipped"] + 1
        path.write_bytes(data)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = clf.kneighbors(queries)
        counts["detected"] += [str(path) in str(warning.message) for warning in caught] == [True]
        counts["other_numbers"] += not all(map(np.array_equal, found, expected))
        counts["not_mended"] += path.read_bytes() != whole
    print(counts, flush=True)
    return counts


# ---- the same again ----


def repeat(folder: Path, scratch: Path, compressor: str) -> dict[str, Any]:
    """Measure the seconds to fit and predict, and again with another k and tie rule and the same cache."""
    (X, y), queries = load_texts(folder, "train"), load_texts(folder, "test")[0]
    seconds = []
    for k, rule in ((9, "nearest"), (5, "lowest")):
        memory = scratch / f"repeat-{compressor}"
        clf = NCDClassifier(k, compressor=compressor, tie_break=rule, n_jobs=-1, memory=memory)
        start = time.perf_counter()
        clf.fit(X, y).predict(queries)
        seconds.append(time.perf_counter() - start)
    result = {"compressor": compressor, "seconds": seconds, "times_as_fast": seconds[0] / seconds[1]}
    print(result, flush=True)
    return result


# ---- Ctrl-C ----


def interrupt(folder: Path, scratch: Path, times: int, rng: random.Random) -> dict[str, Any]:
    """Interrupt experiments while they search. Return the seconds until each of them ended."""
    seconds = []
    for number in range(times):
        memory = scratch / f"interrupted{number}"
        process = subprocess.Popen(
            command(folder, scratch / "none", memory),
            stdout=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore SIGINT
        )
        while not any(BlockStore(memory).files.rglob("*.block")):
            time.sleep(0.05)
        time.sleep(rng.random())
        start = time.perf_counter()
        os.kill(process.pid, signal.SIGINT)
        process.wait()
        seconds.append(time.perf_counter() - start)
    result = {"seconds": seconds, "median_seconds": float(np.median(seconds)), "most_seconds": max(seconds)}
    print(result, flush=True)
    return result


def write_docs(folder: Path) -> Path:
    docs = load_stdlib_docs()
    folder.mkdir()
    for part, texts, labels in (("train", docs.X_train, docs.y_train), ("test", docs.X_test, docs.y_test)):
        rows = [json.dumps({"text": text, "label": str(label)}) for text, label in zip(texts, labels, strict=True)]
        (folder / f"{part}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


if __name__ == "__main__":
    run_script(main)
