"""Keys that users give to their own code."""

import pytest
from edits import Adds
from test_cache_identity import same

from gzipknn import Keyed, NCDClassifierCV, NCDTransformer
from gzipknn.compressors import Gzip

# ---- keys ----


def test_a_key_is_one_of_its_kind(few, searches, tmp_path):
    """A compressor and a metric with one key, and a compressor with this name, are three different things."""

    def difference(c_x, c_y, c_xy):
        return c_xy - c_x

    for settings in (
        {"compressor": Keyed(lambda data: len(set(data)), "Gzip")},
        {"metric": Keyed(difference, "Gzip")},
        {"compressor": Gzip()},
    ):
        assert same(searches(tmp_path, **settings), searches(None, **settings))


@pytest.mark.slow
def test_one_warning_for_all_that_is_chosen_from(few, tmp_path):
    X, y, queries = few
    options = {"n_neighbors": [1, 3], "normalize": None}
    mine = [lambda c_x, c_y, c_xy: c_xy - c_x, "ncd"]
    with pytest.warns(RuntimeWarning, match="memory is not used: metric=") as told:
        clf = NCDClassifierCV(compressor=["gzip", "zlib"], metric=mine[:1], memory=tmp_path, **options).fit(X, y)
    assert len(told) == 1
    assert clf.best_estimator_.memory is None
    clf.predict(queries)
    assert not list(tmp_path.rglob("*.block"))
    mine[0] = Keyed(mine[0], "new bytes")
    found = [NCDClassifierCV(metric=mine, memory=memory, **options).fit(X, y) for memory in (tmp_path, tmp_path, None)]
    assert found[0].cv_results_["accuracy"] == found[1].cv_results_["accuracy"] == found[2].cv_results_["accuracy"]
    assert list(tmp_path.rglob("*.block"))


def test_transformer_with_a_key(few, tmp_path):
    X, _, queries = few
    for memory in (tmp_path, tmp_path, None):
        found = NCDTransformer(compressor=Keyed(Adds(3), "adds-3"), memory=memory).fit(X).transform(queries)
        assert (found == NCDTransformer(compressor=Adds(3)).fit(X).transform(queries)).all()
