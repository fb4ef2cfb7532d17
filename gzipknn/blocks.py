"""Work through queries a block at a time: on all cores, in order, with a progress bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from joblib import Parallel, effective_n_jobs
from joblib.parallel import get_active_backend
from tqdm import tqdm


def map_rows(
    task: Callable[[slice], Any],
    n: int,
    n_rows: int,
    *,
    prefer: Literal["threads", "processes"] = "threads",
    n_jobs: int | None,
    verbose: int,
    desc: str | None = None,
) -> Iterator[tuple[slice, Any]]:
    """Do a task for each block of rows.

    Parameters
    ----------
    task : callable
        Makes of a slice of the rows a call for joblib, ``delayed(function)(...)``.
    n : int
        How many rows there are.
    n_rows : int
        In a block at most: fewer where that keeps all cores busy to the end.
    desc : str, default=None
        What stands before the progress bar, which is there if `verbose` is above 0.

    Yields
    ------
    rows : slice
    result : what the call returned
    """
    cores = effective_n_jobs(n_jobs)
    if cores > 1:  # enough blocks to keep all busy to the end
        n_rows = min(n_rows, n // (4 * cores))
    n_rows = max(1, n_rows)
    blocks = [slice(start, min(start + n_rows, n)) for start in range(0, n, n_rows)]
    backend, _ = get_active_backend(prefer=prefer)
    return_as = "generator" if getattr(backend, "supports_return_generator", False) else "list"
    results = Parallel(n_jobs=n_jobs, prefer=prefer, return_as=return_as)(task(rows) for rows in blocks)
    with tqdm(total=n, unit="query", desc=desc, disable=not verbose) as progress:
        for rows, result in zip(blocks, results, strict=True):
            yield rows, result
            progress.update(rows.stop - rows.start)
