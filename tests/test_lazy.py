"""Tables that are made once, also with threads and forks."""

import os
import subprocess
import sys

import pytest

# A thread holds a lock while the process forks. The child then needs the same lock.
FORKED = """
import os, pickle, signal, sys, threading
import numpy as np
from gzipknn.search import parallel
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.lazy_tables import LazyTables
from gzipknn.search.training_texts import LazyTraining

entered, leave, in_child = threading.Event(), threading.Event(), []

def slow():
    if in_child:
        return "made in the child"
    entered.set()
    leave.wait()
    return "made by the thread"

class Data:
    def __reduce__(self):
        return slow, ()

tables = LazyTables()
training = LazyTraining(Corpus.from_texts([b"a"]), slow)
packed = np.frombuffer(pickle.dumps(Data()), dtype=np.uint8)
call = {
    "tables": lambda: tables._once("name", slow),
    "training": training.get,
    "shared": lambda: parallel._restore("token", packed).value,
}[sys.argv[1]]
thread = threading.Thread(target=call)
thread.start()
entered.wait()
child = os.fork()
if child == 0:
    in_child.append(True)
    signal.alarm(20)  # ends the child if it hangs
    made = call()
    os._exit(0 if made == call() == "made in the child" else 1)
leave.set()
thread.join()
status = os.waitpid(child, 0)[1]
assert call() == "made by the thread"
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.parametrize("what", ["tables", "training", "shared"])
@pytest.mark.slow
def test_a_forked_child_finds_no_lock_held(what):
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKED, what], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
