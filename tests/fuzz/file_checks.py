"""The checks of fuzz_files.py: the results and the errors of load_texts, and the command."""

from __future__ import annotations

import contextlib
import io
import json
import random
import re
import shutil
import traceback
import warnings
from pathlib import Path
from typing import Any

import file_damage
from file_reference import UnclearError, WrongError
from file_tables import MISSING, Case, make_text

from gzipknn.__main__ import main as gzipknn
from gzipknn.datasets import load_texts
from gzipknn.datasets.rows import NoColumnError


class Finding(Exception):  # noqa: N818
    """A fault of a given kind, with the reason."""


def as_written(case: Case) -> tuple[list[str], list[Any]]:
    """Return the texts and labels of a table that has no flaw."""
    blank = (None, MISSING)
    columns = [case.names.index(name) for name in case.texts]
    texts = [" ".join("" if row[i] in blank else str(row[i]) for i in columns) for row in case.rows]
    labels = [] if case.label is None else [row[case.names.index(case.label)] for row in case.rows]
    return texts, [case.class_names[label] for label in labels] if case.class_names else labels


def same(one: Any, other: Any) -> bool:
    return one == other and [list(map(type, part)) for part in one] == [list(map(type, part)) for part in other]


def check_reader(case: Case, path: Path, expected: Any, of_splits: bool) -> None:
    """Load a file by its path, or as a split of its folder."""
    source = (path.parent, path.name.partition(".")[0]) if of_splits else (path,)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            got = load_texts(*source, **case.options())
        except Exception as error:
            check_error(case, path.name, expected, error)
            return
    check_values(expected, got)
    texts = [text for text in got[0] if not text.strip()]
    about_blanks = [str(one.message) for one in warned if one.category is UserWarning and "blank" in str(one.message)]
    if any(issubclass(one.category, ResourceWarning) for one in warned):
        raise Finding("unclear messages", f"a file is left open: {warned[-1].message}")
    if (("" in texts) and not about_blanks) or (about_blanks and not texts):
        raise Finding("unclear messages", f"{len(texts)} blank texts, warned: {about_blanks}")
    if texts and not texts.count("") < len(texts) and str(len(texts)) not in about_blanks[0].replace(",", ""):
        raise Finding("unclear messages", f"{len(texts)} blank texts, warned: {about_blanks}")


def check_values(expected: Any, got: Any) -> None:
    if isinstance(expected, UnclearError):
        if expected.values is None:
            return
        expected = expected.values
    if isinstance(expected, WrongError):
        raise Finding("silent differences", f"not refused ({expected}): {got!r:.300}")
    if not same(got, expected):
        for what, ours, theirs in zip(("text", "label"), got, expected, strict=True):
            if len(ours) != len(theirs):
                raise Finding(
                    "silent differences", f"{len(ours)} {what}s instead of {len(theirs)}: {ours!r:.200} {theirs!r:.200}"
                )
            for row, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
                if type(one) is not type(other) or one != other:
                    raise Finding(
                        "silent differences", f"{what} of row {row}: got {one!r:.200}, expected {other!r:.200}"
                    )


def check_error(case: Case, name: str, expected: Any, error: Exception) -> None:
    message = str(error)
    if type(error) not in (ValueError, NoColumnError, FileNotFoundError, TypeError):
        last = "".join(traceback.format_exception(error)[-3:])
        raise Finding("tracebacks", f"{type(error).__name__}: {message:.300}\n{last:.1500}")
    if case.flaw is None and not isinstance(expected, UnclearError):
        raise Finding("right files refused", f"{type(error).__name__}: {message:.300}")
    about_setting = case.flaw in ("bad encoding", "wrong sep")
    fault = unclear(message)
    if name not in message and not about_setting:
        fault = "the file is not named"
    if isinstance(expected, WrongError):
        sure = case.flaw in file_damage.IN_TABLE or (
            case.flaw == "quote" and "column" not in message and "no label" not in message
        )
        # without a header the first row gives the number of columns, and may itself be the wrong row
        if sure and "carriage return" not in message and (case.header or case.flaw != "ragged"):
            rows, lines = (
                {int(number) for number in re.findall(rf"\b{what} (\d+)", message.replace(name, ""))}
                for what in ("row", "line")
            )
            if expected.rows and not (rows & expected.rows or lines & expected.lines):
                fault = f"expected row {expected.rows} or line {expected.lines} ({expected})"
        if (
            expected.word
            and case.flaw not in (*file_damage.IN_BYTES, "ending")
            and not re.search(expected.word, message, re.IGNORECASE)
        ):
            fault = f"expected the word {expected.word!r} ({expected})"
    if fault:
        raise Finding("unclear messages", f"{fault}: {type(error).__name__}: {message:.500}")


def unclear(message: str) -> str:
    """Return what is wrong with the form of a message, or an empty string."""
    if not message.isprintable():
        return "not one printable line"
    if "Traceback" in message or "Error(" in message:
        return "an inner error"
    return f"{len(message)} characters" if len(message) > 1500 else ""


def check_command(case: Case, path: Path, expected: Any) -> None:
    """Predict the labels of the texts in the file, or evaluate on them."""
    evaluate = case.rng.random() < 0.3
    arguments = ["evaluate" if evaluate else "predict", str(path), str(path), "-k", "1", "--n-jobs", "1", "--json"]
    for name, value in case.options().items():
        if name == "header":
            arguments.append("--no-header")
        else:
            # option and value in one argument, because the name of a column may begin with "-"
            arguments += [f"--{name}={value}"] if isinstance(value, str) else [f"--{name}", *value]
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            code: Any = gzipknn(arguments)
    except SystemExit as error:
        code = error.code
    except Exception as error:
        raise Finding("tracebacks", f"gzipknn {arguments}: {type(error).__name__}: {error!s:.300}") from error
    stdout, stderr = (stream.buffer.getvalue().decode() for stream in (out, err) if stream.flush() is None)
    said = f"gzipknn {arguments}: exit {code}, stderr {stderr!r:.500}"
    if code == 2 and case.flaw in ("bad encoding", "wrong sep") and stderr.startswith("usage: "):
        return
    if code not in (0, 1):
        raise Finding("tracebacks", said)
    if "Traceback" in stderr:
        raise Finding("tracebacks", said)
    if code == 1:
        *warned, error = stderr.splitlines() or [""]  # the file may be valid for training and invalid for prediction
        said_warnings = all(line.startswith("gzipknn: warning: ") for line in warned)
        if not stderr.endswith("\n") or unclear(error) or not error.startswith("gzipknn: ") or not said_warnings:
            raise Finding("unclear messages", said)
        if isinstance(expected, tuple) and case.flaw is None and can_be_learnt(*expected):
            raise Finding("right files refused", said)
        return
    if isinstance(expected, WrongError):
        raise Finding("silent differences", f"not refused ({expected}): {said}")
    values = expected.values if isinstance(expected, UnclearError) else expected
    lines = [json.loads(line) for line in stdout.split("\n")[:-1]]
    if values and not evaluate:
        if len(lines) != len(values[0]):
            raise Finding("silent differences", f"{len(lines)} labels of {len(values[0])} texts: {said}")
        if (
            len(case.texts) == 1
            and not isinstance(values[0][0], bytes)
            and [line[case.texts[0]] for line in lines] != values[0]
        ):
            raise Finding("silent differences", f"other texts: {stdout!r:.300}: {said}")


def can_be_learnt(texts: list[str], labels: list[Any]) -> bool:
    """Tell whether a classifier takes the table. It refuses labels that NumPy changes, and tables of blank texts."""
    return any(text.strip() for text in texts) and not any(str(label).endswith("\x00") for label in labels)


def check_classes(rng: random.Random, folder: Path, note: list[Any]) -> int:
    """Check a folder that has a folder for each class and a file for each text."""
    case = Case(rng, "/")
    case.written_in = case.encoding = rng.choice(["utf-8", "utf-16", "cp1252"])
    case.encoding = None if case.written_in == "utf-8" else case.encoding
    top = folder / rng.choice(["classes", "a b", "$A", "[1]*?"])
    split = rng.choice([None, "train", "test"])
    classes = rng.sample(["neg", "pos", "a.b", "1", "ü", "NA"], rng.randint(1, 4))
    expected = []
    for label in classes:
        inner = top / (split or "") / label
        inner.mkdir(parents=True)
        for number in range(rng.randint(1, 5)):
            text = make_text(case, 8).encode(case.written_in, "ignore").decode(case.written_in).lstrip("\ufeff")
            (inner / f"{number}.txt").write_bytes(text.encode(case.written_in))
            expected.append((text, label))
    note[:] = case, str(top.name), repr(expected).encode("utf-8", "replace")
    if rng.random() < 0.2:
        return check_data_sets(rng, top, case)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            texts, labels = load_texts(top, split, **case.options())
        if sorted(zip(texts, labels, strict=True)) != sorted(expected):
            raise Finding("silent differences", f"{texts!r:.300}, {labels!r:.300}")
    except (ValueError, OSError, TypeError) as error:
        raise Finding("right files refused", f"{type(error).__name__}: {error!s:.300}") from error
    except RecursionError as error:
        raise Finding("tracebacks", f"{error!s:.300}") from error
    finally:
        shutil.rmtree(top)
    return len(expected)


def check_data_sets(rng: random.Random, top: Path, case: Case) -> int:
    """Check that folders of split files are not taken for folders of texts."""
    shutil.rmtree(top)
    case.encoding, case.flaw = None, "folder"
    for name in rng.sample(["r8", "mine", "a b"], rng.randint(1, 3)):
        (top / name).mkdir(parents=True)
        for split in ("train", "test"):
            (top / name / f"{split}.{rng.choice(['csv', 'tsv'])}").write_text("text\tlabel\na\tb\n")
    try:
        check_reader(case, top, WrongError("a folder of data sets"), of_splits=False)
    finally:
        shutil.rmtree(top)
    return 0
