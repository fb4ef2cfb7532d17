"""The results of evaluate on another file and on parts of one file, and its warnings of texts in both."""

import json

import numpy as np
import pytest

from gzipknn.__main__ import main
from gzipknn.command.evaluate import cut


def lines(path, rows):
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    return str(path)


@pytest.fixture
def tickets(tmp_path, docs):
    rows = list(zip(docs.X_train[:100], docs.y_train[:100], strict=True))
    return lines(tmp_path / "tickets.jsonl", [*rows, *rows[:4], ("", "turtle")])


def evaluated(capsys, *words):
    assert main(["evaluate", *words, "--json"]) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


@pytest.mark.parametrize(("options", "n"), [([], 104), (["--folds", "3"], 104), (["--holdout", "0.25"], 26)])
def test_parts_of_one_file(tickets, capsys, options, n):
    found, said = evaluated(capsys, tickets, "--preset", "fast", *options)
    assert found["n_test"] == n
    assert sum(map(sum, found["confusion"]["matrix"])) == n
    assert sum(row["n"] for row in found["classes"].values()) == n
    assert sum(one["n"] for one in found["calibration"]["bins"]) == n
    right = sum(row[i] for i, row in enumerate(found["confusion"]["matrix"]))
    assert found["accuracy"] == right / n
    assert found["interval"][0] < found["accuracy"] < found["interval"][1]
    assert "1 of 105 texts is blank, the first in row 105: left out of training" in said
    assert found == evaluated(capsys, tickets, "--preset", "fast", *options)[0] | {"seconds": found["seconds"]}


@pytest.mark.slow
def test_copies_in_other_parts_are_named(tickets, tmp_path, capsys, docs):
    found, said = evaluated(capsys, tickets, "--preset", "fast", "--folds", "104")
    assert found["leaked"]["n"] == 8
    assert f"{tickets}: 8 of 104 test texts are training texts, too, the first in row 1." in said
    assert "without these: accuracy" in said
    rows = [("a text of its own", docs.y_train[0]), (docs.X_train[0], docs.y_train[0])]
    test, model = lines(tmp_path / "test.jsonl", rows), str(tmp_path / "m.skops")
    assert main(["train", tickets, "-o", model, "-k", "3"]) == 0
    capsys.readouterr()
    for train in ([model], [tickets, "-k", "3"]):
        assert (
            "1 of 2 test texts is a training text, too: that in row 2"
            in evaluated(capsys, train[0], test, *train[1:])[1]
        )


def test_parts_have_their_share_of_every_class():
    labels = ["a"] * 50 + ["b"] * 10 + ["c"]
    parts = cut(labels, 5, None)
    assert sorted(np.concatenate(parts)) == list(range(61))
    assert all(sum(labels[i] == "a" for i in part) == 10 for part in parts)
    (part,) = cut(labels, 5, 0.2)
    assert len(part) == 12
    assert sum(labels[i] == "b" for i in part) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["MODEL"], "is a model, which knows its training texts: give a TEST file"),
        (["MODEL", "TRAIN", "--holdout", "0.5"], "--holdout holds out parts of TRAIN, so it goes with no TEST"),
        (["TRAIN", "TRAIN", "--folds", "3"], "--folds holds out parts of TRAIN, so it goes with no TEST"),
        (["TRAIN", "--folds", "1000"], "can't be cut into 1000 parts"),
        (["TRAIN", "--holdout", "0.001"], "a part is empty"),
    ],
)
def test_what_evaluate_refuses(tickets, tmp_path, capsys, options, message):
    model = str(tmp_path / "m.skops")
    if "MODEL" in options:
        assert main(["train", tickets, "-o", model, "--preset", "fast"]) == 0
    assert main(["evaluate", *({"MODEL": model, "TRAIN": tickets}.get(option, option) for option in options)]) == 1
    assert message in capsys.readouterr().err


def test_completion_of_every_shell(capsys):
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == 0
        shown = capsys.readouterr().out
        for word in ("predict", "half-local", "paper", "unknown", "tie-break"):
            assert word in shown
