"""Draw explain.svg: what `NCDClassifier.explain` shows of one text, for README.md and the landing page.

python docs/explain_picture.py
"""

from __future__ import annotations

import html
from pathlib import Path

from gzipknn import NCDClassifier
from gzipknn.explanation import Explanation

PATH = Path(__file__).with_name("explain.svg")
TEXTS = {
    "hardware": ["The printer is out of toner", "The screen of my laptop stays black", "The keyboard is broken"],
    "access": ["Please reset my password", "I can't log in to my account", "My account is locked"],
    "billing": ["The invoice is wrong", "We paid this invoice twice", "Please send the invoice again"],
}
QUERY = "I can't log in, please reset my password"

WIDTH, MARGIN = 480, 18
LETTER = (WIDTH - 2 * MARGIN) / 44
"""The width of a letter; all are as wide, so it is known where each stands, whatever the font."""
STYLE = """
svg { --paper: #ffffff; --ink: #1b1b1b; --pale: #555555; --line: #c9c9c9; --mark1: #ffd977; --mark2: #a9d4ff; }
@media (prefers-color-scheme: dark) {
svg { --paper: #16181c; --ink: #f0f0f0; --pale: #b9b9b9; --line: #4a4d55; --mark1: #7a5600; --mark2: #17568f; }
}
text { font: 14px sans-serif; fill: var(--ink); }
.letters { font: 16px monospace; white-space: pre; }
.pale { fill: var(--pale); }
.why { font-weight: bold; }
.paper { fill: var(--paper); }
.box { fill: none; stroke: var(--line); }
.mark1 { fill: var(--mark1); }
.mark2 { fill: var(--mark2); }
"""


def explanation() -> Explanation:
    labels = [label for label, texts in TEXTS.items() for _ in texts]
    clf = NCDClassifier(n_neighbors=3).fit([text for texts in TEXTS.values() for text in texts], labels)
    return clf.explain(QUERY, n_neighbors=2)


def svg(found: Explanation) -> str:
    """Return the picture: the text, what was predicted and why, and the nearest texts; shared phrases are marked."""
    lines, y = [], 30

    def write(text: str, style: str = "") -> None:
        nonlocal y
        lines.append(f'<text x="{MARGIN}" y="{y}" class="{style}">{html.escape(text)}</text>')
        y += 20

    def mark(text: str, marks: list[tuple[int, int, int]], below: list[tuple[int, str]], shared: bool = False) -> None:
        """Write a text in a box, with marks (start, stop, of which neighbour), and words below some letters.

        Where phrases of two neighbours are `shared` in one text, each takes half of the height, as they may overlap.
        """
        nonlocal y
        y += 4
        box = f'x="{MARGIN - 8}" y="{y - 17}" width="{WIDTH - 2 * MARGIN + 16}" height="34" rx="5"'
        lines.append(f'<rect {box} class="box"/>')
        for start, stop, number in marks:
            top, height = (y - 12, 24) if not shared else (y - 12, 16) if number == 1 else (y + 5, 8)
            x, width = MARGIN + start * LETTER, (stop - start) * LETTER
            lines.append(f'<rect x="{x:.1f}" y="{top}" width="{width:.1f}" height="{height}" class="mark{number}"/>')
        shown = html.escape(text)
        lines.append(
            f'<text x="{MARGIN}" y="{y + 5}" class="letters" textLength="{len(text) * LETTER:.1f}" '
            f'lengthAdjust="spacingAndGlyphs">{shown}</text>'
        )
        y += 36
        for start, words in below:
            lines.append(f'<text x="{MARGIN + start * LETTER:.1f}" y="{y}" class="pale">{words}</text>')
        y += 30 if below else 6

    write("A text to classify:", "pale")
    marks = [(p.query_start, p.query_stop, number) for number, n in enumerate(found.neighbors, 1) for p in n.phrases]
    mark(str(found.text), marks, [], shared=True)
    for sentence in found.reasons()[0].split(" because "):
        write(sentence if sentence.startswith("The") else f"because {sentence}", "why")
    y += 14
    for number, neighbor in enumerate(found.neighbors, 1):
        write(f"Neighbour {number}: {neighbor.label}, distance {neighbor.distance:.2f}", "pale")
        below = [f"{phrase.bits:.0f} bits{' saved' * (phrase is neighbor.phrases[0])}" for phrase in neighbor.phrases]
        mark(
            str(neighbor.text),
            [(phrase.start, phrase.stop, number) for phrase in neighbor.phrases],
            [(phrase.start, words) for phrase, words in zip(neighbor.phrases, below, strict=True)],
        )
    height = y - 12
    title = "A text and its two nearest training texts; the phrases that they share are marked"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}">'
    paper = f'<rect width="{WIDTH}" height="{height}" class="paper"/>'
    return "\n".join([head, f"<title>{title}</title>", f"<style>{STYLE}</style>", paper, *lines, "</svg>"]) + "\n"


if __name__ == "__main__":
    PATH.write_text(svg(explanation()), encoding="utf-8")
