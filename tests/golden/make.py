"""Write the golden files again, only if the numbers are meant to change: python tests/golden/make.py"""

import csv
import zlib
from pathlib import Path

from gzipknn import NCDClassifier, compressed_lengths

HERE = Path(__file__).parent
COMPRESSORS = ("gzip", "zlib", "bz2")  # the lengths of lzma differ between versions of liblzma
SETTINGS = [("ncd", "query-first"), ("cdm", "train-first"), ("clm", "symmetric")]


def texts():
    """Return about 40 texts: prose in several languages, code, runs, bytes of every value, and a text beyond 32 KiB."""
    lines = (HERE / "texts.txt").read_text(encoding="utf-8").splitlines()
    made = [b"", b"a", b"\x00" * 300, b"ab" * 1000, bytes(range(256)) * 3, "\n".join(lines).encode() * 12]
    return [line.encode() for line in lines] + made


def length_rows():
    lengths = [compressed_lengths(texts(), name).tolist() for name in COMPRESSORS]
    return [[i, *row] for i, row in enumerate(zip(*lengths, strict=True))]


def neighbor_rows():
    rows = []
    for metric, order in SETTINGS:
        clf = NCDClassifier(metric=metric, order=order).fit(texts(), [0] * len(texts()))
        distances, indices = clf.kneighbors(n_neighbors=3)
        for i, (near, where) in enumerate(zip(distances.tolist(), indices.tolist(), strict=True)):
            rows.append([metric, order, i, *where, *(f"{distance:.12f}" for distance in near)])
    return rows


def main():
    for name, header, rows in [
        ("lengths", ["text", *COMPRESSORS], length_rows()),
        ("neighbors", ["metric", "order", "text", "i1", "i2", "i3", "d1", "d2", "d3"], neighbor_rows()),
    ]:
        with open(HERE / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            file.write(f"# made with zlib {zlib.ZLIB_RUNTIME_VERSION}\n")
            csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main()
