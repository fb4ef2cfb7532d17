"""What users saw of the cache."""

import functools
import zlib

import numpy as np
import pytest

from gzipknn import NCDClassifier
from gzipknn.cache import BlockStore

TEXTS = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "rain and wind"]
QUERIES = ["my cat likes the mat", "will stocks rise today?"]


def search(memory, **settings):
    return NCDClassifier(2, memory=memory, **settings).fit(TEXTS, list("aabbc")).kneighbors(QUERIES)


# issue 16, item 16
@pytest.mark.filterwarnings("ignore:memory is not used")
def test_two_functions_that_wrap_one_are_not_taken_for_each_other(tmp_path):
    @functools.wraps(zlib.compress)
    def letters(data):
        return len(set(data))

    @functools.wraps(zlib.compress)
    def words(data):
        return len(data.split())

    for function in (letters, words):
        found, expected = (search(memory, compressor=function) for memory in (tmp_path, None))
        assert np.array_equal(found, expected)


# issue 16, item 17
@pytest.mark.filterwarnings("ignore:memory is not used")
def test_a_compressor_that_changes_after_fit_leaves_no_wrong_results_behind(tmp_path):
    class Adds:
        def __init__(self, n):
            self.n = n

        def __call__(self, data):
            return len(set(data)) + self.n * data.count(b"a")

    changes, setting = Adds(0), {"normalize": "local", "memory": tmp_path}
    model = NCDClassifier(2, compressor=changes, **setting).fit(TEXTS, list("aabbc"))
    changes.n = 5
    model.kneighbors(QUERIES)
    found, expected = (search(memory, compressor=Adds(0), normalize="local") for memory in (tmp_path, None))
    assert np.array_equal(found, expected)
    # nor does a folder in place of a file end the search
    search(tmp_path)
    for path in BlockStore(tmp_path).files.glob("*.block"):
        path.unlink()
        path.mkdir()
    with pytest.warns(RuntimeWarning, match="computed again"):
        assert np.array_equal(search(tmp_path), search(None))
