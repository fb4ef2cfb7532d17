"""Data sets of the Hugging Face hub, which the real `datasets` loads from a server on this machine."""

import io
import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT
from hub_server import hub

TRAIN = [(f"{word} number {i}, naïve", i % 2) for i, word in enumerate(["good film", "bad plot"] * 5)]
TEST = [("a good film", 0), ("such a bad plot", 1)]
FILE = "data/train-00000-of-00001.parquet"
NAME = "stanfordnlp/imdb"


def parquet(rows):
    written = io.BytesIO()
    pd.DataFrame(rows, columns=["text", "label"]).to_parquet(written)
    return written.getvalue()


SETS = {NAME: {FILE: parquet(TRAIN), FILE.replace("train", "test"): parquet(TEST)}}


@pytest.fixture
def ask(tmp_path):
    """Run a command that knows only this hub and has an empty cache."""

    def run(server, *command):
        removed = ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE", "HF_TOKEN", "HF_DATASETS_CACHE", "HF_HUB_CACHE")
        environment = {name: value for name, value in os.environ.items() if name not in removed}
        environment |= {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_DISABLE_TELEMETRY": "1"}
        environment |= {"no_proxy": "127.0.0.1", "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            [sys.executable, *map(str, command)], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    return run


def load(name):
    code = f"import json; from gzipknn.datasets import load_texts; print(json.dumps(load_texts({name!r})))"
    return "-c", code


def last_line(done):
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_rows_arrive_and_are_kept(ask):
    with hub(SETS) as server:
        done = ask(server, *load(NAME))
        assert [*zip(*json.loads(done.stdout), strict=True)] == TRAIN, done.stderr
        asked = len(server.asked)
        assert any(line.startswith("GET") and line.endswith(FILE) for line in server.asked)
        assert json.loads(ask(server, *load(NAME)).stdout) == json.loads(done.stdout)
        assert not [line for line in server.asked[asked:] if line.startswith("GET") and line.endswith(".parquet")]


def test_what_can_not_be_had_is_said(ask):
    with hub(SETS, gated={"closed/reviews"}) as server:
        line = last_line(ask(server, *load("closed/reviews")))
        assert line.startswith("ConnectionError: there is no file or folder 'closed/reviews', and no data set of")
        assert "gated" in line
        assert "hf auth login" in line
        line = last_line(ask(server, *load("nobody/nothing")))
        assert "doesn't exist on the Hub" in line
        assert "Check the name" in line


def test_a_download_that_breaks_off_leaves_no_rows(ask, tmp_path):
    with hub(SETS, broken={FILE}) as server:
        line = last_line(ask(server, *load(NAME)))
        assert "no data set of that name could be loaded from the Hugging Face hub" in line
        assert "Try again" in line
        assert not list(tmp_path.rglob("*.arrow"))
        server.broken = ()
        done = ask(server, *load(NAME))
        assert [*zip(*json.loads(done.stdout), strict=True)] == TRAIN, done.stderr


@pytest.mark.parametrize(
    ("script", "options", "result"),
    [
        ("imdb.py", ["--split", "official"], "*gzip_ncd*.json"),
        ("tables.py", ["--datasets", "imdb", "r8", "--methods", "gzip"], "table_imdb.json"),
        ("audit.py", ["--datasets", "imdb", "r8"], "audit.json"),
    ],
)
def test_experiments_load_from_the_hub(ask, tmp_path, script, options, result):
    with hub(SETS) as server:
        done = ask(server, ROOT / "experiments" / script, *options, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "out").rglob(result)), done.stdout + done.stderr
    if script != "imdb.py":
        assert "r8: skipped: " in done.stderr
        assert "doesn't exist on the Hub" in done.stderr
