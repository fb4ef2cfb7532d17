"""Numbers that must not change unnoticed. tests/golden/make.py writes the files."""

import csv
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
sys.path.insert(0, str(GOLDEN))

import make  # noqa: E402


@pytest.mark.parametrize(("name", "rows"), [("lengths", make.length_rows), ("neighbors", make.neighbor_rows)])
def test_golden(name, rows):
    with open(GOLDEN / f"{name}.csv", encoding="utf-8", newline="") as file:
        made_with, _header, *expected = csv.reader(file)
    assert made_with[0].startswith("# made with zlib 1.")
    assert [[str(value) for value in row] for row in rows()] == expected
