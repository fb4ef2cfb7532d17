"""How the gallery draws: SVG, 480 pixels wide, with letters that can be read on a phone."""

from __future__ import annotations

from typing import Any

from sphinx_gallery.scrapers import matplotlib_scraper


def svg(block: Any, block_vars: dict[str, Any], gallery_conf: Any) -> str:
    """Save the figures of a block as SVG."""
    return str(matplotlib_scraper(block, block_vars, gallery_conf, format="svg"))


def style(gallery_conf: Any, name: str) -> None:
    """Set the size of figures and letters before each example."""
    import matplotlib.pyplot as plt

    plt.rcdefaults()
    plt.rcParams.update(
        {
            "figure.figsize": (5, 3.8),
            "font.size": 11,
            "axes.labelsize": 11,
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "legend.fontsize": 11,
            "svg.fonttype": "none",
            "svg.hashsalt": name,
        }
    )
