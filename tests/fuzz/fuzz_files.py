"""Fuzz load_texts and the command with valid and damaged files: python tests/fuzz/fuzz_files.py --minutes 5

Random tables are written with csv, json and pandas, with pyarrow, and without a library. Half of the files get one
flaw. Each result must be the written table, the table of the plain reader file_reference.py, or a clear error. Rules:

- Only the columns ``text`` and ``label`` are read, whatever the other columns hold. ``text`` may be several
  names. Their cells are joined by one space. ``label=None`` returns no labels.
- ``.csv`` and ``.tsv`` hold strings, which do not change. With ``sep="\\t"`` a quote is a letter, and a row ends at
  ``\\n`` or ``\\r\\n``. Otherwise RFC 4180 holds. A quoted cell may hold everything, a quote in it is doubled, and a
  quote inside a cell that is not quoted is a letter. Text behind closing quotes, and a file that ends inside quotes,
  are errors with their row or line. A cell may also be an error if it seems to contain rows, each of whose lines has
  as many cells as the file has columns. A ``\\r`` outside quotes is a letter or an error. A row with more or fewer
  cells than the header is an error. An empty line is a row in a file of one column, and is skipped in others.
  ``header=False`` calls columns "1", "2", ...
- ``.jsonl`` and ``.ndjson`` hold one object per line. ``.json`` holds an array of objects, or objects in sequence.
  Strings do not change, not even lone surrogates. A text that is null or missing is blank. A text of another type
  is an error with its row. Columns that are not used may be refused for duplicate names, deep nesting and NaN.
- ``.parquet`` gives the same types, and class names instead of numbers where the file has them.
- All labels are strings, all are integers, or all are booleans. Mixtures, and labels that are null, missing, empty, NaN
  or an object, are errors with their row. Fractions as labels may be refused.
- The encoding is UTF-8 unless ``encoding`` is given, and a byte order mark is dropped. UTF-16 and bytes that are not
  UTF-8 are errors that speak of ``encoding``.
- A file without rows is an error. A wanted column that is missing or exists twice is also an error.
- A UserWarning states the number of blank texts.
- A folder holds a file for each split, or a folder for each class with a file for each text, in any order. A folder of
  data sets is an error.
- A damaged file may always be refused, and a valid file never. An error is a ValueError, FileNotFoundError or
  TypeError. Its message is one printable line with the name of the file, and with the row if one row is wrong.
- ``gzipknn predict`` and ``evaluate`` exit with 0, or with 1 and one line on stderr. They exit with 2 and the usage if
  an option is not an encoding or separator. --command sets the share of files that the command reads.

A finding is printed with its seed, and --seed repeats it. The exit code is 1 if there was a finding.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import file_damage
from file_checks import Finding, as_written, check_classes, check_command, check_reader, same
from file_reference import UnclearError, WrongError, read
from file_tables import make_case
from file_writers import write

STEMS = (
    "train",
    "a b",
    "$A",
    "${HOME}",
    "~",
    "a::b",
    "file:a",
    "http:a",
    "[1]*?",
    "naïve",
    "x.y.z",
    "%20",
    "a#b",
    "-",
    ",",
)
KINDS = ("silent differences", "tracebacks", "right files refused", "unclear messages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, help="repeat the case of this seed alone")
    parser.add_argument(
        "--command", type=float, default=0.1, metavar="SHARE", help="give the command this share of files"
    )
    parser.add_argument("--findings", type=int, default=20, help="print so many, count all (default: 20)")
    options = parser.parse_args()
    found: Counter[str] = Counter()
    seed = time.time_ns() % 10**12 if options.seed is None else options.seed
    end, files, rows = time.monotonic() + options.minutes * 60, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while files == 0 or (options.seed is None and time.monotonic() < end):
            note: list[Any] = []
            rng = random.Random(seed + files)
            try:
                if rng.random() < 0.02:
                    rows += check_classes(rng, Path(folder), note)
                else:
                    rows += check_case(rng, Path(folder), options.command, note)
            except Finding as finding:
                kind, reason = finding.args
                found[kind] += 1
                if found.total() <= options.findings:
                    print(f"{kind}: {reason}\n  {describe(note)}\n  repeat it with --seed {seed + files}", flush=True)
            files += 1
    counts = ", ".join(f"{found[kind]} {kind}" for kind in KINDS)
    print(f"{files} files, {rows} rows: {counts}")
    sys.exit(1 if found else 0)


def describe(note: list[Any]) -> str:
    case, name, data = note
    about = f"flaw {case.flaw}, made by {case.notes}, in {case.written_in}"
    return f"load_texts({name!r}, **{case.options()!r}), {about}\n  {len(data)} bytes: {data[:600]!r}"


def check_case(rng: random.Random, folder: Path, share: float, note: list[Any]) -> int:
    """Check one file and return its number of rows."""
    case = make_case(rng)
    if rng.random() < 0.5:
        flaw = rng.choice(rng.choice([file_damage.IN_TABLE, file_damage.IN_BYTES, file_damage.IN_FILE]))
        case.flaw = flaw if file_damage.applies(case, flaw) else None
    if case.flaw in file_damage.IN_TABLE:
        file_damage.damage_table(case, case.flaw)
    data = write(case)
    if case.flaw in file_damage.IN_TABLE:
        data = file_damage.deepen(case, data)
    if case.flaw in file_damage.IN_BYTES:
        data = file_damage.damage_bytes(case, case.flaw, data)
    if case.gz:
        data = gzip.compress(data, 1)
    name = rng.choice(STEMS) + (case.ending if rng.random() < 0.8 else case.ending.upper()) + (".gz" if case.gz else "")
    if case.flaw in file_damage.IN_FILE:
        name, data = file_damage.damage_file(case, case.flaw, name, data)
    note[:] = case, name, data

    expected: Any = None
    try:
        expected = read(case, name, data)
    except (WrongError, UnclearError) as error:
        expected = error
    if case.flaw in ("NaN", "deep", "digits"):  # in a column that is not used
        expected = UnclearError(case.flaw, as_written(case))
    elif case.flaw is None:
        readings = expected.values if isinstance(expected, UnclearError) else expected
        known = readings is not None and "pandas, quotes are letters" not in case.notes
        if known and not same(readings, as_written(case)):
            raise AssertionError(
                f"the plain reading differs from what was written: {describe(note)}: {readings!r:.500}"
            )
    elif case.flaw in ("folder", "gone"):
        expected = WrongError(case.flaw)
    inner = folder / "of splits" if rng.random() < 0.1 and case.flaw not in file_damage.IN_FILE else folder
    inner.mkdir(exist_ok=True)
    path = inner / name
    if case.flaw == "folder":
        path.mkdir()
    elif case.flaw != "gone":
        path.write_bytes(data)
    try:
        check_reader(case, path, expected, of_splits=inner != folder)
        if rng.random() < share and len(data) < 5000 and case.label is not None:
            check_command(case, path, expected)
    finally:
        if case.flaw == "folder":
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    return len(case.rows)


if __name__ == "__main__":
    main()
