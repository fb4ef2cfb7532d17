"""The output of predict: confidence, missing labels, kept columns, and answers to lines as they arrive."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gzipknn.__main__ import main
from gzipknn.command.tables import open_table
from gzipknn.datasets.columns import load_columns


@pytest.fixture(scope="module")
def model(tmp_path_factory, docs):
    folder = tmp_path_factory.mktemp("model")
    frame = pd.DataFrame({"text": docs.X_train[:300], "label": docs.y_train[:300]})
    frame.to_parquet(folder / "train.parquet")
    assert main(["train", str(folder / "train.parquet"), "-o", str(folder / "m.skops"), "--preset", "fast"]) == 0
    return str(folder / "m.skops")


@pytest.fixture
def queries(tmp_path, docs):
    path = tmp_path / "queries.csv"
    pd.DataFrame({"id": range(40), "text": docs.X_test[:40], "label": docs.y_test[:40]}).to_csv(path, index=False)
    return str(path)


def printed(capsys, *words):
    assert main(["predict", *words]) == 0
    return capsys.readouterr()


def test_confidence_and_the_second_best(model, queries, capsys, docs):
    plain = printed(capsys, model, queries).out.splitlines()
    lines = printed(capsys, model, queries, "--proba").out.splitlines()
    assert lines[0] == "label,confidence,second"
    rows = [line.split(",") for line in lines[1:]]
    assert [row[0] for row in rows] == plain
    assert all(row[2] != row[0] and row[2] for row in rows)
    sure = sum(float(row[1]) for row in rows) / len(rows)
    right = sum(label == truth for label, truth in zip(plain, docs.y_test, strict=False)) / len(rows)
    assert abs(sure - right) < 0.2
    found = [json.loads(line) for line in printed(capsys, model, queries, "--proba", "--json").out.splitlines()]
    assert list(found[0]) == ["text", "label", "confidence", "second"]
    assert [str(row["confidence"]) for row in found] == [row[1] for row in rows]


def test_no_label_where_it_is_not_sure(model, queries, capsys):
    sure = [
        json.loads(line)["confidence"] for line in printed(capsys, model, queries, "--proba", "--json").out.splitlines()
    ]
    below = sorted(sure)[len(sure) // 2]
    plain = printed(capsys, model, queries).out.splitlines()
    captured = printed(capsys, model, queries, "--unknown", str(below))
    expected = [label if confidence >= below else "" for label, confidence in zip(plain, sure, strict=True)]
    assert captured.out.split("\n")[:-1] == expected
    held_out, told = captured.err.splitlines()
    assert f" of 300 held-out training texts have a confidence of at least {below:g}, and " in held_out
    assert f"{sum(map(bool, expected))} of 40 texts have a label" in told
    assert printed(capsys, model, queries, "--unknown", "1", "--json").out.count('"label": null') == 40


def test_columns_that_are_kept(model, queries, capsys, tmp_path):
    out = str(tmp_path / "out.jsonl")
    printed(capsys, model, queries, "--keep", "label", "id", "-o", out)
    rows = [json.loads(line) for line in Path(out).read_text().splitlines()]
    assert list(rows[0]) == ["label", "id", "predicted_label"]
    assert [row["id"] for row in rows] == [str(i) for i in range(40)]
    lines = printed(capsys, model, queries, "--keep").out
    assert lines.startswith("id,text,label,predicted_label\n")
    mixed = tmp_path / "mixed.jsonl"
    mixed.write_text('{"text": "a", "x": [1, "é"]}\n{"y": 1.5, "text": "b"}\n{"text": "c", "y": "z"}\n')
    assert [
        list(json.loads(line).values())[:-1]
        for line in printed(capsys, model, str(mixed), "--keep", "--json").out.splitlines()
    ] == [
        ["a", [1, "é"], None],
        ["b", None, 1.5],
        ["c", None, "z"],
    ]
    printed(capsys, model, str(mixed), "--keep", "-o", str(tmp_path / "out.parquet"))
    assert pd.read_parquet(tmp_path / "out.parquet").y.fillna("-").tolist() == ["-", "1.5", '"z"']


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "out.txt"], "-o must name a file that ends in one of"),
        (["-o", "QUERIES"], "would overwrite"),
        (["-o", "out.csv", "--json"], "leave one of them out"),
        (["--keep", "body"], "has no column 'body'"),
        (["-o", "missing/out.csv"], "could not be written (No such file"),
    ],
)
def test_what_predict_refuses(model, queries, capsys, options, message):
    assert main(["predict", model, queries, *(queries if option == "QUERIES" else option for option in options)]) == 1
    assert message in capsys.readouterr().err
    assert main(["predict", model, "-", "--keep"]) == 1
    assert "no columns for --keep" in capsys.readouterr().err


def test_one_training_text_is_too_few_to_be_sure(tmp_path, capsys):
    (tmp_path / "train.csv").write_text("text,label\nthe cat,pets\n")
    path = str(tmp_path / "m.skops")
    assert main(["train", str(tmp_path / "train.csv"), "-o", path]) == 0
    capsys.readouterr()
    assert main(["predict", path, str(tmp_path / "train.csv"), "--proba"]) == 1
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("one training text is too few")) == ("", 1)


@pytest.mark.slow
def test_lines_are_answered_as_they_come(model, tmp_path):
    out = str(tmp_path / "out.jsonl")
    for more in ([], ["--proba"], ["-o", out]):
        words = [sys.executable, "-u", "-m", "gzipknn", "predict", model, "-", *more]
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if more == ["--proba"]:
            assert process.stdout.readline() == b"label,confidence,second\n"
        for number in range(3):
            process.stdin.write(b"Move the turtle forward.\n")
            process.stdin.flush()
            if "-o" not in more:
                assert process.stdout.readline().startswith(b"turtle")
            else:
                while not os.path.exists(out) or Path(out).read_text().count("\n") <= number:
                    assert process.poll() is None
        process.stdin.write(b"a last one, without an end")
        process.stdin.close()
        assert process.stdout.read().count(b"\n") == ("-o" not in more)
        assert process.wait() == 0


def test_labels_keep_their_kind(tmp_path, capsys):
    (tmp_path / "train.jsonl").write_text('{"text": "the cat sat", "label": 1}\n{"text": "stocks fell", "label": 2}\n')
    path = str(tmp_path / "m.skops")
    assert main(["train", str(tmp_path / "train.jsonl"), "-o", path, "--preset", "fast"]) == 0
    capsys.readouterr()
    rows = printed(capsys, path, str(tmp_path / "train.jsonl"), "--proba", "--json").out.splitlines()
    assert [(json.loads(row)["label"], json.loads(row)["second"]) for row in rows] == [(1, 2), (2, 1)]


CELLS = st.text(st.sampled_from('a,;"\n\r\t \x00é猫=\u2028'), max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS, st.floats(0, 1)), min_size=1, max_size=5))
def test_what_is_written_is_read_again(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("tables")
    form = {"sep": None, "header": True, "encoding": None}
    names = ["kept", "label", "confidence"]
    for ending in (".csv", ".jsonl", ".parquet"):
        for live in (False, True):
            path = str(folder / f"out{ending}")
            with open_table(path, names, as_json=False, live=live) as write_rows:
                for row in rows:
                    write_rows([row])
            expected = [[*row[:2], str(row[2]) if ending == ".csv" else row[2]] for row in rows]
            found = load_columns(path, None, ["kept"], **form)
            assert found[0] == names
            assert [list(row) for row in found[1]] == expected
