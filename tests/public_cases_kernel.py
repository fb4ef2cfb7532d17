"""What users saw of the kernel and what is near it: one test a case."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gzipknn import NCDClassifier, compressed_lengths, pairwise, pairwise_ncd

TWO_LETTERS = np.random.default_rng(0).choice(np.frombuffer(b"ab", dtype=np.uint8), 400_000).tobytes()


# issue 16, item 18
@pytest.mark.skipif(not shutil.which("s390x-linux-gnu-gcc") or not shutil.which("qemu-s390x"), reason="no s390x here")
def test_a_big_endian_machine_finds_the_same_lz77_savings():
    script = Path(__file__).parent / "big_endian" / "run.sh"
    result = subprocess.run([script], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


# issue 16, item 19
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that sends signals")
def test_fit_on_one_long_text_hears_signals_all_the_time():
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        NCDClassifier(1).fit([TWO_LETTERS, b"ab"], [0, 1])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(heard) > 20  # one after each native call is all that there was


# issue 16, item 20
def test_the_kernel_refuses_odd_addresses_and_overheads():
    native = pytest.importorskip("gzipknn._kernel._native")
    odd = np.frombuffer(bytes(17), dtype=np.uint8)[1:].view(np.int64)  # two texts of nothing, at an odd address
    assert odd.ctypes.data % 8
    with pytest.raises(ValueError, match="offsets must be aligned to 8 bytes"):
        native.Index(np.zeros(1, dtype=np.uint8), odd, b" ", 9)
    index, lengths = native.Index(np.zeros(1, dtype=np.uint8), np.array([0, 1]), b" ", 9), np.array([3])
    with pytest.raises(ValueError, match="overhead must be 0 to"):
        index.nearest(b"q", 3, lengths, 1, 0, 2**63 - 1, np.empty(1), np.empty(1, dtype=np.int64))


# issue 16, item 21
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_while_a_thread_makes_tables_can_predict():
    script = """
import os, pickle, signal, sys, threading, time
import numpy as np
from gzipknn import NCDClassifier
letters = np.random.default_rng(0).choice(np.frombuffer(b"ab", dtype=np.uint8), 150_000).tobytes()
clf = pickle.loads(pickle.dumps(NCDClassifier(1).fit([letters, b"ab"], [0, 1])))  # tables are not pickled
thread = threading.Thread(target=clf.predict, args=[["ab"]])
thread.start()
time.sleep(0.2)
child = os.fork()
if child == 0:
    signal.alarm(100)
    os._exit(int(clf.predict(["ab"])[0]) - 1)
thread.join()
sys.exit(os.waitpid(child, 0)[1])
"""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


# issue 16, item 22
def test_huffman_distances_do_not_depend_on_the_other_texts(docs):
    X, queries = docs.X_train[:60], docs.X_test[:20]
    together = pairwise_ncd(queries, X, compressor="huffman")
    alone = [pairwise_ncd(queries, [text], compressor="huffman")[:, 0] for text in X]
    assert (together == np.stack(alone, axis=1)).all()


# issue 16, item 23
def test_huge_texts_are_refused_and_huge_sets_cut(monkeypatch):
    with pytest.raises(
        ValueError, match=r"position 1 of X has 1,073,741,825 bytes; .* at most 1,000,000,000 bytes: cut"
    ):
        compressed_lengths([b"a", bytes(2**30 + 1)])
    X = [f"text number {i}" * i for i in range(20)]
    whole = NCDClassifier(5, compressor="lz77").fit(X, range(20)).kneighbors(X)
    monkeypatch.setattr(pairwise, "BYTES_PER_PART", 400)
    clf = NCDClassifier(5, compressor="lz77").fit(X, range(20))
    assert len(clf.training_.parts) > 3
    for expected, found in zip(whole, clf.kneighbors(X), strict=True):
        assert expected.tolist() == found.tolist()
