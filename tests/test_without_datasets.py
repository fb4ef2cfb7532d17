"""Only data sets of the hub need the package datasets and what it brings. Everything else works without it."""

import json
import subprocess
import sys

import pytest

BLOCKED = ("datasets", "huggingface_hub", "pyarrow", "pandas")
BLOCK = f"""
import sys

class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {BLOCKED} else self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Without, sys.meta_path)
"""


def run(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", BLOCK + code, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8"
    )


def test_the_core():
    done = run(
        """
import gzipknn, gzipknn.baselines, gzipknn.recipes, gzipknn.plotting, gzipknn.explanation
X, y = ["the cat sat", "the cat ran", "stocks fell", "stocks rose"], ["pet", "pet", "money", "money"]
for model in (
    gzipknn.NCDClassifier(1),
    gzipknn.NCDClassifier(1, compressor="lz77"),
    gzipknn.baselines.ClassCompressorClassifier("kneser-ney"),
    gzipknn.recipes.landmark_classifier(),
):
    print(*model.fit(X, y).predict(["the cat slept", "stocks slept"]))
gzipknn.show_versions()
"""
    )
    assert done.stdout.splitlines()[:4] == ["pet money"] * 4, done.stderr


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_files_and_the_command(tmp_path, ending):
    path, model = tmp_path / f"texts.{ending}", tmp_path / "model.skops"
    rows = [("the cat sat", "pet"), ("the cat ran", "pet"), ("stocks fell", "money"), ("stocks rose", "money")]
    if ending == "csv":
        path.write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    else:
        path.write_text("".join(json.dumps({"text": text, "label": label}) + "\n" for text, label in rows))
    command = "from gzipknn.__main__ import main; sys.exit(main(sys.argv[1:]))"
    trained = run(command, "train", path, "-o", model)
    assert trained.returncode == 0, trained.stderr
    done = run(command, "predict", model, path)
    assert done.stdout.split() == [label for _, label in rows], done.stderr


def test_the_hub_says_what_is_missing():
    done = run("import gzipknn.datasets; gzipknn.datasets.load_texts('stanfordnlp/imdb')")
    assert "datasets" in done.stderr.splitlines()[-1]
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError")
