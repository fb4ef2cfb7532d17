"""Where experiments write their results, and which results they leave alone."""

import json
import runpy
import shutil
import sys

import pytest
from conftest import ROOT, run

SCRIPTS = (
    *("audit.py", "bytes.py", "clustering.py", "compressors.py", "confidence.py", "encoder_cost.py", "finetune.py"),
    *("imdb.py", "landmarks.py", "lz77_definition.py", "outliers.py", "short_texts.py", "tables.py", "windows.py"),
)
WITHOUT_SETS = ("bytes.py", "encoder_cost.py", "finetune.py", "imdb.py", "windows.py")


@pytest.fixture(scope="module")
def experiments():
    sys.path.insert(0, str(ROOT / "experiments"))
    import common
    import sets
    import tables

    yield {"common": common, "sets": sets, "tables": tables}
    sys.path.remove(str(ROOT / "experiments"))


@pytest.fixture
def run_here(experiments, monkeypatch, capfd):
    """Return a function that runs an experiment in this process, where the modules are already imported."""

    def run_here(script, *arguments):
        monkeypatch.setattr(sys, "argv", [script, *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            runpy.run_path(str(ROOT / "experiments" / script), run_name="__main__")
        code, (output, errors) = end.value.code, capfd.readouterr()
        return (1, output, errors + code) if isinstance(code, str) else (code, output, errors)  # as Python exits

    return run_here


@pytest.mark.parametrize("script", SCRIPTS)
def test_results_go_to_the_same_folder_by_default(run_here, monkeypatch, script):
    monkeypatch.setenv("COLUMNS", "1000")
    code, help_text, _ = run_here(script, "--help")
    assert code == 0
    assert "created if needed (default: results); the committed results are in experiments/results" in help_text
    if script not in WITHOUT_SETS:
        assert "or paths of folders with train and test files" in help_text


@pytest.mark.parametrize(
    ("there", "new", "allowed", "merged"),
    [
        (None, [], True, {}),
        (None, ["--limit-train 5"], True, {}),
        ([], [], True, {"a": 1}),
        ([], ["--limit-train 5"], False, None),
        (["--limit-train 5"], ["--limit-train 5"], True, {"a": 1}),
        (["--limit-train 5"], ["--limit-train 6"], True, {}),
        (["--limit-train 5"], [], True, {}),
    ],
)
def test_a_part_never_replaces_the_whole(experiments, tmp_path, there, new, allowed, merged):
    common, path = experiments["common"], tmp_path / "made" / "result.json"
    if there is not None:
        common.write_result(path, {"sets": {"a": 1}}, there)
    if not allowed:
        before = path.read_bytes()
        for call in (lambda: common.read_known(path, "sets", new), lambda: common.write_result(path, {}, new)):
            with pytest.raises(ValueError, match=r"holds results of a whole run, .*\(--limit-train 5\).*--out"):
                call()
        assert path.read_bytes() == before
        return
    assert common.read_known(path, "sets", new) == merged
    common.write_result(path, {"sets": {"b": 2}}, new)
    assert json.loads(path.read_text())["part"] == new


def test_committed_results_count_as_whole(experiments):
    for path in (ROOT / "experiments" / "results").glob("*.json"):
        with pytest.raises(ValueError, match="whole run"):
            experiments["common"].check_replaceable(path, ["--limit-test 9"])


def test_options_that_make_a_part(experiments, monkeypatch):
    def part(*arguments):
        monkeypatch.setattr(sys, "argv", ["tables.py", *arguments])
        return experiments["tables"].parse_options().part

    assert part() == part("--methods", "gzip", "--n-jobs", "1", "--datasets", "r8") == []
    assert part("--limit-test", "9", "--memory", "x") == ["--limit-test 9", "--memory x"]
    assert part("--few-shot", "--max-encoded", "50") == ["--max-encoded 50"]


def test_another_encoder_is_refused(experiments, tmp_path, monkeypatch):
    tables = experiments["tables"]
    monkeypatch.setattr(sys, "argv", ["tables.py", "--model", "folder/small"])
    options = tables.parse_options()
    tables.check_model(tmp_path, {"small"}, options)
    for there in ({"all-MiniLM-L6-v2"}, {None}):
        with pytest.raises(ValueError, match=r"of the encoder (all-MiniLM-L6-v2|an unknown model), and those of small"):
            tables.check_model(tmp_path, there, options)
    options.methods = ["gzip"]
    tables.check_model(tmp_path, {"all-MiniLM-L6-v2"}, options)


def test_what_is_skipped_leaves_what_was_measured(experiments, tmp_path, monkeypatch):
    tables = experiments["tables"]
    arguments = ["tables.py", "--methods", "majority", "gzip", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", arguments)
    options = tables.parse_options()
    score = {"value": 0.5, "n": 2}
    measured = {"scores": {"test": score}, "fit_seconds": 1.0, "predict_seconds": 1.0}
    monkeypatch.setattr(tables, "in_own_process", lambda measure, name, group, options: {group[0]: measured})
    assert tables.run_methods("docs", options)
    missing = {"skipped": "no package"}
    answers = {"majority": measured, "gzip": missing}
    monkeypatch.setattr(tables, "in_own_process", lambda measure, name, group, options: {group[0]: answers[group[0]]})
    assert tables.run_methods("docs", options)
    assert json.loads((tmp_path / "table_docs.json").read_text())["methods"] == dict.fromkeys(answers, measured)
    answers["majority"] = missing
    assert not tables.run_methods("docs", options)


def test_data_sets_by_name_and_by_path(experiments, folder, tmp_path, monkeypatch, capsys):
    sets = experiments["sets"]
    shutil.copytree(folder, tmp_path / "mine" / "r8")
    shutil.copytree(folder, tmp_path / "data" / "r8")
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "data"
    for name, found, title in (
        ("r8", data / "r8", "r8"),
        ("data/r8", tmp_path / "data" / "r8", "r8"),
        ("mine/r8", tmp_path / "mine" / "r8", "mine_r8"),  # another data set with the name r8
        (str(folder), folder, "docs"),
        ("mine", tmp_path / "mine", "mine"),
        ("r52", None, "r52"),
    ):
        where = sets.find_folder(name, data)
        assert (where and where.resolve(), sets.title_of(name, data)) == (found, title)
    with pytest.raises(ValueError, match=r"'r8' and 'data/r8' would both be called 'r8'"):
        list(sets.load_sets(["r8", "data/r8"], data))
    loaded = [(title, len(test[0])) for title, _, test in sets.load_sets(["nothing", "mine/r8"], data)]
    assert loaded == [("mine_r8", 200)]
    assert "nothing: skipped: there is no folder" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="nothing was done"):
        list(sets.load_sets(["nothing", "./neither"], data))


@pytest.mark.parametrize("script", sorted({*SCRIPTS} - {*WITHOUT_SETS}))
def test_when_everything_is_skipped(run_here, script, tmp_path):
    code, _, errors = run_here(
        script, "--data", tmp_path, "--datasets", "nothing", "./neither", "--out", tmp_path / "results"
    )
    assert code == 1
    assert errors.count("skipped: there is no folder") == 2
    assert "nothing was done" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "results").exists()


def test_a_folder_by_its_path(folder, tmp_path):
    done = run("tables.py", "--datasets", folder, "--methods", "majority", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "table_docs.json").read_text())["data"] == "docs"


def test_imdb_of_fewer_neighbours_leaves_more_alone(folder, tmp_path):
    name = "docs_gzip_ncd_query-first"
    (tmp_path / f"{name}.json").write_text('{"scores": {}}')
    done = run("imdb.py", "--data", folder, "-k", 1, "--out", tmp_path)
    assert done.returncode == 1
    assert "those of a part (-k 1) never replace them" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.json"]
