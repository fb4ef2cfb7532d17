import json
import random
import re
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest

from gzipknn import NCDClassifier
from gzipknn.__main__ import main
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.command.report import make_report
from gzipknn.command.report_results import Part, Results

EMPTY = {"meta", "link", "path"}
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "]]>",
    "<!--",
    "-->",
    "</style><style>*{display:none}</style>",
    "</title></div></main></body></html>",
    "<svg/onload=alert(1)>",
    "\0\1\x1b[2J\x0b\x85\x1c\ufdd0\ufffe\U0001ffff",
    "\u202eturned\u2066\u200f\u061c around",
    "x" * 700,
    "{{ 7 * 7 }}{% for a in b %}{# c #}",
    "&lt;b&gt;&amp;&#60;",
    "javascript:alert(1)",
    "http://example.org/a.js",
    "שלום עולם",
    "😀日本語",
    "\ud800",
    " ",
]
NOT_IN_HTML = re.compile(
    "[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U0001fffe\U0001ffff\u202a-\u202e]"
)


class Page(HTMLParser):
    """The tags of a page with their attributes, and the text of the page. Fails if a tag is not closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.texts = Counter(), [], []
        self.attributes = set()
        self.feed(page)
        self.close()
        assert self.open == []
        self.text = "".join(self.texts)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes |= {(tag, name, value) for name, value in attributes}
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes |= {(tag, name, value) for name, value in attributes}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)


def results_of(X, y, X_test, y_test, model=None, **settings):
    clf = (model or NCDClassifier(3, compressor="lz77")).fit(X, y)
    predicted, shares = clf.predict(X_test).tolist(), clf.predict_proba(X_test)
    confidence = shares.max(axis=1)
    part = Part(clf, range(len(X_test)), X, y, range(1, len(X) + 1))
    return Results("a test", X_test, range(1, len(X_test) + 1), y_test, predicted, confidence, [part], **settings)


@pytest.fixture(scope="module")
def harmless(docs):
    """The content of a page of harmless texts, which has only the tags and attributes of the template."""
    X, y, X_test, y_test = docs.X_train[:300], docs.y_train[:300], docs.X_test[:50], docs.y_test[:50]
    found = results_of([*X, X[0], X[1]], [*y, y[0], "another"], X_test, y_test, settings={"k": 3})
    few = results_of(["a b c d e", "f g h i j", "k l m n"], ["a", "b", "a"], ["a b c d e"], ["a"])
    return [Page(make_report(one)) for one in (found, few)]


def test_nothing_of_hostile_texts_is_markup(harmless):
    draw = random.Random(0)

    def texts(n):
        return ["".join(draw.choices(HOSTILE, k=draw.randint(1, 6))) for _ in range(n)]

    labels = [f"{hostile}{i}" for i, hostile in enumerate(HOSTILE)]
    X, X_test = texts(200), texts(400)
    y, y_test = draw.choices(labels, k=200), draw.choices(labels, k=400)
    for n in (10, len(labels)):  # with and without a confusion matrix
        y, y_test = ([labels[labels.index(label) % n] for label in some] for some in (y, y_test))
        found = results_of(X, y, X_test, y_test, settings={hostile: hostile for hostile in HOSTILE})
        page = make_report(Results(**{**vars(found), "title": " ".join(HOSTILE)}))
        assert not NOT_IN_HTML.search(page)
        parsed = Page(page)
        assert set(parsed.tags) <= set(harmless[0].tags) | set(harmless[1].tags)
        for tag in ("script", "img", "iframe", "object", "a", "form"):
            assert tag not in parsed.tags
        assert [parsed.tags[tag] for tag in ("html", "head", "body", "main", "style", "svg")] == [1] * 6
        names = {(tag, name) for one in harmless for tag, name, _ in one.attributes}
        assert {(tag, name) for tag, name, _ in parsed.attributes} <= names
        # shown without change
        for hostile in ("<script>alert(1)</script>", "&lt;b&gt;&amp;&#60;", "{{ 7 * 7 }}{% for a in b %}{# c #}"):
            assert hostile in parsed.text
        assert r"\x00\x01\x1b[2J\x0b\x85\x1c\ufdd0\ufffe\U0001ffff" in parsed.text


def test_a_page_asks_the_network_for_nothing(harmless):
    for page in harmless:
        places = {(name, value) for _, name, value in page.attributes if name in ("src", "href", "srcset", "action")}
        assert places == {("href", "data:,")}
        assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes


def test_style_asks_the_network_for_nothing(docs):
    page = make_report(results_of(["a b c", "d e f"] * 2, ["a", "b"] * 2, ["a b"], ["a"]))
    assert "url(" not in page
    assert "@import" not in page
    assert page.startswith('<!doctype html>\n<html lang="en">')
    assert page.count("<style>") == 1


def test_figures(docs):
    X, y, X_test, y_test = docs.X_train[:300], docs.y_train[:300], docs.X_test[:100], docs.y_test[:100]
    found = results_of(X, y, X_test, y_test)
    page = Page(make_report(found))
    right = np.array(found.predicted) == y_test
    assert found.right.tolist() == right.tolist()
    assert f"{right.sum()} of 100 texts are labelled right." in page.text
    assert "tf-idf and a linear SVM" in page.text
    assert "always the most frequent class" in page.text
    wrong = np.flatnonzero(~right)
    first = wrong[np.argsort(-found.confidence[wrong], kind="stable")[0]]
    begin = page.text.index("The most confident mistakes")
    heading = f"Row {first + 1}: {y_test[first]} taken for {found.predicted[first]}"
    assert heading in page.text[begin : page.text.index("The model predicts", begin)]
    distances = found.parts[0].classifier.kneighbors(X_test, 1)[0][:, 0]
    assert f"distance {distances.max():.3f}" in page.text[page.text.index("Texts that are unlike all training texts") :]
    assert page.tags["mark"] > 20


def test_the_confusion_matrix_and_what_stands_for_it():
    words = [f"word{i} word{i} of class {i}" for i in range(60)]
    y = [f"class {i % 3}" for i in range(60)]
    page = make_report(results_of(words, y, words, ["class 1"] * 60, NCDClassifier(1)))
    assert 'aria-label="Confusion matrix"' in page
    rows = re.findall(r'<tr><th scope="row">\d .*?</tr>', page)
    assert [re.findall(r">(\d+)</td>", row) for row in rows] == [["20", "20", "20"], ["0", "0", "0"], ["0", "0", "0"]]
    y = [f"class {i:02}" for i in range(60)]
    page = make_report(results_of(words, y, words, [*y[1:], y[0]], NCDClassifier(1)))
    assert 'aria-label="Largest confusions"' in page
    assert 'aria-label="Confusion matrix"' not in page
    assert "40 more classes, with fewer texts" in page
    page = make_report(results_of(words, y, words, y, NCDClassifier(1)))
    assert "Nothing: all texts are labelled right." in page
    assert "There are no mistakes." in page


def test_copies_and_conflicts():
    X = ["one text  here", "another text there", "one text here", "a third of the texts"]
    found = results_of(
        X, ["a", "b", "b", "a"], ["a third\nof the texts", "something else"], ["b", "b"], NCDClassifier(1)
    )
    text = Page(make_report(found)).text
    assert (
        "4 texts are copies of each other, except for white space. They are in 2 groups. In 2 of these, the labels"
        in text
    )
    assert "1 of the 2 texts tested is a training text, too; without these, 0.0\xa0% are labelled right" in text
    places = re.findall(r"(training row|test row) (\d): (\w)", text)
    assert sorted(places) == [
        ("test row", "1", "b"),
        ("training row", "1", "a"),
        ("training row", "3", "b"),
        ("training row", "4", "a"),
    ]


def test_parts_of_one_file(docs):
    X, y = [*docs.X_train[:60], *docs.X_train[:2]], [*docs.y_train[:60], "another", docs.y_train[1]]
    parts, predicted, confidence = [], np.empty(62, dtype=object), np.empty(62)
    for part in range(3):
        own = np.arange(part, 62, 3)
        rest = np.setdiff1d(np.arange(62), own)
        clf = NCDClassifier(3).fit([X[i] for i in rest], [y[i] for i in rest])
        predicted[own] = clf.predict([X[i] for i in own])
        confidence[own] = clf.predict_proba([X[i] for i in own]).max(axis=1)
        parts.append(Part(clf, own.tolist(), [X[i] for i in rest], [y[i] for i in rest], (rest + 1).tolist()))
    found = Results("parts", X, range(1, 63), y, predicted.tolist(), confidence, parts, is_one_file=True)
    text = Page(make_report(found)).text
    assert "62 texts, 42 training texts in each of 3 parts" in text
    assert (
        "4 texts are copies of each other, except for white space. They are in 2 groups. In 1 of these, the labels"
        in text
    )
    # rows 1 and 61 are in the same part, and so are rows 2 and 62
    assert "0 of the 62 texts tested are training texts, too." in text
    for row, label in re.findall(r"(\w+) row (\d+), distance", text):
        assert y[int(label) - 1] == row


@pytest.mark.parametrize(
    ("clf", "marks"),
    [
        (NCDClassifier(2, compressor="bz2"), False),
        (NCDClassifier(2), True),
        (ClassCompressorClassifier("kneser-ney"), False),
    ],
    ids=["no phrases", "phrases", "no neighbours"],
)
def test_models_that_tell_less(docs, clf, marks):
    found = results_of(docs.X_train[:60], docs.y_train[:60], [*docs.X_test[:10], ""], [*docs.y_test[:10], "http"], clf)
    page = Page(make_report(found))
    assert bool(page.tags["mark"]) == marks
    assert (
        ("The nearest training texts" in page.text)
        == ("Texts that are unlike" in page.text)
        == hasattr(clf, "kneighbors")
    )


def test_what_a_model_was_trained_on_need_not_be_known(docs):
    found = results_of(docs.X_train[:60], docs.y_train[:60], docs.X_test[:10], docs.y_test[:10])
    page = Page(
        make_report(
            Results(**{**vars(found), "parts": [Part(found.parts[0].classifier, range(10), rows_train=range(1, 61))]})
        )
    )
    assert "tf-idf" not in page.text
    assert "10 texts, 1" in page.text
    assert "The nearest training texts" in page.text


@pytest.mark.parametrize(
    "X", [["12 34", "56 78"], [b"\xff\xfe\0 binary", b"\x80\x81"], ["猫", "犬"]], ids=["a class", "bytes", "letters"]
)
def test_a_baseline_that_fails_is_said(X):
    page = Page(make_report(results_of(X, ["a", "a"], X, ["a", "b"], NCDClassifier(1))))
    assert "needs two classes and words" in page.text
    assert "always the most frequent class" in page.text


def test_the_command_writes_a_report(tmp_path, capsys, docs):
    for name, n, m in (("train", 0, 100), ("test", 100, 130)):
        rows = [
            {"text": text, "label": label} for text, label in zip(docs.X_train[n:m], docs.y_train[n:m], strict=True)
        ]
        rows.insert(1, {"text": "", "label": "http"})
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    files = [str(tmp_path / f"{name}.jsonl") for name in ("train", "test")]
    path = tmp_path / "report.html"
    assert main(["evaluate", *files, "-k", "3", "--report", str(path)]) == 0
    page = Page(path.read_text(encoding="utf-8"))
    accuracy = re.search(r"accuracy (0\.\d+) on 31 texts", capsys.readouterr().out)[1]
    assert f"{float(accuracy):.0%}".rstrip("%") in page.text
    assert "test.jsonl, labelled by a model of train.jsonl" in page.text
    begin = page.text.index("The most confident mistakes")
    for label, row in re.findall(r"(\w+) row (\d+), distance", page.text[begin:]):
        assert docs.y_train[int(row) - 1 - (int(row) > 2)] == label


@pytest.mark.parametrize("path", ["nowhere/report.html", "folder.html"])
def test_a_report_that_cannot_be_written_is_known_at_once(tmp_path, monkeypatch, path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(SystemExit) as exit_:
        main(["evaluate", "train.csv", "test.csv", "--report", path])
    assert exit_.value.code == 2
    assert "can't write a report to" in capsys.readouterr().err


def test_a_report_does_not_take_the_place_of_texts(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.csv").write_text("text,label\nthe cat sat,pets\n")
    with pytest.raises(SystemExit) as exit_:
        main(["evaluate", "--report", "train.csv", "test.csv"])  # the name of the report is missing
    assert exit_.value.code == 2
    assert (
        "--report: must name a file that ends in .html, such as report.html, got 'train.csv'" in capsys.readouterr().err
    )
    assert (tmp_path / "train.csv").read_text() == "text,label\nthe cat sat,pets\n"
