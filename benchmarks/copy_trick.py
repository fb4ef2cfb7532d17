"""Measure when it is faster to compress the query once and copy the state than to compress each pair from the start.

    python benchmarks/copy_trick.py

Prints microseconds per pair by the lengths of query and text. They are medians of alternating runs in one process.
`COPY_FROM` in gzipknn/compressors/deflate.py was chosen by these numbers.
"""

from __future__ import annotations

import statistics
import time

from gzipknn.compressors import Gzip, deflate
from gzipknn.datasets import load_stdlib_docs
from gzipknn.texts.corpus import Corpus

QUERY_LENGTHS = (100, 400, 800, 1_000, 1_300, 1_600, 3_000, 10_000)
TEXT_LENGTHS = (100, 400, 1_300, 3_000)
REPEATS = 7


def main() -> None:
    text = "\n".join(load_stdlib_docs().X_train).encode()
    print(f"{'query':>7}{'text':>7}{'anew':>9}{'copy':>9}   µs a pair")
    for n_query in QUERY_LENGTHS:
        for n_text in TEXT_LENGTHS:
            starts = range(0, len(text) - n_text, max(n_text, len(text) // 200))
            index = Gzip().index(Corpus.from_texts([text[start : start + n_text] for start in starts]), b" ")
            query = text[-n_query:]
            seconds: dict[int, list[float]] = {n_query + 2: [], 0: []}
            for _ in range(REPEATS):
                for copy_from in seconds:
                    deflate.COPY_FROM = copy_from
                    start = time.perf_counter()
                    Gzip().joint_lengths(query, index)
                    seconds[copy_from].append(time.perf_counter() - start)
            anew, copy = (statistics.median(times) * 1e6 / len(index.texts) for times in seconds.values())
            print(f"{n_query:>7}{n_text:>7}{anew:>9.1f}{copy:>9.1f}   {'copy' if copy < anew else ''}")


if __name__ == "__main__":
    main()
