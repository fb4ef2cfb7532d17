"""Streams: predict a text, learn it, and so on; seconds a step and memory, against models that are fitted at once.

Texts are windows of 240 bytes at random places of the data sets' texts. A model is fitted on the first of them, then
predicts each of the others and learns it by `partial_fit`. In a second stream, `keep_newest` leaves a tenth of the steps
as a window. What a step takes is compared with a model that `fit` has made of the same texts: the mean of its
predictions of the texts that come next, and the seconds of `fit` for one text. Each stream is a process of its own.

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
from pathlib import Path
from typing import Any

import numpy as np
from scaling import windows
from shared import DATA, parse, read_json, run_script, write_json

from gzipknn import NCDClassifier

STEPS = 100_000
COMPRESSORS = ("gzip", "lz77")
SCREEN = {"gzip": 1_000, "lz77": 0.01}
FIRST = 1_000
"""Texts that a model is fitted on before the first step."""
FRESH = 200
"""Predictions of a model that is fitted at once."""
EVERY = 1_000
"""Steps that one time stands for."""
K = 5
CLASSES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with a folder for each set")
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
            results[f"{compressor} window" if window else compressor] = result
            print(compressor, {name: value for name, value in result.items() if name != "by_step"}, flush=True)
        write_json(options, "streaming", results)
    plot(results, options.out / "streaming.png")


def stream(data: Path, compressor: str, steps: int, window: int) -> dict[str, Any]:
    """Predict and learn texts one by one; with a window until it has moved on by three times its length."""
    steps = min(steps, FIRST + 4 * window) if window else steps
    texts = windows(data, FIRST + steps + FRESH, np.random.default_rng(0))
    labels = np.arange(len(texts)) % CLASSES
    clf = _model(compressor).fit(texts[:FIRST], labels[:FIRST])
    by_step, parts = [], 0
    for start in range(FIRST, FIRST + steps, EVERY):
        learning = 0.0
        begin = time.process_time()
        for i in range(start, min(start + EVERY, FIRST + steps)):
            clf.predict(texts[i : i + 1])
            before = time.process_time()
            clf.partial_fit(texts[i : i + 1], labels[i : i + 1])
            if window:
                clf.keep_newest(window)
            learning += time.process_time() - before
            parts = max(parts, len(clf.training_.parts))
        n = i + 1 - start
        by_step.append({"texts": clf.n_samples_fit_, "step": (time.process_time() - begin) / n, "learn": learning / n})
    streamed, last = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, by_step[-1]
    kept = slice(FIRST + steps - clf.n_samples_fit_, FIRST + steps)
    later = texts[kept.stop :]
    again = _seconds(clf, later)
    del clf
    begin = time.process_time()
    fresh = _model(compressor).fit(texts[kept], labels[kept])
    fresh.predict(later[:1])  # what is made when it is first wanted
    fit = (time.process_time() - begin) / (kept.stop - kept.start)
    predict = _seconds(fresh, later)
    return {
        "texts": kept.stop - kept.start,
        "most_parts": parts,
        "step_seconds": last["step"],
        "predict_seconds": again,
        "fresh_predict_seconds": predict,
        "fresh_fit_seconds_a_text": fit,
        "ratio": last["step"] / (predict + fit),
        "peak_bytes": streamed,
        "seconds": sum(some["step"] for some in by_step) * EVERY,
        "by_step": by_step,
    }


def _model(compressor: str) -> NCDClassifier:
    return NCDClassifier(K, compressor=compressor, screen=SCREEN[compressor])


def _seconds(clf: NCDClassifier, texts: list[bytes]) -> float:
    clf.predict(texts[:1])
    begin = time.process_time()
    for text in texts:
        clf.predict([text])
    return (time.process_time() - begin) / len(texts)


def plot(results: dict[str, Any], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 5), constrained_layout=True)
    for number, (name, result) in enumerate(results.items()):
        steps = EVERY * np.arange(1, len(result["by_step"]) + 1)
        milliseconds = [1_000 * some["step"] for some in result["by_step"]]
        style = {"color": f"C{number}", "linestyle": "--" if "window" in name else "-"}
        axes.plot(steps, milliseconds, label=f"{name}, {result['texts']:,} texts at the end", **style)
        fresh = 1_000 * (result["fresh_predict_seconds"] + result["fresh_fit_seconds_a_text"])
        axes.plot(steps[-1:], [fresh], "o", color=f"C{number}")
    axes.set(xlabel="texts predicted, then learnt", ylabel="milliseconds a step, mean of 1,000", ylim=0)
    axes.set_title("A stream of texts of 240 bytes; points: a model that is fitted at once")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110)
    print(f"written: {path}")


if __name__ == "__main__":
    run_script(main)
