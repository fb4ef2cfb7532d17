"""The native counts of strings: invalid arguments, and threads."""

import threading

import numpy as np
import pytest

from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.texts.corpus import Corpus

_native = pytest.importorskip("gzipknn._kernel._native", reason="the native kernel was not built")


def test_a_change_while_another_call_reads_is_refused(monkeypatch, docs):
    clf = ClassCompressorClassifier("kneser-ney").fit(docs.X_train[:20], docs.y_train[:20])
    long = b"ab" * 500_000
    expected = clf.class_lengths([long])
    calls = []

    def meanwhile():
        calls.append(clf.class_lengths(docs.X_test[:1]))
        for change in (clf.partial_fit, clf.forget, clf.leave_one_out_lengths):
            with pytest.raises(RuntimeError, match="in use by another thread"):
                change(docs.X_train[:1], docs.y_train[:1])

    monkeypatch.setattr("gzipknn.utils.interruption.check_wanted", meanwhile)
    assert (clf.class_lengths([long]) == expected).all()
    assert calls
    monkeypatch.undo()
    assert (
        clf.partial_fit(["a"], docs.y_train[:1]).forget(["a"], docs.y_train[:1]).class_lengths([long]) == expected
    ).all()


def test_threads_may_read_together(docs):
    clf = ClassCompressorClassifier("kneser-ney").fit(docs.X_train[:60], docs.y_train[:60])
    expected, found = clf.class_lengths(docs.X_test[:20]), []
    threads = [threading.Thread(target=lambda: found.append(clf.class_lengths(docs.X_test[:20]))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all((bits == expected).all() for bits in found)


def counts(order=2, pooled=True, data=(b"abc", b"abd")):
    made = _native.ClassCounts(order, pooled)
    corpus = Corpus.from_texts(list(data))
    made.add(corpus.buffer, corpus.offsets, np.zeros(len(data), dtype=np.int64), 2**40)
    return made


def test_the_kernel_refuses_what_is_not_right():
    buffer, offsets, ints = np.frombuffer(b"abcdef", dtype=np.uint8), np.array([0, 3, 6]), np.zeros(2, dtype=np.int64)
    out, nan = np.zeros(2), float("nan")
    made = counts()
    before = (made.n_raw, made.n_strings)
    for call, error, message in (
        (lambda: _native.ClassCounts(7, True), ValueError, "order must be 0 to 6, got 7"),
        (lambda: _native.ClassCounts("2", True), TypeError, "integer"),
        (lambda: made.add(buffer, offsets, ints[:1], 99), ValueError, "classes must have 2 items"),
        (lambda: made.add(buffer, offsets, ints - 1, 99), ValueError, "classes must be 0 to 65533, got -1"),
        (lambda: made.add(buffer, offsets, ints + 65534, 99), ValueError, "classes must be 0 to 65533"),
        (lambda: made.add(buffer, offsets, None, 99), TypeError, "got None"),
        (lambda: made.add(buffer, offsets + 1, ints, 99), ValueError, "offsets must end"),
        (lambda: made.add(buffer, offsets, ints, -1), ValueError, "max_bytes must be at least 0"),
        (lambda: made.add(buffer, offsets, ints + 60_000, 99_999), ValueError, "need more than max_bytes=99999"),
        (lambda: made.remove(buffer, offsets, ints), ValueError, "text 1 is not among the counted texts"),
        (lambda: made.remove(buffer, offsets, None), TypeError, "got None"),
        (lambda: made.lengths(buffer, offsets, None, 1, nan, out), ValueError, "background must be"),
        (lambda: made.lengths(buffer, offsets, None, 1, 1.0, out), ValueError, "background must be"),
        (lambda: made.lengths(buffer, offsets, None, 2, 0.3, out), ValueError, "out must have 4 items"),
        (lambda: made.lengths(buffer, offsets, None, 0, 0.3, out[:0]), ValueError, "n_classes must be at least 1"),
        (lambda: made.lengths(buffer, offsets, None, -1, 0.3, out), ValueError, "n_classes from 0"),
        (lambda: made.lengths(buffer, offsets, ints, 1, 0.3, out), ValueError, "text 1 is not among"),
        (lambda: made.export(*[ints[:1]] * 3), ValueError, "keys must have"),
        (lambda: made.restore(*[ints] * 3), ValueError, "into empty counts only"),
        (lambda: _native.ClassCounts(2, True).restore(ints, ints[:1], ints), ValueError, "classes must have 2 items"),
    ):
        with pytest.raises(error, match=message):
            call()
        assert (made.n_raw, made.n_strings) == before


def test_the_kernel_refuses_counts_that_can_not_be():
    made = counts()
    items = np.empty((3, made.n_raw), dtype=np.int64)
    made.export(*items)
    _native.ClassCounts(2, True).restore(*items)
    for row, column, value in (
        (0, 0, 0),
        (0, 0, -1),
        (0, 1, items[0, 0]),
        (0, 0, (16 | 2) << 56 | 0x6162),
        (0, 0, (16 | 8 | 3) << 56 | 0x616263),
        (0, 0, (16 | 3) << 56 | 0x1616263),
        (1, 0, -1),
        (1, 1, 65534),
        (2, 0, 0),
        (2, 1, 2**32),
    ):
        wrong = items.copy()
        wrong[row, column] = value
        with pytest.raises(ValueError, match=f"item {column} is no count of a string of this order, or a second one"):
            _native.ClassCounts(2, True).restore(*wrong)
