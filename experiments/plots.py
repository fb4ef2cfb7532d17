"""Plots that several experiments draw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common import pyplot
from numpy.typing import NDArray

Scores = dict[str, dict[str, Any]]
"""Of each name, a score as :func:`gzipknn.utils.accuracy.accuracy` returns it."""


def draw_scores(panels: dict[str, dict[str, Scores]], path: Path, title: str) -> None:
    """Draw scores with their intervals as rows of dots: a panel of several series of scores."""
    figure, axes = grid(len(panels), height=1 + 0.3 * max(len(rows(series)) for series in panels.values()))
    for number, (panel, (name, series)) in enumerate(zip(axes, panels.items(), strict=False)):
        names = rows(series)
        panel.set_yticks(range(len(names)), names)
        for place, (label, scores) in enumerate(series.items()):
            values = [score["value"] for score in scores.values()]
            intervals = [score["interval"] for score in scores.values()]
            panel.errorbar(
                values,
                [names.index(row) + 0.15 * (place - (len(series) - 1) / 2) for row in scores],
                xerr=[
                    [value - low for value, (low, _) in zip(values, intervals, strict=True)],
                    [high - value for value, (_, high) in zip(values, intervals, strict=True)],
                ],
                fmt="osDv"[place % 4],
                color=f"C{place}",
                capsize=2,
                label=label,
            )
        panel.set(title=name, xlabel="accuracy", ylim=(len(names) - 0.5, -0.5))
        panel.tick_params(labelleft=number % min(4, len(panels)) == 0 or names != rows(next(iter(panels.values()))))
        panel.grid(alpha=0.3)
    finish(figure, axes, len(panels), path, f"{title}; 95 % intervals")


def rows(series: dict[str, Scores]) -> list[str]:
    return list(dict.fromkeys(row for scores in series.values() for row in scores))


def draw_point(panel: Any, x: float, score: dict[str, Any], **style: Any) -> None:
    """Draw a score with its 95 % interval as a dot above x."""
    value, (low, high) = score["value"], score["interval"]
    panel.errorbar(x, value, yerr=[[value - low], [high - value]], **style)


def grid(
    n: int, height: float = 4, most: int = 4, width: float | None = None, **options: Any
) -> tuple[Any, NDArray[Any]]:
    """Return a figure of n panels, at most so many in a row; in inches, each is so high and all together so wide."""
    n_columns = min(most, n)
    n_rows = -(-n // n_columns)
    size = (width or max(14, 4.5 * n_columns), height * n_rows + 1.5)  # the legend takes 14
    figure, panels = pyplot().subplots(
        n_rows, n_columns, figsize=size, constrained_layout=True, squeeze=False, **options
    )
    return figure, panels.ravel()


def finish(figure: Any, panels: NDArray[Any], n: int, path: Path, title: str) -> None:
    for panel in panels[n:]:
        panel.set_axis_off()
    named = {
        label: handle for panel in panels[:n] for handle, label in zip(*panel.get_legend_handles_labels(), strict=True)
    }
    if len(named) > 1:
        figure.legend(named.values(), named, loc="outside lower center", ncols=5)
    figure.suptitle(title)
    figure.savefig(path, dpi=110)
    pyplot().close(figure)
