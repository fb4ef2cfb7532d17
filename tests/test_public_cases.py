"""What users of such software reported in public: one test a case, named after what they saw."""

import json

import pytest

from gzipknn.__main__ import main
from gzipknn.datasets import load_texts


def file(folder, name, content):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


# issue 16, item 1
def test_a_tsv_with_stray_quotes_lost_rows(tmp_path):
    tsv = 'text\tlabel\n"he said go\ta\nfine\tb\nshe "no"\tc\nend"\td\n'
    assert load_texts(file(tmp_path, "a.tsv", tsv)) == (['"he said go', "fine", 'she "no"', 'end"'], list("abcd"))
    with pytest.raises(ValueError, match=r"a\.csv .* line 2 of the file, a quoted cell is followed by more text"):
        load_texts(file(tmp_path, "a.csv", tsv.replace("\t", ",")))
    with pytest.raises(ValueError, match=r"b\.csv has a quoted cell in row 1 .* swallowed other rows"):
        load_texts(file(tmp_path, "b.csv", 'text,label\n"he said go,a\nfine,b\nthe end",b\nbad,a\n'))


# issue 16, item 2
def test_a_column_nobody_asked_for_made_the_file_unreadable(tmp_path):
    rows = [{"id": i, "text": "a", "label": 1} for i in range(50_000)] + [{"id": {"x": 1}, "text": "b", "label": 2}]
    path = file(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    assert load_texts(path) == (["a"] * 50_000 + ["b"], [1] * 50_000 + [2])
    rows[-1]["label"] = "spam"
    for some in (rows[-2:], rows):  # a small file is read by the same rules as a large one
        path = file(tmp_path, "a.jsonl", "".join(json.dumps(row) + "\n" for row in some))
        with pytest.raises(ValueError, match=rf"int \(1\) in row 1 .*str \('spam'\) in row {len(some)} "):
            load_texts(path)


# issue 16, item 3
def test_labels_that_look_like_dates_became_datetimes(tmp_path):
    assert load_texts(file(tmp_path, "a.jsonl", '{"text": "x", "label": "2020-01-01"}')) == (["x"], ["2020-01-01"])


# issue 16, item 4
def test_a_cut_off_emoji_could_not_be_read(tmp_path):
    assert load_texts(file(tmp_path, "a.jsonl", r'{"text": "\ud83d", "label": "x"}')) == (["\ud83d"], ["x"])
    deep = '{"text": "a", "label": "x", "tree": ' + "[" * 100_000 + "]" * 100_000 + "}"
    with pytest.raises(ValueError, match=r"b\.jsonl is not valid JSON in row 1 .*nested too deeply"):
        load_texts(file(tmp_path, "b.jsonl", deep))


# issue 16, item 5
def test_a_spreadsheet_with_semicolons_gave_no_hint(tmp_path):
    path = file(tmp_path, "a.csv", "titel;text;klasse\nTon;weg;007\n")
    with pytest.raises(ValueError, match=r"has no column 'text'.*first line holds ';'.*--sep ';'"):
        load_texts(path)
    assert load_texts(path, text=["titel", "text"], label="klasse", sep=";") == (["Ton weg"], ["007"])
    assert load_texts(path, text="2", label="3", sep=";", header=False) == (["text", "weg"], ["klasse", "007"])


# issue 16, item 6
def test_a_path_with_a_dollar_sign_read_another_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("A", "b")
    file(tmp_path, "b.csv", "text,label\nwrong,x\n")
    with pytest.raises(FileNotFoundError, match=r"no file or folder '\$A\.csv'"):
        load_texts("$A.csv")
    for name in ("$A.csv", "a::b.csv", "file:b.csv"):
        assert load_texts(file(tmp_path, name, "text,label\nright,x\n")) == (["right"], ["x"])


# issue 16, item 7
def test_blank_texts_were_the_neighbours_of_short_queries(tmp_path, capsys):
    train = file(tmp_path, "train.csv", "text,label\n a ,a\n,b\nfine day,a\n \t,b\nfine,a\n")
    queries = file(tmp_path, "queries.jsonl", '{"text": "o"}\n{"text": null}\n{"text": ""}\n')
    assert main(["predict", str(train), str(queries), "-k", "1"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "a\na\na\n"
    assert "train.csv: 2 of 5 texts are blank" in shown.err
    assert "queries.jsonl: 2 of 3 texts are blank" in shown.err
