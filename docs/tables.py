"""Write the tables of README.md and of docs/ from committed JSON.

    python docs/tables.py [--check]

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. How to get the source stands between
`<!-- clone -->` and `<!-- end -->`; its address is that of setup.cfg.
"""

from __future__ import annotations

import argparse
import configparser
import re
import sys

from accuracy_tables import (
    bytes_table,
    choosing_table,
    class_methods_table,
    corrections_table,
    few_table,
    paper_table,
    published_table,
    rasbt_table,
    short_texts_table,
    summary_table,
    ties_table,
    windows_table,
)
from confidence_tables import abstain_table, calibration_table, coverage_table, tied_sets_table
from neighbour_tables import clustering_cost_table, clustering_table, outlier_tasks_table, outliers_table
from speed_tables import (
    auto_screen_table,
    class_models_table,
    class_weights_table,
    exactness_table,
    faults_table,
    kernel_table,
    lz77_and_gzip_table,
    lz77_definition_table,
    peers_table,
    plan_table,
    scaling_table,
    screening_table,
    shapes_table,
    shortlist_table,
    streaming_table,
)
from table_sources import ROOT

TABLES = {
    "docs/screening.md": {
        "shortlist": shortlist_table,
        "screening": screening_table,
        "rasbt": rasbt_table,
        "auto_screen": auto_screen_table,
        "scaling": scaling_table,
    },
    "README.md": {"published": published_table},
    "docs/index.md": {},
    "docs/choosing.md": {
        "choosing": choosing_table,
        "bytes": bytes_table,
        "corrections": corrections_table,
        "few": few_table,
        "windows": windows_table,
        "short_texts": short_texts_table,
    },
    "docs/exact.md": {"exactness": exactness_table},
    "docs/others.md": {"peers": peers_table, "class_methods": class_methods_table},
    "docs/fast.md": {"class_models": class_models_table, "shapes": shapes_table},
    "docs/paper/paper.md": {"summary": summary_table},
    "docs/paper.md": {"paper": paper_table, "ties": ties_table},
    "docs/confidence.md": {
        "calibration": calibration_table,
        "coverage": coverage_table,
        "abstain": abstain_table,
        "tied_sets": tied_sets_table,
    },
    "docs/outliers.md": {"outliers": outliers_table, "outlier_tasks": outlier_tasks_table},
    "docs/clustering.md": {"clustering": clustering_table, "clustering_cost": clustering_cost_table},
    "docs/scaling.md": {"plan": plan_table, "faults": faults_table, "streaming": streaming_table},
    "docs/kernel.md": {"kernel": kernel_table},
    "docs/lz77.md": {
        "lz77_definition": lz77_definition_table,
        "lz77_and_gzip": lz77_and_gzip_table,
        "class_weights": class_weights_table,
    },
}


def markdown(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def clone() -> str:
    """Return how to get the source, from the one address that setup.cfg names."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    return f"```sh\ngit clone {config['metadata']['url']}\ncd gzipknn\n```\n"


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
        place = re.compile(r"(<!-- clone -->\n).*?(<!-- end -->)", re.DOTALL)
        made = place.sub(lambda match: match[1] + clone() + match[2], made)
        if options.check and made != text:
            sys.exit(f"{name} is not up to date: run python docs/tables.py")
        if not options.check:
            path.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
