"""Compute the distances between queries and training texts, one block of queries at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn.memory.cache import Cached, warn_not_used
from gzipknn.memory.identity import computed_by
from gzipknn.search.parallel import Shared, map_rows
from gzipknn.search.training_texts import LazyTraining, TrainingTexts
from gzipknn.texts.corpus import Corpus

# The number of pairs in a block of queries. It is small enough for a smooth progress bar and for memory (a few arrays
# with 8 bytes a pair), and large enough that the cost of handing out a block does not matter.
PAIRS_PER_BLOCK = 2**14
# The least number of queries in a block if order is not "query-first": each training text is read once for a block.
ROWS_TRAIN_FIRST = 64


def fill_blocks(
    out: Sequence[NDArray[Any]],
    function: Callable[[TrainingTexts, Corpus], Sequence[NDArray[Any]]],
    training: TrainingTexts | LazyTraining,
    queries: Corpus,
    *,
    cached: Cached | None = None,
    n_jobs: int | None,
    verbose: int,
    desc: str | None = None,
) -> None:
    """Apply `function` to blocks of queries on several cores, and write the results to their rows of `out`.

    Rows that are in the cache are read from it. The other rows are computed and written to the cache.
    """
    known = None if cached is None else cached.load(queries, len(training), out)
    rows = [slice(0, len(queries))] if known is None else known.missing
    if not rows:
        return
    if isinstance(training, LazyTraining):
        training = training.get()
    n_pairs = len(training) if training.screen is None else training.screen.n_candidates(len(training), 1)
    n_rows = PAIRS_PER_BLOCK // n_pairs
    if training.order != "query-first":
        n_rows = max(n_rows, ROWS_TRAIN_FIRST)
    search, call = Shared(partial(function, training)), _call if known is None else _call_to_keep
    mine = None if known is None else computed_by(training.compressor)
    for block, results in map_rows(
        lambda block: (call, search, queries.rows(block.start, block.stop)),
        rows,
        n_rows,
        prefer=training.compressor.prefer,
        n_jobs=n_jobs,
        verbose=verbose,
        desc=desc,
        done=len(queries) - sum(some.stop - some.start for some in rows),
    ):
        if known is not None:
            computer, results = results
        for array, result in zip(out, results, strict=True):
            array[block] = result
        if known is None:
            continue
        if computer == mine:
            known.done(block)
        elif mine is not None:
            warn_not_used("other processes compute with another version of gzipknn, of Python or of a compressor")
            mine = None  # warn once, and write no more results of this search to the cache


def _call(search: Callable[[Corpus], Sequence[NDArray[Any]]], queries: Corpus) -> Sequence[NDArray[Any]]:
    return search(queries)


def _call_to_keep(search: partial[Sequence[NDArray[Any]]], queries: Corpus) -> tuple[bytes, Sequence[NDArray[Any]]]:
    results = search(queries)
    return computed_by(search.args[0].compressor), results


def distance_matrix(
    training: TrainingTexts | LazyTraining,
    queries: Corpus,
    *,
    cached: Cached | None = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    desc: str | None = None,
) -> NDArray[np.float64]:
    """Return the distance of every query to every training text, shape (len(queries), len(training))."""
    matrix = np.empty((len(queries), len(training)))
    own = None if cached is None else cached.of("distances")
    fill_blocks([matrix], _distances, training, queries, cached=own, n_jobs=n_jobs, verbose=verbose, desc=desc)
    return matrix


def _distances(training: TrainingTexts, queries: Corpus) -> tuple[NDArray[np.float64]]:
    return (training.distances(queries),)
