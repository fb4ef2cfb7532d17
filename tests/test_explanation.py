import json
import re
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import texts as any_texts

from gzipknn import NCDClassifier
from gzipknn._kernel import native
from gzipknn.compressors import Gzip, Zlib, get_compressor
from gzipknn.compressors.inflate import read_tokens
from gzipknn.metrics import ncd
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.escapes import place_on_one_line, shorten

SETTINGS = [
    {"compressor": compressor, "order": order}
    for compressor in ("gzip", Zlib(level=1), "lz77")
    for order in ("query-first", "train-first", "symmetric")
]


@given(
    st.one_of(any_texts, st.binary(max_size=3000), st.text("abc ", max_size=3000).map(str.encode)), st.integers(4, 9)
)
def test_tokens_are_those_of_the_stream(data, level):
    assert Gzip(level).tokens(data) == read_tokens(zlib.compress(data, level, -15))


def test_tokens_of_many_blocks(docs):
    data = " ".join(docs.X_train).encode()[:400_000] + np.random.default_rng(0).bytes(70_000)
    tokens = Gzip().tokens(data)
    assert tokens == read_tokens(zlib.compress(data, 9, -15))
    assert sum(length for length, _, _ in tokens) == len(data)


@pytest.mark.skipif(native() is None, reason="needs the native kernel")
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((b"abc", 3, *np.zeros((3, 3), np.uint16)), ValueError),
        ((b"abc", 9, *np.zeros((3, 2), np.uint16)), ValueError),
        ((b"abc", 9, *np.zeros((3, 3), np.int32)), TypeError),
        (("abc", 9, *np.zeros((3, 3), np.uint16)), TypeError),
    ],
)
def test_native_tokens_refuse_other_arguments(arguments, error):
    with pytest.raises(error):
        native().tokens(*arguments)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_phrases_stand_in_both_texts(docs, setting):
    clf = NCDClassifier(3, **setting).fit(docs.X_train[:300], docs.y_train[:300])
    for query in docs.X_test[:5]:
        explanation = clf.explain(query)
        distances, indices = clf.kneighbors([query], 3)
        assert explanation.text == query
        assert explanation.label == clf.predict([query])[0]
        assert [one.index for one in explanation.neighbors] == indices[0].tolist()
        assert any(one.phrases for one in explanation.neighbors)
        for one, distance in zip(explanation.neighbors, distances[0], strict=True):
            assert (one.text, one.label) == (docs.X_train[one.index], docs.y_train[one.index])
            lengths = (np.array([[one.c_x]]), np.array([one.c_y]), np.array([[one.c_xy]]))
            assert one.distance == distance == ncd(*lengths)[0, 0]
            bits = [phrase.bits for phrase in one.phrases]
            assert bits == sorted(bits, reverse=True)
            for phrase in one.phrases:
                assert phrase.bits > 0
                assert (
                    phrase.text == one.text[phrase.start : phrase.stop] == query[phrase.query_start : phrase.query_stop]
                )


def test_bits_of_lz77_are_all_that_is_saved(docs):
    clf = NCDClassifier(1, compressor="lz77", separator="\0").fit(docs.X_train[:300], docs.y_train[:300])
    for query in docs.X_test[:10]:
        for one in clf.explain(query).neighbors:
            assert sum(phrase.bits for phrase in one.phrases) == pytest.approx(one.c_x + one.c_y - one.c_xy)


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_positions_are_in_characters(setting):
    clf = NCDClassifier(1, **setting).fit(["ééé 猫の手も借りたいほど忙しい", "x" * 40], [0, 1])
    (phrase, *_) = clf.explain("àà 猫の手も借りたいほど忙しい", 1).neighbors[0].phrases
    assert phrase.text.strip() == "猫の手も借りたいほど忙しい"


@given(st.lists(st.text("a 猫狆é😀😁😂\0\ud800", max_size=30), min_size=2, max_size=3), st.sampled_from(SETTINGS))
def test_phrases_are_of_whole_characters(texts, setting):
    query, *training = texts
    for one in NCDClassifier(1, **setting).fit(training, range(len(training))).explain(query, 1).neighbors:
        for p in one.phrases:
            assert p.text == one.text[p.start : p.stop] == query[p.query_start : p.query_stop] != ""


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_a_query_that_is_a_training_text(setting):
    words = np.random.default_rng(0).choice(["the cat ", "sat ", "on a ", "mat ", "today "], 200)
    text, compressor = "".join(words), get_compressor(setting["compressor"])
    texts = Corpus.from_texts([text.encode()])
    explanation = NCDClassifier(1, **setting).fit([text], [0]).explain(text, 1)
    found = {(p.start + i, p.query_start + i) for p in explanation.neighbors[0].phrases for i in range(len(p.text))}
    matches = compressor.matches(texts[0], compressor.index(texts, b" "), 0)
    expected = {(m.begin + i, m.at + i) for m in matches if m.bits > 0 for i in range(m.size)}
    if setting["order"] == "train-first":
        expected = {(at, begin) for begin, at in expected}
    assert found == expected


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_what_stands_in_the_separator_is_not_of_the_query(setting):
    clf = NCDClassifier(1, separator="=====SEPARATOR=====", **setting)
    text, query = "hello =====SEPARATOR===== world", "some words =====S"
    for one in clf.fit([text], [0]).explain(query, 1).neighbors:
        for p in one.phrases:
            assert p.text == text[p.start : p.stop] == query[p.query_start : p.query_stop] != ""


def test_bytes_that_are_no_text():
    data = bytes(range(128, 200)) * 2
    clf = NCDClassifier(1).fit([b"\xff" + data, b"\xfe" * 30], [0, 1])
    explanation = clf.explain(data, 1)
    phrase = explanation.neighbors[0].phrases[0]
    assert phrase.text == data[phrase.query_start : phrase.query_stop]
    (phrase,) = NCDClassifier(1).fit([b"\xff in ASCII"], [0]).explain(b"\xfe in ASCII", 1).neighbors[0].phrases
    assert phrase.text == b" in ASCII"
    assert r"\x80" in str(explanation)
    assert r"\x80" in explanation._repr_html_()


def test_shown_in_a_terminal_and_a_page(docs):
    clf = NCDClassifier(1).fit(["<b>the cat</b> sat on the mat", "stocks fell"], ["<pets>", "money"])
    explanation = clf.explain("a <b>the cat</b> sat", 1)
    assert "1. <pets>, distance" in str(explanation)
    assert "'<b>the cat</b> sat'" in str(explanation)
    page = explanation._repr_html_()
    assert "<b>&lt;pets&gt;</b>" in page
    assert "&lt;b&gt;the cat&lt;/b&gt; sat</mark> on the mat" in page
    assert json.loads(json.dumps(explanation.to_dict()))["neighbors"][0]["phrases"][0]["start"] == 0


def test_controls_are_shown_not_obeyed(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    text = "\x1b[2J\0\x9b \u202ereversed \ud800 \x85\x1c\r\n\tof one line, é 猫"
    explanation = NCDClassifier(1).fit([text], [text]).explain(text, 1)
    page, shown = explanation._repr_html_(), r"\x1b[2J\x00\x9b \u202ereversed \ud800 of one line, é 猫"
    lines = str(explanation).splitlines()
    assert lines[0] == shown
    exact = json.loads(re.search(r'"\\u001b.*?猫"', lines[1])[0])
    assert exact == text  # the label is shown exactly
    assert r"'[2J\x00\x9b \u202ereversed \ud800 of one line, é 猫' at 4, in the query at 4" in str(explanation)
    assert r"\u202ereversed \ud800" in page
    for printed in (page, str(explanation)):
        assert not set("\x1b\0\x9b\u202e\ud800") & set(printed)


def test_texts_that_share_nothing():
    explanation = NCDClassifier(1).fit(["abc", "xyz"], [0, 1]).explain("123", 1)
    assert "shares no phrase that is worth copying" in str(explanation)
    for shown in (str(explanation), explanation._repr_html_()):
        assert "The nearest training text shares no phrase with the text, so this label means little." in shown
        assert "near it" not in shown


def test_what_the_label_rests_on():
    X, y = (
        ["the cat sat on a mat", "the cat ate", "stocks fell again", "stocks rose"],
        ["pets", "pets", "money", "money"],
    )
    query = "the cat sat"

    def reason(k, **settings):
        explanation = NCDClassifier(k, **settings).fit(X, y).explain(query, 1)
        assert explanation.label == NCDClassifier(k, **settings).fit(X, y).predict([query])[0]
        shares = NCDClassifier(k, **settings).fit(X, y).predict_proba([query])[0]
        assert explanation.share == pytest.approx(shares[["money", "pets"].index(explanation.label)])
        return str(explanation).splitlines()[1]

    assert reason(1) == "The model predicts pets because the nearest training text is pets."
    assert reason(3) == "The model predicts pets because 2 of its 3 neighbours are pets."
    assert reason(4).startswith("The model predicts pets because 2 of its 4 neighbours are pets; another label has as")
    assert "2 of its 3 neighbours are pets, with 100% of the vote." in reason(3, weights="margin")
    # a large weight may win against more neighbours
    assert "1 of its 3 neighbours is money, with 100%" in reason(3, weights=lambda d: np.eye(3)[[2]])


@pytest.mark.parametrize("screen", [None, 2, 0.4, "auto"])
@pytest.mark.parametrize("n_neighbors", [1, 3, 9])
def test_one_search_explains_and_votes(docs, monkeypatch, screen, n_neighbors):
    clf = NCDClassifier(5, screen=screen).fit(docs.X_train[:300], docs.y_train[:300])
    for query in docs.X_test[:5]:
        # the explained neighbours are the first that voted, even if a screen keeps other candidates for fewer
        distances, indices = (found[:, :n_neighbors] for found in clf.kneighbors([query], max(5, n_neighbors)))
        explanation = clf.explain(query, n_neighbors)
        assert explanation.label == clf.predict([query])[0]
        assert [one.index for one in explanation.neighbors] == indices[0].tolist()
        assert [one.distance for one in explanation.neighbors] == distances[0].tolist()
        assert explanation.n_voting == 5
        agreeing = np.array(docs.y_train)[clf.kneighbors([query])[1][0]] == explanation.label
        assert explanation.n_agreeing == agreeing.sum()
    if screen is None:
        searches, search = [], clf._search
        monkeypatch.setattr(clf, "_search", lambda texts, k: searches.append(k) or search(texts, k))
        clf.explain(docs.X_test[0], n_neighbors)
        assert searches == [max(5, n_neighbors)]


def test_several_texts_are_explained_in_one_search(docs, monkeypatch):
    clf = NCDClassifier(5, compressor="lz77", tie_break="random", random_state=3).fit(
        docs.X_train[:300], docs.y_train[:300]
    )
    queries = [*docs.X_test[:10], ""]
    predicted, shares = clf.predict(queries), clf.predict_proba(queries)
    searches, search = [], clf._search
    monkeypatch.setattr(clf, "_search", lambda texts, k: searches.append(k) or search(texts, k))
    explanations = clf.explain_each(queries, 2)
    assert searches == [5]
    assert [one.label for one in explanations] == predicted.tolist()
    for one, row in zip(explanations, shares, strict=True):
        assert {votes.label: votes.share for votes in one.tally} == pytest.approx(
            {label: share for label, share in zip(clf.classes_.tolist(), row, strict=True) if share}
        )
        assert sum(votes.n for votes in one.tally) == one.n_voting == (300 if one.by_all else 5)
        assert [votes.n for votes in one.tally if votes.label == one.label] == [one.n_agreeing]
    assert [one.by_all for one in explanations] == [False] * 10 + [True]


def test_the_other_votes_are_told():
    X = [f"the cat sat {i}" for i in range(20)]
    y = ["a"] * 8 + ["b"] * 3 + ["c"] * 3 + ["d", "e", "f", "g", "h", "h"]
    explanation = NCDClassifier(20).fit(X, y).explain("the cat", 1)
    told = "Of the others, 3 are b, 3 are c, 2 are h, 1 is d, 1 is e and 2 are of 2 more classes."
    assert str(explanation).splitlines()[1:3] == [
        "The model predicts a because 8 of its 20 neighbours are a.",
        told,
    ]
    assert "Of the others, 3 are <b>b</b>, 3 are" in explanation._repr_html_()
    weighted = (
        NCDClassifier(3, weights=lambda d: np.array([[3.0, 1, 1]])).fit(X, [*"abb", *y[3:]]).explain("the cat sat 0", 1)
    )
    assert str(weighted).splitlines()[2] == "Of the others, 2 are b (40%)."
    tally = json.loads(json.dumps(weighted.to_dict()))["tally"]
    assert tally[1] == {"label": "b", "n": 2, "share": pytest.approx(0.4)}


@given(
    st.text("ab \t\n\x1b\x85é猫\u202e\ud800", min_size=1, max_size=40) | st.binary(min_size=1, max_size=40),
    st.data(),
)
def test_places_are_those_of_what_is_shown(text, data):
    position = data.draw(st.integers(0, len(text) - 1))
    letter = text[position : position + 1]
    shown = shorten(text, 1000)
    place = place_on_one_line(text, position)
    if letter.isspace():
        assert place in (0, len(shown)) or shown[place] == " "
    else:
        assert shown[place:].startswith(shorten(letter, 20))


def test_offsets_are_those_of_the_printed_texts(monkeypatch):
    monkeypatch.setenv("COLUMNS", "1000")
    text, query = "\x1b[31m\n\n  in the\tfirst place it is long enough", "\0\0 well,\r\nin the first place it is so"
    shown = str(NCDClassifier(1, compressor="lz77").fit([text, "x" * 50], ["a", "b"]).explain(query, 1)).splitlines()
    found = [re.fullmatch(r" +[\d.]+ bits  '(.*)' at (\d+), in the query at (\d+)", line) for line in shown[5:]]
    assert any("first place it is" in one[1] for one in found)
    for phrase, place, in_query in (one.groups() for one in found):
        assert shown[4].strip()[int(place) :].startswith(phrase)
        assert shown[0][int(in_query) :].startswith(phrase)


def test_the_smallest_of_many_phrases_are_counted():
    words = [
        "".join(chr(97 + int(letter)) for letter in np.random.default_rng(i).integers(0, 26, 12)) for i in range(60)
    ]
    explanation = (
        NCDClassifier(1, compressor="lz77").fit([" ".join(words), "0" * 50], [0, 1]).explain(" ".join(words[::-1]), 1)
    )
    lines = str(explanation).splitlines()
    phrases = explanation.neighbors[0].phrases
    assert len([line for line in lines if " bits " in line]) == 21
    rest = sum(phrase.bits for phrase in phrases[20:])
    assert lines[-1].strip() == f"{rest:.1f} bits  in {len(phrases) - 20} more phrases"


def test_what_cannot_be_explained(docs):
    X, y = docs.X_train[:10], docs.y_train[:10]
    with pytest.raises(TypeError, match=r"needs a compressor that reports what it copied .*, got Bz2"):
        NCDClassifier(1, compressor="bz2").fit(X, y).explain("a")
    with pytest.raises(TypeError, match=r"text must be a single text .*got list \(\['a'\]\)"):
        NCDClassifier(1).fit(X, y).explain(["a"])
