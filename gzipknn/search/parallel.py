"""Work through queries a block at a time: on all cores or machines, with a progress bar, until somebody says stop."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend
from tqdm import tqdm

from gzipknn.search.shared import Shared, for_ray
from gzipknn.utils.interruption import Stop, check_wanted, working_for
from gzipknn.utils.slices import cut
from gzipknn.utils.validation import check_parallel

TASKS_AT_ONCE = 8
"""For each core, with a backend that returns nothing before all is done."""


def map_rows(
    task: Callable[[slice], tuple[Any, ...]],
    rows: Sequence[slice],
    n_rows: int,
    *,
    prefer: Literal["threads", "processes"] = "threads",
    n_jobs: int | None,
    verbose: int,
    desc: str | None = None,
    done: int = 0,
) -> Iterator[tuple[slice, Any]]:
    """Do a task for each block of rows.

    Parameters
    ----------
    task : callable
        Makes of a slice of the rows a function and its arguments. What all tasks need is best made a :class:`Shared`.
    rows : sequence of slice
        Those to do, which are cut into blocks.
    n_rows : int
        In a block at most: fewer where that keeps all cores busy to the end.
    desc : str, default=None
        What stands before the progress bar, which is there if `verbose` is above 0.
    done : int, default=0
        Rows that were done before.

    Yields
    ------
    rows : slice
        In any order.
    result : what the function returned
    """
    check_parallel(n_jobs, verbose)
    cores, n = effective_n_jobs(n_jobs), sum(some.stop - some.start for some in rows)
    if cores > 1:  # enough blocks to keep all busy to the end
        n_rows = min(n_rows, n // (4 * cores))
    blocks = [block for some in rows for block in cut(some, max(1, n_rows))]
    stop, backend = Stop(), get_active_backend(prefer=prefer)[0]
    calls = (delayed(_run)(stop, block, *for_ray(backend, task(block))) for block in blocks)
    with tqdm(total=n + done, initial=done, unit="query", desc=desc, disable=verbose <= 0) as progress:
        try:
            for block, result in _results(calls, cores, backend, n_jobs=n_jobs, prefer=prefer):
                yield block, result
                progress.update(block.stop - block.start)
        finally:
            stop.now = True


def _results(calls: Iterator[Any], cores: int, backend: Any, **options: Any) -> Iterator[Any]:
    if getattr(backend, "supports_return_generator", False):
        results = Parallel(return_as="generator_unordered", **options)(calls)
        try:
            for result in results:  # noqa: UP028  "yield from" would hand an early end on, past the filter below
                yield result
        except BaseException:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that tasks are cancelled
                results.close()
            raise
        return
    with Parallel(**options) as parallel:
        while some := [call for _, call in zip(range(TASKS_AT_ONCE * cores), calls, strict=False)]:
            yield from parallel(some)


def _run(stop: Stop, rows: slice, function: Callable[..., Any], *arguments: Any) -> tuple[slice, Any]:
    with working_for(stop):
        check_wanted()
        return rows, function(*(arg.value if isinstance(arg, Shared) else arg for arg in arguments))
