"""Write the tables of README.md and docs/kernel.md from committed JSON.

    python docs/tables.py [--check]

A table stands between `<!-- table: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
# published: of Schutte's and Raschka's repetitions of the paper
PUBLISHED = {
    "r8": {"k1": "0.913", "lowest": "", "top2": "0.952"},
    "ohsumed": {"k1": "0.365", "lowest": "", "top2": "0.481"},
    "imdb_rasbt": {"k1": "0.7191", "lowest": "0.7005", "top2": ""},
}
NAMES = {"r8": "R8", "ohsumed": "Ohsumed", "imdb_rasbt": "IMDb, 35,000 / 10,000"}


def published_table() -> list[list[str]]:
    rows = [["data, whole split", "k=1", "published", "k=2, lowest", "published", "top-2 *", "published", "seconds"]]
    for data, published in PUBLISHED.items():
        result = load(ROOT / f"experiments/results/{data}_gzip_ncd_query-first.json")
        scores = result["scores"]
        k1 = scores["1"]["nearest"]
        rows.append(
            [
                NAMES[data],
                f"{k1['value']:.4f} ({k1['right']} of {k1['n']})",
                published["k1"],
                f"{scores['2']['lowest']['value']:.4f}",
                published["lowest"] or "-",
                f"{scores['2']['any tied label right']['value']:.4f}",
                published["top2"] or "-",
                f"{result['search_seconds']:.0f}",
            ]
        )
    return rows


def kernel_table() -> list[list[str]]:
    rows = [["µs a pair", "bytes", "naive", "cached", "copy", "all lengths", "ratio", "5 nearest", "ratio", "MB/s"]]
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


TABLES = {"README.md": {"published": published_table}, "docs/kernel.md": {"kernel": kernel_table}}


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def markdown(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="exit with 1 if a table is not up to date; write nothing")
    options = parser.parse_args()
    for name, tables in TABLES.items():
        path = ROOT / name
        text = made = path.read_text(encoding="utf-8")
        for table, rows in tables.items():
            place = re.compile(rf"(<!-- table: {table} -->\n).*?(<!-- end -->)", re.DOTALL)
            made, n = place.subn(lambda match, rows=rows: match[1] + markdown(rows()) + "\n" + match[2], made)
            if n != 1:
                sys.exit(f"{name} has {n} places for the table {table}, not 1")
        if options.check and made != text:
            sys.exit(f"{name} is not up to date: run python docs/tables.py")
        if not options.check:
            path.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
