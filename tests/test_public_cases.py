"""Faults that users of such software reported in public. Each test is named after what the users saw."""

import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import zlib
from enum import Enum

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from conftest import ROOT, run
from scipy.spatial.distance import squareform

from gzipknn import NCDClassifier, compressed_lengths, pairwise_ncd
from gzipknn.__main__ import main
from gzipknn.compressors import LZ77
from gzipknn.datasets import load_texts

X = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose", "stocks and bonds"]
Y = ["pets", "pets", "money", "money", "money"]
PETS_AND_MONEY = (
    '{"text": "the cat sat on the mat", "label": "pets"}\n{"text": "stocks fell again", "label": "money"}\n'
)


def file(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def gzipknn(*arguments, stdin=b"", before="", **environment):
    """Run the command with real streams. The shell runs `before` first."""
    command = [sys.executable, "-m", "gzipknn", *map(str, arguments), "-k", "1"]
    if before:
        command = ["bash", "-c", f'exec "$@" {before}', "-", *command]
    return subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **environment})


def test_a_tsv_with_stray_quotes_lost_rows(tmp_path):
    tsv = 'text\tlabel\n"he said go\ta\nfine\tb\nshe "no"\tc\nend"\td\n'
    assert load_texts(file(tmp_path, "a.tsv", tsv)) == (['"he said go', "fine", 'she "no"', 'end"'], list("abcd"))
    with pytest.raises(ValueError, match=r"a\.csv .* line 2 of the file, a quoted cell is followed by more text"):
        load_texts(file(tmp_path, "a.csv", tsv.replace("\t", ",")))
    with pytest.raises(ValueError, match=r"b\.csv has a quoted cell in row 1 .* swallowed other rows"):
        load_texts(file(tmp_path, "b.csv", 'text,label\n"he said go,a\nfine,b\nthe end",b\nbad,a\n'))


def test_a_column_nobody_asked_for_made_the_file_unreadable(tmp_path):
    rows = [{"id": i, "text": "a", "label": 1} for i in range(50_000)] + [{"id": {"x": 1}, "text": "b", "label": 2}]
    path = file(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert load_texts(path) == (["a"] * 50_000 + ["b"], [1] * 50_000 + [2])
    rows[-1]["label"] = "spam"
    for some in (rows[-2:], rows):  # the same rules hold for small and large files
        path = file(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in some))
        with pytest.raises(ValueError, match=rf"int \(1\) in row 1 .*str \('spam'\) in row {len(some)} "):
            load_texts(path)


def test_labels_that_look_like_dates_became_datetimes(tmp_path):
    assert load_texts(file(tmp_path, "a.jsonl", '{"text": "x", "label": "2020-01-01"}')) == (["x"], ["2020-01-01"])


def test_a_cut_off_emoji_could_not_be_read(tmp_path):
    assert load_texts(file(tmp_path, "a.jsonl", r'{"text": "\ud83d", "label": "x"}')) == (["\ud83d"], ["x"])
    deep = '{"text": "a", "label": "x", "tree": ' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(ValueError, match=r"b\.jsonl is not valid JSON in row 1 .*nested too deeply"):
        load_texts(file(tmp_path, "b.jsonl", deep))


def test_a_spreadsheet_with_semicolons_gave_no_hint(tmp_path):
    path = file(tmp_path, "a.csv", "titel;text;klasse\nTon;weg;007\n")
    with pytest.raises(ValueError, match=r"has no column 'text'.*first line holds ';'.*--sep ';'"):
        load_texts(path)
    assert load_texts(path, text=["titel", "text"], label="klasse", sep=";") == (["Ton weg"], ["007"])
    assert load_texts(path, text="2", label="3", sep=";", header=False) == (["text", "weg"], ["klasse", "007"])


def test_a_path_with_a_dollar_sign_read_another_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A", "b")
    file(tmp_path, "b.csv", "text,label\nwrong,x\n")
    with pytest.raises(FileNotFoundError, match=r"no file or folder '\$A\.csv'"):
        load_texts("$A.csv")
    for name in ("$A.csv", "a::b.csv", "file:b.csv"):
        assert load_texts(file(tmp_path, name, "text,label\nright,x\n")) == (["right"], ["x"])


@pytest.mark.filterwarnings("ignore:X holds 1 empty text")
def test_blank_texts_were_the_neighbours_of_short_queries(tmp_path, capsys):
    train = file(tmp_path, "train.csv", "text,label\n a ,a\n,b\nfine day,a\n \t,b\nfine,a\n")
    queries = file(tmp_path, "queries.jsonl", '{"text": "o"}\n{"text": null}\n{"text": ""}\n')
    assert main(["predict", str(train), str(queries), "-k", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "a\na\na\n"
    assert "train.csv: 2 of 5 texts are blank, the first in row 2: left out of training" in shown.err
    assert "queries.jsonl: 2 of 3 texts are blank" in shown.err
    assert NCDClassifier(1, compressor="lz77", metric="nmi").fit(X, Y).predict_proba([""]).tolist() == [[0.6, 0.4]]


def test_redirected_output_was_neither_json_nor_html(tmp_path):
    train = file(tmp_path, "train.jsonl", PETS_AND_MONEY.replace("pets", "猫"))
    text = "a cat sat on \U0001f600"
    texts = file(tmp_path, "texts.jsonl", json.dumps({"text": text}))
    windows = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}  # this is how Python opens a redirected stdout there
    predicted = gzipknn("predict", train, texts, "--json", **windows).stdout.decode()
    assert json.loads(predicted) == {"text": text, "label": "猫"}
    page = gzipknn("explain", train, text, "--html", "--neighbors", "1", **windows).stdout.decode()
    assert '<meta charset="utf-8">' in page
    assert "\U0001f600" in page


def test_labels_were_printed_raw_and_a_closed_stderr_took_the_result(tmp_path):
    train = file(tmp_path, "train.jsonl", PETS_AND_MONEY.replace("pets", r"pets\nand \u001b[31mmore"))
    texts, expected = b"a cat sat on a mat\nstocks fell\n", b'"pets\\nand \\u001b[31mmore"\nmoney\n'
    assert gzipknn("predict", train, "-", stdin=texts).stdout == expected
    closed = gzipknn("predict", train, "-", stdin=texts, before="2>&-")
    assert (closed.returncode, closed.stdout) == (0, expected)
    failed = gzipknn("predict", tmp_path / "none.csv", "-", before="2>&-")
    assert (failed.returncode, failed.stdout) == (1, b"")


def test_a_table_on_stdin_was_labelled_header_and_all(tmp_path):
    train = file(tmp_path, "train.jsonl", PETS_AND_MONEY)
    done = gzipknn("predict", train, "-", "--json", stdin="\ufeffa cat sat\r\nstocks fell\r\n".encode())
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["a cat sat", "stocks fell"]
    assert done.stderr == b""
    table = gzipknn("predict", train, "-", stdin=b"\xef\xbb\xbfid,text\r\n1,a cat sat\r\n")
    assert b"the first line of stdin reads like the header of a table ('id,text')" in table.stderr


def test_labels_stay_what_they_were_in_every_container():
    class Topic(str, Enum):  # noqa: UP042  # as people write it
        PETS = "pets"
        MONEY = "money"

    clf = NCDClassifier(1).fit(X, [Topic(label) for label in Y])
    assert clf.classes_.tolist() == ["money", "pets"]  # and not one class for both
    assert clf.predict(X).tolist() == Y
    assert NCDClassifier(1).fit(X, np.array(Y, dtype=np.dtypes.StringDType())).predict(X).tolist() == Y
    assert NCDClassifier(1).fit(pa.array(X), pa.array(Y)).predict(pa.chunked_array([X])).tolist() == Y
    assert NCDClassifier(1).fit(X, pd.Series([1, 1, 0, 0, 0], dtype="Int64")).classes_.dtype == np.int64
    # a longer word from another container is added whole
    clf.partial_fit(["rain and sun"], pd.Series(["weather"]))
    assert clf.predict(["rain and sun", X[0]]).tolist() == ["weather", "pets"]


def test_gzip_took_a_copy_of_a_long_text_for_another():
    programs = [np.random.default_rng(seed).bytes(50_000) for seed in range(5)]
    with pytest.warns(RuntimeWarning, match=r"5 of 5 training texts are longer than the 32,506 bytes .*lz77"):
        NCDClassifier(1).fit(programs, range(5))
    with pytest.warns(RuntimeWarning, match="5 of 5 texts are longer"):
        assert pairwise_ncd(programs).diagonal().min() > 0.99
    assert NCDClassifier(1, compressor="lz77").fit(programs, range(5)).predict(programs).tolist() == [0, 1, 2, 3, 4]


def test_explain_does_not_call_near_what_shares_nothing():
    words = ["leave", "yes", "no", "stop"]
    explanation = NCDClassifier(1).fit(words, words).explain("12345", 1)
    for shown in (str(explanation), explanation._repr_html_()):
        assert "near it" not in shown
        assert "The nearest training text shares no phrase with the text, so this label means little." in shown
    own = NCDClassifier(1, compressor=LZ77(background=0)).fit(words, words)
    assert own.predict(words).tolist() == words


def test_weights_are_checked_against_the_model_that_was_fitted():
    clf = NCDClassifier(2, normalize="local").fit(X, Y).set_params(normalize=None, weights="distance")
    assert (clf.kneighbors(X)[0] < 0).any()
    for method in (clf.predict, clf.predict_proba, clf.explain):
        with pytest.raises(ValueError, match=r"weights='distance' needs distances above 0, .*normalize='local'"):
            method(X[0] if method == clf.explain else X)


def test_a_symmetric_matrix_is_symmetric_and_squareform_takes_it(docs):
    texts = docs.X_train[:50]
    symmetric = pairwise_ncd(texts, order="symmetric", compressor="lz77")
    assert (symmetric == symmetric.T).all()
    for compressor in ("gzip", "lz77"):
        matrix = pairwise_ncd(texts, compressor=compressor, matrix="distance")
        assert squareform(matrix).shape == (50 * 49 // 2,)


@pytest.mark.filterwarnings("ignore:memory is not used")
def test_two_functions_that_wrap_one_were_taken_for_each_other(tmp_path):
    for count in (lambda data: len(set(data)), lambda data: len(data.split())):
        function = functools.wraps(zlib.compress)(lambda data, count=count: count(data))
        settings = ({"compressor": function, "memory": memory} for memory in (tmp_path, None))
        found, expected = (NCDClassifier(2, **some).fit(X, Y).kneighbors(["a cat"]) for some in settings)
        assert np.array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:memory is not used")
def test_a_compressor_that_changed_after_fit_left_wrong_results_behind(tmp_path):
    weights = {"a": 0}

    def search(memory, change=0):
        weights["a"] = 0
        function = lambda data: len(set(data)) + weights["a"] * data.count(b"a")  # noqa: E731
        clf = NCDClassifier(2, compressor=function, normalize="local", memory=memory).fit(X, Y)
        weights["a"] = change
        return clf.kneighbors(["a cat"])

    search(tmp_path, change=5)
    assert np.array_equal(search(tmp_path), search(None))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer that sends signals")
def test_fit_on_one_long_text_hears_signals_all_the_time():
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        letters = np.random.default_rng(0).choice(np.frombuffer(b"ab", dtype=np.uint8), 4_000_000).tobytes()
        NCDClassifier(1).fit([letters, b"ab"], [0, 1])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len(heard) > 20  # before, Python was asked only once after each native call


def test_the_kernel_took_odd_addresses_and_overheads():
    native = pytest.importorskip("gzipknn._kernel._native")
    odd = np.frombuffer(bytes(17), dtype=np.uint8)[1:].view(np.int64)  # two empty texts at an odd address
    with pytest.raises(ValueError, match="offsets must be aligned to 8 bytes"):
        native.Index(np.zeros(1, dtype=np.uint8), odd, b" ", 9)
    index, lengths = native.Index(np.zeros(1, dtype=np.uint8), np.array([0, 1]), b" ", 9), np.array([3])
    with pytest.raises(ValueError, match="overhead must be 0 to"):
        index.nearest(b"q", 3, lengths, 1, 0, 2**63 - 1, np.empty(1), np.empty(1, dtype=np.int64))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_a_child_forked_while_a_thread_makes_tables_can_predict():
    script = """
import os, pickle, signal, sys, threading, time, numpy as np
from gzipknn import NCDClassifier
letters = np.random.default_rng(0).choice(np.frombuffer(b"ab", dtype=np.uint8), 4_000_000).tobytes()
clf = pickle.loads(pickle.dumps(NCDClassifier(1).fit([letters, b"ab"], [0, 1])))  # tables are not pickled
thread = threading.Thread(target=clf.predict, args=[["ab"]])
thread.start()
time.sleep(0.2)
child = os.fork()
if child == 0:
    signal.alarm(100)
    os._exit(int(clf.predict(["ab"])[0]) - 1)
thread.join()
sys.exit(os.waitpid(child, 0)[1])
"""
    result = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_huffman_distances_do_not_depend_on_the_other_texts(docs):
    texts, queries = docs.X_train[:60], docs.X_test[:20]
    together = pairwise_ncd(queries, texts, compressor="huffman")
    alone = [pairwise_ncd(queries, [text], compressor="huffman")[:, 0] for text in texts]
    assert (together == np.stack(alone, axis=1)).all()


def test_huge_texts_are_refused_and_huge_sets_cut(monkeypatch):
    with pytest.raises(
        ValueError, match=r"position 1 of X has 1,073,741,825 bytes; .* at most 1,000,000,000 bytes; cut"
    ):
        compressed_lengths([b"a", bytes(2**30 + 1)])
    texts = [f"text number {i}" * i for i in range(20)]
    whole = NCDClassifier(5, compressor="lz77").fit(texts, range(20)).kneighbors(texts)
    monkeypatch.setattr("gzipknn.search.training_texts.BYTES_PER_PART", 400)
    clf = NCDClassifier(5, compressor="lz77").fit(texts, range(20))
    assert len(clf.training_.parts) > 3
    assert np.array_equal(whole, clf.kneighbors(texts))


def test_a_trial_run_leaves_the_results_of_whole_sets_alone(folder, tmp_path):
    committed = tmp_path / "results of whole sets"
    shutil.copytree(ROOT / "experiments" / "results", committed)
    (tmp_path / "data").mkdir()
    shutil.copytree(folder, tmp_path / "data" / "trec6")
    before = {path: path.read_bytes() for path in committed.iterdir()}
    trial = ("--data", tmp_path / "data", "--datasets", "trec6", "--methods", "majority", "--limit-train", 500)
    done = run("tables.py", *trial, "--out", committed)
    assert done.returncode == 1
    assert {path: path.read_bytes() for path in committed.iterdir()} == before
    assert "--limit-train 500" in done.stderr
    done = run("tables.py", "--data", tmp_path / "data", "--datasets", "nothing", "--out", tmp_path / "results")
    assert done.returncode == 1  # because all texts were skipped
