"""Every estimator returns labels as they were, from every container, or refuses them."""

import array
import collections
import enum
import pickle
import warnings

import naive
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import stable_id
from hypothesis import given
from hypothesis import strategies as st
from samples import X, Y
from sklearn.exceptions import DataConversionWarning
from sklearn.feature_extraction.text import CountVectorizer

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.baselines import BagOfWordsClassifier, ClassCompressorClassifier, VectorNeighborsClassifier
from gzipknn.texts.labels import encode_labels, join_classes, positions_among

CODES = [7, 7, 7, 3, 3]
ESTIMATORS = [
    NCDClassifier(1),
    NCDClassifierCV([1], compressor="gzip"),
    ClassCompressorClassifier(),
    BagOfWordsClassifier(1),
    VectorNeighborsClassifier(CountVectorizer(), 1),
]


class Topic(str, enum.Enum):  # noqa: UP042  # as people write it, and not what StrEnum does
    PETS = "pets"
    MONEY = "money"


class Modern(enum.StrEnum):
    PETS = "pets"
    MONEY = "money"


class Code(enum.IntEnum):
    PETS = 7
    MONEY = 3


class Flag(enum.IntFlag):
    PETS = 7
    MONEY = 3


class Shouting(str):
    """A str that is printed differently."""

    def __str__(self):
        return "HEY"


class Polars:
    """The interface of polars.Series: a shape, a dtype that is not NumPy's, and iteration over Python objects."""

    dtype = "String"

    def __init__(self, values):
        self.values = values
        self.shape = (len(values),)

    def __len__(self):
        return len(self.values)

    def __iter__(self):
        return iter(self.values)

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=object if None in self.values else dtype)


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=lambda estimator: type(estimator).__name__)
@pytest.mark.parametrize("member", [Topic, Modern, Code, Flag])
def test_members_of_an_enum_count_as_what_they_are(estimator, member):
    labels = [member.PETS] * 3 + [member.MONEY] * 2
    estimator.fit(X, labels)
    expected = Y if issubclass(member, str) else CODES
    assert estimator.classes_.tolist() == sorted(set(expected))
    assert {type(label) for label in estimator.classes_.tolist()} <= {str, int}
    assert estimator.predict(X).tolist() == expected
    assert estimator.score(X, labels) == 1.0
    assert estimator.score(X, labels[::-1]) == estimator.score(X, expected[::-1]) == 0.2
    assert estimator.score(X, labels[::-1], sample_weight=[0, 0, 3, 0, 1]) == 0.75


def test_a_report_and_growth_take_members_of_an_enum():
    clf = NCDClassifier(1, screen=2).fit(X, Y).partial_fit(["more mats"], [Topic.PETS])
    assert clf.classes_.tolist() == ["money", "pets"]
    assert clf.screening_report(X, [Topic(label) for label in Y])["accuracy_exact"]["value"] == 1.0


@pytest.mark.parametrize(
    ("labels", "expected", "dtype"),
    [
        (["b", "a"], ["b", "a"], "<U1"),
        ([Shouting("b"), Shouting("a")], ["b", "a"], "<U1"),
        ([np.str_("b"), "a"], ["b", "a"], "<U1"),
        (np.array(["b", "aa"]), ["b", "aa"], "<U2"),
        (np.array(["b", "a"], dtype=object), ["b", "a"], "<U1"),
        (np.array(["b", "a\0"], dtype=np.dtypes.StringDType()), ["b", "a\0"], "O"),
        (["a\0", "a", "a\0\0"], ["a\0", "a", "a\0\0"], "O"),
        (["\ud83d", "é", "猫"], ["\ud83d", "é", "猫"], "<U1"),
        (collections.deque(["b", "a"]), ["b", "a"], "<U1"),
        (pd.Series(["b", "a"], index=[9, 8]), ["b", "a"], "<U1"),
        (pd.Series(["b", "a"], dtype="string"), ["b", "a"], "<U1"),
        (pd.Series(["b", "a"], dtype="string[pyarrow]"), ["b", "a"], "<U1"),
        (pd.Index(["b", "a"]), ["b", "a"], "<U1"),
        (pd.Series(["b", "a"], dtype=pd.CategoricalDtype(["z", "b", "a"])), ["b", "a"], "<U1"),
        (pd.Categorical([2, 1], categories=[3, 2, 1]), [2, 1], "int64"),
        (pd.Series([2, 1], dtype="Int64"), [2, 1], "int64"),
        (pd.Series([2, 1], dtype="UInt8"), [2, 1], "uint8"),
        (pd.Series([2, 1], dtype="int64[pyarrow]"), [2, 1], "int64"),
        (pd.Series([True, False], dtype="boolean"), [True, False], "bool"),
        (pa.array(["b", "a"]), ["b", "a"], "<U1"),
        (pa.chunked_array([["b"], ["a"]]), ["b", "a"], "<U1"),
        (pa.array(["b", "a"]).dictionary_encode(), ["b", "a"], "<U1"),
        (pa.array([2, 1], type=pa.uint8()), [2, 1], "int64"),
        (pa.array([True, False]), [True, False], "bool"),
        (Polars(["b", "a"]), ["b", "a"], "<U1"),
        (Polars([2, 1]), [2, 1], "int64"),
        (range(3), [0, 1, 2], "int64"),
        (array.array("b", [2, 1]), [2, 1], "int64"),
        ([np.array(2), np.array(1)], [2, 1], "int64"),
        (np.ma.array([2, 1]), [2, 1], "int64"),
        (np.array([2, 1], dtype=np.int8), [2, 1], "int8"),
        ([2**63, 1], [2**63, 1], "uint64"),
        ([2**64 - 1, 2**64 - 2], [2**64 - 1, 2**64 - 2], "uint64"),
        ([2**53, 2**53 + 1, -(2**63)], [2**53, 2**53 + 1, -(2**63)], "int64"),
        (np.array([2**63 - 1, 2**63 - 2], dtype=object), [2**63 - 1, 2**63 - 2], "int64"),
        ([True, np.False_], [True, False], "bool"),
        ([2.0, 1.0], [2.0, 1.0], "float64"),
        ([np.float32(2), 1.0], [2.0, 1.0], "float64"),
        ([np.datetime64("2021-01"), np.datetime64("2020-01")], None, "datetime64[M]"),
        (pd.Series(pd.to_datetime(["2021", "2020"])), None, None),
    ],
    ids=stable_id,
)
def test_a_label_stays_what_it_was(labels, expected, dtype):
    expected = list(labels) if expected is None else expected
    classes, positions = encode_labels(labels, len(expected))
    assert classes[positions].tolist() == np.array(expected, dtype=classes.dtype).tolist()
    assert [classes[i] for i in positions] == expected
    assert len(classes) == len(set(expected))
    assert (classes[:-1] < classes[1:]).all()
    assert dtype is None or classes.dtype == dtype


names = st.text(st.sampled_from("ab\0é猫\ud83d"), max_size=4)
numbers = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2)
large = st.integers(0, 2**64 - 1)


@given(st.one_of(*(st.lists(kind, min_size=1, max_size=9) for kind in (names, numbers, large, st.booleans()))))
def test_no_two_labels_are_merged(labels):
    classes, positions = encode_labels(labels, len(labels))
    assert classes.tolist() == sorted(set(labels))
    assert [classes.tolist()[i] for i in positions] == labels


@given(st.data())
def test_classes_are_joined_without_a_change(data):
    kind = data.draw(st.sampled_from([names, numbers, st.integers(0, 2**63 - 1), st.booleans()]))
    some = [data.draw(st.lists(kind, min_size=1, max_size=9)) for _ in range(2)]
    first, second = (encode_labels(labels, len(labels))[0] for labels in some)
    joined = join_classes(first, second)
    assert joined.tolist() == sorted({*some[0], *some[1]})
    for own in (first, second):
        assert joined[positions_among(joined, own)].tolist() == own.tolist()


@pytest.mark.parametrize(
    ("labels", "position", "shown"),
    [
        ([*Y[:4], None], 4, "None"),
        ([1, None], 1, "None"),
        ([1.0, float("nan")], 1, "nan"),
        (np.array([1.0, np.nan]), 1, "np.float64\\(nan\\)"),
        (np.array(["2020", "NaT"], "M8[D]"), 1, "np.datetime64.*NaT"),
        (pd.Series([1, None], dtype="Int64"), 1, "(<NA>|.*nan.*)"),
        (pd.Series([True, None], dtype="boolean"), 1, "<NA>"),
        (pd.Series(["a", None], dtype="string"), 1, "<NA>"),
        (pd.Series(["a", None]), 1, "(nan|None)"),
        (pd.Series(["a", None], dtype="category"), 1, "nan"),
        (pd.Series([True, None], dtype=object), 1, "None"),
        (pa.array(["a", None]), 1, "None"),
        (pa.chunked_array([[1], [2, None]]), 2, "None"),
        (Polars(["a", None]), 1, "None"),
        (np.ma.array([1, 2], mask=[0, 1]), 1, "masked"),
        (np.array(["a", np.nan], dtype=np.dtypes.StringDType(na_object=np.nan)), 1, "nan"),
    ],
    ids=stable_id,
)
def test_a_missing_label_is_named_with_its_position(labels, position, shown):
    with pytest.raises(ValueError, match=f"a label for each text, but the one at position {position} is {shown}"):
        encode_labels(labels, len(labels))


@pytest.mark.parametrize(
    "labels",
    [[True, 1], [1, True], [1, 1.0], ["1", 1], [1, "1"], [np.True_, 2], [b"a", "a"], ["a", np.datetime64(1, "D")]],
)
def test_labels_of_two_kinds_are_refused(labels):
    with pytest.raises((TypeError, ValueError), match=r"one kind.*position"):
        encode_labels(labels, 2)
    with pytest.raises((TypeError, ValueError), match=r"one kind.*position"):
        encode_labels(np.array(labels, dtype=object), 2)


@pytest.mark.parametrize(
    ("first", "second", "dtype"),
    [
        (Y, pd.Series(["weather"]), "<U7"),
        (pd.Series(Y), ["weather"], "<U7"),
        (Y, np.array(["weather"], dtype=np.dtypes.StringDType()), "<U7"),
        (Y, ["a\0"], "O"),
        (["a\0", "a\0", "a\0", "b", "b"], ["weather"], "O"),
        (np.array(CODES, dtype=np.uint8), [300], "int64"),
        (CODES, np.array([2], dtype=np.uint8), "int64"),
        (np.array(CODES, dtype=np.uint8), np.array([300], dtype=np.int16), "int64"),
        (np.array(CODES, dtype=np.int8), np.array([300], dtype=np.int16), "int16"),
        (CODES, pd.Series([300], dtype="Int64"), "int64"),
        (CODES, [2**63], "uint64"),
        ([1.0, 1.0, 1.0, 0.0, 0.0], np.array([2.0], dtype=np.float32), "float64"),
        ([True, True, True, True, True], pd.Series([False], dtype="boolean"), "bool"),
    ],
    ids=stable_id,
)
def test_growth_takes_labels_of_the_same_kind_whatever_their_container_and_width(first, second, dtype):
    clf = NCDClassifier(1).fit(X, first).partial_fit(["rain and sun"], second)
    expected = [*list(first), *list(second)]
    assert clf.classes_.dtype == dtype
    assert clf.predict([*X, "rain and sun"]).tolist() == expected
    assert clf.classes_.tolist() == sorted(set(expected))
    restored = pickle.loads(pickle.dumps(clf))
    assert restored.predict([*X, "rain and sun"]).tolist() == expected


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (Y, [1], r"before, which are str \('money'\), got int \(1\); convert them to str"),
        (CODES, ["1"], r"which are int \(3\), got str \('1'\); convert them to int"),
        (CODES, [1.0], r"which are int \(3\), got float \(1.0\)"),
        (CODES, [True], r"which are int \(3\), got bool \(True\)"),
        ([-1, 0, 0, 0, 0], [2**63], r"one integer type of NumPy .*from -1 to 9223372036854775808; convert them to str"),
        (np.array(["9999"] * 5, "M8[Y]"), np.array([1], "M8[ns]"), r"fit into one type .*datetime64\[Y\]"),
    ],
    ids=stable_id,
)
def test_growth_refuses_labels_of_another_kind(first, second, message):
    clf = NCDClassifier(1).fit(X, first)
    with pytest.raises(ValueError, match=f"y must hold labels .*{message}"):
        clf.partial_fit(["rain and sun"], second)
    assert clf.n_samples_fit_ == 5
    assert clf.predict(X).tolist() == clf.classes_[clf._y].tolist()


def test_explanations_keep_dates():
    labels = np.array(["2020-01-01"] * 3 + ["2021-01-01"] * 2, dtype="M8[ns]")
    clf = NCDClassifier(1).fit(X, labels)
    explanation = clf.explain(X[0], 1)
    assert explanation.label == explanation.neighbors[0].label == np.datetime64("2020-01-01")
    assert "is 2020-01-01" in str(explanation)
    assert clf.score(X, labels) == 1.0


@pytest.mark.parametrize("container", [pa.array, lambda texts: pa.chunked_array([texts[:2], texts[2:]]), Polars])
def test_texts_in_the_containers_of_labels(container):
    clf = NCDClassifier(2).fit(container(X), container(Y))
    distances, _ = clf.kneighbors(container(X))
    encoded = [text.encode() for text in X]
    assert distances.tolist() == [sorted(row)[:2] for row in naive.distances(encoded, encoded)]
    raw = pa.array([text.encode() for text in X])
    assert clf.kneighbors(raw)[0].tolist() == distances.tolist()
    with pytest.raises(TypeError, match=r"X must hold texts .*position 1 is NoneType"):
        clf.predict(pa.array(["a", None]))


@pytest.mark.parametrize("column", [np.array([[2], [1]]), [[2], [1]], pd.DataFrame({"y": [2, 1]})])
def test_a_column_of_labels_is_taken_with_a_warning(column):
    with pytest.warns(DataConversionWarning, match="A column-vector y was passed") as caught:
        classes, positions = encode_labels(column, 2)
    assert classes[positions].tolist() == [2, 1]
    assert len(caught) == 1


def test_as_many_classes_as_texts_are_no_reason_to_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert NCDClassifier(1).fit(X, range(5)).predict(X).tolist() == [0, 1, 2, 3, 4]
