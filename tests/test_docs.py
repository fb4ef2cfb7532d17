import doctest
import re
import shlex

import pytest
from conftest import ROOT

from gzipknn.__main__ import main

BLOCKS = re.findall(r"^```console\n(.*?)^```", (ROOT / "docs/command.md").read_text(encoding="utf-8"), re.M | re.S)
COMMANDS = [command for block in BLOCKS for command in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.M)]


@pytest.mark.slow
def test_every_command_that_is_documented_prints_what_is_documented(tmp_path, monkeypatch, capsys, stdin):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")  # texts are cut to the width of the terminal
    compared = doctest.OutputChecker()
    for command, expected in COMMANDS:
        if command.startswith("cat "):
            (tmp_path / command.removeprefix("cat ")).write_text(expected, encoding="utf-8")
            continue
        before, _, words = command.rpartition(" | ")
        stdin((before.removeprefix("echo ").strip('"') + "\n").encode())
        assert main(shlex.split(words)[1:]) == 0, command
        shown = capsys.readouterr().out
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert compared.check_output(expected, shown, flags), f"{command}\n{shown}"


@pytest.mark.parametrize(
    "name",
    ["demo", "train", "evaluate", "predict", "explain", "near", "cache info", "cache clear", "completion", "versions"],
)
def test_every_command_is_documented(name):
    assert any(f"gzipknn {name}" in command for command, _ in COMMANDS)


def test_the_picture_of_explain_is_what_explain_says(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import explain_picture

    assert explain_picture.PATH.read_text(encoding="utf-8") == explain_picture.svg(explain_picture.explanation())


def test_the_address_of_the_project_is_written_in_one_place():
    address = re.search(r"^url = (\S+)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.M)[1]
    for name in ("README.md", "docs/index.md"):
        assert f"git clone {address}\n" in (ROOT / name).read_text(encoding="utf-8")


def test_links_that_lead_nowhere_are_found(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import anchors

    (tmp_path / "data.csv").write_text("a", encoding="utf-8")
    (tmp_path / "a.html").write_text(
        '<h1 id="one">x</h1><a href="#one"></a><a href="b.html#two"></a><a href="b.html#three"></a>'
        '<a href="data.csv"></a><img src="lost.svg"><a href="https://example.org/#x"></a>',
        encoding="utf-8",
    )
    (tmp_path / "b.html").write_text('<h2 id="two">y</h2><a href="a.html"></a><a href="c.html"></a>', encoding="utf-8")
    assert sorted(anchors.broken(tmp_path)) == ["a.html: b.html#three", "a.html: lost.svg", "b.html: c.html"]
