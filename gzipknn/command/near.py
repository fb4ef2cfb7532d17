"""``gzipknn near``: find texts of a file that are nearly the same, to clean the file."""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import sys
import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gzipknn.command.options import Commands, add_columns, add_command, parse_screen
from gzipknn.command.streams import say, warn, write, write_json
from gzipknn.compressors import COMPRESSORS
from gzipknn.datasets import load_texts
from gzipknn.datasets.rows import NoColumnError
from gzipknn.metrics import METRICS
from gzipknn.utils.escapes import one_line, plain, shorten

LABEL = "label"
"""The default column of the labels. The file need not have it."""
BELOW = 0.3
ABOUT = """Print the texts of a file that are nearly the same, in groups: copies to drop, and labels that conflict.

The distance of two texts is about 0 if they are the same and about 1 if they share nothing: it is the share of the
longer one that is new if the other is known. With the default compressor, two texts of which every tenth word differs
are about 0.2 apart, and of which every third differs about 0.5. A short text and a long one that holds it are not near.
Copies are 0 apart. Of each text only the nearest others are looked at, as many as -k says. A group holds the texts that
are near to any other text of it."""


class Near(NamedTuple):
    """Pairs of near texts in the order of their distances, and the group of each pair."""

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    """The positions of the two texts in the file, the smaller one first."""
    distances: NDArray[np.float64]
    groups: NDArray[np.intp]
    """The number of the group, from 0 on, in the order of the nearest pairs."""


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "near", run, "print the texts of a file that are nearly the same")
    command.description = ABOUT
    command.formatter_class = argparse.RawDescriptionHelpFormatter
    command.add_argument("file", metavar="FILE", help="file with texts, with labels or without, or folder with train.*")
    which = command.add_mutually_exclusive_group()
    below_help = f"the largest distance of two texts that count as near (default: {BELOW})"
    which.add_argument("--below", type=float, metavar="D", default=BELOW, help=below_help)
    which.add_argument("--pairs", type=_count, metavar="N", help="print the N nearest pairs instead, at any distance")
    add_columns(command)
    kinds = command.add_mutually_exclusive_group()
    kinds.add_argument("--csv", action="store_true", help="print CSV, a row for each pair")
    kinds.add_argument("--json", action="store_true", help="print JSON, a line for each pair")
    command.add_argument(
        "-k", type=_count, metavar="K", default=10, help="how many other texts to compare with each text (default: 10)"
    )
    command.add_argument("--compressor", default="lz77", choices=COMPRESSORS, help="default: lz77")
    command.add_argument("--metric", default="ncd", choices=METRICS, help="default: ncd")
    screen_help = "compress a text only with this share or number of the others, or 'auto' (default: auto)"
    command.add_argument("--screen", type=parse_screen, metavar="N|SHARE|auto", default="auto", help=screen_help)
    command.add_argument("--n-jobs", type=int, default=-1, help="cores to use (default: -1, all)")
    command.add_argument("--memory", metavar="FOLDER", help="keep results in this folder, to continue from there")
    command.add_argument("--quiet", action="store_true", help="no progress bar (none is shown in a pipe either)")


def run(options: argparse.Namespace) -> None:
    """Print the groups, or the pairs if JSON or CSV was chosen."""
    texts, labels = _load(options)
    shown = [position for position, text in enumerate(texts) if text.strip()]
    if len(shown) < len(texts):
        warn(f"{options.file}: {len(texts) - len(shown):,} of {len(texts):,} texts are blank: left out.")
    settings = {name: getattr(options, name) for name in ("compressor", "metric", "screen", "n_jobs", "memory")}
    verbose = int(sys.stderr.isatty() and not options.quiet)
    below = options.below if options.pairs is None else np.inf
    found = find([texts[i] for i in shown], options.k, below, options.pairs, verbose=verbose, **settings)
    places = np.array(shown, dtype=np.intp)
    found = found._replace(first=places[found.first], second=places[found.second])
    if options.csv or options.json:
        _write_pairs(found, texts, labels, as_json=options.json)
    else:
        _write_groups(found, texts, labels, options)


def find(texts: list[Any], k: int, below: float = BELOW, most: int | None = None, **settings: Any) -> Near:
    """Find the pairs of texts that are near.

    Parameters
    ----------
    texts : list of str or bytes
    k : int
        The number of nearest other texts that are searched for each text. A copy is paired with the first such text.
    below : float
        The largest distance.
    most : int, default=None
        The greatest number of pairs. None means all pairs.
    **settings
        Settings of :class:`gzipknn.NCDClassifier`.

    Examples
    --------
    >>> found = find(["the cat sat on the mat", "stocks fell", "the cat sat on a mat", "stocks fell"], 2)
    >>> found.first.tolist(), found.second.tolist(), found.groups.tolist()
    ([1, 0], [3, 2], [0, 1])
    """
    from scipy.sparse import coo_matrix  # imported here because other subcommands do not need it
    from scipy.sparse.csgraph import connected_components

    from gzipknn.classifier import NCDClassifier

    firsts: dict[Any, int] = {}
    copies = [(firsts.setdefault(text, i), i) for i, text in enumerate(texts)]
    copies = [(first, i) for first, i in copies if first != i]
    first, second = (np.array([pair[side] for pair in copies], dtype=np.intp) for side in (0, 1))
    distances = np.zeros(len(copies))
    if len(firsts) > 1:
        k = min(k, len(firsts) - 1)
        clf = NCDClassifier(k, **settings).fit(list(firsts), [0] * len(firsts))
        nearest, indices = clf.kneighbors()
        where = np.array(list(firsts.values()), dtype=np.intp)
        own, other = where.repeat(k), where[indices.ravel()]
        first = np.concatenate([first, np.minimum(own, other)])
        second = np.concatenate([second, np.maximum(own, other)])
        distances = np.concatenate([distances, nearest.ravel().clip(0)])
    order = np.lexsort((second, first, distances))
    order = order[distances[order] <= below]
    # a pair may be found from each of its texts; the smaller distance counts
    order = order[np.sort(np.unique(first[order] * len(texts) + second[order], return_index=True)[1])][:most]
    first, second, distances = first[order], second[order], distances[order]
    graph = coo_matrix((np.ones(len(order)), (first, second)), shape=(len(texts), len(texts)))
    parts = connected_components(graph, directed=False)[1][first]
    begins = np.unique(parts, return_index=True)[1]
    numbers = np.empty(parts.max(initial=0) + 1, dtype=np.intp)
    numbers[parts[np.sort(begins)]] = np.arange(len(begins))
    return Near(first, second, distances, numbers[parts])


def _load(options: argparse.Namespace) -> tuple[list[Any], list[Any] | None]:
    """Load the texts, and the labels if there are any."""
    form = {"sep": options.sep, "header": options.header, "encoding": options.encoding}
    form["text"] = options.text or ["text"]
    label = options.label or LABEL
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).* texts are blank", UserWarning)
        try:
            return load_texts(options.file, "train", label=label, **form)
        except NoColumnError as error:
            if error.column != label or label != LABEL:
                raise
            say(f"no labels are compared: {error}")
            return load_texts(options.file, "train", label=None, **form)[0], None


def _write_pairs(found: Near, texts: list[Any], labels: list[Any] | None, *, as_json: bool) -> None:
    names = ["group", "row_1", "row_2", "distance", *(["label_1", "label_2", "conflict"] if labels else [])]
    rows = csv.writer(buffer := io.StringIO(newline=""))  # the writer quotes a cell that contains the end of a row
    if not as_json:
        write(",".join([*names, "text_1", "text_2"]))
    for group, i, j, distance in zip(found.groups, found.first, found.second, found.distances, strict=True):
        cells = [int(group) + 1, int(i) + 1, int(j) + 1, round(float(distance), 4)]
        cells += [labels[i], labels[j], labels[i] != labels[j]] if labels else []
        if as_json:
            write_json(dict(zip([*names, "text_1", "text_2"], [*cells, texts[i], texts[j]], strict=True)))
            continue
        rows.writerow(plain(cell) for cell in [*cells, texts[i], texts[j]])
        write(buffer.getvalue().removesuffix("\r\n"))
        buffer.seek(0)
        buffer.truncate()


def _write_groups(found: Near, texts: list[Any], labels: list[Any] | None, options: argparse.Namespace) -> None:
    n_groups = int(found.groups.max(initial=-1)) + 1
    if not n_groups:
        write(f"no two of {len(texts):,} texts are {options.below:g} apart or less")
        return
    near = len(set(found.first.tolist()) | set(found.second.tolist()))
    width = shutil.get_terminal_size((100, 24)).columns
    conflicts, lines = 0, []
    for group in range(n_groups):
        own = np.flatnonzero(found.groups == group)
        nearest: dict[int, float] = {}
        for pair in own:  # each text's nearest pair comes first
            for text in (int(found.first[pair]), int(found.second[pair])):
                nearest.setdefault(text, float(found.distances[pair]))
        classes = list(dict.fromkeys(one_line(labels[i]) for i in sorted(nearest))) if labels else []
        conflicts += len(classes) > 1
        told = f", labels conflict: {', '.join(classes)}" if len(classes) > 1 else ""
        lines += ["", f"group {group + 1}: {len(nearest):,} texts{told}"]
        for i in sorted(nearest):
            head = f"  row {i + 1:<7} {nearest[i]:.3f}  " + (f"{one_line(labels[i])}  " if labels else "")
            lines.append(head + shorten(texts[i], width - len(head)))
    conflict = f"; labels conflict in {conflicts:,}" if labels else ""
    write(f"{near:,} of {len(texts):,} texts are near another, in {n_groups:,} groups{conflict}")
    for line in lines:
        write(line)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 on, got {text!r:.50}")
    return int(text)
