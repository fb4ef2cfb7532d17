import base64
import importlib
import json
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import ROOT, run


@pytest.fixture
def experiment(monkeypatch):
    """Import a module of the experiments."""
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    return importlib.import_module


def test_imdb_from_a_folder(folder, tmp_path):
    limits = ("--limit-train", 200, "--limit-test", 50)
    done = run("imdb.py", "--data", folder, *limits, "--metric", "cdm", "-k", 1, 2, "--n-jobs", 1, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "This is not an accuracy" in done.stdout
    result = json.loads((tmp_path / "docs_gzip_cdm_query-first_200x50.json").read_text())
    assert result["n_train"] == 200
    assert result["n_test"] == 50
    at_1, at_2 = result["scores"]["1"], result["scores"]["2"]
    assert len({score["right"] for score in at_1.values()}) == 1  # one neighbour has no ties
    assert at_2["nearest"]["right"] == at_2["shrink"]["right"] == at_1["nearest"]["right"]
    assert at_2["any tied label right"]["right"] >= max(score["right"] for score in at_2.values())
    low, high = at_2["nearest"]["interval"]
    assert low < at_2["nearest"]["value"] < high
    assert {"python", "zlib", "gzipknn"} <= set(result["versions"])
    assert ">ties: nearest</text>" in (tmp_path / "docs_gzip_cdm_query-first_200x50.svg").read_text(encoding="utf-8")


def test_imdb_with_memory_searches_once(folder, tmp_path):
    options = ("--data", folder, "--limit-train", 200, "--limit-test", 50, "--memory", tmp_path / "searched")
    first = run("imdb.py", *options, "-k", 1, 3, "--out", tmp_path / "a")
    assert first.returncode == 0, first.stderr
    blocks = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.block")}
    again = run("imdb.py", *options, "-k", 1, "--out", tmp_path / "b")
    assert again.returncode == 0, again.stderr
    scores = [json.loads(next(tmp_path.glob(f"{out}/*.json")).read_text())["scores"]["1"] for out in "ab"]
    assert scores[0] == scores[1]
    assert blocks == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.block")}


def test_imdb_from_two_files(folder, tmp_path):
    files = (folder / "train.jsonl.gz", folder / "test.jsonl.gz")
    done = run("imdb.py", "--data", *files, "--limit-train", 50, "--limit-test", 5, "-k", 1, "--out", tmp_path)
    assert done.returncode == 0, done.stderr


def test_imdb_without_data_says_how_to_get_it():
    done = run("imdb.py", HF_HUB_OFFLINE="1")
    assert done.returncode == 1
    assert "go online, or give the path of files" in done.stderr
    assert "gzipknn demo" in done.stderr
    assert "Traceback" not in done.stderr


def test_imdb_wants_a_test_set(folder):
    done = run("imdb.py", "--data", folder / "train.jsonl.gz")
    assert done.returncode == 2
    assert "two files: TRAIN TEST" in done.stderr


def test_compressors(docs, tmp_path):
    folder = tmp_path / "data" / "docs"
    folder.mkdir(parents=True)
    for part, texts, labels in (("train", docs.X_train[:400], docs.y_train), ("test", docs.X_test, docs.y_test)):
        rows = (json.dumps({"text": text, "label": label}) for text, label in zip(texts, labels, strict=False))
        (folder / f"{part}.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    arguments = ("--data", folder.parent, "--sets", folder.name, "--compressors", "lz77", "huffman", "--out", tmp_path)
    done = run("compressors.py", *arguments, "--n-jobs", 1)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "compressors_docs.json").read_text())["compressors"]
    assert result["lz77"]["chosen"]["test"]["value"] > 0.6
    assert len(result["huffman"]["settings"]) == 12
    assert result["lz77"]["us_per_pair"] > 0
    assert ">huffman</text>" in (tmp_path / "compressors.svg").read_text(encoding="utf-8")
    # a budget for two queries is only enough to measure a time
    done = run("compressors.py", *arguments[:-2], "--budget", 0.001, "--n-jobs", 1, "--out", tmp_path / "poor")
    assert done.returncode == 0, done.stderr
    assert "chosen" not in json.loads((tmp_path / "poor" / "compressors_docs.json").read_text())["compressors"]["lz77"]


def test_lz77_definition(folder, tmp_path):
    limits = ("--train", 60, "--validation", 12, "--n-jobs", 1)
    done = run("lz77_definition.py", "--data", folder.parent, "--sets", folder.name, *limits, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "lz77_definition.json").read_text())["sets"]["docs"]
    assert result["n_train"] == 60
    assert len({result[variant]["value"] for variant in result if variant != "n_train"}) > 1
    assert ">as defined</text>" in (tmp_path / "lz77_definition.svg").read_text(encoding="utf-8")


def test_landmarks(folder, tmp_path):
    done = run("landmarks.py", "--data", folder.parent, "--sets", folder.name, "--landmarks", 50, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "landmarks.json").read_text())["sets"]["docs"]
    assert result["n_landmarks"] == 50
    assert 0 < result["log_loss"] < 2 * result["held_out_loss"]
    assert ">docs</text>" in (tmp_path / "landmarks.svg").read_text(encoding="utf-8")
    assert result["test"]["value"] > 0.3  # there are 20 classes


def test_neighbours_in_r8_equal_the_plain_statement(shared_data):
    from naive import LENGTHS, distances, k_smallest

    from gzipknn import NCDClassifier
    from gzipknn.datasets import load_texts

    X_train, y_train = load_texts(shared_data / "r8", "train")
    X_test, _ = load_texts(shared_data / "r8", "test")
    clf = NCDClassifier(3).fit(X_train[:300], y_train[:300])
    expected = distances([x.encode() for x in X_test[:5]], [x.encode() for x in X_train[:300]], LENGTHS["gzip"])
    assert clf.kneighbors(X_test[:5])[1].tolist() == [k_smallest(row, 3) for row in expected]


def test_bytes(tmp_path):
    limits = ("--limit-train", 80, "--limit-test", 40)
    methods = ("gzip", "bayes")
    arguments = ("--tasks", "projects", "--methods", *methods, *limits, "--out", tmp_path)
    done = run("bytes.py", *arguments)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "bytes_projects.json"
    result = json.loads(path.read_text())
    assert tuple(result["methods"]) == methods
    assert (result["texts"]["n_train"], result["texts"]["n_test"]) == (80, 40)
    for method in result["methods"].values():
        assert method["scores"]["test"]["n"] == 40
        assert method["scores"]["test"]["value"] > 1.5 / result["texts"]["n_classes"]
        assert 40 < method["validation"]["n"] <= 80  # all five fifths, without the texts whose class has no other text
    assert set(result["methods"]["bayes"]["few"]) == {"1", "5", "20"}
    table = (tmp_path / "bytes.md").read_text()
    assert "| project of Python code | 80 / 40, " in table
    assert "n-grams, naive Bayes" in table
    assert not (tmp_path / "bytes.svg").exists()  # not all of its methods were measured
    # a second run has nothing to measure
    before = path.read_bytes()
    again = run("bytes.py", *arguments)
    assert (again.returncode, again.stdout.count("written")) == (0, 2), again.stderr
    assert path.read_bytes() == before


def test_bytes_skips_what_the_machine_lacks(experiment, tmp_path, capsys):
    tasks, script = experiment("byte_tasks"), experiment("bytes")

    def missing():
        raise tasks.MissingDataError("No package metadata was found for cogent3: pip install --no-deps cogent3")

    options = SimpleNamespace(out=tmp_path, part=[], methods=["gzip"], fresh=False)
    script.TASKS["dna"] = tasks.Task("DNA", missing)
    assert not script.run_task("dna", options)
    assert "dna: skipped: No package metadata was found for cogent3" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_byte_tasks_share_no_source(experiment):
    tasks = experiment("byte_tasks")
    for train, test in (tasks.projects(), tasks.machine_code()):
        assert not set(train.groups) & set(test.groups)
        assert not set(train.X) & set(test.X)
        assert len(set(train.X)) == len(train.X)
        assert {label in set(train.y) for label in test.y} == {True}


def test_lempel_ziv_jaccard_equals_its_definition(experiment):
    rivals = experiment("byte_rivals")
    # the phrases of abababa are a, b, ab, aba; those of abab are a, b, ab; the only phrase of zz is z
    clf = rivals.LZJaccardClassifier().fit([b"abababa", b"zz"], ["ab", "z"])
    distances = rivals._jaccard(clf._sets([b"abab", b"zzq"]), clf._fitted)
    assert distances.tolist() == [[1 - 3 / 4, 1], [1, 1 - 1 / 2]]
    assert clf.predict([b"abab", b"zzq"]).tolist() == ["ab", "z"]


def test_the_difference_of_two_methods_on_the_same_texts(experiment):
    right = {"n_test": 8, "n_test_all": 8}
    one = {**right, "right": base64.b64encode(bytes([0b11110000])).decode()}
    other = {**right, "right": base64.b64encode(bytes([0b10001000])).decode()}
    found = experiment("byte_tables").difference(one, other)
    assert found["value"] == (3 - 1) / 8
    # the standard deviation of the differences 1, 0 and -1 over 8 texts
    half = 1.96 * np.std([0, 1, 1, 1, -1, 0, 0, 0]) / np.sqrt(8)
    assert (found["low"], found["high"]) == pytest.approx((0.25 - half, 0.25 + half))
    assert found["p"] == 2 * 5 / 16  # 1 or 0 texts of 4


def test_time_warping_equals_its_definition(experiment):
    pytest.importorskip("dtaidistance")
    series = experiment("byte_series")
    rng = np.random.default_rng(0)
    train, queries = rng.normal(size=(6, 20)), series.standardize(rng.normal(size=(3, 20)))
    clf = series.WarpingClassifier().fit(train, list("ababab"))

    def distance(a, b, window):
        costs = np.full((len(a) + 1, len(b) + 1), np.inf)
        costs[0, 0] = 0
        for i in range(len(a)):
            for j in range(max(0, i - window), min(len(b), i + window + 1)):
                costs[i + 1, j + 1] = (a[i] - b[j]) ** 2 + min(costs[i, j], costs[i, j + 1], costs[i + 1, j])
        return costs[-1, -1] ** 0.5

    for share, window in ((0.0, 0), (0.05, 1), (0.1, 2)):
        expected = [[distance(a, b, window) for b in series.standardize(train)] for a in queries]
        assert clf._distances(queries, share) == pytest.approx(np.array(expected))
