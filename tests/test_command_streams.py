"""The streams of the command: encodings, terminals, pipes, and streams that are closed or full."""

import io
import json
import os
import subprocess
import sys
import warnings

import pytest

from gzipknn.__main__ import main
from gzipknn.command import models, streams
from gzipknn.utils.escapes import escaped, one_line, plain, to_json

ODD = "\ud83d caf\xe9 猫 \U0001f600 \x1b[31m \x9b \u2028 \u202e \x7f"


@pytest.fixture
def train(tmp_path):
    path = tmp_path / "train.jsonl"
    rows = [{"text": "the cat sat on the mat", "label": ODD}, {"text": "stocks fell again today", "label": "money"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def command(*arguments):
    return [sys.executable, "-m", "gzipknn", *arguments]


def in_shell(redirections, *arguments, stdin=b""):
    words = ["bash", "-c", f'exec "$@" {redirections}', "-", *command(*arguments)]
    return subprocess.run(words, capture_output=True, input=stdin)


def on_a_terminal(encoding, *arguments):
    pty = pytest.importorskip("pty")
    master, terminal = pty.openpty()
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    process = subprocess.Popen(command(*arguments), stdout=terminal, stderr=subprocess.DEVNULL, env=environment)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # Linux reports in this way that the terminal was closed
        pass
    os.close(master)
    assert process.wait() == 0
    return shown.replace(b"\r\n", b"\n")


# ---- escapes ----


@pytest.mark.parametrize("label", ["a", "a\nb", "a\\nb", '"a"', "a\r", ODD, "", " ", "\x85", 3, '"a\\nb"'])
def test_a_label_is_told_exactly_by_one_line(label):
    line = one_line(label)
    assert len(line.splitlines()) <= 1
    assert (json.loads(line) if line.startswith('"') else line) == str(label)


def test_json_is_one_line_without_controls():
    line = to_json({"text": ODD, "é": [1, None]})
    assert json.loads(line) == {"text": ODD, "é": [1, None]}
    assert "café 猫 \U0001f600" in line
    assert not set(line) & set("\ud83d\x1b\x9b\u2028\u202e\x7f")


def test_what_escapes_leave():
    assert plain("a\n\tb\x1b") == "a\n\tb\\x1b"
    assert escaped("a\n\tb\x1b\ud83d") == r"a\n\tb\x1b\ud83d"
    assert escaped(b"caf\xe9") == r"caf\xe9"


# ---- stdout ----


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_redirected_output_is_utf_8(train, tmp_path, encoding):
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    (tmp_path / "texts.jsonl").write_text(json.dumps({"text": f"the cat sat {ODD}"}))
    words = command("predict", train, str(tmp_path / "texts.jsonl"), "-k", "1")
    shown = subprocess.run(words, capture_output=True, env=environment, check=True).stdout
    assert shown.count(b"\n") == 1
    assert json.loads(shown.decode()) == ODD
    shown = subprocess.run([*words, "--json"], capture_output=True, env=environment, check=True).stdout
    assert json.loads(shown.decode()) == {"text": f"the cat sat {ODD}", "label": ODD}


def test_a_terminal_that_knows_ascii_alone(train):
    query = [train, "the cat sat on é", "-k", "1", "--neighbors", "1"]
    assert json.loads(on_a_terminal("ascii", "explain", *query, "--json").decode("ascii"))["label"] == ODD
    assert b"on \\xe9\n" in on_a_terminal("ascii", "explain", *query)
    page = on_a_terminal("ascii", "explain", *query, "--html")
    assert b"&#29483; &#128512;" in page  # 猫 and the emoji
    assert "on é\n".encode() in on_a_terminal("utf-8", "explain", *query)


def test_a_redirect_on_windows_has_one_character_at_line_ends(monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding="cp1252", newline="\r\n"))
    assert main(["versions", "--json"]) == 0
    assert written.getvalue().endswith(b"}\n")
    assert b"\r" not in written.getvalue()


def test_a_full_disk_is_an_error(train):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    full = in_shell(">/dev/full", "predict", train, "-", "-k", "1", stdin=b"a cat\n")
    assert full.returncode == 1
    assert b"gzipknn: the results could not be written to standard output (No space left" in full.stderr
    assert full.stderr.count(b"\n") == 1
    full = in_shell("2>/dev/full", "predict", train, "-", "-k", "1", stdin=b"stocks fell\n \n")  # with a warning
    assert (full.returncode, full.stdout.splitlines()[0]) == (0, b"money")


@pytest.mark.parametrize(
    ("redirections", "code", "errors"),
    [
        ("2>&-", 0, b""),
        ("<&- 2>&-", 1, b""),
        ("<&-", 1, b"gzipknn: there is no stdin to read texts from; give a file instead of -\n"),
        (">&-", 1, b"gzipknn: there is no standard output to write to.\n"),
        (">&- 2>&-", 1, b""),
    ],
)
def test_closed_streams(train, redirections, code, errors):
    done = in_shell(redirections, "predict", train, "-", "-k", "1", stdin=b"stocks fell\n")
    assert (done.returncode, done.stdout, done.stderr) == (code, b"" if code else b"money\n", errors)


def test_a_wrong_command_line_without_stderr_prints_nothing():
    done = in_shell("2>&-", "predict")
    assert (done.returncode, done.stdout) == (2, b"")


def test_no_file_takes_the_place_of_a_closed_stderr():
    code = "import os; from gzipknn.__main__ import main; main(['versions']); print(os.path.samestat(os.fstat(2), "
    words = [sys.executable, "-c", code + "os.stat(os.devnull)))"]
    done = subprocess.run(["bash", "-c", '"$@" <&- 2>&-', "-", *words], capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "True"


def test_a_reader_that_has_had_enough(train):
    done = subprocess.run(
        ["bash", "-c", '"$@" | true; echo ${PIPESTATUS[0]}', "-", *command("predict", train, "-", "-k", "1")],
        input=b"stocks fell\n" * 20_000,
        capture_output=True,
    )
    assert (done.stdout, done.stderr) == (b"0\n", b"")


# ---- stderr ----


def test_messages_are_one_line(tmp_path, capsys):
    name = str(tmp_path / "a\n\x1b[31m.csv")
    assert main(["predict", name, name]) == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "\x1b" not in message
    with pytest.raises(SystemExit):
        main(["predict", "a.csv", "b.csv", "\x1b[31m"])
    assert "\x1b" not in capsys.readouterr().err


def test_warnings_of_the_library_are_plain_lines_and_said_once(train, capsys, monkeypatch):
    def warning(options):
        warnings.warn("first\n", RuntimeWarning, stacklevel=1)
        warnings.warn("second", RuntimeWarning, stacklevel=1)
        warnings.warn("first\n", RuntimeWarning, stacklevel=1)  # from another place in the code
        return load(options)

    load = models.load_training
    monkeypatch.setattr("gzipknn.command.models.load_training", warning)
    assert main(["predict", train, train, "-k", "1"]) == 0
    said = "gzipknn: warning: first\\n\ngzipknn: warning: second\n"
    assert capsys.readouterr().err == said


# ---- stdin ----


@pytest.mark.parametrize(
    ("content", "encoding", "lines"),
    [
        (b"", None, []),
        (b"\n", None, [""]),
        (b"a\r\nb", None, ["a", "b"]),
        (b"\xef\xbb\xbfa\n\r\n\n", None, ["a", "", ""]),
        ("\ufeffa\n\ufeffb\n".encode(), "utf-8-sig", ["a", "\ufeffb"]),
        (b"a\rb\r\r\n\xc2\x85\x0c\n", None, ["a\rb\r", "\x85\x0c"]),
        (b"caf\xe9\n", "cp1252", ["café"]),
        *(("é\r\n猫\nā਀\n\n".encode(code), code, ["é", "猫", "ā਀", ""]) for code in ("utf-16", "utf-16-be", "utf-32")),
        ("\ufeffé\n".encode("utf-16-le"), "utf-16-le", ["é"]),
        ("日本\nテ\n".encode("shift_jis"), "shift_jis", ["日本", "テ"]),
    ],
)
def test_lines_of_stdin(stdin, content, encoding, lines):
    stdin(content)
    assert list(streams.read_lines(encoding)) == lines


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"a\nb\ncaf\xe9\nd", None, "stdin is not UTF-8 in line 3: .*--encoding cp1252"),
        (b"a\ncaf\xc3", None, "stdin is not UTF-8 in line 2: .*unexpected end of data"),
        (b"a\n\xed\xa0\xbd\n", None, "stdin is not UTF-8 in line 2: "),
        (b"a\n\x81\n", "cp1252", "stdin can't be decoded as cp1252 in line 2: .*pass the right --encoding"),
        ("a\nb".encode("utf-16")[:-1], "utf-16", "decoded as utf-16 in line 2: "),
    ],
)
def test_stdin_that_cannot_be_decoded(stdin, content, encoding, message):
    stdin(content)
    with pytest.raises(ValueError, match=message):
        list(streams.read_lines(encoding))


def test_interrupted_while_modules_are_imported(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "sklearn")
    monkeypatch.setattr("gzipknn.__main__.import_late", interrupt)
    assert main(["versions"]) == 130
    assert capsys.readouterr().err == "gzipknn: interrupted\n"
