"""The layout of the package: imports only go down, and no file is too long."""

import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "docs"))

import rooms

PYTHON = sorted(
    path for part in ("gzipknn", "tests", "experiments", "benchmarks", "docs") for path in (ROOT / part).rglob("*.py")
)
SOURCES = sorted((ROOT / "gzipknn" / "_kernel").glob("*.[ch]"))


def test_no_modules_import_each_other_in_a_circle():
    assert rooms.circles() == []


def test_imports_go_down_only():
    assert rooms.upward() == []


def test_a_circle_and_an_upward_import_would_be_found(monkeypatch):
    monkeypatch.setattr(
        rooms, "arrows", lambda: {"metrics": {"search.hubs"}, "search.hubs": {"voting"}, "voting": {"metrics"}}
    )
    assert rooms.circles() == [["metrics", "search.hubs", "voting"]]
    assert rooms.upward() == [("metrics", "search.hubs")]


def test_the_drawing_is_that_of_the_code():
    assert rooms.DRAWING.read_text(encoding="utf-8") == rooms.draw(), "run: python docs/rooms.py"


@pytest.mark.parametrize("path", [*PYTHON, *SOURCES], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_too_long(path):
    most = 300 if path.suffix == ".py" else 450
    assert len(path.read_text(encoding="utf-8").splitlines()) <= most
