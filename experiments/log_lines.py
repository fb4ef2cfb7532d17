"""Generated log lines of a web service: frequent kinds, rare kinds, and outliers of other kinds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Line = Callable[[np.random.RandomState], str]
HOSTS = [f"10.0.{i % 7}.{i}" for i in range(1, 60)]
NAMES = (
    *("user", "order", "cart", "login", "cache", "query", "index", "token"),
    *("retry", "batch", "worker", "queue", "shard", "node", "proxy", "session"),
)
METHODS = ("GET", "GET", "GET", "POST", "PUT", "DELETE")


def one(rng: np.random.RandomState, values: Sequence[str]) -> str:
    return str(values[rng.randint(len(values))])


FREQUENT: tuple[Line, ...] = (
    lambda r: (
        f"INFO [{one(r, NAMES)}-{r.randint(12)}] {one(r, HOSTS)} {one(r, METHODS)} /api/v2/{one(r, NAMES)}/"
        f"{r.randint(100_000)} status=200 time={r.randint(1, 900)}ms"
    ),
    lambda r: f"INFO [{one(r, NAMES)}-{r.randint(12)}] job {r.randint(16**8):08x} done in {r.randint(1, 90_000)} ms",
    lambda r: f"DEBUG cache hit key={one(r, NAMES)}:{r.randint(100_000)} age={r.randint(3600)}s",
    lambda r: f"INFO user {r.randint(100_000)} logged in from {one(r, HOSTS)} session={r.randint(16**8):08x}",
)
RARE: tuple[Line, ...] = (
    lambda r: (
        f"WARN [{one(r, NAMES)}-{r.randint(12)}] {one(r, HOSTS)} {one(r, METHODS)} /api/v2/{one(r, NAMES)}/"
        f"{r.randint(100_000)} status={one(r, ('404', '429', '503'))} time={r.randint(1, 9000)}ms"
    ),
    lambda r: f"WARN pool {one(r, NAMES)} has {r.randint(1, 5)} of {r.randint(20, 40)} connections left",
    lambda r: f"INFO config reloaded from /etc/app/{one(r, NAMES)}.yaml, {r.randint(1, 9)} keys changed",
    lambda r: f"ERROR [{one(r, NAMES)}-{r.randint(12)}] timeout after {r.randint(1, 60)} s at {one(r, HOSTS)}, retry",
)
OUTLIERS: tuple[Line, ...] = (
    lambda r: f"ERROR [{one(r, NAMES)}-{r.randint(12)}] disk /dev/sda{r.randint(1, 4)} is {r.randint(95, 100)} % full",
    lambda r: f"INFO user {r.randint(100_000)} granted role admin by unknown session={r.randint(16**8):08x}",
    lambda r: (
        f"INFO [{one(r, NAMES)}-{r.randint(12)}] {one(r, HOSTS)} GET /api/v2/{one(r, NAMES)}/../../../etc/passwd "
        f"status=200 time={r.randint(1, 900)}ms"
    ),
    lambda r: (
        f"INFO [{one(r, NAMES)}-{r.randint(12)}] {one(r, HOSTS)} GET /api/v2/{one(r, NAMES)}/{r.randint(9)}' OR '1'='1 "
        f"status=200 time={r.randint(1, 900)}ms"
    ),
    lambda r: f"CRITICAL checksum of segment {r.randint(16**8):08x} differs, {r.randint(1, 99)} rows lost",
    lambda r: f"WARN certificate of {one(r, HOSTS)} expires in {r.randint(1, 72)} hours",
)
SHARE_OF_RARE = 0.03


def log_lines(n: int, rng: np.random.RandomState, n_outliers: int = 0) -> tuple[list[str], list[int]]:
    """Return n log lines in random order, and a mark for each line: 1 for an outlier, 0 otherwise."""
    marks = rng.permutation(np.arange(n) < n_outliers).astype(int).tolist()
    lines = []
    for mark in marks:
        kinds = OUTLIERS if mark else RARE if rng.random_sample() < SHARE_OF_RARE else FREQUENT
        lines.append(kinds[rng.randint(len(kinds))](rng))
    return lines, marks
