"""What users of the command saw: one test for each kind of it."""

import json
import os
import subprocess
import sys


def gzipknn(*arguments, stdin=b"", before="", **environment):
    """Run the command with real streams; `before` is what a shell does to them."""
    command = [sys.executable, "-m", "gzipknn", *map(str, arguments), "-k", "1"]
    if before:
        command = ["bash", "-c", f'exec "$@" {before}', "-", *command]
    return subprocess.run(command, input=stdin, capture_output=True, env={**os.environ, **environment})


def train_on(folder, **labels):
    path = folder / "train.jsonl"
    rows = [{"text": text.replace("_", " "), "label": label} for text, label in labels.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# issue 16, item 8
def test_redirected_output_was_neither_json_nor_html(tmp_path):
    train = train_on(tmp_path, the_cat_sat_on_the_mat="猫", stocks_fell_again_today="money")
    texts = ["a cat sat on \U0001f600", "stocks fell é"]
    (tmp_path / "texts.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    windows = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}  # how Python opens a redirected stdout there
    predicted = gzipknn("predict", train, tmp_path / "texts.jsonl", "--json", **windows)
    rows = [json.loads(line) for line in predicted.stdout.decode().split("\n")[:-1]]
    assert rows == [{"text": texts[0], "label": "猫"}, {"text": texts[1], "label": "money"}]
    page = gzipknn("explain", train, texts[0], "--html", "--neighbors", "1", **windows).stdout.decode()
    assert '<meta charset="utf-8">' in page
    assert "猫" in page
    assert "\U0001f600" in page


# issue 16, item 9
def test_labels_were_printed_raw_and_a_closed_stderr_took_the_result(tmp_path):
    train = train_on(tmp_path, the_cat_sat_on_the_mat="pets\nand \x1b[31mmore", stocks_fell_again_today="money")
    texts = b"a cat sat on a mat\nstocks fell\n"
    assert gzipknn("predict", train, "-", stdin=texts).stdout == b'"pets\\nand \\u001b[31mmore"\nmoney\n'
    closed = gzipknn("predict", train, "-", stdin=texts, before="2>&-")
    assert (closed.returncode, closed.stdout) == (0, b'"pets\\nand \\u001b[31mmore"\nmoney\n')
    failed = gzipknn("predict", tmp_path / "none.csv", "-", before="2>&-")
    assert (failed.returncode, failed.stdout) == (1, b"")


# issue 16, item 10
def test_a_table_on_stdin_was_labelled_header_and_all(tmp_path):
    train = train_on(tmp_path, the_cat_sat_on_the_mat="pets", stocks_fell_again_today="money")
    done = gzipknn("predict", train, "-", "--json", stdin="\ufeffa cat sat\r\nstocks fell\r\n".encode())
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["a cat sat", "stocks fell"]
    assert done.stderr == b""
    table = gzipknn("predict", train, "-", stdin=b"\xef\xbb\xbfid,text\r\n1,a cat sat\r\n")
    assert b"the first line of stdin reads like the header of a table ('id,text')" in table.stderr


# issue 16, item 7
def test_blank_texts_were_trained_on_without_a_word(tmp_path):
    train = tmp_path / "train.csv"
    train.write_text("text,label\nthe cat sat on the mat,pets\n ,money\nstocks fell again today,money\n")
    done = gzipknn("predict", train, "-", "--json", stdin=b"a cat sat\n \nstocks fell\n")
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == ["a cat sat", " ", "stocks fell"]
    assert b"train.csv: 1 of 3 texts is blank, the first in row 2: left out of training" in done.stderr
    assert b"stdin: 1 of 3 texts is blank, the first in line 2; the label of a text of white space" in done.stderr
    done = gzipknn("explain", train, "stocks fell again", "--json", "--neighbors", "2")
    assert [neighbor["index"] for neighbor in json.loads(done.stdout)["neighbors"]] == [2, 0]  # places in the file
