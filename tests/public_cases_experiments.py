import shutil

from conftest import ROOT, run


# issue 16, item 24
def test_a_trial_run_leaves_the_results_of_whole_sets_alone(folder, tmp_path):
    committed = tmp_path / "results of whole sets"
    shutil.copytree(ROOT / "experiments" / "results", committed)
    (tmp_path / "data").mkdir()
    shutil.copytree(folder, tmp_path / "data" / "trec6")
    before = {path: path.read_bytes() for path in committed.iterdir()}
    trial = ("--data", tmp_path / "data", "--datasets", "trec6", "--methods", "majority", "--limit-train", 500)
    done = run("tables.py", *trial, "--out", committed)
    assert done.returncode == 1
    assert {path: path.read_bytes() for path in committed.iterdir()} == before
    assert "--limit-train 500" in done.stderr
    done = run("tables.py", "--data", tmp_path / "data", "--datasets", "nothing", "--out", tmp_path / "results")
    assert done.returncode == 1  # as everything was skipped
