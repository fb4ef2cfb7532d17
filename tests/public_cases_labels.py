"""What users of such software reported in public, one test a case: labels, settings changed after fit, empty texts."""

from enum import Enum

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gzipknn import NCDClassifier

X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "stocks and bonds"]
Y = ["pets", "pets", "money", "money", "money"]


# issue 16, item 11
def test_labels_stay_what_they_were_in_every_container():
    class Topic(str, Enum):  # noqa: UP042  # as people write it
        PETS = "pets"
        MONEY = "money"

    clf = NCDClassifier(1).fit(X, [Topic(label) for label in Y])
    assert clf.classes_.tolist() == ["money", "pets"]  # and not one class
    assert clf.predict(X).tolist() == Y
    assert NCDClassifier(1).fit(X, np.array(Y, dtype=np.dtypes.StringDType())).predict(X).tolist() == Y
    assert NCDClassifier(1).fit(pa.array(X), pa.array(Y)).predict(pa.chunked_array([X])).tolist() == Y
    assert NCDClassifier(1).fit(X, pd.Series([1, 1, 0, 0, 0], dtype="Int64")).classes_.dtype == np.int64
    # the longer word of another container is added, and not cut off
    clf.partial_fit(["rain and sun"], pd.Series(["weather"]))
    assert clf.predict(["rain and sun", X[0]]).tolist() == ["weather", "pets"]


# issue 16, item 14
def test_weights_are_checked_against_the_model_that_was_fitted():
    clf = NCDClassifier(2, normalize="local").fit(X, Y).set_params(normalize=None, weights="distance")
    assert (clf.kneighbors(X)[0] < 0).any()
    for method in (clf.predict, clf.predict_proba, clf.explain):
        with pytest.raises(ValueError, match=r"weights='distance' needs distances above 0, .*normalize='local'"):
            method(X[0] if method == clf.explain else X)


# issue 16, item 7: the vote
@pytest.mark.filterwarnings("ignore:X holds 1 empty text")
@pytest.mark.parametrize("compressor", ["gzip", "lz77"])
@pytest.mark.parametrize("metric", ["ncd", "nmi"])
def test_an_empty_query_gets_the_shares_of_the_classes_and_no_certainty(compressor, metric):
    clf = NCDClassifier(1, compressor=compressor, metric=metric).fit(X, Y)
    assert clf.predict_proba([""]).tolist() == [[0.6, 0.4]]
    assert clf.predict([""]).tolist() == ["money"]
