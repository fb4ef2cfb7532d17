import json
from html.parser import HTMLParser

import pytest

from gzipknn.__main__ import main

ROWS = [("the cat sat on the mat", "pets"), ("", "pets"), ("a cat and a mat", "pets"), ("stocks fell again", "money")]


@pytest.fixture
def train(tmp_path):
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in ROWS))
    return str(path)


def test_several_texts(train, capsys):
    queries = ["my cat sat on it", "stocks fell"]
    assert main(["explain", train, *queries, "-k", "3", "--neighbors", "1", "--json"]) == 0
    explained = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["text"] for one in explained] == queries
    assert [one["neighbors"][0]["index"] for one in explained] == [0, 3]  # the blank texts are counted
    assert explained[0]["tally"][0]["n"] == 2
    assert main(["explain", train, *queries, "--preset", "paper", "-k", "3", "--neighbors", "1"]) == 0
    shown = capsys.readouterr().out
    assert "\n\n\nstocks fell\n" in shown
    assert "because 2 of its 3 neighbours are pets.\nOf the others, 1 is money.\n" in shown


def test_the_texts_of_a_file_are_explained_as_those_of_the_command_line(train, capsys):
    assert main(["explain", train, "--file", train, "-k", "1", "--json", "--quiet"]) == 0
    captured = capsys.readouterr()
    assert "train.jsonl: 1 of 4 texts is blank, the first in row 2; an empty text gets" in captured.err
    assert [json.loads(line)["text"] for line in captured.out.splitlines()] == [text for text, _ in ROWS]
    assert main(["explain", train, *(text for text, _ in ROWS), "-k", "1", "--json"]) == 0
    assert capsys.readouterr().out == captured.out


@pytest.mark.parametrize("arguments", [[], ["a text", "--file", "FILE"]])
def test_texts_come_from_one_place(train, arguments, capsys):
    assert main(["explain", train, *arguments]) == 1
    assert "give either texts to explain" in capsys.readouterr().err


def test_the_page_is_closed_and_holds_no_control(train, capsys):
    assert main(["explain", train, "my <b>cat</b>\x0b\x85\ufffe", "stocks", "-k", "1", "--html"]) == 0
    page = capsys.readouterr().out
    assert not set("\x0b\x85\ufffe") & set(page)
    open_tags = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "hr"):
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Parser().feed(page)
    assert open_tags == []
    assert page.count("<html") == 1
    assert page.count("<hr>") == 1
