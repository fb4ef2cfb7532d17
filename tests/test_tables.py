import csv
import json
import sys

import numpy as np
import pytest
from conftest import ROOT, run

from gzipknn import NCDClassifier
from gzipknn.datasets import load_texts


@pytest.fixture(scope="module")
def experiments():
    sys.path.insert(0, str(ROOT / "experiments"))
    import audit
    import choosing
    import measuring
    import methods
    import render
    import sets
    import tables

    modules = (audit, choosing, measuring, methods, render, sets, tables)
    yield {module.__name__: module for module in modules}
    sys.path.remove(str(ROOT / "experiments"))


METHODS = ("majority", "gzip", "bow-set", "bm25-classes", "tfidf-svm", "nb-svm", "encoder-knn")


@pytest.fixture(scope="module")
def results(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    limits = ("--limit-train", 200, "--limit-test", 60)
    methods = ("--methods", *METHODS)
    model = ("--model", out / "no-such-model")
    done = run(
        "tables.py", "--data", folder.parent, "--datasets", "docs", "nothing", *limits, *methods, *model, "--out", out
    )
    assert done.returncode == 0, done.stderr
    assert "nothing: skipped: there is no folder" in done.stderr
    assert "encoder-knn skipped: no encoder could be loaded" in done.stderr
    assert "skipped" not in done.stdout
    return out


def test_tables(results, folder):
    methods = json.loads((results / "table_docs.json").read_text())["methods"]
    assert list(methods) == list(METHODS)
    gzip = methods["gzip"]
    assert (gzip["n_train"], gzip["n_test"], gzip["n_test_all"]) == (200, 60, 200)
    assert gzip["scores"]["test"]["value"] > 2 * methods["majority"]["scores"]["test"]["value"]
    assert gzip["scores"]["top-2 of tied k=2"]["right"] >= gzip["scores"]["k=1"]["right"]
    assert gzip["peak_bytes"] > 50e6
    assert set(gzip["setting"]) == {"compressor", "metric", "normalize", "weights", "n_neighbors"}
    assert set(methods["bm25-classes"]["setting"]) == {"base", "normalize", "weights", "n_neighbors"}
    assert set(methods["nb-svm"]["setting"]) == {"C"}
    assert "setting" not in methods["tfidf-svm"]
    assert set(methods["bow-set"]["scores"]) == {"test"}
    report = (results / "tables.md").read_text()
    assert f"C = {methods['nb-svm']['setting']['C']} |" in report
    assert f"k = {gzip['n_neighbors']} |" in report
    assert "| gzip k-NN |" in report
    assert "Skipped: encoder k-NN, cosine: no encoder could be loaded" in report
    assert "nothing" not in report
    with (results / "tables.csv").open(newline="") as file:
        assert {row["rule"] for row in csv.DictReader(file)} >= {"test", "k=1", "top-2 of tied k=2"}
    assert ">gzip k-NN</text>" in (results / "tables.svg").read_text(encoding="utf-8")


def test_one_method_alone(folder, tmp_path):
    limits = ("--limit-train", 100, "--limit-test", 20)
    done = run(
        "tables.py", "--data", folder.parent, "--datasets", "docs", "--methods", "majority", *limits, "--out", tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tables_pairs.csv").read_text().strip() == ""


def test_a_method_is_scored_on_the_texts_that_it_says(results, folder, experiments):
    methods = json.loads((results / "table_docs.json").read_text())["methods"]
    train, test = (load_texts(folder, split) for split in ("train", "test"))
    some_train = experiments["measuring"].some(train, 200)
    clf = NCDClassifier(**methods["gzip"]["setting"]).fit(*some_train)
    for position, was_right in experiments["render"].right(methods["gzip"]).items():
        assert (clf.predict([test[0][position]])[0] == test[1][position]) == was_right


@pytest.mark.parametrize("name", ["bow-set", "bm25-classes"])
def test_settings_are_chosen_by_leaving_one_out(docs, experiments, name):
    """The chosen setting labels most of the sample right. Models that were fitted without the texts labelled them."""
    choosing, setting = experiments["choosing"], experiments["methods"].Setting(80, 1, "", None, 256, 1)
    X, y = docs.X_train[:80], docs.y_train[:80]
    about = experiments["methods"].METHODS[name]
    chosen = about.choose(setting, X, y)
    assert chosen["n_neighbors"] in choosing.KS
    hubs = choosing.draw(80, 40)
    sample = [i for i in range(80) if i not in hubs]

    def right(params):
        labels = [about.make(setting).set_params(**params).fit(*_without(X, y, i)).predict([X[i]])[0] for i in sample]
        return sum(label == y[i] for label, i in zip(labels, sample, strict=True))

    # not exactly: the left-out text was part of the sample for hubs and of the mean length
    others = [{"normalize": "zscore", "n_neighbors": 61}, {"normalize": None, "n_neighbors": 15}]
    assert all(right(chosen) >= right({**chosen, **other}) - 2 for other in others)


def _without(X, y, i):
    return [*X[:i], *X[i + 1 :]], [*y[:i], *y[i + 1 :]]


def test_mcnemar_by_hand(experiments):
    import base64

    def result(bits):
        packed = base64.b64encode(np.packbits(bits).tobytes()).decode()
        return {"right": packed, "n_test": len(bits), "n_test_all": len(bits)}

    one = result([True] * 8 + [False] * 2 + [True])
    other = result([False] * 8 + [True] * 2 + [True])
    compared = experiments["render"].mcnemar(one, other)
    assert (compared["only_one"], compared["only_other"]) == (8, 2)
    # the probability of at most 2 or at least 8 heads of ten coins
    assert compared["p"] == pytest.approx(2 * (1 + 10 + 45) / 2**10)
    assert experiments["render"].mcnemar(one, one)["p"] == 1


def test_published_numbers_stand_beside_what_repeats_them(experiments):
    scores = {"k=1": {"value": 0.9155}, "top-2 of tied k=2": {"value": 0.9529}}
    whole = {"n_train": 5485, "n_train_all": 5485, "n_test": 2189, "n_test_all": 2189}
    rows = experiments["render"].published("r8", {"gzip": {"scores": scores, **whole}})
    beside = {(row[1], row[3]): row[4] for row in rows}
    assert beside["k=1; ties: decrease k", "0.913"] == "0.9155"
    assert beside["top-2 of tied k=2 (optimistic, not an accuracy)", "0.952"] == "0.9529"
    imdb = experiments["render"].published("imdb_rasbt", {"encoder-logistic": {"scores": scores, **whole}})
    assert [row[4] for row in imdb if row[0] == "DistilBERT fine-tuned"] == ["-"]  # fine-tuned there, frozen here


def test_every_published_number_was_read_at_its_source(experiments):
    with experiments["render"].PUBLISHED.open(encoding="utf-8", newline="") as file:
        assert {row["how known"] for row in csv.DictReader(file)} == {"read"}


def test_few_shot(folder, tmp_path):
    arguments = ("--datasets", "docs", "--methods", "bow-set", "lz77", "--limit-test", 20)
    done = run("tables.py", "--few-shot", "--data", folder.parent, *arguments, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    few_shot = json.loads((tmp_path / "few_shot_docs.json").read_text())
    assert few_shot["n_test"] == 20
    for accuracies in few_shot["methods"].values():
        assert list(accuracies) == ["5", "10", "50", "100"]
        assert all(len(values) == 5 for values in accuracies.values())
        assert np.mean(accuracies["100"]) > np.mean(accuracies["5"])
    assert "±" in (tmp_path / "few_shot.md").read_text(encoding="utf-8")


def test_few_takes_so_many_of_each_class(experiments):
    y = np.array(["a"] * 50 + ["b"] * 3)
    rows = experiments["measuring"].few(y, 5, seed=0)
    assert sorted(y[rows]) == ["a"] * 5 + ["b"] * 3
    assert len(set(rows)) == 8
    assert not np.array_equal(rows, experiments["measuring"].few(y, 5, seed=1))


def test_audit_counts_what_is_wrong(experiments):
    train = (["One text", "one  TEXT", "two", "three", "two"], ["a", "a", "b", "c", "c"])
    test = (["two", "THREE", "four", "four", ""], ["b", "a", "a", "a", "b"])
    found = experiments["audit"].audit(train, test)
    assert found == {
        "n_train": 5,
        "n_test": 5,
        "empty": 1,
        "duplicates_in_train": 2,
        "duplicates_in_test": 1,
        "texts_with_several_labels": 1,
        "test_in_train": 2,
        "identical_in_train": 1,
        "test_in_train_with_another_label": 2,
    }


def test_audit_leaves_out_what_leaked(results, folder, experiments):
    train, test = (load_texts(folder, split) for split in ("train", "test"))
    methods = json.loads((results / "table_docs.json").read_text())["methods"]
    rights = experiments["render"].right(methods["gzip"])
    leaked = [position for position, was_right in rights.items() if was_right][:10]
    train = (
        train[0] + [test[0][position] for position in leaked],
        train[1] + [test[1][position] for position in leaked],
    )
    scores = experiments["audit"].clean_accuracies(methods, train, test)["gzip"]
    assert scores["clean"]["n"] == 50
    assert scores["clean"]["right"] == scores["all"]["right"] - 10


def test_audit_of_a_folder(results, folder):
    done = run("audit.py", "--data", folder.parent, "--datasets", "docs", "nothing", "--out", results)
    assert done.returncode == 0, done.stderr
    assert "nothing: skipped" in done.stderr
    assert "| docs | " in done.stdout
    assert "| gzip k-NN | " in (results / "audit.md").read_text()


def test_labels_of_several_columns(experiments, monkeypatch):
    columns = {"text": ["x", "y", "z"], "title": ["X", "Y", "Z"], "sick": [0, "1", 0], "health": ["1", "1", 0]}

    def load(hub, split, *, text, label, config, revision):
        return columns[text], columns.get(label, [])

    sets = experiments["sets"]
    monkeypatch.setattr(sets, "load_texts", load)
    source = sets.Source("someone/some", label=("sick", "health"))
    assert sets._from_hub(source, "train") == (["x", "y"], ["health", "sick"])
    titled = sets.Source("someone/some", text=("title", "text"), label=("health",))
    assert sets._from_hub(titled, "test")[0][1] == "Y y"


def test_committed_tables_are_those_of_the_committed_results(experiments):
    render, committed = experiments["render"], ROOT / "experiments" / "results"
    tables = render.read(committed, "table")
    assert set(experiments["tables"].HERE) <= set(tables)
    assert (committed / "tables.md").read_text(encoding="utf-8") == render.all_tables(tables)
    few_shot = render.few_shot_table(render.read(committed, "few_shot"))
    assert (committed / "few_shot.md").read_text(encoding="utf-8") == few_shot
