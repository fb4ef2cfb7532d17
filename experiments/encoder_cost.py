"""Measure how many texts per second an encoder reads, by batch size and sequence length, and compare it with gzip.

python experiments/encoder_cost.py --model distilbert-base-uncased
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import add_out, check_replaceable, device_name, part_of, run, write_result
from plots import SERIES, label_ends, log_ticks, panels, powers, save

from gzipknn import compressed_lengths
from gzipknn.baselines import TextEncoder
from gzipknn.baselines.encoder import import_bert

BATCHES = (1, 8, 32)
LENGTHS = (32, 64, 128, 256)
WORDS = ("text", "book", "film", "city", "water", "year", "house", "music", "game", "school")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="bert-base-uncased", help="a name on the hub, or a folder")
    parser.add_argument("--model-name", help="name of the model in the table (default: the last part of its name)")
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--lengths", type=int, nargs="+", default=LENGTHS, help="tokens per text")
    parser.add_argument("--seconds", type=float, default=5, help="least seconds for each measurement (default: 5)")
    add_out(parser)
    options = parser.parse_args()
    path, model = options.out / "encoder_cost.json", options.model_name or Path(options.model).name
    part = part_of(parser, options, "batches", "lengths", "seconds")
    if path.exists() and json.loads(path.read_text(encoding="utf-8"))["model"] != model:
        part.append(f"--model {model}")
    check_replaceable(path, part)  # before the work
    rng = np.random.default_rng(0)
    measured = [measure(options, batch, length, rng) for length in options.lengths for batch in options.batches]
    result = {
        "model": model,
        "device": device_name(TextEncoder(options.model).fit(["-"]).device_),
        "threads": import_bert("torch").get_num_threads(),
        "cost": measured,
    }
    write_result(path, result, part)
    table = "\n".join(render(result)) + "\n"
    (options.out / "encoder_cost.md").write_text(table, encoding="utf-8")
    plot(result, options.out / "encoder_cost.svg")
    print(table)


def measure(options: argparse.Namespace, batch: int, length: int, rng: np.random.Generator) -> dict[str, Any]:
    encoder = TextEncoder(options.model, batch_size=batch, max_length=length)

    def texts() -> list[str]:
        # Each word is at least one token, so a text has at least as many tokens as the encoder reads.
        return [" ".join(rng.choice(WORDS, size=length)) for _ in range(batch)]

    encoder.fit(["-"]).transform(texts())
    seconds: list[float] = []
    while sum(seconds) < options.seconds or len(seconds) < 3:
        some = texts()
        start = time.perf_counter()
        encoder.transform(some)
        seconds.append(time.perf_counter() - start)
    some = texts()
    start = time.perf_counter()
    compressed_lengths(some)
    gzip = time.perf_counter() - start
    return {
        "batch": batch,
        "length": length,
        "seconds_a_batch": float(np.median(seconds)),
        "texts_a_second": batch / float(np.median(seconds)),
        "gzip_texts_a_second": batch / gzip,
        "n_batches": len(seconds),
    }


def render(result: dict[str, Any]) -> list[str]:
    lines = [
        "# What an encoder costs",
        "",
        f"Medians of the time that {result['model']} takes on {result['device']} with {result['threads']} threads, and "
        "of the time that gzip takes for the length of each text. `python experiments/encoder_cost.py` made these "
        "numbers.",
        "",
        "| tokens per text | texts per batch | seconds per batch | texts per second | gzip lengths per second |",
        "|---|---|---|---|---|",
    ]
    for row in result["cost"]:
        cells = [str(row["length"]), str(row["batch"]), f"{row['seconds_a_batch']:.3f}", f"{row['texts_a_second']:.1f}"]
        lines.append(f"| {' | '.join(cells)} | {row['gzip_texts_a_second']:,.0f} |")
    return lines


def plot(result: dict[str, Any], path: Path) -> None:
    """Draw texts per second by their length, with a line for each batch size and one for gzip."""
    figure, (panel,) = panels([3.4])
    lengths = sorted({row["length"] for row in result["cost"]})
    lines: dict[str, list[float]] = {}
    for row in sorted(result["cost"], key=lambda row: row["length"]):
        lines.setdefault(f"encoder, {row['batch']} at a time", []).append(row["texts_a_second"])
    gzip = [[row["gzip_texts_a_second"] for row in result["cost"] if row["length"] == n] for n in lengths]
    lines["gzip, length of each text"] = [float(np.median(rates)) for rates in gzip]
    panel.set(xscale="log", yscale="log", xlabel="tokens per text", ylabel="texts per second")
    ends = {}
    for (name, rates), style in zip(lines.items(), SERIES, strict=False):
        panel.plot(lengths, rates, markersize=5, **style)
        ends[name] = (rates[-1], style["color"])
    log_ticks(panel.xaxis, lengths)
    log_ticks(panel.yaxis, powers(*panel.get_ylim()), "{:,.0f}")
    label_ends(panel, ends)
    save(figure, path)


if __name__ == "__main__":
    run(main)
