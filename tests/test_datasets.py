import gzip
import json
import os
from collections import Counter

import pandas as pd
import pytest

from gzipknn.datasets import load_stdlib_docs, load_texts
from gzipknn.datasets.stdlib_docs import N_TEST, STDLIB_MODULES

TEXTS = ["a text", "naïve, with a comma", "NA", ""]
LABELS = ["x", "y", "x", "y"]
PACKED = gzip.compress(b"text,label\na,x\n", mtime=0)


def test_stdlib_docs(docs):
    assert docs.target_names == sorted(STDLIB_MODULES)
    assert len(docs.target_names) == 20
    assert set(docs.y_train) == set(docs.y_test) == set(docs.target_names)
    assert 2000 < len(docs.X_train) < 4000
    assert len(docs.X_test) == N_TEST == 200
    everywhere, held_out = Counter(docs.y_train + docs.y_test), Counter(docs.y_test)
    for module, n in everywhere.items():
        assert abs(held_out[module] - 200 * n / everywhere.total()) < 1
    everything = docs.X_train + docs.X_test
    assert len(set(everything)) == len(everything)
    assert load_stdlib_docs() == docs


def test_stdlib_without_sources(monkeypatch):
    monkeypatch.setattr("gzipknn.datasets.stdlib_docs.STDLIB_MODULES", ("sys",))
    with pytest.raises(FileNotFoundError, match=r"'sys' is missing .*load_texts\(PATH\)"):
        load_stdlib_docs()


def write(path, frame):
    if ".csv" in path.suffixes:
        frame.to_csv(path, index=False)
    elif ".tsv" in path.suffixes:
        frame.to_csv(path, index=False, sep="\t")
    elif ".parquet" in path.suffixes:
        frame.to_parquet(path)
    else:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in frame.to_dict("records"))
    return path


@pytest.mark.filterwarnings("ignore:.* blank:UserWarning")
@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "json", "csv", "csv.gz", "tsv", "parquet"])
def test_files(tmp_path, ending):
    path = write(tmp_path / f"part.{ending}", pd.DataFrame({"body": TEXTS, "topic": LABELS}))
    assert load_texts(path, text="body", label="topic") == (TEXTS, LABELS)
    assert load_texts(str(path), text="body", label=None) == (TEXTS, [])


def test_folder_of_splits(tmp_path):
    write(tmp_path / "train.jsonl.gz", pd.DataFrame({"text": TEXTS, "label": LABELS}))
    write(tmp_path / "test.csv", pd.DataFrame({"text": TEXTS[:2], "label": [0, 1]}))
    assert load_texts(tmp_path, "train") == (TEXTS, LABELS)
    assert load_texts(tmp_path, "test") == (TEXTS[:2], ["0", "1"])
    with pytest.raises(FileNotFoundError, match=r"split 'val' in .*there are \['test.csv', 'train.jsonl.gz'\]"):
        load_texts(tmp_path, "val")
    write(tmp_path / "train.csv", pd.DataFrame({"text": TEXTS, "label": LABELS}))
    with pytest.raises(
        ValueError, match=r"more than one file for the split 'train' .*\['train.csv', 'train.jsonl.gz'\]"
    ):
        load_texts(tmp_path, "train")


def test_cells_of_csv_are_taken_as_they_stand(tmp_path):
    path = tmp_path / "cells.CSV"
    path.write_text('text,label\n12,001\n"a\n\nb",002\n,1e3\nNA,null\n')
    assert load_texts(path) == (["12", "a\n\nb", "", "NA"], ["001", "002", "1e3", "null"])
    (tmp_path / "gaps.csv").write_text("text\nfirst\n\nthird\n")
    assert load_texts(tmp_path / "gaps.csv", label=None) == (["first", "", "third"], [])


def test_a_file_written_anew_is_read_anew(tmp_path):
    path = tmp_path / "same.csv"
    for text in ("old", "new"):
        path.write_text(f"text,label\n{text},x\n")
        os.utime(path, (0, 0))
        assert load_texts(path) == ([text], ["x"])


def test_file_names_are_no_patterns(tmp_path):
    write(tmp_path / "a1.csv", pd.DataFrame({"text": ["wrong"], "label": ["x"]}))
    write(tmp_path / "a[1] *?.csv", pd.DataFrame({"text": ["right"], "label": ["x"]}))
    assert load_texts(tmp_path / "a[1] *?.csv") == (["right"], ["x"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", r"empty\.csv holds no rows"),
        ("header.csv", b"text,label\n", r"header\.csv holds no rows"),
        ("latin.csv", "text,label\ncaf\xe9,x\n".encode("latin-1"), r"not UTF-8 in line 2: .*encoding='cp1252'"),
        ("wide.csv", "text,label\na,x\n".encode("utf-16"), "begins like a file in UTF-16,.*encoding='utf-16'"),
        ("unmarked.csv", "text,label\na,x\n".encode("utf-16-be"), "like a file in UTF-16-BE,.*--encoding utf-16-be"),
        (
            "packed.csv",
            PACKED,
            r"compressed by gzip.*rename it to packed\.csv\.gz",
        ),
        ("plain.csv.gz", b"text,label\na,x\n", "damaged or not compressed by gzip"),
        ("cut.csv.gz", PACKED[:-9], "damaged or not compressed by gzip"),
        ("mac.csv", b"text,label\ra,x\r", "a carriage return stands alone, outside of quotes"),
        ("mac.tsv", b"text\tlabel\ra\tx\r", r"has no column 'label'.*Its rows end in \\r alone"),
        ("ragged.csv", b"text,label\na,b\na,b,c,d\n", r"has 4 cells in row 2 \(line 3 of the file\), but 2 columns"),
        ("fields.csv", b"text,label\na,b,c\nd,e,f\n", r"has 3 cells in row 1 \(line 2 of the file\), but 2 columns"),
        ("twice.csv", b"text,label,text\na,b,c\n", "has 2 columns named 'text'"),
        ("twice.jsonl", b'{"text": "a", "label": "b", "text": "c"}\n', r"the name 'text' twice in row 1 \(line 1 "),
        ("open.csv", b'text,label\na,b\n"c,d\n', "the row that begins in line 3 of the file, a quoted cell has no end"),
        (
            "broken.jsonl",
            b'{"text": "a", "label": "b"}\n{"text": \n',
            r"not valid JSON in row 2 \(line 2 .*: Expecting",
        ),
        ("comma.json", b'[{"text": "a", "label": "b"},]', "a value was expected after the comma"),
        ("no_comma.json", b'[{"text": "a", "label": "b"}{}]', "a comma or the end of the array was expected"),
        ("no_end.json", b'[{"text": "a", "label": "b"}', "a comma or the end of the array was expected"),
        ("more.json", b'[{"text": "a", "label": "b"}]]', "there is more text after the end of the array"),
        ("array.json", b"[[1, 2]]", r"has \[1, 2\] in row 1 .*each row must be an object"),
        ("digits.jsonl", b'{"text": "a", "label": ' + b"1" * 5000 + b"}", "not valid JSON in row 1 .*4300 digits"),
        ("empty.jsonl", b"", r"empty\.jsonl holds no rows"),
        ("empty.json", b"[]", r"empty\.json holds no rows"),
        ("number.jsonl", b'{"text": 12, "label": "b"}', r"has int \(12\) for a text in row 1 .*must be a string"),
        ("list.jsonl", b'{"text": "a", "label": ["b"]}', r"has list \(\['b'\]\) for a label in row 1 "),
        (
            "mixed.jsonl",
            b'{"text": "a", "label": 1}\n{"text": "b", "label": 1.0}',
            r"labels of several types: int \(1\)",
        ),
        ("unlabelled.csv", b"text,label\na,b\nc,\n", r"has no label in row 2 \(line 3 of the file\)"),
        ("unlabelled.jsonl", b'{"text": "a", "label": null}\n', r"has no label in row 1 \(line 1 of the file\)"),
        ("lost.jsonl", b'{"text": "a", "label": "b"}\n{"text": "a"}', r"has no label in row 2 \(line 2 of the file\)"),
        ("other.jsonl", b'{"body": "a", "label": "b"}', r"has no column 'text'; it has \['body', 'label'\]"),
        ("other_label.jsonl", b'{"text": "a", "tag": "b"}', r"no column 'label' in row 1 .*; it has \['text', 'tag'\]"),
        ("headless.csv", b"a,b\nc,d\n", r"has no column 'text'; it has \['a', 'b'\].*--no-header"),
        ("semicolons.csv", b"text;label\na;b\n", r"no column 'text'.*first line holds ';'.*--sep ';'"),
        ("tabs.csv", b"text\tlabel\na\tb\n", r"no column 'text'.*holds '\\t'.*--sep 'tab'"),
        ("no.parquet", b"PAR1 and no more", "can't be read as Parquet"),
        ("text.parquet", b"text,label", r"text\.parquet is not a Parquet file"),
    ],
)
def test_malformed_files(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        load_texts(tmp_path / name)


def test_class_names_instead_of_numbers(tmp_path):
    from datasets import ClassLabel, Dataset

    table = Dataset.from_dict({"text": TEXTS, "label": [0, 1, 0, 1]}).cast_column("label", ClassLabel(names=["n", "p"]))
    table.to_parquet(tmp_path / "train.parquet")
    assert load_texts(tmp_path, "train") == (TEXTS, ["n", "p", "n", "p"])


def test_bad_sources(tmp_path, monkeypatch):
    path = write(tmp_path / "train.csv", pd.DataFrame({"text": TEXTS, "label": LABELS}))
    with pytest.raises(ValueError, match=r"has no column 'body'; it has \['text', 'label'\]"):
        load_texts(path, text="body")
    with pytest.raises(FileNotFoundError, match=r"no file or folder '.*missing.csv'"):
        load_texts(tmp_path / "missing.csv")
    with pytest.raises(FileNotFoundError, match=r"no file or folder 'missing.csv' \(looked from"):
        load_texts("missing.csv")
    with pytest.raises(FileNotFoundError, match=r"no file or folder 'missing.txt' \(looked from"):
        load_texts("missing.txt")
    (tmp_path / "notes.txt").write_text("text")
    with pytest.raises(ValueError, match=r"must end in one of \['.csv', "):
        load_texts(tmp_path / "notes.txt")


def test_hub(monkeypatch):
    import datasets

    asked = []

    def load_dataset(name, config, split, revision):
        asked.append((name, split))
        if name == "nobody/nothing":
            raise ConnectionError("offline")
        return datasets.Dataset.from_dict({"text": TEXTS, "label": LABELS})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert load_texts("stanfordnlp/imdb", "test") == (TEXTS, LABELS)
    with pytest.raises(ConnectionError, match=r"no file or folder 'nobody/nothing', and .*give the path.*gzipknn demo"):
        load_texts("nobody/nothing")
    assert asked == [("stanfordnlp/imdb", "test"), ("nobody/nothing", "train")]
