#!/usr/bin/env bash
# Run a command with a native kernel of portable C alone, built under AddressSanitizer and UndefinedBehaviorSanitizer (gcc, Linux):
#   tests/fuzz/sanitized.sh python -c 'import gzipknn; ...'
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python=${PYTHON:-python}
build=$root/build/sanitized
(
    cd "$root"
    CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g -O1 -DGZIPKNN_PORTABLE" \
        "$python" setup.py -q build --force --build-base "$root/build/sanitized-objects" --build-lib "$build" >/dev/null
)
ls "$build"/gzipknn/_kernel/_native*.so >/dev/null
# Python itself does not free all memory. A library that is loaded later needs the sanitizers' runtime first
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 GZIPKNN_IMPLEMENTATION=native
export PYTHONSAFEPATH=1 PYTHONPATH=$build
LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" exec "$@"
