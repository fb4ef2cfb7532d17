import re
import subprocess
import sys
import tarfile
from configparser import ConfigParser

import pytest
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


@pytest.mark.slow
def test_tables_in_the_docs_are_those_of_the_committed_results():
    subprocess.run([sys.executable, ROOT / "docs" / "tables.py", "--check"], check=True)


def test_the_library_does_not_import_the_command():
    code = "import sys, gzipknn; print([name for name in sys.modules if name.startswith('gzipknn.command')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_source_distribution_holds_what_is_needed_to_build_and_no_more(tmp_path):
    pytest.importorskip("setuptools", "77")
    command = [sys.executable, "setup.py", "-q", "egg_info", "--egg-base", tmp_path, "sdist", "--dist-dir", tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    package = {
        file.relative_to(ROOT).as_posix()
        for ending in ("py", "c", "h", "pyi", "jinja", "typed")
        for file in (ROOT / "gzipknn").rglob(f"*.{ending}")
    }
    top = {"LICENSE", "README.md", "CHANGELOG.md", "MANIFEST.in", "PKG-INFO", "pyproject.toml", "setup.cfg", "setup.py"}
    files = {name for name in held if "." in name.rpartition("/")[2] or name == "LICENSE"}
    assert {name for name in files if not name.startswith("gzipknn.egg-info")} | {"PKG-INFO"} == package | top


def test_the_recipe_for_conda_needs_what_setup_cfg_needs():
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    recipe = (ROOT / "recipe" / "meta.yaml").read_text(encoding="utf-8")
    needed = re.search(r"^  run:\n((?:    - .*\n)+)", recipe, re.MULTILINE)[1].replace(" ", "").split("\n-")
    python = f"python{config['options']['python_requires']}"
    assert [line.strip("-\n") for line in needed] == [python, *config["options"]["install_requires"].split()]
    assert f'version = "{config["metadata"]["version"]}"' in recipe
