"""Damage the tables and files of fuzz_files.py with one flaw for each file."""

from __future__ import annotations

import gzip
import re
from typing import Any

from file_tables import MISSING, Case

IN_TABLE = (
    "ragged",
    "label",
    "label",
    "text",
    "twice",
    "no column",
    "no rows",
    "trailing cell",
    "NaN",
    "deep",
    "digits",
)
IN_BYTES = (*("truncate", "flip", "flip", "insert", "insert", "delete", "repeat", "quote", "garbage", "empty"),)
IN_FILE = ("ending", "broken gz", "plain gz", "hidden gz", "gone", "folder", "bad encoding", "no encoding", "wrong sep")


def applies(case: Case, flaw: str) -> bool:
    """Tell whether a file of this kind can have a flaw."""
    of_kind = {
        "ragged": case.is_delimited,
        "trailing cell": case.is_delimited,
        "label": case.label is not None and not (case.ending == ".parquet" and case.class_names),
        "text": not case.is_delimited,
        "twice": case.ending == ".parquet" or (case.is_delimited and case.header),
        "NaN": case.is_json,
        "deep": case.is_json,
        "digits": case.is_json,
        "broken gz": case.gz,
        "plain gz": not case.gz,
        "hidden gz": not case.gz,
        "bad encoding": case.ending != ".parquet",
        "no encoding": case.encoding is not None,
        "wrong sep": case.is_delimited,
    }
    return of_kind.get(flaw, True)


def damage_table(case: Case, flaw: str) -> None:
    """Damage a table before it is written."""
    rng, rows = case.rng, case.rows
    row = rng.randrange(len(rows))
    if flaw == "ragged":
        if rng.random() < 0.5 and len(rows[row]) > 1:
            rows[row].pop(rng.randrange(len(rows[row])))
        else:
            rows[row].insert(rng.randint(0, len(rows[row])), rng.choice(["", "x", "2020-01-01"]))
    elif flaw == "trailing cell":
        for one in rows:
            one.append("")
    elif flaw == "label":
        assert case.label is not None
        column = case.names.index(case.label)
        choices: list[Any] = [""]
        if case.is_json:
            choices = [None, "", MISSING, {}, ["x"], float("nan"), 1, 1.0, 2.5, True, "x", {"a": "b"}]
        elif case.ending == ".parquet":
            choices = [None, ""] if isinstance(rows[row][column], str) else [None]
        rows[row][column] = rng.choice(choices)
    elif flaw == "text":
        column = case.names.index(rng.choice(case.texts))
        if case.is_json:
            rows[row][column] = rng.choice([1, 1.5, True, {"a": 1}, ["x"], float("nan"), 10**30, {}])
        else:
            value = rng.choice([1, 2.5, True, ["x"], b"x"])
            case.class_names = None
            for one in rows:
                one[column] = value
    elif flaw == "twice":
        case.class_names = None
        case.names.append(rng.choice(case.names))
        for one in rows:
            one.append("again")
    elif flaw == "no column":
        case.text = "texts " if rng.random() < 0.5 else [*case.texts, "nothing"]
    elif flaw == "no rows":
        rows.clear()
    else:
        case.names.append("more")
        for one in rows:
            one.append(0)
        rows[row][-1] = float("nan") if flaw == "NaN" else f"<{flaw}>"


def damage_bytes(case: Case, flaw: str, data: bytes) -> bytes:
    """Damage the written file."""
    rng = case.rng
    if flaw == "empty" or not data:
        return rng.choice([b"", b"", b"\n", b" ", b"\xef\xbb\xbf", b"[]", b"{}", b"null", b"\x00"])
    here, there = sorted((rng.randrange(len(data)), rng.randint(0, len(data))))
    short = here + rng.randint(0, 5)
    if flaw == "truncate":
        return data[:here]
    if flaw == "delete":
        return data[:here] + data[short:]
    if flaw == "repeat":
        return data[:there] + data[here:]
    if flaw == "garbage":
        return data + rng.randbytes(rng.randint(1, 20))
    if flaw == "quote":
        starts = [match.end() for match in re.finditer(rb'["\n,;|\t]', data[: 1 << 16])] or [here]
        here = rng.choice(starts)
        return data[:here] + b'"' + data[here:]
    if flaw == "insert":
        piece = rng.choice(
            [b'"', b"\n", b"\r", b"\r\n", b",", b"\t", b"\x00", b"\xff", b"\xef\xbb\xbf", b"{", b"]", b"\\", b"\n\n"]
        )
        return data[:here] + piece + data[here:]
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def deepen(case: Case, data: bytes) -> bytes:
    """Insert something that Python's json never writes."""
    depth = case.rng.choice([500, 2_000, 100_000])
    nested = case.rng.choice([b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth])
    return data.replace(b'"<deep>"', nested).replace(b'"<digits>"', b"9" * 5000)


def damage_file(case: Case, flaw: str, name: str, data: bytes) -> tuple[str, bytes]:
    """Damage the name, the compression, or the way of reading."""
    rng = case.rng
    if flaw == "ending":
        stem = name.lower().removesuffix(".gz").rpartition(".")[0]
        name = stem + rng.choice(
            [".txt", "", ".csv", ".tsv", ".jsonl", ".json", ".parquet", ".gz", ".csv.bz2", ".parquet.gz", ".csv."]
        )
    elif flaw == "broken gz":
        data = damage_bytes(case, rng.choice(IN_BYTES), data)
    elif flaw == "plain gz":
        name += ".gz"
    elif flaw == "hidden gz":
        data = gzip.compress(data)
    elif flaw == "bad encoding":
        case.encoding = rng.choice(
            ["utf-9", "hex", "", "rot13", "undefined", "no such", "utf\n8", "é", "utf-16", "ascii", "cp1252"]
        )
    elif flaw == "no encoding":
        case.encoding = None
    elif flaw == "wrong sep":
        case.sep, case.pass_sep = rng.choice([",", ";", "\t", "|", "x"]), True
    return name, data
