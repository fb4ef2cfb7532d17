"""k-NN on bags of words and other vectors: the distances equal those of plain Python for all words."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import X, Y
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer, TfidfVectorizer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from test_class_compressor import prices

from gzipknn.baselines import BagOfWordsClassifier, VectorNeighborsClassifier
from gzipknn.datasets import load_texts

pytestmark = pytest.mark.filterwarnings("ignore:X holds 1 empty text")


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


def bags(data, distance):
    stop_words = ENGLISH_STOP_WORDS if distance == "cosine" else ()
    return [naive.bag_of_words(text, PATTERNS[distance], stop_words) for text in data]


def without_unknown_words(queries, training):
    known = set().union(*training)
    return [type(bag)({word: n for word, n in bag.items() if word in known}) for bag in queries]


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


@pytest.mark.parametrize(("fitted", "later"), [("cosine", "set"), ("set", "bag"), ("bag", "cosine"), ("set", "l2")])
def test_the_distance_of_fit_stays_until_the_next_fit(fitted, later):
    texts = ["cats cats cats like mats", "cats like mats", "stocks fell again"]
    clf = BagOfWordsClassifier(2, distance=fitted).fit(texts, [0, 1, 1])
    expected = [part.tolist() for part in clf.kneighbors(["cats cats like stocks"])]
    clf.set_params(distance=later)
    assert [part.tolist() for part in clf.kneighbors(["cats cats like stocks"])] == expected


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


@pytest.mark.slow
def test_the_published_bag_of_words_on_imdb(shared_data):
    train, test = (load_texts(shared_data / "imdb_rasbt", split) for split in ("train", "test"))
    clf = BagOfWordsClassifier(2, n_jobs=-1).fit(*train)
    assert clf.score(*test) == pytest.approx(0.6801, abs=0.003)  # nn_plus_gzip, where ties go to the nearest text
