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
