import os

# Two processes run the tests on two cores. More threads of linear algebra would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import gzip
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from gzipknn import NCDClassifier
from gzipknn.datasets import load_stdlib_docs

ROOT = Path(__file__).parent.parent

# a slow machine is not a failure
settings.register_profile("gzipknn", deadline=None)
settings.load_profile("gzipknn")

# These files run experiments as a user does, start processes, load PyTorch or other backends, or check every estimator.
# The pages are slow because all their code is run. Slow tests in other files are marked in those files.
SLOW_FILES = {
    *("test_backends.py", "test_cache_identity.py", "test_command_streams.py", "test_confidence.py", "test_encoder.py"),
    *("test_encoder_cache.py", "test_experiments.py", "test_finetune.py", "test_hub.py", "test_in_scikit_learn.py"),
    *("test_kernel_long.py", "test_landmarks.py", "test_linear_models.py", "test_models.py", "test_public_cases.py"),
    *("test_results_kept.py", "test_screening.py", "test_sklearn_checks.py", "test_streams.py", "test_tables.py"),
    *("test_tuning.py", "test_without_datasets.py"),
}


def stable_id(value):
    """Return a name for a parameter without memory addresses. pytest-xdist wants the same name in every process."""
    return re.sub(r" at 0x[0-9a-f]+|tmp\w{8}", "", str(value))


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.name in SLOW_FILES or item.path.suffix == ".md":
            item.add_marker(pytest.mark.slow)


def run(script, *arguments, **environment):
    """Run an experiment as a user does."""
    return subprocess.run(
        [sys.executable, ROOT / "experiments" / script, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )


@pytest.fixture
def stdin(monkeypatch):
    """Return a function that puts bytes into stdin."""
    return lambda content: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.fixture(scope="session")
def docs():
    return load_stdlib_docs()


@pytest.fixture(scope="session")
def several(docs):
    """Texts with three labels each, as an array of str with a column for each label."""
    texts, labels = docs.X_train[:150], np.array(docs.y_train[:150])
    return texts, np.stack([labels, np.char.lower([text[0] for text in texts]), labels > "m"], axis=1)


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the benchmark data sets. The project does not ship them because of their licences."""
    folder = Path(os.environ.get("GZIPKNN_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"no benchmark data in {folder}; set GZIPKNN_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def folder(tmp_path_factory, docs):
    path = tmp_path_factory.mktemp("data") / "docs"
    path.mkdir()
    for part, texts, labels in [("train", docs.X_train, docs.y_train), ("test", docs.X_test, docs.y_test)]:
        with gzip.open(path / f"{part}.jsonl.gz", "wt", encoding="utf-8") as file:
            rows = ({"text": text, "label": label} for text, label in zip(texts, labels, strict=True))
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return path


@pytest.fixture(scope="session")
def few(docs):
    """A few training texts, their labels, and a few queries."""
    return docs.X_train[:40], docs.y_train[:40], docs.X_test[:8]


@pytest.fixture
def searches(few):
    """Function that searches the few queries with a given memory and given settings."""
    X, y, queries = few

    def search(memory, **settings):
        return NCDClassifier(3, memory=memory, **settings).fit(X, y).kneighbors(queries)

    return search


@pytest.fixture
def texts(docs):
    return docs.X_train[:120], docs.y_train[:120], docs.X_test[:30]
