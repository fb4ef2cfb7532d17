"""The site: `python -m sphinx -W --keep-going -b html docs build/site`."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from gzipknn import __version__

DOCS = Path(__file__).parent
sys.path.append(str(DOCS))  # gallery_charts
ROOT = DOCS.parent

# where on the site the repository's files elsewhere are, if not downloads
ELSEWHERE = {
    DOCS / "gallery": "auto_gallery/index.rst",
    ROOT / "experiments/results/tables.md": "generated/tables.md",
    ROOT / "experiments/results/compressors.md": "generated/compressors.md",
    ROOT / "experiments/results/few_shot.md": "generated/few_shot.md",
    ROOT / "experiments/results/bytes.md": "generated/bytes.md",
    ROOT / "experiments/results/audit.md": "generated/audit.md",
    ROOT / "experiments/results/encoder_cost.md": "generated/encoder_cost.md",
    ROOT / "CHANGELOG.md": "generated/changelog.md",
    ROOT / "CONTRIBUTING.md": "generated/contributing.md",
}
LINK = re.compile(r"\]\((?!#|[a-z]+:)([^)#\s]+)")

project = "gzipknn"
author = "The gzipknn developers"
copyright = f"2026, {author}"
version = release = __version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
]
exclude_patterns = ["gallery", "_templates", "paper"]
templates_path = ["_templates"]

html_theme = "furo"
html_title = f"gzipknn {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_use_index = False

myst_heading_anchors = 3
autodoc_typehints = "none"  # the docstrings say more
autodoc_member_order = "bysource"
autosummary_generate = True
suppress_warnings = ["ref.ref"]  # docstrings that are inherited from scikit-learn refer to labels of its own site
numpydoc_show_class_members = False
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "auto_gallery",
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
    "image_scrapers": ("gallery_charts.svg",),
    "reset_modules": ("gallery_charts.style",),
}


def relinked(text: str, before: Path, after: Path) -> str:
    """Return a page's text with its links to files as they are from another folder, and to other pages as pages."""

    def target(match: re.Match[str]) -> str:
        path = (before / match[1]).resolve()
        if not path.exists():
            return match[0]
        if path in ELSEWHERE:
            path = DOCS / ELSEWHERE[path]
        return f"]({Path(os.path.relpath(path, after)).as_posix()}"

    return LINK.sub(target, text)


def write_pages() -> None:
    """Copy the pages from elsewhere to docs/generated."""
    (DOCS / "generated").mkdir(exist_ok=True)
    for path, name in ELSEWHERE.items():
        if not path.is_file():
            continue
        page = DOCS / name
        text = relinked(path.read_text(encoding="utf-8"), path.parent, page.parent)
        text = text.replace("\n# ", "\n## ")  # one title a page
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.write_text(text, encoding="utf-8")


def relink(app: Any, page: str, source: list[str]) -> None:
    folder = (DOCS / page).parent
    if (DOCS / f"{page}.md").exists() and folder != DOCS / "generated":
        # a blank line ends what a doctest expects, and would stand at the end of its block
        source[0] = relinked(source[0], folder, folder).replace("\n\n```\n", "\n```\n")


def setup(app: Any) -> None:
    write_pages()
    app.connect("source-read", relink)
