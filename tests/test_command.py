import json
import subprocess
import sys

import pandas as pd
import pytest

from gzipknn import __version__
from gzipknn.__main__ import main


@pytest.fixture
def files(tmp_path):
    train = pd.DataFrame({"text": ["the cat sat on the mat", "stocks fell again today"], "label": ["pets", "money"]})
    test = pd.DataFrame({"text": ["a cat on a mat", "stocks rose today"], "label": ["pets", "money"]})
    train.to_csv(tmp_path / "train.csv", index=False)
    test.to_csv(tmp_path / "test.csv", index=False)
    return [str(tmp_path / "train.csv"), str(tmp_path / "test.csv")]


def test_demo(capsys):
    assert main(["demo"]) == 0
    captured = capsys.readouterr()
    assert "accuracy 0.6" in captured.out or "accuracy 0.7" in captured.out
    assert captured.out.count("taken for") == 3
    assert captured.err == ""


def test_progress_on_a_terminal(files, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["predict", *files, "-k", "1"]) == 0
    captured = capsys.readouterr()
    assert "2/2" in captured.err
    assert captured.out == "pets\nmoney\n"


def test_texts_on_stdin(files, capsys, stdin):
    stdin(b"a cat\nstocks rose\n")
    assert main(["predict", files[0], "-", "-k", "1"]) == 0
    assert capsys.readouterr().out == "pets\nmoney\n"


def test_a_text_on_stdin_ends_at_a_newline_alone(files, capsys, stdin):
    texts = ["a\x0ccat\x0b\x85", "stocks\u2028rose", ""]
    stdin(("\n".join(texts) + "\n").encode())
    assert main(["predict", files[0], "-", "-k", "1", "--json"]) == 0
    assert [json.loads(line)["text"] for line in capsys.readouterr().out.split("\n")[:-1]] == texts
    stdin(b" a\ncat\n")
    assert main(["explain", files[0], "-", "-k", "1", "--neighbors", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == " a\ncat"


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_no_stdin(files, command, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert main([command, files[0], "-", "-k", "1"]) == 1
    assert capsys.readouterr().err == "gzipknn: there is no stdin to read texts from; give a file instead of -\n"


def test_no_stdout(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout", None)
    assert main(["versions"]) == 1
    monkeypatch.undo()
    assert capsys.readouterr().err == "gzipknn: there is no standard output to write to.\n"


def test_explain(files, capsys, stdin):
    command = ["explain", files[0], "my cat sat on it", "--preset", "paper", "-k", "1", "--neighbors", "1"]
    assert main(command) == 0
    assert "'cat sat on'" in capsys.readouterr().out
    assert main([*command, "--html"]) == 0
    assert "cat sat on </mark>the mat" in capsys.readouterr().out
    stdin(b"my cat sat on it")
    command[2] = "-"
    assert main([*command, "--json"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert explained["label"] == "pets"
    assert explained["neighbors"][0]["phrases"][0]["text"] == " cat sat on "
    assert main([*command, "--compressor", "bz2"]) == 1
    assert "reports what it copied" in capsys.readouterr().err


def test_a_reader_that_has_had_enough(files):
    command = f"{sys.executable} -m gzipknn predict {' '.join(files)} -k 1 | true"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert "Broken pipe" not in result.stderr
    assert "Traceback" not in result.stderr


def test_evaluate(files, capsys):
    assert main(["evaluate", *files, "-k", "1", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert "accuracy 1.000 on 2 texts (95 % interval 0.342 to 1.000)" in captured.out
    assert captured.err == ""
    assert main(["evaluate", *files, "-k", "1", "--json", "--metric", "cdm"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["accuracy"] == 1.0
    assert result["n_train"] == result["n_test"] == 2


def test_evaluate_names_unknown_labels(files, tmp_path, capsys):
    (tmp_path / "other.jsonl").write_text('{"text": "a cat", "label": "pets"}\n{"text": "a", "label": "9"}\n')
    assert main(["evaluate", files[0], str(tmp_path / "other.jsonl"), "-k", "1"]) == 0
    captured = capsys.readouterr()
    assert "accuracy 0.500" in captured.out
    assert "lacks these labels" in captured.err
    assert "['9']" in captured.err


def test_predict(files, capsys):
    assert main(["predict", *files, "-k", "1", "--quiet"]) == 0
    assert capsys.readouterr().out == "pets\nmoney\n"
    assert main(["predict", *files, "-k", "1", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == {"text": "a cat on a mat", "label": "pets"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "missing.csv", "missing.csv"], "gzipknn: there is no file or folder 'missing.csv'"),
        (["predict", "TRAIN", "TEST", "--text", "body"], "has no column 'body'; it has ['text', 'label']"),
        (
            ["evaluate", "TRAIN", "TEST", "-k", "5"],
            "-k must be at most the number of training texts: 2, got 5",
        ),
        (["predict", "TRAIN", "empty.jsonl"], "empty.jsonl holds no rows"),
    ],
)
def test_errors_are_one_line_and_exit_1(files, tmp_path, arguments, message, capsys):
    (tmp_path / "empty.jsonl").touch()
    names = dict(zip(["TRAIN", "TEST"], files, strict=True)) | {"empty.jsonl": str(tmp_path / "empty.jsonl")}
    assert main([names.get(argument, argument) for argument in arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_interrupted(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("gzipknn.command.demo.load_stdlib_docs", interrupt)
    assert main(["demo"]) == 130
    assert capsys.readouterr().err == "gzipknn: interrupted\n"


def test_an_implementation_that_is_not_there(files, monkeypatch, capsys):
    monkeypatch.setattr("gzipknn._kernel._load", lambda: None)
    monkeypatch.setenv("GZIPKNN_IMPLEMENTATION", "native")
    assert main(["predict", *files, "-k", "1"]) == 1
    assert "was not built" in capsys.readouterr().err


def test_wrong_command_line(capsys):
    with pytest.raises(SystemExit) as exit_:
        main(["predict", "train.csv"])
    assert exit_.value.code == 2
    assert "INPUT" in capsys.readouterr().err


def test_versions(capsys):
    assert main(["versions"]) == 0
    assert f"gzipknn  {__version__}" in capsys.readouterr().out
    assert main(["versions", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["gzipknn"] == __version__


def test_as_a_module():
    result = subprocess.run([sys.executable, "-m", "gzipknn", "--version"], capture_output=True, text=True, check=True)
    assert result.stdout == f"gzipknn {__version__}\n"


def test_evaluate_refuses_labels_of_which_none_is_known(files, tmp_path, capsys):
    (tmp_path / "numbers.csv").write_text("text,label\na cat,1.0\nstocks,2.0\n")
    assert main(["evaluate", files[0], str(tmp_path / "numbers.csv"), "-k", "1"]) == 1
    error = capsys.readouterr().err
    assert "no label of" in error
    assert "'1.0' is there, but here are ['money', 'pets']" in error


# ---- a day's work: train on a messy file, label new texts, measure the labels and explain them ----

SAID = {
    "1": [
        'Der Drucker druckt nicht, er meldet "Papierstau"',
        "Drucker: Papierstau,\nschon wieder",
        "プリンターが紙詰まりです",
    ],
    "2": [
        "Passwort vergessen; Konto gesperrt",
        "ログインできません、パスワードを忘れました",
        'Konto "gesperrt"\r\nseit heute',
    ],
    "03": ["Die Rechnung ist falsch, bitte prüfen", "請求書が間違っています", "Rechnung;\tBetrag stimmt nicht"],
}
BLANK = ["", " \u3000 "]


@pytest.fixture
def messy(tmp_path):
    """Write tickets to train on, to label, and with labels. Return the files and the rows to label."""
    rows = [
        (f"T-{i:03}", text if i % 7 else f"{text} ({i})", label)
        for i, (label, text) in enumerate([(label, text) for label, texts in SAID.items() for text in texts] * 5)
    ]
    rows += [(f"B-{i}", text, "1") for i, text in enumerate(BLANK)]
    names = {"ticket": 0, "Text, frei": 1, "Kürzel": 2}
    frame = pd.DataFrame({name: [row[i] for row in rows] for name, i in names.items()})
    frame.to_csv(tmp_path / "tickets.csv", index=False, sep=";", encoding="utf-8-sig")
    new = frame.iloc[::-1].assign(note=["NA", "007"] + ['a "b";\n c'] * (len(frame) - 2))
    new.drop(columns="Kürzel").to_csv(tmp_path / "new.csv", index=False, sep=";", encoding="utf-8-sig")
    frame[:-2].to_json(tmp_path / "known.jsonl", orient="records", lines=True, force_ascii=False)
    return tmp_path, new.drop(columns="Kürzel").to_dict("records"), rows


@pytest.mark.slow
def test_a_days_work(messy, capsys, monkeypatch):
    folder, new, rows = messy
    monkeypatch.chdir(folder)
    columns = ["--text", "Text, frei", "--label", "Kürzel"]
    assert main(["train", "tickets.csv", "-o", "tickets.skops", "--tune", "--sep", ";", *columns, "--quiet"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("chosen: k ")
    assert "written: tickets.skops, 45 training texts, 3 classes" in captured.out
    assert "2 of 47 texts are blank, the first in row 46: left out of training" in captured.err

    # every row is there, in order and complete; the model knows the names of its columns
    predict = ["predict", "tickets.skops", "new.csv", "--sep", ";", "--proba", "--keep", "--quiet"]
    for name in ("out.csv", "out.jsonl", "out.parquet"):
        assert main([*predict, "-o", name]) == 0
    read = {"dtype": str, "keep_default_na": False}
    found = {
        "csv": pd.read_csv(folder / "out.csv", **read).to_dict("records"),
        "jsonl": [json.loads(line) for line in (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()],
        "parquet": pd.read_parquet(folder / "out.parquet").to_dict("records"),
    }
    for given in found.values():
        assert [{name: row[name] for name in new[0]} for row in given] == new
        assert list(given[0]) == ["ticket", "Text, frei", "note", "Kürzel", "confidence", "second"]
        assert [row["Kürzel"] for row in given[2:]] == [label for _, _, label in rows[-3::-1]]
        assert all(0 < float(row["confidence"]) < 1 for row in given)
    capsys.readouterr()
    assert main(predict) == 0
    assert capsys.readouterr().out.encode() == (folder / "out.csv").read_bytes()

    assert main(["evaluate", "tickets.skops", "known.jsonl", "--json", "--quiet"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert result["accuracy"] == 1.0
    assert result["classes"]["03"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "n": 15}
    assert result["confusion"] == {"labels": ["03", "1", "2"], "matrix": [[15, 0, 0], [0, 15, 0], [0, 0, 15]]}
    assert "known.jsonl: 45 of 45 test texts are training texts, too, the first in row 1" in captured.err
    assert main(["evaluate", "tickets.skops", "known.jsonl", "--report", "report.html", "--quiet"]) == 0
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "プリンターが紙詰まりです" in page
    assert "<script" not in page
    capsys.readouterr()
    assert main(["near", "tickets.csv", "--sep", ";", *columns, "--json"]) == 0
    near = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(pair["label_1"], pair["label_2"]) for pair in near} <= {(label, label) for label in SAID}
    assert main(["evaluate", "tickets.csv", "--sep", ";", *columns, "--quiet", "--folds", "3"]) == 0
    assert "on 45 texts (95 % interval" in capsys.readouterr().out

    assert main(["explain", "tickets.skops", "Der Drucker meldet Papierstau", "--json", "--quiet"]) == 0
    explained = json.loads(capsys.readouterr().out)
    assert explained["label"] == "1"
    assert {"1"} == {neighbor["label"] for neighbor in explained["neighbors"]}
