"""Measure streams: the seconds and memory of steps in which a model predicts a text and then learns it.

The texts are windows of 240 bytes at random places in the data sets' texts. A model is fitted on the first of them.
Then it predicts each of the others and learns it by `partial_fit`. In a second stream, `keep_newest` keeps a window of
a tenth of the steps. The time of a step is compared with a model that was fitted on the same texts at once: the mean
time to predict one of the texts that come next, and to learn it by one `partial_fit`. Each stream runs in its own
process. Times are processor seconds.

    python benchmarks/streaming.py --data ../shared/data
    python benchmarks/streaming.py --steps 5000 --compressors lz77
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
from scaling import windows
from shared import SERIES, add_data, label_ends, panels, parse, read_json, run_script, save, write_json

from gzipknn import NCDClassifier

STEPS = 100_000
COMPRESSORS = ("gzip", "lz77")
SCREEN = {"gzip": 1_000, "lz77": 0.01}
FIRST = 1_000
"""The number of texts on which a model is fitted before the first step."""
LATER = 200
"""The number of texts that a model which was fitted at once predicts."""
EVERY = 1_000
"""The number of steps over which a time is averaged."""
CHECKED = (1, 3, 10, 30)
"""A model is fitted at once after these numbers of thousand steps, and after the last step."""
K = 5
CLASSES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--compressors", nargs="+", default=COMPRESSORS)
    parser.add_argument("--one", nargs=2, metavar=("COMPRESSOR", "WINDOW"), help=argparse.SUPPRESS)
    options = parse(parser, "steps")
    if options.one:
        compressor, window = options.one
        print(json.dumps(stream(options.data, compressor, options.steps, int(window))))
        return
    results = read_json(options, "streaming")
    for window in (0, options.steps // 10):
        for compressor in options.compressors:
            one = ["--data", str(options.data), "--steps", str(options.steps), "--one", compressor, str(window)]
            run = subprocess.run([sys.executable, __file__, *one], capture_output=True, text=True, check=True)
            result = json.loads(run.stdout.splitlines()[-1])
            results[f"{compressor}, window of {window:,}" if window else compressor] = result
            print(compressor, window, result["by_step"][-1], flush=True)
        write_json(options, "streaming", results)
    plot(results, options.out / "streaming.svg")


def stream(data: Path, compressor: str, steps: int, window: int) -> dict[str, Any]:
    """Predict and learn texts one by one. With a window, stop when it has moved on by three times its size."""
    steps = min(steps, FIRST + 4 * window) if window else steps
    texts = windows(data, FIRST + steps + LATER, np.random.default_rng(0))
    labels = np.arange(len(texts)) % CLASSES
    clf = _model(compressor).fit(texts[:FIRST], labels[:FIRST])
    by_step, most_parts = [], 0
    for start in range(FIRST, FIRST + steps, EVERY):
        stop, learning, begin = min(start + EVERY, FIRST + steps), 0.0, time.process_time()
        for i in range(start, stop):
            clf.predict(texts[i : i + 1])
            before = time.process_time()
            clf.partial_fit(texts[i : i + 1], labels[i : i + 1])
            if window:
                clf.keep_newest(window)
            learning += time.process_time() - before
            most_parts = max(most_parts, len(clf.training_.parts))
        step, peak = time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        n, kept = stop - start, slice(stop - clf.n_samples_fit_, stop)
        row = {"steps": stop - FIRST, "texts": clf.n_samples_fit_, "peak_bytes": peak, "most_parts": most_parts}
        row |= {"step_seconds": step / n, "learn_seconds": learning / n}
        if stop == FIRST + steps or (not window and (stop - FIRST) // EVERY in CHECKED):
            row |= at_once(compressor, texts[kept], labels[kept], texts[stop : stop + LATER])
            row["ratio"] = row["step_seconds"] / (row["fresh_predict_seconds"] + row["fresh_learn_seconds"])
        by_step.append(row)
    return {"window": window, "by_step": by_step}


def at_once(compressor: str, texts: list[bytes], labels: Any, later: list[bytes]) -> dict[str, float]:
    """Fit a model on all texts at once. Return the mean seconds per text to fit, to predict and to learn."""
    begin = time.process_time()
    clf = _model(compressor).fit(texts, labels)
    clf.predict(later[:1])  # the first query makes some tables
    fit, predict, learn = time.process_time() - begin, 0.0, 0.0
    for text in later:
        begin = time.process_time()
        clf.predict([text])
        predicted = time.process_time()
        copy(clf).partial_fit([text], labels[:1])
        predict, learn = predict + predicted - begin, learn + time.process_time() - predicted
    return {
        "fresh_fit_seconds": fit / len(texts),
        "fresh_predict_seconds": predict / len(later),
        "fresh_learn_seconds": learn / len(later),
    }


def _model(compressor: str) -> NCDClassifier:
    return NCDClassifier(K, compressor=compressor, screen=SCREEN[compressor])


def plot(results: dict[str, Any], path: Path) -> None:
    figure, (axes,) = panels([3.6])
    axes.set(xlabel="texts predicted, then learnt", ylabel="milliseconds per step")
    ends = {}
    for (name, result), style in zip(results.items(), SERIES, strict=False):
        rows, fresh = result["by_step"], [row for row in result["by_step"] if "ratio" in row]
        milliseconds = [1e3 * (row["fresh_predict_seconds"] + row["fresh_learn_seconds"]) for row in fresh]
        axes.plot([row["steps"] for row in fresh], milliseconds, style["marker"], color=style["color"])
        values = [1e3 * row["step_seconds"] for row in rows]
        axes.plot([row["steps"] for row in rows], values, color=style["color"], linestyle=style["linestyle"])
        ends[name.replace(", ", ",\n")] = (values[-1], style["color"])
    axes.set_ylim(bottom=0)
    steps = [row["steps"] for result in results.values() for row in result["by_step"]]
    ticks = range(0, max(steps) + 1, max(max(steps) // 2, 1))
    axes.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    label_ends(axes, ends)
    save(figure, path)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
