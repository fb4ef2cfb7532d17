#!/usr/bin/env bash
# Build the wheel and the source distribution, check their contents, and use each in an empty environment:
#   PYTHON=.venv/bin/python tests/packages.sh
# PYTHON needs setuptools >= 77, build, twine and, on Linux, abi3audit and auditwheel.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$(realpath -s "$(command -v "${PYTHON:-python}")")
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

git archive HEAD | tar xf - -C "$(mkdir "$work/source" && echo "$work/source")"
"$python" -m build --no-isolation -o "$work/dist" "$work/source" > "$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
wheel=$(echo "$work"/dist/*-cp311-abi3-*.whl) sdist=$(echo "$work"/dist/*.tar.gz)
"$python" -m twine check --strict "$wheel" "$sdist"
"$python" -m abi3audit --strict "$wheel"
"$python" -m auditwheel show "$wheel" 2> /dev/null | tr '\n' ' ' | grep -o 'platform tag: "manylinux[^"]*"'

python3 -m venv "$work/empty"
use() { # what is installed, from an empty folder: its command, its demo, a short test
    (
        cd "$work/dist"
        GZIPKNN_IMPLEMENTATION=$1 "$work/empty/bin/gzipknn" versions | grep -E "gzipknn|implementation"
        GZIPKNN_IMPLEMENTATION=$1 "$work/empty/bin/gzipknn" demo > "$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
        PYTHONSAFEPATH=1 "$work/empty/bin/python" "$root/tests/installed.py" "$1"
    )
}
CC=/bin/false "$work/empty/bin/pip" install -q "$wheel"
use native
again=(install -q --force-reinstall --no-deps --no-cache-dir --no-binary gzipknn "$sdist")
"$work/empty/bin/pip" "${again[@]}"
use native
CC=/bin/false "$work/empty/bin/pip" "${again[@]}"
use python
