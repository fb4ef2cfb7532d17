"""The committed charts are drawn from the committed results, and are legible on a phone."""

import re
import sys
from itertools import pairwise

import pytest
from conftest import ROOT

FOLDERS = (ROOT / "experiments/results", ROOT / "benchmarks/results")
COMMITTED = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in folder.glob("*.svg"))
PHONE = 358
"""The width of a figure in pixels on a phone that is 390 pixels wide."""


@pytest.fixture(scope="module")
def charts():
    folders = [str(ROOT / name) for name in ("experiments", "benchmarks")]
    sys.path[:0] = folders
    import redraw

    yield redraw.charts()
    for folder in folders:
        sys.path.remove(folder)


def letters(path):
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text(encoding="utf-8"))


def test_every_chart_is_one_that_can_be_drawn_again(charts):
    assert sorted(charts) == COMMITTED


@pytest.mark.parametrize("name", COMMITTED)
def test_a_chart_is_that_of_the_committed_results(name, charts, tmp_path):
    charts[name](tmp_path / "again.svg")
    assert letters(tmp_path / "again.svg") == letters(ROOT / name)


def test_pages_are_those_of_the_committed_results(charts):
    import redraw

    for name, text in redraw.pages().items():
        assert (ROOT / name).read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", COMMITTED)
def test_letters_can_be_read_on_a_phone(name):
    svg = (ROOT / name).read_text(encoding="utf-8")
    points, width = (float(re.search(pattern, svg)[1]) for pattern in (r'width="([\d.]+)pt"', r'viewBox="0 0 ([\d.]+)'))
    smallest = min(float(size) for size in re.findall(r"font(?:-size)?: (?:\w+ )*([\d.]+)px", svg))
    on_a_desk = smallest * points / width * 96 / 72
    assert on_a_desk >= 11
    assert on_a_desk * min(1, PHONE / (points * 96 / 72)) >= 9.5


@pytest.mark.parametrize("name", COMMITTED)
def test_numbers_at_an_axis_do_not_collide(name):
    svg = (ROOT / name).read_text(encoding="utf-8")
    shown = re.findall(r'<text[^>]*text-anchor: middle" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]+)</text>', svg)
    assert shown
    lines = {}
    for x, y, text in shown:
        lines.setdefault(round(float(y)), []).append((float(x), len(text)))
    for places in lines.values():
        for (x, n), (next_x, next_n) in pairwise(sorted(places)):
            assert next_x - x >= 0.28 * 10 * (n + next_n)  # half the width of both labels, in letters of size 10


def test_names_that_would_touch_are_moved_apart(charts):
    import plots

    moved = plots.apart([0, 0.1, 0.2, 5], 1)
    assert min(b - a for a, b in pairwise(moved)) >= 1 - 1e-12
    assert moved[3] == 5
    assert moved[:3].mean() == pytest.approx(0.1)
    assert plots.apart([], 1).size == 0
