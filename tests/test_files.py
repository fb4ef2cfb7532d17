"""Files as people have them: load_texts returns each text as it is in the file, whatever else the file holds."""

import contextlib
import csv
import gzip
import json
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from gzipknn.datasets import json_files, load_texts

ROWS = [('she said "no"', "a"), ('5" disk, new', "b"), ("two\nlines, here", "a"), ("", "2020-01-01"), ("NA", "1.0")]

cells = st.text(st.sampled_from("a\"',;\t\r\n \x00é猫|1"), max_size=12)


def written(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.filterwarnings("ignore:.* blank:UserWarning")
@settings(max_examples=300)
@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6), st.sampled_from(",;|"))
def test_csv_that_csv_has_written(tmp_path_factory, rows, sep):
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=sep).writerows([("id", "text", "label"), *rows])
    expected = [text for _, text, _ in rows], [label for _, _, label in rows]
    try:
        assert load_texts(path, sep=sep) == expected
    except ValueError:  # the warning of an empty label, or of a text that looks as if it contained rows
        with pytest.raises(ValueError, match=r"has no label in row|seems to have swallowed other rows"):
            load_texts(path, sep=sep)


@pytest.mark.filterwarnings("ignore:.* blank:UserWarning")
@given(st.lists(st.tuples(st.text(), st.text(min_size=1)), min_size=1, max_size=6), st.booleans(), st.integers(1, 40))
def test_json_in_chunks_of_any_size(tmp_path_factory, rows, as_array, chunk):
    path = tmp_path_factory.mktemp("json") / "rows.json"
    objects = [{"other": [1.5e-7, {"text": None}], "text": text, "label": label} for text, label in rows]
    path.write_text(json.dumps(objects, indent=1) if as_array else "\n".join(map(json.dumps, objects)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_files, "CHUNK", chunk)
        assert load_texts(path) == ([text for text, _ in rows], [label for _, label in rows])


def test_a_stray_quote_that_glues_rows(tmp_path):
    rows = ["text,label", "good,a", '"he said go,a', "fine,b", 'the end",b', "bad,b"]
    with pytest.raises(ValueError, match=r"row 2 \(line 3 of the file\) that seems to have swallowed other rows"):
        load_texts(written(tmp_path / "glued.csv", "\n".join(rows)))
    # if no labels are wanted, the labels of the other rows are still checked
    with pytest.raises(ValueError, match="swallowed other rows"):
        load_texts(tmp_path / "glued.csv", label=None)


def test_texts_of_several_lines_are_no_swallowed_rows(tmp_path):
    texts = ["Dear Sir,\nthanks", "10,000 people\nwere there, and\n\nleft", "a,b\nc", 'a "quoted",\nword']
    pd.DataFrame({"text": texts, "label": ["x", "y", "x", "y"]}).to_csv(tmp_path / "lines.csv", index=False)
    assert load_texts(tmp_path / "lines.csv") == (texts, ["x", "y", "x", "y"])
    assert load_texts(tmp_path / "lines.csv", label=None) == (texts, [])
    # an empty cell is not a swallowed row; the command writes empty cells for uncertain texts
    assert load_texts(written(tmp_path / "empty.csv", 'text,other\n",\nb",\n'), label=None) == ([",\nb"], [])


def test_only_the_named_columns_count(tmp_path):
    rows = [{"id": i if i < 12_000 else "X1", "text": f"text {i}", "label": i % 3} for i in range(12_001)]
    pd.DataFrame(rows).to_csv(tmp_path / "ids.csv", index=False)
    rows[5]["id"], rows[7]["id"] = {"a": [1]}, None
    (tmp_path / "ids.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    texts = [f"text {i}" for i in range(12_001)]
    assert load_texts(tmp_path / "ids.csv") == (texts, [str(i % 3) for i in range(12_001)])
    assert load_texts(tmp_path / "ids.jsonl") == (texts, [i % 3 for i in range(12_001)])


@pytest.mark.parametrize("n", [1, 30_000])
def test_a_late_label_of_another_type(tmp_path, n):
    rows = [{"text": "a", "label": 1}] * n + [{"text": "b", "label": "spam"}]
    (tmp_path / "mixed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.raises(ValueError, match=rf"int \(1\) in row 1 .*str \('spam'\) in row {n + 1} "):
        load_texts(tmp_path / "mixed.jsonl")


@pytest.mark.parametrize(("sep", "ending"), [(";", "csv"), ("|", "csv"), ("\t", "csv"), (",", "tsv")])
def test_separators(tmp_path, sep, ending):
    path = written(tmp_path / f"rows.{ending}", f"text{sep}label\na b{sep}c\n")
    assert load_texts(path, sep=sep) == (["a b"], ["c"])


def test_columns_by_number_and_joined(tmp_path):
    path = written(tmp_path / "rows.csv", "x,title 1,body 1\ny,title 2,body 2\n")
    found = load_texts(path, text=["2", "3"], label="1", header=False)
    assert found == (["title 1 body 1", "title 2 body 2"], ["x", "y"])
    with pytest.raises(ValueError, match=r"no column 'text'; it has \['1', '2', '3'\]. Without a header .* numbered"):
        load_texts(path, header=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1"])
def test_encodings(tmp_path, encoding):
    for ending, content in [("csv", 'text,label\n"café,\nnoir",x\n'), ("jsonl", '{"text": "café", "label": "x"}\n')]:
        path = written(tmp_path / f"rows.{ending}", content, encoding)
        text = "café,\nnoir" if ending == "csv" else "café"
        assert load_texts(path, encoding=encoding) == ([text], ["x"])
    assert load_texts(written(path, content, "utf-8-sig")) == (["café"], ["x"])  # a byte order mark is not a letter
    with pytest.raises(ValueError, match="encoding must be the name of a text encoding such as 'cp1252', got 'rot13'"):
        load_texts(path, encoding="rot13")


def test_a_byte_order_mark_is_never_a_letter(tmp_path):
    path = written(tmp_path / "rows.csv", "\ufefftext,label\na,x\n", "utf-16-le")
    assert load_texts(path, encoding="utf-16-le") == (["a"], ["x"])
    path = written(tmp_path / "rows.csv", "text,label\na,x\n", "utf-8-sig")
    with pytest.raises(ValueError, match=r"begins with the byte order mark of UTF-8, but encoding is 'cp1252'"):
        load_texts(path, encoding="cp1252")


@pytest.mark.parametrize("label", ["9007199254740993.0", "1e400", "-1e17"])
def test_a_number_that_floats_do_not_tell_from_others_is_no_label(tmp_path, label):
    path = written(tmp_path / "rows.jsonl", f'{{"text": "a", "label": {label}}}')
    with pytest.raises(ValueError, match=r"for a label in row 1 .*several written numbers are rounded; write it"):
        load_texts(path)


def test_tsv_quotes_are_letters_and_said(tmp_path):
    path = written(tmp_path / "rows.tsv", 'text\tlabel\r\n"he said go\ta\r\n"all"\tb\r\n')
    with pytest.warns(UserWarning, match="has quotes around cells in 1 of 2 rows"):
        assert load_texts(path) == (['"he said go', '"all"'], ["a", "b"])


def test_large_cells(tmp_path):
    text = "word " * 100_000
    pd.DataFrame({"text": [text], "label": ["x"]}).to_csv(tmp_path / "large.csv", index=False)
    (tmp_path / "large.json").write_text(json.dumps([{"text": text * 5, "label": "x"}]))
    assert load_texts(tmp_path / "large.csv") == ([text], ["x"])
    assert load_texts(tmp_path / "large.json") == ([text * 5], ["x"])


def test_parquet_as_it_stands(tmp_path):
    table = pa.table(
        {
            "text": pa.array(["a", None, "2020-01-01"], pa.large_string()),
            "label": pa.array(["x", "y", "x"]).dictionary_encode(),
            "count": [True, False, True],
            "bytes": [b"\xff", b"a", b"b"],
            "when": pa.array([0, 1, 2], pa.timestamp("s")),
        }
    )
    parquet.write_table(table, tmp_path / "rows.parquet")
    with pytest.warns(UserWarning, match=r"1 of 3 texts are blank .*the first in row 2\. "):
        assert load_texts(tmp_path / "rows.parquet") == (["a", "", "2020-01-01"], ["x", "y", "x"])
    assert load_texts(tmp_path / "rows.parquet", text="bytes", label="count") == (
        [b"\xff", b"a", b"b"],
        [True, False, True],
    )
    with pytest.raises(ValueError, match=r"has datetime \(datetime.*for a label in row 1, .*write it as a string"):
        load_texts(tmp_path / "rows.parquet", text="bytes", label="when")
    with pytest.raises(ValueError, match=r"has bytes in row 1; only columns of strings can be joined"):
        load_texts(tmp_path / "rows.parquet", text=["label", "bytes"], label=None)
    parquet.write_table(table.slice(0, 0), tmp_path / "none.parquet")
    with pytest.raises(ValueError, match=r"none\.parquet holds no rows"):
        load_texts(tmp_path / "none.parquet")


def test_a_folder_for_each_class(tmp_path):
    for split, name, text in [("train", "pets", "a cat"), ("train", "money", "stocks"), ("test", "pets", "a dog")]:
        (tmp_path / split / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / split / name / "1.txt").write_text(text)
    assert load_texts(tmp_path, "train") == (["stocks", "a cat"], ["money", "pets"])
    assert load_texts(tmp_path / "train") == load_texts(tmp_path / "train", "train")
    assert load_texts(tmp_path, "test", label=None) == (["a dog"], [])
    with pytest.raises(
        FileNotFoundError, match=r"the split 'val'.*not taken for classes because of the name of .*test\."
    ):
        load_texts(tmp_path, "val")
    (tmp_path / "train" / "money" / "2.txt").write_bytes(b"\0a\0b")  # a text may begin with any letters
    assert load_texts(tmp_path, "train")[0] == ["stocks", "\0a\0b", "a cat"]
    (tmp_path / "train" / "money" / "2.txt").unlink()
    (tmp_path / "train" / "empty").mkdir()
    with pytest.warns(UserWarning, match="empty has no files, so there is no class 'empty'"):
        assert load_texts(tmp_path, "train")[1] == ["money", "pets"]
    (tmp_path / "test" / "pets" / "2.txt").write_bytes(b"caf\xe9")
    with pytest.raises(ValueError, match=r"2\.txt is not UTF-8 in line 1"):
        load_texts(tmp_path, "test")
    (tmp_path / "test" / "pets" / "more").mkdir()
    with pytest.raises(ValueError, match="more is a folder, but the folder of a class must hold only files"):
        load_texts(tmp_path, "test", encoding="cp1252")


def test_a_folder_of_data_sets_is_no_folder_of_classes(tmp_path):
    for name in ("r8", "imdb"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.csv").write_text("text,label\na,x\n")
    with pytest.raises(FileNotFoundError, match="no file of texts for the split 'train'"):
        load_texts(tmp_path, "train")


def test_damaged_files_name_themselves(tmp_path):
    damaged = gzip.compress(b"text\tlabel\n" + bytes(range(256)) * 99, mtime=0)
    for name, content in [("a.tsv.gz", damaged[:200] + bytes(9) + damaged[209:]), ("b.tsv.gz", damaged + b"no gzip")]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ValueError, match=name):
            load_texts(tmp_path / name)
    table = pa.table({"text": ["some text"] * 99, "label": pa.array(["x", "é"] * 49 + ["x"]).dictionary_encode()})
    parquet.write_table(table, tmp_path / "whole.parquet", compression="none")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for place in range(0, len(whole), 7):
        (tmp_path / "c.parquet").write_bytes(whole[:place] + bytes([whole[place] ^ 0xA5]) + whole[place + 1 :])
        with contextlib.suppress(ValueError):
            load_texts(tmp_path / "c.parquet")
    (tmp_path / "c.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"c\.parquet can't be read as Parquet"):
        load_texts(tmp_path / "c.parquet")


@pytest.mark.slow
def test_the_memory_is_that_of_the_named_columns(tmp_path):
    path, row = tmp_path / "wide.jsonl", json.dumps({"waste": "w" * 10_000, "text": "a", "label": "x"}) + "\n"
    with open(path, "w") as file:
        file.writelines(row for _ in range(5_000))  # 50 MB
    (tmp_path / "wide.json").write_text("[" + ",".join(row for _ in range(5_000)) + "]")
    (tmp_path / "wide.csv").write_text("waste,text,label\n" + f"{'w' * 10_000},a,x\n" * 5_000)
    program = (
        "import resource, sys; from gzipknn.datasets import load_texts\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "assert load_texts(sys.argv[1])[0] == ['a'] * 5000\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)"
    )
    pytest.importorskip("resource")
    for name in ("wide.jsonl", "wide.json", "wide.csv"):
        done = subprocess.run([sys.executable, "-c", program, tmp_path / name], capture_output=True, check=True)
        assert int(done.stdout) < 25, name  # MB


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\r\n', "\ufeffsep=;\r\n"])
def test_the_first_line_of_excel_tells_the_separator(tmp_path, first):
    path = tmp_path / "excel.csv"
    path.write_bytes(f'{first}label;text\r\n1;a, b\r\n2;"c;\r\nd"\r\n'.encode())
    assert load_texts(path) == (["a, b", "c;\r\nd"], ["1", "2"])
    path.write_bytes(f"{first}label;text\r\n1;a\r\n2\r\n".encode())
    with pytest.raises(ValueError, match=r"1 cells in row 2 \(line 4 of the file\)"):
        load_texts(path)
    path.write_text("sep=\t\nlabel\ttext\n1\ta\n")
    assert load_texts(path) == (["a"], ["1"])
    path.write_text("sep=;")
    assert load_texts(path, text="1", label=None, header=False) == (["sep=;"], [])
