"""Charts that several experiments draw.

Each chart is an SVG 480 pixels wide, so that its text can be read on a phone and in print. Series differ in colour and
in shape or line style, and are labelled directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from common import pyplot
from numpy.typing import NDArray

Scores = dict[str, dict[str, Any]]
"""Scores by name, as :func:`gzipknn.utils.accuracy.accuracy` returns them."""

WIDTH = 5.0
"""The width of every figure in inches. A browser shows 96 pixels per inch."""
SERIES = (
    {"color": "#0063a8", "marker": "o", "linestyle": "-"},
    {"color": "#c04a00", "marker": "s", "linestyle": "--"},
    {"color": "#00704f", "marker": "D", "linestyle": "-."},
    {"color": "#8f2f74", "marker": "^", "linestyle": ":"},
    {"color": "#000000", "marker": "v", "linestyle": (0, (5, 1))},
    {"color": "#7a5c00", "marker": "P", "linestyle": (0, (1, 1))},
)
"""The styles of the first, second and further series. No chart has more series than these."""
STYLE = {
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "figure.constrained_layout.h_pad": 0.08,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "svg.fonttype": "none",
    "svg.hashsalt": "gzipknn",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
}


def panels(heights: Sequence[float], **options: Any) -> tuple[Any, list[Any]]:
    """Return a figure with panels below one another, and its axes. `heights` are in inches."""
    pyplot().rcParams.update(STYLE)
    size = (WIDTH, sum(heights))
    options = {"height_ratios": list(heights), "layout": "constrained", "squeeze": False, **options}
    figure, axes = pyplot().subplots(len(heights), 1, figsize=size, **options)
    return figure, list(axes.ravel())


def panels_in_columns(n: int) -> tuple[Any, list[Any]]:
    """Return a figure with two panels per row, and its axes: n, or n + 1 if n is odd."""
    pyplot().rcParams.update(STYLE)
    n_rows = -(-n // 2)
    figure, axes = pyplot().subplots(n_rows, 2, figsize=(WIDTH, 2.7 * n_rows), layout="constrained", squeeze=False)
    return figure, list(axes.ravel())


def save(figure: Any, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None})  # the same results make the same file
    pyplot().close(figure)


def log_ticks(axis: Any, values: Sequence[float], shown: str = "{:g}") -> None:
    """Label a logarithmic axis with the given values only."""
    axis.set_ticks(list(values), [shown.format(value) for value in values])
    axis.set_ticks([], minor=True)


def label_ends(axes: Any, ends: Mapping[str, tuple[float, str]]) -> None:
    """Write the name of each line to the right of the axes, at the height and in the colour of the line's end.

    Names are moved apart so that no two overlap. `ends` holds the height and the colour of each line.
    """
    axes.figure.canvas.draw()  # before this, the place at which a value is drawn is unknown
    to_axes = axes.transData + axes.transAxes.inverted()
    heights = {name: float(to_axes.transform((axes.get_xlim()[1], y))[1]) for name, (y, _) in ends.items()}
    line = 15 / 96 * axes.figure.dpi / axes.get_window_extent().height
    order = sorted(ends, key=heights.__getitem__)
    for name, height in zip(order, apart([heights[name] for name in order], line), strict=True):
        axes.text(1.03, height, name, transform=axes.transAxes, va="center", color=ends[name][1])


def apart(places: Sequence[float], least: float) -> NDArray[np.float64]:
    """Move ascending places as little as necessary, so that neighbouring places are at least `least` apart.

    Examples
    --------
    >>> apart([1, 5, 5.5], 2).tolist()
    [1.0, 4.25, 6.25]
    """
    # A group of adjacent places: the sum of the starts that its places would each choose for the group, and its size.
    groups: list[list[float]] = []
    for place in places:
        groups.append([place, 1])
        while len(groups) > 1:
            (total, n), (next_total, next_n) = groups[-2:]
            if next_total / next_n - total / n >= n * least:
                break
            groups[-2:] = [[total + next_total - next_n * n * least, n + next_n]]
    return np.concatenate([total / n + least * np.arange(n) for total, n in groups]) if groups else np.empty(0)


# ---- charts with a row for each name ----


@dataclass(frozen=True)
class Column:
    """A panel of a chart with a row for each name."""

    heading: str
    values: dict[str, list[float]]
    """For each name, a value for each data set."""
    unit: str = ""
    digits: int = 3
    """The number of decimals of an arithmetic mean."""
    limits: tuple[float, float] | None = None
    """The limits of the axis. None: the range of the values."""
    log: bool = False
    """Whether the axis is logarithmic and the mean is geometric."""

    def mean(self, name: str) -> float:
        """Return the mean of the values of a name."""
        values = np.array(self.values[name])
        return float(np.exp(np.log(values).mean()) if self.log else values.mean())


def draw_rows(columns: Sequence[Column], path: Path, kinds: Mapping[str, str] | None = None) -> None:
    """Draw a row for each name in every column: a small mark for each data set, a large mark and a number for the mean.

    Parameters
    ----------
    columns : sequence of Column
        One or two columns with the same names. Rows are ordered by the means of the first column, the largest first.
    path : Path
    kinds : mapping, default=None
        The kind of each name. Each kind has its own shape and colour.
    """
    names = sorted(columns[0].values, key=lambda name: -columns[0].mean(name))
    of_kind = {name: (kinds or {}).get(name, "") for name in names}
    styles = dict(zip(dict.fromkeys(of_kind.values()), SERIES, strict=False))
    figure, axes = _rows(names, len(columns))
    for panel, column in zip(axes, columns, strict=True):
        for row, name in enumerate(names):
            style, mean, values = styles[of_kind[name]], column.mean(name), column.values[name]
            drawn = {"color": style["color"], "marker": style["marker"], "linestyle": "none"}
            panel.plot(values, [row] * len(values), markersize=4, alpha=0.35, markeredgewidth=0, **drawn)
            panel.plot([mean], [row], markersize=8, **drawn)
            _beside(panel, row, f"{two_digits(mean)} {column.unit}" if column.log else f"{mean:.{column.digits}f}")
        panel.set_xlabel(column.heading)
        if column.limits:
            panel.set_xlim(*column.limits)
        if column.log:
            panel.set_xscale("log")
            every = [value for values in column.values.values() for value in values]
            log_ticks(panel.xaxis, powers(min(every), max(every)))
    if len(styles) > 1:
        drawn = [
            pyplot().Line2D([], [], color=s["color"], marker=s["marker"], linestyle="none") for s in styles.values()
        ]
        figure.legend(drawn, styles, loc="outside upper left", ncols=len(styles), frameon=False, handletextpad=0.2)
    save(figure, path)


def draw_scores(scores: Scores, path: Path, heading: str = "accuracy") -> None:
    """Draw a row for each score, with its 95 % interval."""
    figure, (panel,) = _rows(list(scores), 1)
    for row, score in enumerate(scores.values()):
        panel.plot(score["interval"], [row, row], color=SERIES[0]["color"], linewidth=2)
        panel.plot([score["value"]], [row], "o", color=SERIES[0]["color"], markersize=7)
        _beside(panel, row, f"{score['value']:.3f}")
    panel.set_xlabel(f"{heading}, with its 95 % interval")
    save(figure, path)


def _rows(names: Sequence[str], n_columns: int) -> tuple[Any, list[Any]]:
    """Return a figure with panels side by side, and its axes. There is a row for each name, with the name above it."""
    pyplot().rcParams.update(STYLE)
    size = (WIDTH, 0.4 * len(names) + 0.9)
    figure, axes = pyplot().subplots(1, n_columns, figsize=size, layout="constrained", squeeze=False, sharey=True)
    for panel in axes.ravel():
        panel.set(yticks=[], ylim=(len(names) - 0.6, -0.8))
        panel.spines["left"].set_visible(False)
        panel.patch.set_visible(False)  # the background would hide names
        for row in range(len(names)):
            panel.axhline(row, color="0.85", linewidth=0.8, zorder=0)
    for row, name in enumerate(names):
        first = axes[0, 0]
        text = first.text(0, row - 0.42, name, transform=first.get_yaxis_transform(), va="center", fontweight="bold")
        text.set_in_layout(False)  # a long name may extend into the next panel
    return figure, list(axes.ravel())


def _beside(panel: Any, row: int, text: str) -> None:
    panel.text(1.03, row, text, transform=panel.get_yaxis_transform(), va="center")


def two_digits(value: float) -> str:
    """Write a positive number with two significant digits and without an exponent.

    Examples
    --------
    >>> [two_digits(value) for value in (0.3217, 2.01, 9.96, 153.4)]
    ['0.32', '2.0', '10', '150']
    """
    digits = 1 - int(np.floor(np.log10(float(f"{value:.1e}"))))
    return f"{round(value, digits):.{max(digits, 0)}f}"


def powers(low: float, high: float) -> list[float]:
    """Return powers of ten between `low` and `high`, at most four of them."""
    exponents = range(int(np.ceil(np.log10(low))), int(np.floor(np.log10(high))) + 1)
    return [10.0**exponent for exponent in exponents][:: max(1, -(-len(exponents) // 4))]
