"""Several threads use one object at once, with and without the GIL. The results are those of one thread."""

import pickle
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from threading import Barrier

import numpy as np
import pytest

from gzipknn import NCDClassifier, NCDTransformer
from gzipknn._kernel import implementation
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.compressors import LZ77
from gzipknn.texts.corpus import Corpus

THREADS = 6
FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))


@pytest.fixture(autouse=True)
def _switch_often():
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def at_once(*calls):
    """Return the results of the calls. Each call has its own thread, and all begin together."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def same(found, expected):
    return all(np.array_equal(a, b) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    "settings",
    [
        {"compressor": "gzip"},
        {"compressor": "zlib", "order": "symmetric"},
        {"compressor": "gzip", "screen": 20},
        {"compressor": "lz77"},
        {"compressor": "lz77", "normalize": "local"},
        {"compressor": LZ77(base_weight=0.3)},
    ],
    ids=str,
)
def test_threads_search_one_model(docs, settings):
    clf = NCDClassifier(3, **settings).fit(docs.X_train[:60], docs.y_train[:60])
    queries = [docs.X_test[i : i + 4] for i in range(0, 4 * THREADS, 4)]
    expected = [clf.kneighbors(some) for some in queries]
    restored = pickle.loads(pickle.dumps(clf))  # without tables, because the first threads make them
    for _ in range(3):
        for found, wanted in zip(
            at_once(*(lambda some=some: restored.kneighbors(some) for some in queries)), expected, strict=True
        ):
            assert same(found, wanted)


def test_threads_ask_one_index_all_it_can_do(docs):
    kernel = pytest.importorskip("gzipknn._kernel._native", reason="the native kernel was not built")
    corpus = Corpus.from_texts([text.encode() for text in docs.X_train[:80]])
    n, queries = len(corpus), [text.encode() for text in docs.X_test[:12]]

    def answers(index):
        found = []
        for query in queries:
            lengths, distances, indices = np.empty(n, dtype=np.int64), np.empty(3), np.empty(3, dtype=np.int64)
            index.joint_lengths(query, lengths)
            index.nearest(query, 100, lengths, 3, 0, 18, distances, indices)
            found += [lengths, distances, indices]
        own = np.empty(n, dtype=np.int64)
        index.text_lengths(own)
        return [*found, own, index.nbytes]

    expected = answers(kernel.Index(corpus.buffer, corpus.offsets, b" ", 9))
    shared = kernel.Index(corpus.buffer, corpus.offsets, b" ", 9)
    for found in at_once(*[lambda: answers(shared)] * THREADS):
        assert same(found, expected)


def test_threads_fit_and_transform_at_once(docs):
    X, queries = docs.X_train[:40], docs.X_test[:6]
    expected = NCDTransformer(compressor="lz77").fit(X).transform(queries)
    for found in at_once(*[lambda: NCDTransformer(compressor="lz77").fit(X).transform(queries)] * THREADS):
        assert np.array_equal(found, expected)


@pytest.mark.skipif(implementation() == "python", reason="the counts in Python are not guarded")
def test_counts_are_never_read_half_changed(docs):
    X, y, queries = docs.X_train[:40], docs.y_train[:40], docs.X_test[:3]
    clf = ClassCompressorClassifier("kneser-ney").fit(X, y)
    more = docs.X_train[40:60], docs.y_train[:20]
    clf.partial_fit(*more)
    after, size = clf.class_lengths(queries), clf.nbytes  # its memory stays when texts are forgotten
    clf.forget(*more)
    before = clf.class_lengths(queries)

    refusals = []

    def change():
        changes = 0
        while changes < 20:
            try:
                (clf.forget if changes % 2 else clf.partial_fit)(*more)
                changes += 1
            except RuntimeError as error:
                refusals.append(str(error))
        return changes

    def read():
        found = []
        for _ in range(40):
            try:
                found.append((clf.class_lengths(queries), clf.nbytes))
            except RuntimeError as error:
                refusals.append(str(error))
        return found

    changes, *reads = at_once(change, read, read)
    assert changes == 20
    assert all("in use by another thread" in refusal for refusal in refusals)
    for lengths, n_bytes in chain(*reads):
        assert np.array_equal(lengths, before) or np.array_equal(lengths, after)
        assert n_bytes == size
    assert np.array_equal(clf.class_lengths(queries), before)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="buffers in Python came with 3.12")
def test_counts_do_not_grow_while_they_are_exported():
    kernel = pytest.importorskip("gzipknn._kernel._native", reason="the native kernel was not built")
    counts = kernel.ClassCounts(2, True)

    def add(text):
        corpus = Corpus.from_texts([text])
        counts.add(corpus.buffer, corpus.offsets, np.zeros(1, dtype=np.int64), 2**40)

    class Adds:
        def __buffer__(self, flags):
            with pytest.raises(RuntimeError, match="in use by another thread"):
                add(b"more and more")
            return memoryview(np.empty(counts.n_raw, dtype=np.int64))

    add(b"few")
    rows = np.empty((2, counts.n_raw), dtype=np.int64)
    counts.export(Adds(), *rows)
    add(b"more and more")


@pytest.mark.skipif(not FREE_THREADED, reason="Python with a GIL")
def test_the_kernel_leaves_the_gil_off():
    code = "import sys, gzipknn; from gzipknn._kernel import native; native(); print(sys._is_gil_enabled())"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr
