import subprocess
import sys

from conftest import ROOT

import gzipknn


def test_import_loads_nothing_heavy():
    code = (
        "import gzipknn, sys; "
        "print([m for m in ('datasets', 'matplotlib', 'torch', 'zstandard', 'brotli') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_public_names_are_there():
    assert all(hasattr(gzipknn, name) for name in gzipknn.__all__)
    assert {"NCDClassifier", "NCDTransformer", "pairwise_ncd", "compressed_lengths"} <= set(gzipknn.__all__)


def test_show_versions_prints_what_results_depend_on(capsys):
    gzipknn.show_versions()
    shown = capsys.readouterr().out
    for name, number in gzipknn.versions().items():
        assert name in shown
        assert number in shown


def test_tables_in_the_docs_are_those_of_the_committed_results():
    subprocess.run([sys.executable, ROOT / "docs" / "tables.py", "--check"], check=True)


def test_the_library_does_not_import_the_command():
    code = "import sys, gzipknn; print([name for name in sys.modules if name.startswith('gzipknn.command')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
