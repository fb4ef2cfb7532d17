import json

from conftest import run


def test_imdb_from_a_folder(folder, tmp_path):
    limits = ("--limit-train", 200, "--limit-test", 50)
    done = run("imdb.py", "--data", folder, *limits, "--metric", "cdm", "-k", 1, 2, "--n-jobs", 1, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Not an accuracy" in done.stdout
    result = json.loads((tmp_path / "docs_gzip_cdm_query-first_200x50.json").read_text())
    assert result["n_train"] == 200
    assert result["n_test"] == 50
    at_1, at_2 = result["scores"]["1"], result["scores"]["2"]
    assert len({score["right"] for score in at_1.values()}) == 1  # no ties among one
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
    for part, texts, labels in (("train", docs.X_train[:800], docs.y_train), ("test", docs.X_test, docs.y_test)):
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
    # a budget for two queries is enough for a time alone
    done = run("compressors.py", *arguments[:-2], "--budget", 0.001, "--n-jobs", 1, "--out", tmp_path / "poor")
    assert done.returncode == 0, done.stderr
    assert "chosen" not in json.loads((tmp_path / "poor" / "compressors_docs.json").read_text())["compressors"]["lz77"]


def test_lz77_definition(folder, tmp_path):
    limits = ("--train", 200, "--validation", 40, "--n-jobs", 1)
    done = run("lz77_definition.py", "--data", folder.parent, "--sets", folder.name, *limits, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "lz77_definition.json").read_text())["sets"]["docs"]
    assert result["n_train"] == 200
    assert len({result[variant]["value"] for variant in result if variant != "n_train"}) > 1
    assert ">as defined</text>" in (tmp_path / "lz77_definition.svg").read_text(encoding="utf-8")


def test_landmarks(folder, tmp_path):
    done = run("landmarks.py", "--data", folder.parent, "--sets", folder.name, "--landmarks", 50, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "landmarks.json").read_text())["sets"]["docs"]
    assert result["n_landmarks"] == 50
    assert 0 < result["log_loss"] < 2 * result["held_out_loss"]
    assert ">docs</text>" in (tmp_path / "landmarks.svg").read_text(encoding="utf-8")
    assert result["test"]["value"] > 0.3  # of 20 classes


def test_neighbours_in_r8_equal_the_plain_statement(shared_data):
    from naive import LENGTHS, distances, k_smallest

    from gzipknn import NCDClassifier
    from gzipknn.datasets import load_texts

    X_train, y_train = load_texts(shared_data / "r8", "train")
    X_test, _ = load_texts(shared_data / "r8", "test")
    clf = NCDClassifier(3).fit(X_train[:300], y_train[:300])
    expected = distances([x.encode() for x in X_test[:5]], [x.encode() for x in X_train[:300]], LENGTHS["gzip"])
    assert clf.kneighbors(X_test[:5])[1].tolist() == [k_smallest(row, 3) for row in expected]
