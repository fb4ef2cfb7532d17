"""Process queries in blocks on several cores or machines, with a progress bar, until an interruption."""

from __future__ import annotations

import pickle
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal
from uuid import uuid4

import cloudpickle
import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from joblib.parallel import get_active_backend

from gzipknn.memory.cache import cut
from gzipknn.utils.interruption import Stop, check_wanted, working_for
from gzipknn.utils.lazy_tables import Guard
from gzipknn.utils.validation import check_parallel

TASKS_AT_ONCE = 8
"""The number of tasks for each core that are submitted at once to a backend that can't return results one by one."""
MOST_RESTORED = 2
"""The number of shared objects that a process keeps: that of its search, and that of a simultaneous one."""


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
        Takes a slice of the rows, and returns a function and its arguments. An argument that all tasks share should be
        a :class:`Shared`.
    rows : sequence of slice
        The rows to process, which are cut into blocks.
    n_rows : int
        The greatest number of rows in a block. Blocks are smaller if that keeps all cores busy to the end.
    desc : str, default=None
        The text before the progress bar, which is shown if `verbose` is above 0.
    done : int, default=0
        The number of rows that were processed before.

    Yields
    ------
    rows : slice
        The rows of a block. The blocks come in any order.
    result : object
        The value that the function returned for the block.
    """
    check_parallel(n_jobs, verbose)
    cores, n = effective_n_jobs(n_jobs), sum(some.stop - some.start for some in rows)
    if cores > 1:  # enough blocks to keep all cores busy to the end
        n_rows = min(n_rows, n // (4 * cores))
    blocks = [block for some in rows for block in cut(some, max(1, n_rows))]
    stop, backend = Stop(), get_active_backend(prefer=prefer)[0]
    calls = (delayed(_run)(stop, block, *_for_ray(backend, task(block))) for block in blocks)
    with _progress(verbose, total=n + done, initial=done, desc=desc) as update:
        try:
            for block, result in _results(calls, cores, backend, n_jobs=n_jobs, prefer=prefer):
                yield block, result
                update(block.stop - block.start)
        finally:
            stop.now = True


_shared_bar: ContextVar[Any] = ContextVar("_shared_bar", default=None)


@contextmanager
def one_progress_bar(verbose: int, total: int, desc: str) -> Iterator[None]:
    """Show one bar for all searches in a ``with`` block, of at most `total` queries, if `verbose` is above 0."""
    if verbose <= 0:
        yield
        return
    from tqdm.auto import tqdm  # only a bar needs it

    with tqdm(unit="query", total=total, desc=desc) as bar:
        token = _shared_bar.set(bar)
        try:
            yield
        finally:
            _shared_bar.reset(token)
        bar.total = bar.n  # less than `total` if some results were known before
        bar.refresh()


@contextmanager
def _progress(verbose: int, **options: Any) -> Iterator[Callable[[int], Any]]:
    """Draw a progress bar if `verbose` is above 0, and yield the function that advances it."""
    if verbose <= 0:
        yield lambda n: None
        return
    if (bar := _shared_bar.get()) is not None:
        bar.update(options["initial"])
        yield bar.update
        return
    from tqdm.auto import tqdm  # only a bar needs it

    with tqdm(unit="query", **options) as bar:
        yield bar.update


def _results(calls: Iterator[Any], cores: int, backend: Any, **options: Any) -> Iterator[Any]:
    if getattr(backend, "supports_return_generator", False):
        results = Parallel(return_as="generator_unordered", **options)(calls)
        try:
            for result in results:  # noqa: UP028  "yield from" would pass an early end on, past the filter below
                yield result
        except BaseException:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # joblib warns that tasks are cancelled
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


# ---- shared arguments ----


class Shared:
    """An argument of many tasks that is sent to each process, and unpickled there, only once.

    Threads share it without a copy. joblib passes large arrays to processes of the same machine by memory map. dask
    sends an object to each worker only once if its size is large. Ray has an object store.
    """

    def __init__(self, value: Any) -> None:
        self.value = value
        self.token = ""
        self.packed: Any = None

    def __sizeof__(self) -> int:
        return len(self.pack())

    def __reduce__(self) -> Any:
        packed = self.pack()
        return _restore, (self.token, packed)

    def pack(self) -> Any:
        """Return the pickled value as an array, or the reference to it in Ray's object store."""
        if self.packed is None:
            self.token = uuid4().hex
            self.packed = np.frombuffer(cloudpickle.dumps(self.value, protocol=5), dtype=np.uint8)
        return self.packed


_restored: dict[str, Shared] = {}
_restoring = Guard()


def _restore(token: str, packed: Any) -> Shared:
    with _restoring.lock:
        if token not in _restored:
            data: Any = packed if isinstance(packed, np.ndarray) else _ray().get(packed)
            shared = Shared(pickle.loads(data))
            shared.token, shared.packed = token, packed
            _restored[token] = shared
            for old in list(_restored)[:-MOST_RESTORED]:
                del _restored[old]
        return _restored[token]


def _for_ray(backend: Any, task: tuple[Any, ...]) -> tuple[Any, ...]:
    """Put the shared arguments of a task into Ray's object store if Ray runs the tasks."""
    if type(backend).__module__.startswith("ray."):
        for argument in task:
            if isinstance(argument, Shared) and isinstance(argument.pack(), np.ndarray):
                argument.packed = _ray().put(argument.packed)
    return task


def _ray() -> Any:
    return sys.modules["ray"]  # it was imported if Ray runs the tasks
