#!/usr/bin/env bash
# Run the C code of the kernel on a big-endian machine, an IBM Z (s390x), which qemu emulates. The results must equal
# those of this machine. Installs a cross compiler and qemu if they are missing (Debian or Ubuntu, as root):
#   tests/big_endian/run.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
kernel=${KERNEL:-$here/../../gzipknn/_kernel}
packages=(gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user)

has_tools() {
    command -v s390x-linux-gnu-gcc > /dev/null && command -v qemu-s390x > /dev/null
}

if ! has_tools; then
    cure="install a cross compiler and an emulator for s390x (on Debian: apt-get install ${packages[*]})"
    command -v apt-get > /dev/null || { echo "s390x-linux-gnu-gcc or qemu-s390x is missing, and so is apt-get; $cure" >&2; exit 2; }
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"; } > /dev/null ||
        { echo "apt-get could not install ${packages[*]}; as root, $cure" >&2; exit 2; }
    has_tools || { echo "s390x-linux-gnu-gcc or qemu-s390x is still missing; $cure" >&2; exit 2; }
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sources=()
for source in "$kernel"/*.c; do
    case $(basename "$source") in
        module.c | binding.c | bind_*.c) ;; # the binding needs Python
        *) sources+=("$source") ;;
    esac
done
flags=(-std=c99 -O2 -Wall -Wextra -ffp-contract=off -I"$kernel")
gcc "${flags[@]}" "$here/driver.c" "${sources[@]}" -lm -o "$work/native"
s390x-linux-gnu-gcc -static "${flags[@]}" "$here/driver.c" "${sources[@]}" -lm -o "$work/big_endian"

failed=0
"$work/native" > "$work/expected" || failed=1
qemu-s390x "$work/big_endian" > "$work/got" 2> "$work/errors" || failed=1
tail -n 5 "$work/errors" >&2
if ! cmp -s "$work/expected" "$work/got"; then
    differ=$(diff "$work/expected" "$work/got" | grep -c '^>' || true)
    echo "$differ of $(wc -l < "$work/expected") lines of results differ on s390x, first:" >&2
    diff "$work/expected" "$work/got" | cut -c 1-200 | head -n 4 >&2
    failed=1
fi
[ "$failed" = 0 ] || { echo "the kernel does not give the same results on a big-endian machine" >&2; exit 1; }
echo "$(wc -l < "$work/expected") lines of results are the same on s390x"
