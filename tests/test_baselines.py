"""Baselines on words and a compressor a class: as plain Python says, with the vote of the compression classifiers."""

import bz2
import copy
import gzip
import pickle
import zlib

import joblib
import naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone, is_classifier
from sklearn.decomposition import TruncatedSVD
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.utils import get_tags
from strategies import texts

from gzipknn import NCDClassifier
from gzipknn.baselines import (
    BagOfWordsClassifier,
    ClassCompressorClassifier,
    VectorNeighborsClassifier,
    class_compressor,
    linear_classifier,
    vectors,
)
from gzipknn.compressors import LZ77, Gzip, Zstd
from gzipknn.datasets import load_texts

X = ["the cat sat on the mat", "a cat and a mat", "cats like mats", "stocks fell again today", "today stocks rose"]
Y = ["pets", "pets", "pets", "money", "money"]
QUERIES = ["my cat likes the mat", "will stocks rise today?", "the mat", ""]
DISTANCES = ["cosine", "set", "bag"]
PATTERNS = {"cosine": r"\b\w\w+\b", "set": r"[^\s.,?!]{4,}", "bag": r"[^\s.,?!]{4,}"}

some_words = [
    "stocks ",
    "Stocks ",
    "cats. ",
    "cats ",
    "they ",
    "naïve ",
    "naïve,",
    "猫猫猫猫猫 ",
    "a ",
    "\x00 ",
    "today?! ",
]
wordy = st.one_of(
    st.lists(st.sampled_from(some_words), max_size=12).map("".join).map(str.encode),
    st.sampled_from([b"", b"...", b"\xff\xfe raw\xff bytes ", b"they", b"cats cats cats"]),
)

ESTIMATORS = {
    "ncd": NCDClassifier(3),
    "cosine": BagOfWordsClassifier(3),
    "set": BagOfWordsClassifier(3, distance="set"),
    "bag": BagOfWordsClassifier(3, distance="bag"),
    "tfidf": VectorNeighborsClassifier(TfidfVectorizer(), 3),
    "dense": VectorNeighborsClassifier(make_pipeline(TfidfVectorizer(), TruncatedSVD(4, random_state=0)), 3),
    "linear": linear_classifier(),
    "class compressor": ClassCompressorClassifier(),
    "zstd": ClassCompressorClassifier("zstd"),
}
NEIGHBORS = ["ncd", "cosine", "set", "bag", "tfidf", "dense"]


@pytest.fixture(params=NEIGHBORS)
def neighbors(request):
    return clone(ESTIMATORS[request.param]).fit(X, Y)


@pytest.fixture(params=ESTIMATORS)
def estimator(request):
    return clone(ESTIMATORS[request.param])


def bags(data, distance):
    stop_words = ENGLISH_STOP_WORDS if distance == "cosine" else ()
    return [naive.bag_of_words(text, PATTERNS[distance], stop_words) for text in data]


def without_unknown_words(queries, training):
    known = set().union(*training)
    return [type(bag)({word: n for word, n in bag.items() if word in known}) for bag in queries]


def prices(data):
    return np.array([[float(ord(letter)) for letter in text.ljust(6)[:6]] for text in data])


@given(training=st.lists(wordy, min_size=1, max_size=8), queries=st.lists(wordy, min_size=1, max_size=4))
@pytest.mark.parametrize("distance", DISTANCES)
def test_distances_and_neighbours_are_those_of_plain_bags_of_words(distance, training, queries):
    training = [*training, b"market stocks"]
    clf = BagOfWordsClassifier(1, distance=distance).fit(training, [0] * len(training))
    held = bags(training, distance)
    asked = bags(queries, distance)
    if distance == "cosine":
        asked = without_unknown_words(asked, held)
    distances, indices = clf.kneighbors(queries, len(training))
    expected = [[naive.word_distance(distance, x, y) for y in held] for x in asked]
    order = [naive.k_smallest(row, len(training)) for row in expected]
    assert indices.tolist() == order
    assert distances.tolist() == [[row[i] for i in its] for row, its in zip(expected, order, strict=True)]


@given(training=st.lists(wordy, min_size=2, max_size=8), k=st.integers(1, 8))
@pytest.mark.parametrize("distance", DISTANCES)
def test_training_texts_leave_themselves_out(distance, training, k):
    training = [*training, b"market stocks"]
    k = min(k, len(training) - 1)
    clf = BagOfWordsClassifier(k, distance=distance).fit(training, [0] * len(training))
    held = bags(training, distance)
    distances, indices = clf.kneighbors()
    for i, x in enumerate(held):
        row = [naive.word_distance(distance, x, y) for y in held]
        nearest = [j for j in naive.k_smallest(row, len(row)) if j != i][:k]
        assert indices[i].tolist() == nearest
        assert distances[i].tolist() == [row[j] for j in nearest]


@pytest.mark.parametrize("distance", ["set", "bag"])
def test_words_that_no_training_text_has_count_as_words(distance):
    training = [b"market", b"market stocks fell today"]
    query = b"market stocks " + b" ".join(b"unseen%d" % i for i in range(8))
    clf = BagOfWordsClassifier(1, distance=distance).fit(training, [0, 1])
    x, *held = bags([query, *training], distance)
    assert clf.kneighbors([query], 2)[0].tolist() == [sorted(naive.word_distance(distance, x, y) for y in held)]


def test_words_of_the_published_experiments():
    text = ["the Cats, the cats and cat; they sat: naïve-x"]
    assert BagOfWordsClassifier(1).fit(text, [0]).transformer_.get_feature_names_out().tolist() == [
        "cat", "cats", "naïve", "sat",
    ]  # fmt: skip
    jaccard = BagOfWordsClassifier(1, distance="set").fit(text, [0])
    assert jaccard.transformer_.get_feature_names_out().tolist() == ["cat;", "cats", "naïve-x", "sat:", "they"]
    raw = BagOfWordsClassifier(1, distance="set").fit([b"raw\xff bytes"], [0])
    assert raw.transformer_.get_feature_names_out().tolist() == ["bytes", "raw\ufffd"]
    many = [" ".join(f"word{i}" for i in range(10_001)), "word7 word7"]
    assert BagOfWordsClassifier(1).fit(many, [0, 1]).vectors_.matrix.shape[1] == 10_000
    assert BagOfWordsClassifier(1, distance="bag").fit(many, [0, 1]).vectors_.matrix.shape[1] == 10_002


def test_own_vectorizer():
    letters = CountVectorizer(analyzer="char")
    clf = BagOfWordsClassifier(1, distance="bag", vectorizer=letters).fit(["aab", "bbb", "abc"], [0, 1, 2])
    distances, indices = clf.kneighbors(["abb"], 3)
    assert indices.tolist() == [[0, 1, 2]]
    assert distances.tolist() == [[0.5, 0.5, 0.5]]
    assert not hasattr(letters, "vocabulary_")


@pytest.mark.parametrize("distance", DISTANCES)
def test_a_vocabulary_of_which_no_training_text_has_a_word(distance):
    vectorizer = CountVectorizer(vocabulary=["absent", "missing"])
    clf = BagOfWordsClassifier(2, distance=distance, vectorizer=vectorizer).fit(X, Y)
    distances, indices = clf.kneighbors(["absent", "nothing"])
    assert distances.tolist() == [[1, 1], [1, 1]]
    assert indices.tolist() == [[0, 1], [0, 1]]


def test_any_transformer_is_compared_by_cosine(docs):
    training, labels, queries = docs.X_train[:300], docs.y_train[:300], docs.X_test[:40]
    sparse = TfidfVectorizer(sublinear_tf=True)
    for transformer in (sparse, make_pipeline(sparse, TruncatedSVD(20, random_state=0))):
        clf = VectorNeighborsClassifier(transformer, 7).fit(training, labels)
        expected = make_pipeline(clone(transformer), KNeighborsClassifier(7, metric="cosine", algorithm="brute"))
        expected.fit(training, labels)
        distances, _ = expected[-1].kneighbors(expected[:-1].transform(queries))
        assert np.allclose(clf.kneighbors(queries)[0], distances, atol=1e-9)
        assert np.allclose(clf.predict_proba(queries), expected.predict_proba(queries))


def test_the_transformer_given_is_left_alone():
    transformer = TfidfVectorizer()
    clf = VectorNeighborsClassifier(transformer, 1).fit(X, Y)
    assert not hasattr(transformer, "vocabulary_")
    assert "cat" in clf.transformer_.vocabulary_


def test_vectors_that_are_zero_are_far_from_all():
    clf = VectorNeighborsClassifier(FunctionTransformer(lambda data: np.array([[len(text)] for text in data])), 2)
    distances, indices = clf.fit(["", "a", "aa"], [0, 1, 2]).kneighbors(["", "aaa"])
    assert distances.tolist() == [[1, 1], [0, 0]]
    assert indices.tolist() == [[0, 1], [1, 2]]


def test_equal_dense_vectors_are_equally_far_and_ordered_by_index():
    random = np.random.default_rng(0)
    vector = {str(i): row for i, row in enumerate(random.normal(size=(40, 37)))}
    training = random.choice(list(vector), 203).tolist()
    clf = VectorNeighborsClassifier(FunctionTransformer(lambda data: np.array([vector[text] for text in data])), 203)
    distances, indices = clf.fit(training, training).kneighbors(list(vector))
    for row, order in zip(distances, indices.tolist(), strict=True):
        for text in vector:
            own = [i for i in order if training[i] == text]
            assert own == sorted(own)
            assert len(set(row[np.isin(order, own)])) == 1


@pytest.mark.parametrize("tie_break", ["nearest", "lowest", "shrink"])
def test_votes_are_those_of_the_neighbours(neighbors, tie_break):
    labels = [["pets", "money", "weather", "money", "pets"][i] for i in range(len(X))]
    for k in range(1, 6):
        for weights in ("uniform", "distance"):
            neighbors.set_params(n_neighbors=k, tie_break=tie_break, weights=weights).fit(X, labels)
            distances, indices = neighbors.kneighbors(QUERIES)
            voters = [[labels[i] for i in row] for row in indices]
            if weights == "uniform":
                expected = [naive.vote(row, [1] * k, tie_break) for row in voters]
                assert neighbors.predict(QUERIES).tolist() == expected
                shares = [[row.count(label) / k for label in neighbors.classes_] for row in voters]
            else:
                worth = np.where(
                    (distances <= 0).any(1, keepdims=True), distances <= 0, 1 / np.maximum(distances, 1e-9)
                )
                shares = [
                    [
                        sum(w for w, its in zip(own, row, strict=True) if its == label) / sum(own)
                        for label in sorted(set(labels))
                    ]
                    for own, row in zip(worth, voters, strict=True)
                ]
            assert np.allclose(neighbors.predict_proba(QUERIES), shares)


def test_ties_at_random_are_seeded(neighbors):
    neighbors.set_params(n_neighbors=2, tie_break="random", random_state=3).fit([X[0], X[3]], ["pets", "money"])
    predicted = neighbors.predict([X[0]] * 40)
    assert (predicted == neighbors.predict([X[0]] * 40)).all()
    assert set(predicted) == {"pets", "money"}


def test_kneighbors_graph(neighbors):
    distances, indices = neighbors.kneighbors(QUERIES, 2)
    expected = np.zeros((len(QUERIES), len(X)))
    np.put_along_axis(expected, indices, distances, axis=1)
    assert (neighbors.kneighbors_graph(QUERIES, 2, mode="distance").toarray() == expected).all()
    np.put_along_axis(expected, indices, 1, axis=1)
    assert (neighbors.kneighbors_graph(QUERIES, 2).toarray() == expected).all()
    assert (neighbors.kneighbors_graph().toarray().diagonal() == 0).all()
    assert (neighbors.kneighbors_graph().toarray().sum(axis=1) == 3).all()
    assert (neighbors.kneighbors(QUERIES, 2, return_distance=False) == indices).all()


@pytest.mark.parametrize("name", ["cosine", "set", "bag", "tfidf"])
def test_neither_blocks_nor_n_jobs_change_anything(docs, monkeypatch, name):
    clf = clone(ESTIMATORS[name]).fit(docs.X_train[:200], docs.y_train[:200])
    queries = docs.X_test[:50]
    expected = clf.kneighbors(queries)
    monkeypatch.setattr(vectors, "PAIRS_PER_BLOCK", 1400)
    for n_jobs in (None, 2):
        for first, second in zip(expected, clf.set_params(n_jobs=n_jobs).kneighbors(queries), strict=True):
            assert (first == second).all()
    with joblib.parallel_config(backend="loky", n_jobs=2):
        assert (clf.set_params(n_jobs=None).kneighbors(queries)[1] == expected[1]).all()


def test_a_progress_bar_if_wanted(capsys):
    for clf in (BagOfWordsClassifier(1), VectorNeighborsClassifier(TfidfVectorizer(), 1), ClassCompressorClassifier()):
        clf.fit(X, Y).predict(QUERIES)
        assert capsys.readouterr() == ("", "")
        clf.set_params(verbose=1).predict(QUERIES)
        assert "100%" in capsys.readouterr().err


def test_is_a_classifier_of_strings(estimator):
    assert is_classifier(estimator)
    if not isinstance(estimator, Pipeline):
        tags = get_tags(estimator).input_tags
        assert tags.string
        assert not tags.two_d_array


def test_clone_and_not_fitted(estimator):
    fitted = estimator.fit(X, Y)
    assert fitted is estimator
    assert fitted.classes_.tolist() == ["money", "pets"]
    fresh = clone(estimator)
    assert repr(fresh) == repr(estimator)
    with pytest.raises(NotFittedError):
        fresh.predict(QUERIES)


def test_pickled_after_predicting(estimator):
    predicted = estimator.fit(X, Y).predict(QUERIES)
    assert predicted[:2].tolist() == ["pets", "money"]
    for restored in (pickle.loads(pickle.dumps(estimator)), copy.deepcopy(estimator)):
        assert (restored.predict(QUERIES) == predicted).all()
        for method in ("predict_proba", "class_lengths", "decision_function"):
            if hasattr(estimator, method):
                assert (getattr(restored, method)(QUERIES) == getattr(estimator, method)(QUERIES)).all()


def test_refit_forgets(estimator):
    estimator.fit(X, Y).predict(QUERIES)
    estimator.fit(["sunny weather tomorrow", "the engine has failed"] * 3, [7, 8] * 3)
    assert estimator.classes_.tolist() == [7, 8]
    assert estimator.predict(["what weather tomorrow", "an engine has failed"]).tolist() == [7, 8]


def test_bytes_are_the_same_as_strings(estimator):
    predicted = estimator.fit(X, Y).predict(QUERIES)
    raw = [text.encode() for text in X], [text.encode() for text in QUERIES]
    assert (clone(estimator).fit(raw[0], Y).predict(raw[1]) == predicted).all()
    assert estimator.predict([b"\xff\xfe cat mat", b"stocks fell today \xc3"]).tolist() == ["pets", "money"]


def test_in_a_pipeline(estimator):
    swap = FunctionTransformer(lambda data: [text.replace("dog", "cat") for text in data])
    pipeline = make_pipeline(swap, estimator).fit(X, Y)
    assert pipeline.predict(["my dog likes the mat", "stocks fell today"]).tolist() == ["pets", "money"]
    assert pipeline.predict(["dog"]).tolist() == estimator.predict(["cat"]).tolist()


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize(
    ("estimator", "grid"),
    [
        (BagOfWordsClassifier(), {"n_neighbors": [1, 5], "distance": DISTANCES}),
        (VectorNeighborsClassifier(TfidfVectorizer()), {"n_neighbors": [1, 5], "transformer__sublinear_tf": [True]}),
        (linear_classifier(model="svm"), {"model__C": [0.001, 1.0]}),
        (ClassCompressorClassifier(), {"compressor": ["zstd", Gzip(6)], "n_shards": [1, 2]}),
    ],
    ids=["bag of words", "vectors", "linear", "class compressor"],
)
def test_grid_search_learns_far_more_than_chance(docs, estimator, grid):
    n = 80 if isinstance(estimator, Pipeline) else 300
    training, labels = docs.X_train[:n], docs.y_train[:n]
    search = GridSearchCV(estimator, grid, cv=2, error_score="raise").fit(training, labels)
    assert set(search.best_params_) == set(grid)
    assert np.ptp(search.cv_results_["mean_test_score"]) > 0
    assert search.score(docs.X_test, docs.y_test) > 0.3  # the largest class: 0.05


def test_grid_search_on_two_cores(docs):
    training, labels = docs.X_train[:120], np.array(docs.y_train[:120]) < "inspect"
    for clf, grid in (
        (BagOfWordsClassifier(), {"n_neighbors": [1, 3]}),
        (ClassCompressorClassifier(), {"compressor": ["zstd", "lz77"]}),
    ):
        scores = [
            GridSearchCV(clf, grid, cv=2, n_jobs=n, error_score="raise").fit(training, labels).cv_results_
            for n in (None, 2)
        ]
        assert (scores[0]["mean_test_score"] == scores[1]["mean_test_score"]).all()


def test_linear_models_are_those_of_scikit_learn(docs):
    training, labels, queries = docs.X_train[:50], docs.y_train[:50], docs.X_test[:50]
    words = {"tfidf": TfidfVectorizer(), "counts": CountVectorizer()}
    models = {"logistic": LogisticRegression(max_iter=1000), "svm": LinearSVC(random_state=0)}
    for features, transformer in words.items():
        for model, classifier in models.items():
            expected = make_pipeline(transformer, classifier).fit(training, labels).decision_function(queries)
            clf = linear_classifier(features, model, random_state=0).fit(training, labels)
            assert np.allclose(clf.decision_function(queries), expected)


def test_linear_models_of_anything():
    clf = linear_classifier(CountVectorizer(analyzer="char"), RidgeClassifier(alpha=3))
    assert list(clf.named_steps) == ["features", "model"]
    expected = make_pipeline(CountVectorizer(analyzer="char"), RidgeClassifier(alpha=3)).fit(X, Y)
    assert np.allclose(clf.fit(X, Y).decision_function(QUERIES), expected.decision_function(QUERIES))
    for model in ("logistic", "svm"):
        assert linear_classifier(model=model, random_state=5).get_params()["model__random_state"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("words",), r"features must be one of \['tfidf', 'counts'\] or an estimator, got 'words'"),
        (("tfidf", "tree"), r"model must be one of \['logistic', 'svm'\] or an estimator, got 'tree'"),
        (("svm",), "features must be one of"),
        (("counts", "tfidf"), "model must be one of"),
    ],
)
def test_unknown_features_or_models(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_classifier(*arguments)


LENGTHS = {
    "gzip": lambda data: len(gzip.compress(data)),
    "bz2": lambda data: len(bz2.compress(data)),
    "callable": lambda data: len(zlib.compress(data, 1)),
}


@settings(max_examples=40)
@given(
    training=st.lists(st.tuples(texts, st.sampled_from("abc")), min_size=1, max_size=8),
    query=texts,
    separator=st.sampled_from([b"\n", b"", b"--"]),
    n_shards=st.integers(1, 4),
)
@pytest.mark.parametrize("name", LENGTHS)
def test_what_a_text_adds_is_what_the_compressor_says(name, training, query, separator, n_shards):
    data, labels = zip(*training, strict=True)
    length = LENGTHS[name]
    compressor = (lambda text: zlib.compress(text, 1)) if name == "callable" else name
    clf = ClassCompressorClassifier(compressor, n_shards=n_shards, separator=separator).fit(data, labels)
    expected = naive.added_by_class(
        lambda prefix, text: length(prefix + text) - length(prefix), data, labels, query, separator, n_shards
    )
    assert clf.class_lengths([query]).tolist() == [expected]


@settings(max_examples=40)
@given(
    training=st.lists(st.tuples(texts, st.sampled_from("abc")), min_size=1, max_size=6),
    query=texts,
    separator=st.sampled_from([b"\n", b""]),
    background=st.sampled_from([None, 0, 1, 2]),
    n_shards=st.integers(1, 3),
)
def test_what_a_text_adds_with_lz77_is_as_defined(training, query, separator, background, n_shards):
    data, labels = zip(*training, strict=True)
    prefixes = [
        b"".join(text + separator for text in shard)
        for label in sorted(set(labels))
        for shard in naive.shards([text for text, its in training if its == label], n_shards)
    ]
    expected = naive.added_by_class(naive.Lz77(prefixes, background).added, data, labels, query, separator, n_shards)
    clf = ClassCompressorClassifier(LZ77(background), n_shards=n_shards, separator=separator).fit(data, labels)
    assert clf.class_lengths([query]).tolist() == [expected]


@pytest.mark.parametrize("level", [1, 3, 9, 19])
def test_what_a_text_adds_with_zstd_is_its_length_with_a_dictionary(docs, level):
    zstandard = pytest.importorskip("zstandard")
    data, labels, queries = docs.X_train[:60], docs.y_train[:60], [*docs.X_test[:10], ""]
    compressor = Zstd(level) if level != 3 else "zstd"
    lengths = ClassCompressorClassifier(compressor, n_shards=2).fit(data, labels).class_lengths(queries)

    def adds(prefix, text):
        dictionary = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        return len(zstandard.ZstdCompressor(level=level, dict_data=dictionary).compress(text))

    encoded = [text.encode() for text in data]
    expected = [naive.added_by_class(adds, encoded, labels, query.encode(), b"\n", 2) for query in queries]
    assert lengths.tolist() == expected


def test_a_text_that_begins_like_a_dictionary_of_zstd_is_a_text():
    pytest.importorskip("zstandard")
    data = [b"\x37\xa4\x30\xec stocks fell again today", b"the cat sat on the mat"]
    clf = ClassCompressorClassifier("zstd").fit(data, ["money", "pets"])
    assert clf.predict(data).tolist() == ["money", "pets"]


def test_a_text_belongs_where_it_adds_least(docs):
    clf = ClassCompressorClassifier(n_shards=3).fit(docs.X_train[:600], docs.y_train[:600])
    lengths = clf.class_lengths(docs.X_test)
    predicted = [clf.classes_[row.argmin()] for row in lengths]
    assert clf.predict(docs.X_test).tolist() == predicted
    assert np.mean(np.array(predicted) == docs.y_test) > 0.3  # the largest class: 0.05


def test_of_equal_classes_the_more_frequent_is_predicted():
    clf = ClassCompressorClassifier(lambda data: 7).fit(X, ["b", "a", "c", "c", "b"])
    assert clf.predict(QUERIES).tolist() == ["b"] * 4
    assert clf.fit(X, ["b", "a", "c", "c", "c"]).predict(QUERIES).tolist() == ["c"] * 4
    # frequency by texts, not by bytes or shards
    clf.set_params(n_shards=2).fit(["much longer text " * 9, "x", "x", "x"], [0, 1, 1, 1])
    assert clf.predict(QUERIES).tolist() == [1] * 4


def test_a_class_of_fewer_texts_than_shards_does_not_always_win():
    data = ["stocks fell again today"] * 4 + ["the cat sat on the mat"]
    clf = ClassCompressorClassifier("gzip", n_shards=4).fit(data, ["money"] * 4 + ["pets"])
    lengths = clf.class_lengths(["stocks rose again"])[0]
    assert 4 * lengths[0] > lengths[1] > lengths[0]
    assert clf.predict(["stocks rose again", "the cat sat on it"]).tolist() == ["money", "pets"]


@pytest.mark.parametrize("compressor", ["lz77", "gzip", "zstd", len], ids=str)
def test_n_jobs_do_not_change_what_a_text_adds(docs, compressor):
    data, labels, queries = docs.X_train[:100], docs.y_train[:100], docs.X_test[:5]
    expected = ClassCompressorClassifier(compressor).fit(data, labels).class_lengths(queries)
    parallel = ClassCompressorClassifier(compressor, n_jobs=2).fit(data, labels)
    assert (parallel.class_lengths(queries) == expected).all()
    assert (parallel.class_lengths(queries) == expected).all()


@pytest.mark.parametrize(
    ("compressor", "backend"),
    [
        ("lz77", "loky"),
        ("lz77", "threading"),
        ("zstd", "loky"),
        ("gzip", "multiprocessing"),
    ],
)
def test_what_a_text_adds_with_other_backends(compressor, backend):
    clf = ClassCompressorClassifier(compressor).fit(X, Y)
    with joblib.parallel_config(backend=backend, n_jobs=2):
        lengths = clf.class_lengths(QUERIES)
    assert (lengths == clone(clf).fit(X, Y).class_lengths(QUERIES)).all()


@pytest.mark.parametrize("name", [name for name in NEIGHBORS if name != "ncd"])
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"distance": "euclid"}, ValueError, r"distance must be one of \['cosine', 'set', 'bag'\], got 'euclid'"),
        ({"n_neighbors": 0}, ValueError, "n_neighbors == 0, must be >= 1"),
        ({"n_neighbors": True}, TypeError, "n_neighbors must be an int, got True"),
        ({"weights": "rank"}, ValueError, "weights must be one of"),
        ({"tie_break": "first"}, ValueError, "tie_break must be one of"),
        ({"random_state": "x"}, ValueError, "cannot be used to seed"),
    ],
)
def test_bad_parameters_are_found_in_fit(name, params, error, message):
    with pytest.raises(error, match=message):
        clone(ESTIMATORS[name]).set_params(**params).fit(X, Y)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"compressor": "rar"}, ValueError, "compressor must be one of .*, got 'rar'"),
        ({"n_shards": 0}, ValueError, "n_shards == 0, must be >= 1"),
        ({"n_shards": 1.5}, TypeError, "n_shards must be an instance of"),
        ({"separator": 0}, TypeError, "separator must be str or bytes"),
    ],
)
def test_bad_parameters_of_a_compressor_a_class(params, error, message):
    with pytest.raises(error, match=message):
        ClassCompressorClassifier(**params).fit(X, Y)


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name != "linear"])
def test_bad_labels_and_texts(name):
    clf = clone(ESTIMATORS[name])
    for labels, message in (
        (Y[:3], "the same length, got 5 texts and 3 labels"),
        (None, "y must hold a label for each text, got None"),
        ([*Y[:4], None], "the one at position 4 is None"),
    ):
        with pytest.raises(ValueError, match=message):
            clf.fit(X, labels)
    with pytest.raises(TypeError, match="position 1 is NoneType"):
        clf.fit(["a cat", None], [0, 1])
    with pytest.raises(ValueError, match="X holds 0 texts"):
        clf.fit([], [])
    clf.fit(X, Y)
    with pytest.raises(TypeError, match=r"got a single str \('one text'\)"):
        clf.predict("one text")


def test_more_neighbors_than_texts(neighbors):
    with pytest.raises(ValueError, match=r"at most the number of training texts: 5, got 6"):
        neighbors.kneighbors(QUERIES, 6)
    with pytest.raises(ValueError, match=r"less one, each leaving itself out: 4, got 5"):
        neighbors.kneighbors(n_neighbors=5)
    with pytest.raises(ValueError, match=r"at most the number of training texts: 5, got 7"):
        neighbors.set_params(n_neighbors=7).predict(QUERIES)
    with pytest.raises(ValueError, match=r"mode must be one of .* got 'both'"):
        neighbors.kneighbors_graph(QUERIES, mode="both")


@pytest.mark.parametrize("distance", ["set", "bag"])
@pytest.mark.parametrize(
    "transformer",
    [
        TfidfVectorizer(),
        FunctionTransformer(lambda data: prices(data) - 200),
        FunctionTransformer(lambda data: prices(data) / 2),
    ],
    ids=["tf-idf", "negative", "fractions"],
)
def test_sets_and_bags_need_counts(distance, transformer):
    with pytest.raises(ValueError, match="distances 'set' and 'bag' need counts"):
        VectorNeighborsClassifier(transformer, 1, distance=distance).fit(X, Y)
    counted = VectorNeighborsClassifier(FunctionTransformer(prices), 1, distance=distance).fit(X, Y)
    assert counted.kneighbors(X)[0].tolist() == [[0]] * 5


def test_the_published_bag_of_words_on_imdb(shared_data):
    train, test = (load_texts(shared_data / "imdb_rasbt", split) for split in ("train", "test"))
    clf = BagOfWordsClassifier(2, n_jobs=-1).fit(*train)
    assert clf.score(*test) == pytest.approx(0.6801, abs=0.003)  # nn_plus_gzip, ties to the nearest


def test_classes_of_more_than_a_text_may_hold_are_refused(monkeypatch):
    monkeypatch.setattr(class_compressor, "MOST_BYTES", 9)
    X, y = ["aaaa", "bbbb", "cc"], [0, 0, 1]
    with pytest.raises(ValueError, match=r"10 bytes together in one shard, but at most 9 .* raise n_shards, now 1"):
        ClassCompressorClassifier().fit(X, y)
    ClassCompressorClassifier(n_shards=2).fit(X, y)
