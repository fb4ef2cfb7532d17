"""Which texts the command reads, and its messages about blank texts and tables on stdin."""

import json

import pytest

from gzipknn.__main__ import main

ROWS = [("the cat", "sat on the mat", "pets"), ("stocks", "fell again today", "money")]


def write(folder, name, sep=",", header="title,body,label", rows=ROWS, encoding="utf-8"):
    lines = [*([header.replace(",", sep)] if header else []), *map(sep.join, rows)]
    (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding=encoding)
    return str(folder / name)


def texts(folder, name, values):
    (folder / name).write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in values))
    return str(folder / name)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ({}, ["--text", "title", "body"]),
        ({"sep": ";"}, ["--sep", ";", "--text", "title", "body"]),
        ({"sep": "\t"}, ["--sep", "tab", "--text", "title", "body"]),
        ({"sep": "\t"}, ["--sep", "\\t", "--text", "title", "body"]),
        ({"header": ""}, ["--no-header", "--label", "3", "--text", "1", "2"]),
        ({"encoding": "utf-16"}, ["--encoding", "utf-16", "--text", "title", "body"]),
    ],
)
def test_tables_of_every_form(tmp_path, capsys, form, options):
    train = write(tmp_path, "train.csv", **form)
    test = write(tmp_path, "test.csv", rows=[("my cät", "sat on a mat", "pets")], **form)
    assert main(["predict", train, test, "-k", "1", "--json", *options]) == 0
    label = options[options.index("--label") + 1] if "--label" in options else "label"
    assert json.loads(capsys.readouterr().out) == {"text": "my cät sat on a mat", label: "pets"}
    assert main(["evaluate", train, test, "-k", "1", "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    assert main(["explain", train, "stocks fell", "-k", "1", "--json", "--neighbors", "1", *options]) == 0
    assert json.loads(capsys.readouterr().out)["neighbors"][0]["text"] == "stocks fell again today"


def test_one_column_keeps_its_name(tmp_path, capsys):
    train = write(tmp_path, "train.csv")
    assert main(["predict", train, train, "-k", "1", "--json", "--text", "body"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0]) == {"body": "sat on the mat", "label": "pets"}


def test_a_label_column_that_is_named_as_joined_texts_are(tmp_path, capsys):
    train = write(tmp_path, "train.csv", header="title,body,text")
    options = ["-k", "1", "--text", "title", "body", "--label", "text"]
    assert main(["predict", train, train, *options, "--json"]) == 1
    assert "texts joined from several columns are called 'text', as the column" in capsys.readouterr().err
    assert main(["predict", train, train, *options]) == 0


def test_blank_texts_are_counted_and_left_out_of_training(tmp_path, capsys):
    rows = [("the cat sat", "pets"), ("", "none"), ("stocks fell", "money"), (" \t\u2003", "money")]
    train, test = texts(tmp_path, "train.jsonl", rows), texts(tmp_path, "test.jsonl", [*rows[:2], (" ", "pets")])
    assert main(["evaluate", train, test, "-k", "1", "--json"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert (result["n_train"], result["n_test"]) == (2, 3)
    assert captured.err.splitlines() == [
        f"gzipknn: warning: {train}: 2 of 4 texts are blank, the first in row 2: left out of training.",
        f"gzipknn: warning: {test}: 2 of 3 texts are blank, the first in row 2; an empty text gets the most frequent "
        f"class of the training texts, and the label of a text of white space means nothing.",
        f"gzipknn: warning: {train} lacks these labels of {test}: ['none']",
        f"gzipknn: warning: {test}: 1 of 3 test texts is a training text, too: that in row 1.",
        "gzipknn: without these: accuracy 0.500 on 2 texts (95 % interval 0.095 to 0.905)",
    ]
    assert main(["explain", train, "", "-k", "1", "--neighbors", "1"]) == 0
    assert "the query: 1 of 1 text is blank" in capsys.readouterr().err


def test_training_texts_that_are_all_blank(tmp_path, capsys):
    train = texts(tmp_path, "train.jsonl", [("", "a"), (" ", "b")])
    assert main(["predict", train, train, "-k", "1"]) == 1
    message = "all 2 texts are blank, so there is nothing to train on; name the column of the texts with --text."
    assert capsys.readouterr().err == f"gzipknn: {train}: {message}\n"


@pytest.mark.parametrize(
    ("line", "options", "seems"),
    [
        ("text,label", [], "the header of a table"),
        ("text", [], "the header of a table"),
        ('"id";"text"', [], "the header of a table"),
        ("id\ttext\tlabel", [], "the header of a table"),
        ("id:text", ["--sep", ":"], "the header of a table"),
        ("body,label,title", ["--text", "title", "body"], "the header of a table"),
        ('{"text": "a cat"}', [], "a row of JSON"),
        ("title,label", ["--text", "title", "body"], None),
        ("a text, with commas", [], None),
        ('{"body": "a cat"}', [], None),
        ("{text}", [], None),
        ("1,text", ["--no-header", "--text", "2"], None),
    ],
)
def test_a_table_on_stdin(tmp_path, capsys, stdin, line, options, seems):
    columns = {"title": "the cat", "body": "sat", "text": "x", "1": "a", "2": "b", "label": "pets"}
    train = tmp_path / "train.jsonl"
    train.write_text(json.dumps(columns) + "\n")
    stdin(f"{line}\r\na cat\r\n".encode())
    assert main(["predict", str(train), "-", "-k", "1", *options]) == 0
    captured = capsys.readouterr()
    assert captured.out == "pets\npets\n"
    expected = f"gzipknn: warning: the first line of stdin reads like {seems}" if seems else ""
    assert expected in captured.err
    assert ("reads like" in captured.err) == bool(seems)


def test_no_texts_on_stdin(tmp_path, capsys, stdin):
    stdin(b"")
    train = texts(tmp_path, "train.jsonl", [("the cat sat", "pets")])
    assert main(["predict", train, "-", "-k", "1"]) == 1
    assert "stdin holds no texts" in capsys.readouterr().err


def test_labels_of_evaluate_are_one_line(tmp_path, capsys):
    train = texts(tmp_path, "train.jsonl", [("the cat sat", "pets\nand \x1b[31mmore"), ("stocks fell", "money")])
    assert main(["evaluate", train, train, "-k", "1"]) == 0
    shown = capsys.readouterr().out
    assert r'"pets\nand \u001b[31mmore"       1.00' in shown
    assert "\x1b" not in shown


def test_copies_among_training_texts_are_counted(tmp_path, capsys):
    rows = [("the cat sat", "pets"), ("", "pets"), ("stocks fell", "money"), ("a dog ran", "pets")]
    copies = [("the cat sat", "pets"), ("stocks fell", "pets"), ("the cat sat", "money")]
    model = str(tmp_path / "m.skops")
    for some, said in [
        (copies, "3 of 6 training texts are copies of texts further up, the first in row 5; the labels conflict in 2 "),
        (
            copies[:1],
            "1 of 4 training texts is a copy of a text further up, in row 5. For new texts that are",
        ),
    ]:
        assert main(["train", texts(tmp_path, "t.jsonl", rows + some), "-o", model, "--preset", "paper"]) == 0
        assert said in capsys.readouterr().err
    assert main(["train", texts(tmp_path, "t.jsonl", rows), "-o", model, "--preset", "paper"]) == 0
    captured = capsys.readouterr()
    assert "further up" not in captured.err
    assert "3 training texts, 2 classes" in captured.out


def test_texts_of_one_class(tmp_path, capsys):
    train, model = texts(tmp_path, "t.jsonl", [("the cat sat", "pets"), ("a dog", "pets")]), str(tmp_path / "m.skops")
    assert main(["train", train, "-o", model, "--preset", "paper"]) == 0
    captured = capsys.readouterr()
    assert f"{train}: the label of all training texts is 'pets', so every text gets it; add texts of" in captured.err
    assert "2 training texts, 1 class\n" in captured.out


def test_texts_that_are_too_long_are_counted_once(tmp_path, capsys):
    rows = [(f"{i} {words} " * (9000 if i == 3 else 1), words) for i, words in enumerate(["cat", "dog"] * 5)]
    train, model = texts(tmp_path, "t.jsonl", rows), str(tmp_path / "m.skops")
    assert main(["train", train, "-o", model, "--preset", "paper"]) == 0
    assert [line[:42] for line in capsys.readouterr().err.splitlines()] == [
        "gzipknn: warning: 1 of 10 training texts i"
    ]


def test_a_missing_column_names_the_options_that_tell_the_right_one(tmp_path, capsys):
    train = write(tmp_path, "t.csv")
    assert main(["train", train, "-o", str(tmp_path / "m.skops")]) == 1
    said = "no column 'text'; it has ['title', 'body', 'label']. Name the right one as text or label (--text, --label)."
    assert said in capsys.readouterr().err
