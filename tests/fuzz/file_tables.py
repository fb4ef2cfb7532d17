"""Random tables for fuzz_files.py: texts, labels, and other columns."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

MISSING = object()
"""The field is missing (JSON only)."""

DELIMITED, JSON = (".csv", ".tsv"), (".json", ".jsonl", ".ndjson")
SEPARATORS = ",;|\t"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1")
BLANKABLE = (None, "utf-8", "utf-8-sig")
"""Values of ``encoding`` for a file in UTF-8."""

LOOKALIKES = (
    *("NA", "N/A", "nan", "NaN", "null", "None", "true", "False", "TRUE", "-", "inf", "-Infinity", "#N/A", "<NA>"),
    *("2020-01-01", "2020-01-01T12:00:00Z", "01/02/2020", "12:30", "1577836800000", "2020-W01", "P1D"),
    *("0", "1", "1.0", "-0", "007", "1e5", "1E400", "0x1F", "1_000", "1,5", "12345678901234567890", "3.14", "+1"),
    *("=1+1", "# no comment", "//", "/* */", "\\", "\\n", "\\N", '"', '""', "'", "a,b", ";", "|", "[1]", '{"text": 1}'),
    *(" ", "\ufeff", "\x00", "\x1a", "\r", "\n", "\r\n", "\t", "\u2028", "\x85"),
)
PIECES = (
    *("a", "b", "go ", "she said ", "The quick brown fox. ", " ", "  ", ",", ";", "|", "\t", '"', '""', "'", "`", "\\"),
    *(
        "\n",
        "\r\n",
        "\r",
        "\n\n",
        "\x00",
        "\x1b[31m",
        "\x0b",
        "\x0c",
        "\x1c",
        "\x1d",
        "\x1e",
        "\x85",
        "\u2028",
        "\u2029",
    ),
    *("\ufeff", "\xa0", "\u200b", "é", "ß", "e\u0301", "\u017f", "中文", "עברית", "😀", "👩\u200d👧", "\U0010ffff"),
    *("ÿþ", "€", "“", "0", "1.5", "&amp;", "<b>", "%s", "{}", "$HOME", "::", "://", "#"),
)
SURROGATES = ("\ud83d", "\ude00", "\udfff", "\udc80")
NAMES = (
    *(
        "id",
        "Unnamed: 0",
        "",
        " text",
        "Text",
        "text ",
        'a "quoted" name',
        "naïve",
        "text.body",
        "a,b;c|d",
        "1",
        "tags",
    ),
    *("date", "two\nlines", "__index_level_0__", "label.1", "body", "title", "labels", "\ufefftext"),
)


@dataclass
class Case:
    """A table, the file to write, and the way to read it."""

    rng: random.Random
    ending: str
    names: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    text: Any = "text"
    label: str | None = "label"
    sep: str = ","
    header: bool = True
    written_in: str = "utf-8"
    encoding: str | None = None
    pass_sep: bool = False
    gz: bool = False
    class_names: list[str] | None = None
    flaw: str | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        """The names of the columns of texts."""
        return [self.text] if isinstance(self.text, str) else list(self.text)

    @property
    def is_json(self) -> bool:
        return self.ending in JSON

    @property
    def is_delimited(self) -> bool:
        return self.ending in DELIMITED

    def options(self) -> dict[str, Any]:
        """Return the arguments of load_texts."""
        options: dict[str, Any] = {}
        if self.text != "text":
            options["text"] = self.text
        if self.label != "label":
            options["label"] = self.label
        if self.pass_sep:
            options["sep"] = self.sep
        if not self.header:
            options["header"] = False
        if self.encoding is not None:
            options["encoding"] = self.encoding
        return options


def make_case(rng: random.Random) -> Case:
    """Make a table without a flaw."""
    case = Case(rng, rng.choice([".csv", ".csv", ".csv", ".tsv", ".tsv", *JSON, *JSON, ".parquet", ".parquet"]))
    if case.is_delimited:
        usual = "," if case.ending == ".csv" else "\t"
        case.sep = usual if rng.random() < 0.6 else rng.choice([*SEPARATORS, *SEPARATORS, "\x1f", "¦", " ", "^"])
        case.pass_sep = case.sep != usual or rng.random() < 0.2
        case.header = rng.random() < 0.8
    if case.ending != ".parquet":
        case.gz = rng.random() < 0.25
        if rng.random() < 0.35:
            case.written_in = rng.choice(ENCODINGS)
            if "¦".encode(case.written_in, "ignore").decode(case.written_in) != "¦":
                case.written_in = "utf-8"
        if case.written_in.startswith("utf-8"):
            case.encoding = rng.choice(BLANKABLE) if rng.random() < 0.2 else None
        else:
            case.encoding = case.written_in
    name_columns(case)
    fill(case)
    return case


def name_columns(case: Case) -> None:
    rng = case.rng
    texts = (
        ["text"]
        if rng.random() < 0.7
        else rng.sample(["text", "body", "title", "a b", "Überschrift"], rng.randint(1, 3))
    )
    label: str | None = "label" if rng.random() < 0.7 else rng.choice([None, "topic", "y", "labels"])
    others = rng.sample(NAMES, rng.choice([0, 0, 1, 2, 5]))
    wanted = [*texts, *([] if label is None else [label])]
    names = [usable(case, name, name=True) for name in others]
    names = [*wanted, *(name for name in dict.fromkeys(names) if name not in wanted)]
    rng.shuffle(names)
    if not case.header:
        texts, label = ([str(names.index(name) + 1) for name in texts], label and str(names.index(label) + 1))
        names = [str(i + 1) for i in range(len(names))]
    case.names, case.label = names, label
    case.text = texts[0] if len(texts) == 1 and rng.random() < 0.8 else rng.choice([list, tuple])(texts)


def usable(case: Case, text: str, name: bool = False) -> str:
    """Remove what the file can't hold."""
    if not (case.is_json and not name):
        text = text.encode(case.written_in, "ignore").decode(case.written_in)
    if case.is_delimited and case.sep == "\t":
        text = text.replace("\t", " ").replace("\n", " ").replace("\r", "" if name else "\r")
    if case.is_delimited and case.sep not in SEPARATORS:
        text = text.replace(case.sep, "_") if name else text
    return text


def fill(case: Case) -> None:
    rng = case.rng
    size = rng.random()
    longest, n = 12, rng.randint(1, 5)
    if size > 0.995:
        n, longest = rng.randint(10_001, 11_000), 2
    elif size > 0.96:
        n, longest = rng.randint(500, 2000), 4
    elif size > 0.5:
        n = rng.randint(6, 60)
    labels = make_labels(case, n)
    makers = [make_column(case, name, n, longest, labels) for name in case.names]
    case.rows = [list(row) for row in zip(*makers, strict=True)]
    if rng.random() < 0.01:
        cell = rng.choice(['a "b" ', "abc\n", "é, ", "x"]) * rng.choice([140_000, 400_000])
        if case.sep == "\t":
            cell = cell.replace("\n", " ")
        case.rows[rng.randrange(n)][case.names.index(case.texts[0])] = usable(case, cell)
    tidy(case)


def tidy(case: Case) -> None:
    """Remove what the format of a table can't represent without doubt."""
    if not case.is_delimited:
        return
    if case.sep == "\t":
        for row in case.rows:
            row[-1] = row[-1].rstrip("\r")
    if case.header:
        case.names[0] = case.names[0].replace("\ufeff", "mark")
    else:
        case.rows[0][0] = case.rows[0][0].lstrip("\ufeff")


def make_labels(case: Case, n: int) -> list[Any]:
    rng = case.rng
    kind = "str" if case.is_delimited else rng.choice(["str", "str", "int", "bool", "class"])
    if kind == "int":
        return [rng.choice([0, 1, 2, -1, 2**31, 2**53 + 1, 2**63 - 1]) for _ in range(n)]
    if kind == "bool":
        return [rng.random() < 0.5 for _ in range(n)]
    if kind == "class" and case.ending == ".parquet" and {*case.names} == {*case.texts, case.label}:
        case.class_names = ["neg", "pos", "0"]
        return [rng.randrange(3) for _ in range(n)]
    pool = [rng.choice(LOOKALIKES) if rng.random() < 0.5 else make_text(case, 3) for _ in range(rng.randint(1, 4))]
    pool = [usable(case, label) for label in pool]
    pool = [
        label if label.strip("\x00\ufeff\u200b \t\r\n\x0b\x0c\x1c\x1d\x1e\x85\xa0\u2028\u2029") else "x"
        for label in pool
    ]
    return [rng.choice(pool) for _ in range(n)]


def make_column(case: Case, name: str, n: int, longest: int, labels: list[Any]) -> list[Any]:
    rng = case.rng
    if name in case.texts:
        column: list[Any] = [usable(case, make_text(case, longest)) for _ in range(n)]
        if not case.is_delimited and rng.random() < 0.2:
            gap = [None, MISSING] if case.is_json else [None]
            column = [rng.choice(gap) if rng.random() < 0.2 else cell for cell in column]
            column[rng.randrange(n)] = "at least one"
        return column
    if name == case.label:
        return labels
    return make_other_column(case, n)


def make_other_column(case: Case, n: int) -> list[Any]:
    """Make a column that is not used, with values that make table readers guess."""
    rng = case.rng
    kind = rng.randrange(7)
    if kind == 0:
        late = rng.choice([n - 1, max(n - 3, 0), 10_000])
        column: list[Any] = [i if i < late else f"X{i}" for i in range(n)]
    elif kind == 1:
        column = [rng.choice([1, 2.5, None]) for _ in range(n)]
    elif kind == 2:
        column = [
            rng.choice([{"a": 1}, [1, 2], "s", 3, True, None, {}, [], {"text": "no", "label": [0]}]) for _ in range(n)
        ]
    elif kind == 3:
        column = [rng.choice(["2020-01-01", "2020-13-99", "", "1 Jan"]) for _ in range(n)]
    elif kind == 4:
        column = [rng.choice([MISSING, 1, "x"]) for _ in range(n)]
    else:
        column = [make_text(case, 3) for _ in range(n)]
    if case.is_json:
        return column
    if case.is_delimited:
        return [usable(case, "" if cell in (None, MISSING) else str(cell)) for cell in column]
    if kind in (1, 3):
        return column
    if kind == 2:
        return [rng.choice([[1, 2], [], None]) for _ in range(n)]
    return [None if cell in (None, MISSING) else str(cell).encode("utf-8", "ignore").decode() for cell in column]


def make_text(case: Case, longest: int) -> str:
    rng = case.rng
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(LOOKALIKES)
    if kind < 0.23:
        return ""
    pieces = rng.choices(PIECES, k=rng.randint(1, longest))
    if case.is_json and rng.random() < 0.1:
        pieces.insert(rng.randint(0, len(pieces)), rng.choice(SURROGATES))
    text = "".join(pieces)
    # two surrogates side by side are one character, as in JSON
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
