"""Kneser-Ney models of classes equal a plain version, native and in Python, also after learning and forgetting."""

import copy
import pickle

import naive_kneser_ney
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from strategies import texts

from gzipknn._kernel import native
from gzipknn.baselines import ClassCompressorClassifier, KneserNey, kneser_ney, kneser_ney_python

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")

KERNELS = ["native", "python"] if native() else ["python"]
short = st.one_of(st.binary(max_size=12), st.text("ab\0é", max_size=12).map(str.encode), texts.map(lambda t: t[:60]))
training_sets = st.lists(st.tuples(short, st.sampled_from("abc")), min_size=1, max_size=8)
models = st.builds(KneserNey, st.integers(0, 6), st.sampled_from([0, 0.3, 0.9]))


@pytest.fixture(params=KERNELS)
def kernel(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZIPKNN_IMPLEMENTATION", request.param)
        yield request.param


def examples(n):
    # all examples use the same implementation
    return settings(max_examples=n, suppress_health_check=[HealthCheck.function_scoped_fixture])


def split(training):
    return [text for text, _ in training], [label for _, label in training]


def lengths(clf, queries):
    """Compared by label, because classes stay after all their texts are forgotten."""
    return dict(zip(clf.classes_.tolist(), clf.class_lengths(queries).T.tolist(), strict=True))


def same_file(one, other):
    """Tell whether two models hold the same numbers in any order."""
    one, other = (clf._models.__getstate__() for clf in (one, other))
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


FEW = [(b"abc", "a"), (b"abd", "a"), (b"", "b"), (b"\0\0", "b"), ("naïve 猫".encode(), "c")]


@examples(40)
@given(training=training_sets, query=short, model=models)
@example(training=FEW, query=b"abz", model=KneserNey(2))
@example(
    training=[(b"the cat sat on the mat " * 9, "a"), (b"the dog " * 9, "b")], query=b"the cat " * 60, model=KneserNey()
)
def test_bits_are_as_defined(kernel, training, query, model):
    data, labels = split(training)
    clf = ClassCompressorClassifier(model).fit(data, labels)
    places = np.searchsorted(clf.classes_, labels)
    expected = naive_kneser_ney.kneser_ney_bits(data, places, len(clf.classes_), query, model.order, model.background)
    assert clf.class_lengths([query])[0] == pytest.approx(expected, rel=1e-11, abs=1e-11)


@examples(25)
@given(training=training_sets, model=models)
@example(training=FEW * 2, model=KneserNey(3))
def test_a_text_left_out_is_one_never_learnt(kernel, training, model):
    data, labels = split(training)
    clf = ClassCompressorClassifier(model).fit(data, labels)
    before = clf.class_lengths(data)
    left_out = clf.leave_one_out_lengths(data, labels)
    for i, row in enumerate(left_out):
        others = ClassCompressorClassifier(model)
        others.partial_fit([*data[:i], *data[i + 1 :], b""], [*labels[:i], *labels[i + 1 :], "z"], ["a", "b", "c"])
        columns = np.searchsorted(others.classes_, clf.classes_)
        assert row.tolist() == others.class_lengths(data[i : i + 1])[0, columns].tolist()
    assert (clf.class_lengths(data) == before).all()


@examples(25)
@given(training=training_sets, later=training_sets, query=short, model=models)
@example(training=FEW, later=FEW, query=b"abc", model=KneserNey(2))
def test_learning_in_parts_is_learning_at_once_and_forgetting_takes_it_back(kernel, training, later, query, model):
    first = ClassCompressorClassifier(model).fit(*split(training))
    parts = ClassCompressorClassifier(model).partial_fit(*split(training)).partial_fit(*split(later))
    whole = ClassCompressorClassifier(model).fit(*split(later + training))
    assert parts.classes_.tolist() == whole.classes_.tolist()
    assert (parts.class_lengths([query]) == whole.class_lengths([query])).all()
    assert (parts.predict_proba([query]) == whole.predict_proba([query])).all()
    assert same_file(parts, whole)
    parts.forget(*split(later[::-1]))
    kept = np.isin(parts.classes_, first.classes_)
    assert (parts.class_lengths([query])[:, kept] == first.class_lengths([query])).all()
    assert (parts.predict_proba([query])[:, kept] == first.predict_proba([query])).all()
    assert (parts.predict_proba([query])[:, ~kept] == 0).all()
    assert parts.predict([query, b"ab"]).tolist() == first.predict([query, b"ab"]).tolist()
    counts, expected = (clf._models._counts for clf in (parts, first))
    assert (counts.n_strings, counts.n_raw) == (expected.n_strings, expected.n_raw)
    # all texts can be forgotten and learnt again
    parts.forget(*split(training))
    assert parts._models._counts.n_strings == 0
    with pytest.raises(ValueError, match="all training texts were forgotten"):
        parts.predict([query])
    parts.partial_fit(*split(training))
    assert (parts.class_lengths([query])[:, kept] == first.class_lengths([query])).all()


@pytest.mark.skipif(len(KERNELS) < 2, reason="the native kernel was not built")
@examples(25)
@given(training=training_sets, query=short, model=models)
def test_both_implementations_give_the_same(training, query, model):
    data, labels = split(training)
    found = []
    for name in KERNELS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GZIPKNN_IMPLEMENTATION", name)
            found.append(ClassCompressorClassifier(model).fit(data, labels))
    one, other = found
    assert one.class_lengths([query]).tolist() == other.class_lengths([query]).tolist()
    assert one.leave_one_out_lengths(data, labels).tolist() == other.leave_one_out_lengths(data, labels).tolist()
    assert same_file(one, other)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GZIPKNN_IMPLEMENTATION", "python")
        moved = pickle.loads(pickle.dumps(one))
        assert isinstance(moved._models._counts, kneser_ney_python.ClassCounts)
    assert moved.class_lengths([query]).tolist() == one.class_lengths([query]).tolist()


def test_a_model_from_a_file_goes_on(kernel, docs):
    X, y, queries = docs.X_train[:40], docs.y_train[:40], docs.X_test[:4]
    clf = ClassCompressorClassifier("kneser-ney").fit(X[:30], y[:30])
    for again in (pickle.loads(pickle.dumps(clf)), copy.deepcopy(clf)):
        assert same_file(again, clf)
        again.partial_fit(X[30:], y[30:]).forget(X[:10], y[:10])
        expected = clone(clf).fit(X[10:], y[10:])
        assert all(
            (lengths(again, queries)[name] == np.array(row)).all() for name, row in lengths(expected, queries).items()
        )
    assert not hasattr(clone(clf), "classes_")


def test_probabilities_agree_with_predictions(docs):
    clf = ClassCompressorClassifier("kneser-ney").fit(docs.X_train[:300], docs.y_train[:300])
    queries = [*docs.X_test[:60], ""]
    chances = clf.predict_proba(queries)
    assert np.allclose(chances.sum(axis=1), 1)
    assert (clf.classes_[chances.argmax(axis=1)] == clf.predict(queries)).all()
    assert np.allclose(chances[-1], np.unique(docs.y_train[:300], return_counts=True)[1] / 300)
    assert np.mean(clf.predict(docs.X_test) == docs.y_test) > 0.4  # the largest class: 0.05
    assert (clf.set_params(n_jobs=3).class_lengths(queries) == clf.set_params(n_jobs=None).class_lengths(queries)).all()


def test_forgetting_what_was_never_learnt_is_refused_and_changes_nothing(kernel):
    data, labels = ["ab ab", "ba", "ab", "ab"], ["x", "y", "x", "x"]
    clf = ClassCompressorClassifier("kneser-ney").fit(data, labels)
    expected, state = clf.class_lengths(data), pickle.dumps(clf)
    for X, y, message in (
        (["ba", "ab "], ["y", "x"], r"text at position 1 of X \(b'ab '\) was not learnt with its label in y"),
        (["ba"], ["x"], "text at position 0 of X"),
        (["ab", "ab", "ab"], ["x"] * 3, "text at position 2 of X .* or not as often as it occurs here"),
        (["ab", "ba"], ["x", "z"], "'z' at position 1 is none of the 2 classes; nothing was changed"),
        (["ab"], [1], "y must hold labels of the same kind as before"),
        (["ab"], ["x", "y"], "same length"),
    ):
        for call in (clf.forget, clf.leave_one_out_lengths):
            if call == clf.forget or len(X) < 3:
                with pytest.raises(ValueError, match=message):
                    call(X, y)
    assert (clf.class_lengths(data) == expected).all()
    assert pickle.dumps(clf) == state


def test_classes_named_before_they_come(kernel):
    clf = ClassCompressorClassifier("kneser-ney").partial_fit(["bb", "cc"], ["b", "c"], classes=["a", "b", "c", "d"])
    assert clf.classes_.tolist() == ["a", "b", "c", "d"]
    assert clf.predict_proba(["aa", "b"])[:, [0, 3]].tolist() == [[0, 0], [0, 0]]
    assert clf.predict(["bb", "cc"]).tolist() == ["b", "c"]
    clf.partial_fit(["aa", "ee"], ["a", "e"])
    assert clf.classes_.tolist() == ["a", "b", "c", "d", "e"]
    assert clf.predict(["aa", "bb", "cc", "ee"]).tolist() == ["a", "b", "c", "e"]
    for classes, error in ((["a", 1], TypeError), (5, TypeError), ([1, 2], ValueError), ([], ValueError)):
        with pytest.raises(error):
            clf.partial_fit(["aa"], ["a"], classes=classes)


@pytest.mark.slow
def test_a_byte_budget_is_kept_or_the_call_refused(kernel, docs):
    X, y = docs.X_train[:30], docs.y_train[:30]
    free = ClassCompressorClassifier(KneserNey(2)).fit(X, y)
    clf = ClassCompressorClassifier(KneserNey(2, max_bytes=free.nbytes + 200_000)).fit(X, y)
    rng, message, added = np.random.default_rng(0), "", 0
    while not message:
        expected = clf.class_lengths(X)
        try:
            clf.partial_fit([rng.bytes(9), b"", rng.bytes(9)], y[:3])
            added += 1
        except ValueError as error:
            message = str(error)
    assert added > 1
    assert f"need more than max_bytes={clf.compressor.max_bytes}" in message
    assert "nothing was counted" in message
    assert (clf.class_lengths(X) == expected).all()
    assert clf.nbytes <= clf.compressor.max_bytes
    with pytest.raises(ValueError, match=r"max_bytes=1\b"):
        ClassCompressorClassifier(KneserNey(max_bytes=1)).fit(X, y)


@pytest.mark.parametrize("name", ["partial_fit", "forget", "predict_proba", "leave_one_out_lengths", "nbytes"])
def test_only_counts_can_do_that(name):
    for clf in (ClassCompressorClassifier("lz77"), ClassCompressorClassifier("lz77").fit(["a"], [0])):
        assert not hasattr(clf, name)
        with pytest.raises(AttributeError):
            getattr(clf.set_params(compressor="gzip"), name)
    fitted = ClassCompressorClassifier("lz77").fit(["a"], [0]).set_params(compressor="kneser-ney")
    assert not hasattr(fitted, name)
    assert hasattr(ClassCompressorClassifier("kneser-ney").fit(["a"], [0]), name)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: KneserNey(7), ValueError, "order must be from 0 to 6, got 7"),
        (lambda: KneserNey(-1), ValueError, "order == -1"),
        (lambda: KneserNey(True), TypeError, "order must be an int"),
        (lambda: KneserNey(background=1), ValueError, "background must be at least 0 and below 1, got 1"),
        (lambda: KneserNey(background=float("nan")), ValueError, "background must be"),
        (lambda: KneserNey(background="0"), TypeError, "background must be a float, got str"),
        (lambda: KneserNey(max_bytes=0), ValueError, "max_bytes == 0"),
        (lambda: ClassCompressorClassifier("kneser-ney", n_shards=2).fit(["a"], [0]), ValueError, "n_shards must be 1"),
        (
            lambda: ClassCompressorClassifier("kneser").fit(["a"], [0]),
            ValueError,
            "got 'kneser'.* also takes 'kneser-ney'",
        ),
    ],
)
def test_bad_settings(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_fit_counts_some_texts_at_a_time(monkeypatch, docs):
    X, y = docs.X_train[:40], docs.y_train[:40]
    expected = ClassCompressorClassifier("kneser-ney").fit(X, y)
    monkeypatch.setattr(kneser_ney, "FIT_BYTES", 1000)
    assert same_file(ClassCompressorClassifier("kneser-ney").fit(X, y), expected)


def test_an_interrupted_call_leaves_the_counts_as_they_were(kernel, monkeypatch, docs):
    letters = np.random.default_rng(0).choice(np.frombuffer(b"abc", dtype=np.uint8), 500_000).tobytes()
    long = letters if kernel == "native" else letters[:500]  # native code asks several times a second
    X, y = [*docs.X_train[:20], long], [*docs.y_train[:20], "long"]
    clf = ClassCompressorClassifier("kneser-ney").fit(X, y)
    state, before = pickle.dumps(clf), clf._models._counts.n_strings

    def interrupt():
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("gzipknn.utils.interruption.check_wanted", interrupt)
        patch.setattr(kneser_ney_python, "check_wanted", interrupt)
        for call in (
            lambda: clf.partial_fit([*docs.X_train[20:22], long[::-1]], [*docs.y_train[20:22], "new"]),
            lambda: clf.forget(X, y),
            lambda: clf.leave_one_out_lengths(X, y),
            lambda: clf.predict(X),
        ):
            with pytest.raises(KeyboardInterrupt):
                call()
    assert pickle.dumps(clf) == state
    assert clf._models._counts.n_strings == before
