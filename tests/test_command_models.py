"""Model files of the command are written whole, read without running code, and refused if they are damaged."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import sklearn
from sklearn.utils.fixes import parse_version

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.__main__ import main
from gzipknn.baselines import ClassCompressorClassifier
from gzipknn.command import models
from gzipknn.command.confidence import Confidence, held_out
from gzipknn.command.models import Model
from gzipknn.command.skops_files import NotPlainError, read_skops
from gzipknn.recipes import landmark_classifier
from gzipknn.trusted_types import TRUSTED


@pytest.fixture(scope="module")
def train(tmp_path_factory, docs):
    path = tmp_path_factory.mktemp("train") / "train.jsonl"
    rows = zip(docs.X_train[:80], docs.y_train[:80], strict=True)
    path.write_text("".join(json.dumps({"doc": text, "module": label}) + "\n" for text, label in rows))
    return str(path)


@pytest.fixture
def model(train, tmp_path):
    path = str(tmp_path / "m.skops")
    assert main(["train", train, "-o", path, "--text", "doc", "--label", "module", "-k", "3", "--quiet"]) == 0
    return path


def notes_of(path, **changes):
    """Change the notes of a model file."""
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content[models.NOTES] = json.dumps({**json.loads(content[models.NOTES]), **changes}).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, some in content.items():
            archive.writestr(name, some)


# ---- train ----


@pytest.mark.parametrize(
    ("settings", "same"),
    [
        ([], NCDClassifier(31, compressor="lz77", metric="nmi", normalize="half-local", weights="margin")),
        (["--preset", "paper"], NCDClassifier(2)),
        (["--preset", "fast"], ClassCompressorClassifier("kneser-ney")),
        (
            ["--normalize", "none", "--weights", "uniform", "-k", "3"],
            NCDClassifier(3, compressor="lz77", metric="nmi"),
        ),
    ],
)
def test_a_model_is_the_classifier_in_python(train, docs, tmp_path, capsys, settings, same):
    path = str(tmp_path / "m.skops")
    columns = ["--text", "doc", "--label", "module"]
    assert main(["train", train, "-o", path, *columns, *settings, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["n_train"], told["expected"]["n"]) == (80, 80)
    (tmp_path / "test.jsonl").write_text("".join(json.dumps({"doc": text}) + "\n" for text in docs.X_test[:20]))
    expected = same.fit(docs.X_train[:80], docs.y_train[:80]).predict(docs.X_test[:20]).tolist()
    for first in ([path], [train, *settings]):
        more = [] if first == [path] else columns
        assert main(["predict", first[0], str(tmp_path / "test.jsonl"), *first[1:], *more]) == 0
        assert capsys.readouterr().out.splitlines() == expected
    import skops.io

    assert skops.io.load(path, trusted=list(TRUSTED)).predict(docs.X_test[:20]).tolist() == expected


def test_tune_chooses_what_the_library_chooses(train, docs, tmp_path, capsys):
    path = str(tmp_path / "m.skops")
    given = ["--compressor", "huffman", "--normalize", "none"]
    assert main(["train", train, "-o", path, "--text", "doc", "--label", "module", "--tune", *given]) == 0
    captured = capsys.readouterr()
    clf = NCDClassifierCV(compressor="huffman", normalize=None).fit(docs.X_train[:80], docs.y_train[:80])
    k, metric, weights = (clf.best_params_[name] for name in ("n_neighbors", "metric", "weights"))
    assert f"chosen: k {k}, compressor huffman, metric {metric}, weights {weights}" in captured.out
    assert "helped to choose the settings, so expect a little less" in captured.out
    assert "--tune keeps what was given, --compressor, --normalize, and chooses the other settings" in captured.err
    assert np.array_equal(Model.load(path).classifier.predict(docs.X_test), clf.predict(docs.X_test))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tune", "--preset", "good"], "so it goes with no --preset"),
        (["--tune", "--screen", "auto"], "so it goes with no --screen"),
        (["--preset", "fast", "-k", "3"], "without neighbours, so it has no -k"),
        (["-k", "81"], "-k must be at most the number of training texts: 80, got 81"),
        (["-o", "TRAIN"], "exists, and is no model"),
        (["-o", "missing/m.skops"], "there is no folder"),
    ],
)
def test_what_train_refuses(train, tmp_path, capsys, options, message):
    before = Path(train).read_bytes()
    words = ["train", train, "-o", str(tmp_path / "m.skops"), "--text", "doc", "--label", "module"]
    assert main([*words, *(train if option == "TRAIN" else option for option in options)]) == 1
    assert message in capsys.readouterr().err
    assert os.listdir(tmp_path) == []
    assert Path(train).read_bytes() == before


def test_a_model_is_there_as_a_whole_or_as_it_was(model, train, capsys, monkeypatch):
    before = Path(model).read_bytes()

    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("skops.io.dump", full)
    assert main(["train", train, "-o", model, "--text", "doc", "--label", "module"]) == 1
    assert (
        "could not be written (No space left on device); what was there before is as it was" in capsys.readouterr().err
    )
    assert Path(model).read_bytes() == before
    assert os.listdir(os.path.dirname(model)) == ["m.skops"]


# ---- kinds of model files ----


def test_models_that_cannot_be_read(model, train, tmp_path, capsys):
    def refused(path):
        assert main(["predict", path, "-"]) == 1
        return capsys.readouterr().err

    assert "is a model already" in (main(["train", model, "-o", model]), capsys.readouterr().err)[1]
    whole = Path(model).read_bytes()
    for size in (0, 3, 100, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.skops").write_bytes(whole[:size])
        assert "damaged" in refused(str(tmp_path / "cut.skops"))
    middle = len(whole) // 2
    (tmp_path / "cut.skops").write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    assert "damaged" in refused(str(tmp_path / "cut.skops"))
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a", "b")
    assert "is a zip archive, but no model that gzipknn train wrote" in refused(str(tmp_path / "other.zip"))
    notes_of(model, format=9, gzipknn="3.0")
    assert "written by gzipknn 3.0, whose model files (format 9)" in refused(model)


def test_no_code_of_a_model_file_runs(model, tmp_path, capsys):
    with zipfile.ZipFile(model) as archive:
        schema = json.loads(archive.read("schema.json"))
        notes = archive.read(models.NOTES)
    for node in (
        {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"},
        {"__class__": "Popen", "__module__": "subprocess", "__loader__": "ObjectNode", "content": None},
        {"__class__": "code", "__module__": "types", "__loader__": "TypeNode"},
    ):
        evil = {**schema, "content": {**schema["content"], "content": {"n_jobs": node}}}
        evil["content"]["key_types"] = {**evil["content"]["key_types"]}
        evil["content"]["key_types"]["content"] = evil["content"]["key_types"]["content"][:1]
        path = tmp_path / "evil.skops"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("schema.json", json.dumps(evil))
            archive.writestr(models.NOTES, notes)
        with zipfile.ZipFile(path) as archive, pytest.raises(NotPlainError):
            read_skops(archive, TRUSTED)
        assert main(["predict", str(path), "-"]) == 1
        assert "Untrusted types found" in capsys.readouterr().err


def test_models_that_skops_alone_reads(docs, tmp_path):
    clf = landmark_classifier(20).fit(docs.X_train[:60], docs.y_train[:60])
    path = str(tmp_path / "m.skops")
    Model(clf, ["text"], "label", 60).save(path)
    again = Model.load(path)
    assert np.array_equal(again.classifier.predict(docs.X_test[:9]), clf.predict(docs.X_test[:9]))
    assert again.confidence is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-k", "5"], "leave out -k, or train again"),
        (["--preset", "paper", "--memory", "x", "--metric", "ncd"], "leave out --metric, --preset, --memory"),
    ],
)
def test_a_model_keeps_its_settings(model, capsys, options, message):
    assert main(["predict", model, "-", *options]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.skipif(parse_version(sklearn.__version__) < parse_version("1.7"), reason="before, pandas was looked into")
def test_a_start_imports_only_what_is_wanted(model):
    code = (
        "import sys; from gzipknn.__main__ import main; main(['predict', sys.argv[1], '-']); "
        "late = [type(sys.modules[name]).__name__ for name in ('pandas', 'scipy.stats')]; "
        "print(late, [name for name in ('skops', 'datasets', 'matplotlib', 'sklearn.pipeline', 'sklearn.metrics', "
        "'pyarrow', 'tqdm') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, model], input="a text\n", capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1:] == ["['LateModule', 'LateModule'] []"]


@pytest.mark.slow
def test_a_late_module_is_the_module_once_it_is_used():
    code = (
        "from gzipknn.utils.late_modules import import_late; import_late(); import pandas, scipy.stats; "
        "import sklearn.utils.fixes as fixes; import pandas.api.types; "
        "assert fixes.pd.DataFrame({'a': [1]}).a.sum() == 1; import sys; "
        "assert type(sys.modules['pandas']).__name__ == 'module'; from scipy.stats import binomtest; "
        "assert pandas.DataFrame is fixes.pd.DataFrame; print(binomtest(1, 2).pvalue)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1.0\n"


# ---- confidence ----


def test_confidence_is_calibrated_on_texts_held_out(docs):
    clf = NCDClassifier(15, compressor="lz77", weights="margin")
    confidence = held_out(clf, docs.X_train[:400], docs.y_train[:400])
    assert len(confidence.right) == 400
    sure, right = confidence(np.array(confidence.odds)), np.array(confidence.right)
    assert abs(sure.mean() - right.mean()) < 0.02
    upper = sure >= np.median(sure)
    assert abs(sure[upper].mean() - right[upper].mean()) < 0.07
    assert right[upper].mean() > right.mean()
    assert not hasattr(clf, "classes_")


def test_few_texts_all_right_make_nobody_certain():
    confidence = Confidence.fit(np.full(5, 20.0), np.ones(5, dtype=bool))
    assert 0.8 < confidence(np.array([20.0]))[0] < 0.95
    assert held_out(NCDClassifier(1), ["a"], ["b"]) is None
