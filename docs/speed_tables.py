"""Tables of speed, memory and faults, of the JSON that benchmarks and experiments wrote."""

from __future__ import annotations

import re
from typing import Any

from table_sources import ROOT, compressor_results, interval, load, marked

from gzipknn.compressors.background import BLEND


def kernel_table() -> list[list[str]]:
    rows = [
        [
            "set",
            "bytes per text",
            "zlib loops, µs per pair: naive",
            "cached",
            "copy",
            "kernel: all lengths",
            "times as fast",
            "kernel: 5 nearest",
            "times as fast",
            "MB/s",
        ]
    ]
    for row in load(ROOT / "benchmarks/results/kernel.json")["result"]:
        loops = [f"{row[loop]:.1f}" for loop in ("naive", "cached", "copy")]
        kernel = [
            f"{row['all']:.2f}",
            f"{row['all_ratio']:.1f}",
            f"{row['nearest']:.2f}",
            f"{row['nearest_ratio']:.1f}",
        ]
        rows.append([row["set"], f"{row['mean_bytes']:.0f}", *loops, *kernel, f"{row['megabytes_a_second']:.0f}"])
    return rows


def lz77_and_gzip_table() -> list[list[str]]:
    rows = [["set", "accuracy: lz77", "gzip", "µs per pair: lz77", "gzip", "settings of lz77"]]
    for name, result in compressor_results().items():
        cells, scored = [marked(name)], result["compressors"]
        for compressor in ("lz77", "gzip"):
            test = scored[compressor]["chosen"]["test"]
            cells.append(interval(test))
        cells += [f"{scored[compressor]['us_per_pair']:.2f}" for compressor in ("lz77", "gzip")]
        chosen = scored["lz77"]["chosen"]
        learnt = scored["lz77"]
        settings = [chosen["metric"], chosen["normalize"], chosen["weights"], f"k = {chosen['n_neighbors']}"]
        if learnt.get("base_weight") is not None:
            settings.insert(0, f"labels with base {learnt['base_weight']}")
        if learnt.get("background", BLEND) != BLEND:
            settings.insert(0, f"background {learnt['background']}")
        rows.append([*cells, ", ".join(filter(None, settings))])
    return rows


def lz77_definition_table() -> list[list[str]]:
    results = load(ROOT / "experiments/results/lz77_definition.json")["sets"]
    variants = [variant for variant in next(iter(results.values())) if variant != "n_train"]
    rows = [["validation accuracy", *results, "mean"]]
    for variant in variants:
        values = [result[variant]["value"] for result in results.values()]
        rows.append([variant, *(f"{value:.3f}" for value in values), f"{sum(values) / len(values):.3f}"])
    return rows


WAYS = {
    "keys by what they save": "keys, weighted by the bits they save",
    "keys, each as 1": "keys, all with weight 1",
}


def shortlist_table() -> list[list[str]]:
    results = load(ROOT / "benchmarks/results/shortlist.json")["result"]
    shares = [f"{share:.1%}" for share, _ in next(iter(results["r8"]["gzip"].values()))]
    rows = [["set", "compressor", "strings", *shares]]
    for name, by_compressor in results.items():
        for compressor, ways in by_compressor.items():
            for way, recalls in ways.items():
                strings = WAYS.get(way) or f"n-grams of {', '.join(re.findall('[0-9]', way))} bytes"
                rows.append([name, compressor, strings, *(f"{recall:.3f}" for _, recall in recalls)])
    return rows


GENERATED = {"windows": "generated, in the shape of AG News"}


def class_models_table() -> list[list[str]]:
    rows = [
        [
            "set",
            "training texts",
            "classes",
            "kneser-ney: fit, s",
            "MB/s",
            "predict, classes times MB/s",
            "lz77",
            "zstd",
        ]
    ]
    for name, by_method in load(ROOT / "benchmarks/results/class_models.json")["result"].items():
        own = by_method["kneser-ney"]
        speeds = [by_method.get(method, {}).get("predict_mb_classes_per_second") for method in by_method]
        speeds += [None] * (3 - len(speeds))
        rows.append(
            [
                GENERATED.get(name, name),
                f"{own['n_train']:,}, {own['train_bytes'] / 1e6:.1f} MB",
                str(own["n_classes"]),
                f"{own['fit_seconds']:.2f}",
                f"{own['fit_mb_per_second']:.1f}",
                *("" if speed is None else f"{speed:.2g}" for speed in speeds),
            ]
        )
    return rows


def class_weights_table() -> list[list[str]]:
    rows = [["set", "5 nearest: times as long", "31 nearest"]]
    for name, by_k in load(ROOT / "benchmarks/results/class_weights.json")["result"].items():
        rows.append([name, *(f"{by_k[k]['ratio']:.2f}" for k in ("5", "31"))])
    return rows


def screening_table() -> list[list[str]]:
    searches = ["accuracy: exact", "screened", "µs per pair: exact", "screened"]
    faster = ["times as fast, one core", "all queries"]
    rows = [["set", "compressor", "queries", "candidates", "recall@5", "recall@1", *searches, *faster]]
    for name, by_compressor in load(ROOT / "benchmarks/results/screening.json")["result"].items():
        for compressor, result in by_compressor.items():
            low, high = result["recall"]["interval"]
            rows.append(
                [
                    f"{name}, {result['bytes_a_text']:.0f} B",
                    compressor,
                    str(result["n_queries"]),
                    f"{result['n_candidates']} ({result['n_candidates'] / result['n_train']:.1%})",
                    f"{result['recall']['value']:.4f} ({low:.4f} to {high:.4f})".replace(" ", "\N{NO-BREAK SPACE}"),
                    f"{result['recall_at_1']['value']:.4f}",
                    *(f"{result[f'accuracy_{mode}']['value']:.4f}" for mode in ("exact", "screened")),
                    *(f"{result[f'us_{mode}']:.2f}" for mode in ("exact", "screened")),
                    *(f"{result[name]:.1f}" for name in ("speed_up_one_core", "speed_up")),
                ]
            )
    return rows


def scaling_table() -> list[list[str]]:
    rows = [["search", "training texts", "fit, s", "query, ms", "peak memory, GB", "screen, GB"]]
    for name, by_size in load(ROOT / "benchmarks/results/scaling.json")["result"].items():
        for size, result in sorted(by_size.items(), key=lambda item: int(item[0])):
            screen = f"{result['screen_bytes'] / 1e9:.2f}" if "screen_bytes" in result else ""
            milliseconds = f"{result['query_seconds'] * 1e3:.1f}"
            memory = f"{result['peak_bytes'] / 1e9:.2f}"
            rows.append([name, f"{int(size):,}", f"{result['fit_seconds']:.1f}", milliseconds, memory, screen])
    return rows


def streaming_table() -> list[list[str]]:
    times = ["step", "predict", "learn"]
    rows = [
        [
            "stream",
            "steps",
            "texts",
            *(f"{time}, ms" for time in times),
            "step / (predict + learn)",
            "most parts",
            "memory, GB",
        ]
    ]
    for name, result in load(ROOT / "benchmarks/results/streaming.json")["result"].items():
        for row in result["by_step"]:
            if "ratio" in row:
                seconds = [row["step_seconds"], row["fresh_predict_seconds"], row["fresh_learn_seconds"]]
                cells = [*(f"{1e3 * some:.2f}" for some in seconds), f"{row['ratio']:.2f}", str(row["most_parts"])]
                counts = [f"{row['steps']:,}", f"{row['texts']:,}"]
                rows.append([name, *counts, *cells, f"{row['peak_bytes'] / 1e9:.2f}"])
    return rows


def plan_table() -> list[list[str]]:
    """What two large benchmarks would take, by the cost of a query against 1,000,000 texts of 240 bytes."""
    results = load(ROOT / "benchmarks/results/scaling.json")["result"]
    rows = [
        [
            "set",
            "training texts",
            "test texts",
            "bytes per text",
            "search",
            "core hours",
            "on 64 cores",
            "GB per worker",
        ]
    ]
    for name, (n_train, n_test, n_bytes) in LARGE.items():
        for search, by_size in results.items():
            scale = n_train / 1e6 * n_bytes / 240
            hours = by_size["1000000"]["query_seconds"] * scale * n_test / 3600
            memory = by_size["1000000"]["peak_bytes"] / 1e9 * scale
            sizes = [f"{n_train:,}", f"{n_test:,}", str(n_bytes)]
            rows.append([name, *sizes, search, f"{hours:.1f}", f"{hours / 64 * 60:.0f} min", f"{memory:.1f}"])
    return rows


def faults_table() -> list[list[str]]:
    result = load(ROOT / "benchmarks/results/faults.json")["result"]
    kills, damages, interrupts = result["kills"], result["damages"], result["interrupts"]
    rows = [
        ["what was done", "how often", "result"],
        [
            "killed the process (SIGKILL) at a random moment, then ran the same command again",
            f"{kills['kills']} times in {kills['runs']} experiments",
            f"{kills['other_numbers']} results changed; of {kills['finished_blocks']} finished blocks, "
            f"{kills['recomputed']} were computed again and {kills['damaged']} were damaged",
        ],
        [
            "flipped one bit of a cache file, or cut the file off",
            f"{damages['flipped']} and {damages['cut']} times",
            f"{damages['detected']} noticed; {damages['other_numbers']} results changed",
        ],
        [
            "pressed Ctrl-C during the search",
            f"{len(interrupts['seconds'])} times",
            f"ended after {interrupts['median_seconds']:.1f} s (median), {interrupts['most_seconds']:.1f} s at most",
        ],
    ]
    for repeat in result["repeats"]:
        first, second = repeat["seconds"]
        rows.append(
            [
                f"ran fit and predict again with another k and tie rule, {repeat['compressor']}",
                f"{first:.1f} s, then {second:.2f} s",
                f"{repeat['times_as_fast']:.0f} times as fast",
            ]
        )
    return rows


def exactness_table() -> list[list[str]]:
    result = load(ROOT / "benchmarks/results/exactness.json")["result"]
    rows = [["texts of", "pairs compared with zlib"]]
    rows += [[name, f"{pairs:,}"] for name, pairs in result["pairs"].items()]
    return [*rows, ["all", f"{sum(result['pairs'].values()):,}; {result['differences']} differ"]]


def peers_table() -> list[list[str]]:
    found: dict[str, dict[str, Any]] = {}
    for row in load(ROOT / "benchmarks/results/peers.json")["result"]:
        found.setdefault(row["peer"], {})[row["set"]] = row
    sets = list(next(iter(found.values())))
    rows = [["library", *(cell for name in sets for cell in (f"{name}, seconds", "times as long"))]]
    for peer, by_set in found.items():
        rows.append(
            [
                peer.replace("core(s)", "cores").replace("1 cores", "1 core"),
                *(cell for row in by_set.values() for cell in (f"{row['seconds']:.2f}", f"{row['ratio']:.1f}")),
            ]
        )
    return rows


# training texts, test texts, and bytes a text, which are assumed
LARGE = {"DBpedia": (560_000, 70_000, 300), "YahooAnswers": (1_400_000, 60_000, 600)}


def shapes_table() -> list[list[str]]:
    results = load(ROOT / "benchmarks/results/shapes.json")["result"]
    sizes = list(next(iter(results.values())))
    names = [f"{int(size) >> 10:,} kB" for size in sizes]
    heads = [f"fit, µs per byte: {name}" for name in names]
    rows = [["texts", *heads, *(f"search, times as fast: {name}" for name in names)]]
    for shape, by_size in results.items():
        fits = [f"{by_size[size]['fit_us_per_byte']:.2f}" for size in sizes]
        rows.append([shape, *fits, *(f"{by_size[size]['ratio']:.1f}" for size in sizes)])
    return rows


def auto_screen_table() -> list[list[str]]:
    few, many = (f"seconds with {n} queries: exact" for n in ("50", "5,000"))
    rows = [["compressor", "candidates", few, "auto", "times as long", many, "auto", "times as fast"]]
    for name, result in load(ROOT / "benchmarks/results/auto_screen.json")["result"].items():
        exact, auto = result["exact"], result["auto"]
        few_cells = [f"{exact['few']:.1f}", f"{auto['few']:.1f}", f"{result['few_ratio']:.2f}"]
        many_cells = [f"{exact['many']:.0f}", f"{auto['many']:.0f}", f"{result['many_speed_up']:.1f}"]
        rows.append([name, f"{auto['kept']:,}", *few_cells, *many_cells])
    return rows
