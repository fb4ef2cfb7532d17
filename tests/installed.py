"""A short test of an installed package. It needs no other package: python -P tests/installed.py native|python."""

import gzip
import sys
import warnings
from importlib.metadata import files

import gzipknn
from gzipknn._kernel import implementation


def main(wanted):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore" if wanted == "python" else "error")  # the library warns if there is no kernel
        assert implementation() == wanted, implementation()
        X = ["the cat sat on the mat", "cats and dogs", "stocks fell again", "the market rose"]
        lengths = [len(gzip.compress(text.encode())) for text in X]
        assert gzipknn.compressed_lengths(X).tolist() == lengths, gzipknn.compressed_lengths(X)
        for compressor in ("gzip", "lz77"):
            model = gzipknn.NCDClassifier(1, compressor=compressor).fit(X, ["pets", "pets", "money", "money"])
            assert model.predict(["a cat sat", "stocks rose"]).tolist() == ["pets", "money"]
    held = {str(path) for path in files("gzipknn") or ()}
    assert {"gzipknn/py.typed", "gzipknn/_kernel/_native.pyi", "gzipknn/command/report.html.jinja"} <= held, held
    assert not [
        path for path in held if path.startswith(("tests", "docs", "experiments")) or path.endswith((".c", ".h"))
    ]
    print(f"{gzipknn.__file__}: {wanted}, as it should be")


if __name__ == "__main__":
    main(sys.argv[1])
