#!/usr/bin/env bash
# Install the lowest version of each dependency that setup.cfg allows, and run the tests that use them:
#   tests/lowest_versions.sh          # with python3.11, or the Python that PYTHON names
#   tests/lowest_versions.sh bert     # also with the packages of this extra (some GB) and its tests
set -euo pipefail
cd "$(dirname "$0")/.."
extras=(zstd lz4 brotli plot "$@")
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT

"${PYTHON:-python3.11}" -m venv "$venv"
lowest=$("$venv/bin/python" - "${extras[@]}" << 'PYTHON'
import configparser, re, sys

config = configparser.ConfigParser()
config.read("setup.cfg")
wanted = config["options"]["install_requires"].split()
for extra in sys.argv[1:]:
    wanted += config["options.extras_require"][extra].split()
for requirement in wanted:
    name, version = re.fullmatch(r"([\w.-]+)>=([\d.]+)", requirement).groups()
    print(f"{name}=={version}")
PYTHON
)
echo "$lowest" | tr '\n' ' '
"$venv/bin/pip" install -q $lowest . pytest hypothesis "dask[distributed]" pandas
tests=(
    backends bad_settings bags_of_words cache class_compressor classifier command command_models compressors datasets files
    golden kernel linear_models lz77 meta_estimators models neighbors plotting transformer voting without_datasets
)
case " $* " in *" bert "*) tests+=(encoder finetune) ;; esac
cd tests # so that the installed package is tested, not the checkout
PYTHONSAFEPATH=1 GZIPKNN_IMPLEMENTATION=native OMP_NUM_THREADS=1 "$venv/bin/python" -m pytest -q -m "not slow" \
    -o addopts=--strict-markers $(printf 'test_%s.py ' "${tests[@]}")
