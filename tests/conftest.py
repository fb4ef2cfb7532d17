import os
from pathlib import Path

import pytest
from hypothesis import settings

from gzipknn.datasets import load_stdlib_docs

ROOT = Path(__file__).parent.parent

# a slow machine is not a failure
settings.register_profile("gzipknn", deadline=None)
settings.load_profile("gzipknn")


@pytest.fixture(scope="session")
def docs():
    return load_stdlib_docs()


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the benchmark data sets, which the project does not ship (licences)."""
    folder = Path(os.environ.get("GZIPKNN_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no benchmark data in {folder}; set GZIPKNN_DATA to their folder")
    return folder
