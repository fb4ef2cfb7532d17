"""Write the tables of fuzz_files.py as files, with csv, json, pandas and pyarrow, and without a library."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from file_tables import MISSING, Case


def write(case: Case) -> bytes:
    """Return the bytes of the file before compression."""
    if case.ending == ".parquet":
        return write_parquet(case)
    text = write_json(case) if case.is_json else write_delimited(case)
    return text.encode(case.written_in)


# ---- separated cells ----


def write_delimited(case: Case) -> str:
    rng = case.rng
    lines = [case.names, *case.rows] if case.header else case.rows
    if case.sep == "\t":
        return write_tabs(case, lines)
    whole = all(len(row) == len(case.names) for row in lines)
    writers = ["csv", "hand", "hand"]
    if whole and case.rows:
        writers += ["pandas"] + ["pyarrow"] * (case.sep.isascii() and len(set(case.names)) == len(case.names))
    writer = rng.choice(writers)
    case.notes.append(writer)
    # up to Python 3.12, csv does not quote \r if lines end in \n, so \r would be lost at the end of a line
    end = "\r\n" if any(row[-1].endswith("\r") for row in lines) else rng.choice(["\n", "\r\n"])
    out = io.StringIO(newline="")
    if writer == "csv":
        quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
        csv.writer(out, delimiter=case.sep, lineterminator=end, quoting=quoting).writerows(lines)
    elif writer == "pandas":
        frame = pd.DataFrame(case.rows, columns=case.names, dtype=object)
        quoting = rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
        frame.to_csv(out, sep=case.sep, index=False, header=case.header, quoting=quoting, lineterminator=end)
    elif writer == "pyarrow":
        raw = io.BytesIO()
        columns = [pa.array([row[i] for row in case.rows], pa.string()) for i in range(len(case.names))]
        style = rng.choice(["needed", "all_valid"])
        options = pa.csv.WriteOptions(include_header=case.header, delimiter=case.sep, quoting_style=style)
        pa.csv.write_csv(pa.table(columns, names=case.names), raw, options)
        return raw.getvalue().decode()
    else:
        return write_by_hand(case, lines)
    return out.getvalue()


def write_by_hand(case: Case, lines: list[list[str]]) -> str:
    """Quote the cells that need quotes and some others. All lines end in the same way, or each in its own way."""
    rng = case.rng
    share, ends = rng.choice([0, 0, 0.3, 1]), rng.choice([["\n"], ["\r\n"], ["\n", "\r\n"]])
    gaps = rng.random() < 0.1 and len(case.names) > 1
    parts = []
    for number, row in enumerate(lines):
        cells = []
        for cell in row:
            must = cell.startswith('"') or any(letter in cell for letter in (case.sep, "\n", "\r"))
            quoted = must or rng.random() < share
            cells.append('"' + cell.replace('"', '""') + '"' if quoted else cell)
        parts += [case.sep.join(cells), rng.choice(ends)]
        if gaps and number and rng.random() < 0.2:
            parts.append(rng.choice(ends))
    if parts and rng.random() < 0.3 and parts[-2]:
        parts.pop()
    return "".join(parts)


def write_tabs(case: Case, lines: list[list[str]]) -> str:
    """Write cells without change. A quote is an ordinary character, and no cell contains a tab or a newline."""
    rng = case.rng
    if all(len(row) == len(case.names) for row in lines) and case.rows and rng.random() < 0.15:
        # pandas adds quotes, which are ordinary characters for the reader
        case.notes.append("pandas, quotes are letters")
        frame = pd.DataFrame(case.rows, columns=case.names, dtype=object)
        return str(frame.to_csv(sep="\t", index=False, header=case.header, lineterminator="\n"))
    case.notes.append("hand")
    ends = rng.choice([["\n"], ["\r\n"], ["\n", "\r\n"]])
    parts = [part for row in lines for part in ("\t".join(row), rng.choice(ends))]
    if parts and rng.random() < 0.3 and parts[-2]:
        parts.pop()
    return "".join(parts)


# ---- JSON ----


def write_json(case: Case) -> str:
    rng = case.rng
    objects = [{n: v for n, v in zip(case.names, row, strict=True) if v is not MISSING} for row in case.rows]
    plain = all(isinstance(cell, str) and cell.isprintable() and cell.isascii() for row in case.rows for cell in row)
    as_lines = case.ending != ".json" or rng.random() < 0.3
    if plain and objects and rng.random() < 0.5:
        case.notes.append("pandas")
        frame = pd.DataFrame(case.rows, columns=case.names, dtype=object)
        return str(frame.to_json(orient="records", lines=as_lines, force_ascii=rng.random() < 0.5))
    ascii_only = rng.random() < 0.5 or case.written_in in ("cp1252", "latin-1")
    compact = rng.choice([None, (",", ":"), (" ,  ", " : ")])

    def dump(value: Any, indent: int | None = None) -> str:
        text = json.dumps(value, ensure_ascii=ascii_only, separators=compact, indent=indent)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            text = json.dumps(value, separators=compact, indent=indent)
        return text

    if as_lines:
        case.notes.append("lines")
        mixed = rng.random() < 0.2
        if mixed:
            objects = [dict(rng.sample(list(one.items()), len(one))) for one in objects]
        end = rng.choice(["\n", "\r\n"])
        if case.ending == ".json" and rng.random() < 0.5:
            end = rng.choice(["", " ", "\n\n", ",\n"[1:]])
        joined = end.join(dump(one) for one in objects)
        return joined + (end if rng.random() < 0.7 else "")
    case.notes.append("array")
    return dump(objects, rng.choice([None, 0, 1, 2])) + rng.choice(["", "\n", "\r\n  "])


# ---- Parquet ----


def write_parquet(case: Case) -> bytes:
    rng = case.rng
    columns = []
    for i, name in enumerate(case.names):
        values = [row[i] for row in case.rows]
        kind = None
        if name in case.texts and all(value is None or isinstance(value, str) for value in values):
            kind = rng.choice([pa.string(), pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
        elif name == case.label and all(isinstance(value, str) for value in values):
            kind = rng.choice([pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
        elif name == case.label and all(type(value) is int and 0 <= value < 128 for value in values):
            kind = rng.choice([pa.int8(), pa.uint8(), pa.int16(), pa.int32(), pa.uint64()])
        if case.class_names:
            kind = pa.int64() if name == case.label else pa.string()
        columns.append(pa.array(values, kind) if kind else pa.array(values))
    table = pa.table(columns, names=case.names)
    if case.class_names:
        features: dict[str, Any] = {name: {"dtype": "string", "_type": "Value"} for name in case.names}
        features[str(case.label)] = {"names": case.class_names, "_type": "ClassLabel"}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    out, some = io.BytesIO(), rng.choice([None, 1, 7, 100]) if len(case.rows) < 200 else None
    pq.write_table(table, out, row_group_size=some, compression=rng.choice(["snappy", "none", "zstd", "gzip"]))
    return out.getvalue()
