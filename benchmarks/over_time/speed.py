"""What asv measures of each commit (see asv.conf.json): fit and search on the docstrings of the standard library."""

from gzipknn import NCDClassifier, compressed_lengths
from gzipknn.datasets import load_stdlib_docs


class Search:
    """Fit to 2,000 texts, and predict 50."""

    params = ("gzip", "lz77")
    param_names = ("compressor",)
    timeout = 300

    def setup(self, compressor: str) -> None:
        self.docs = load_stdlib_docs()
        self.model = NCDClassifier(5, compressor=compressor, n_jobs=1)
        self.model.fit(self.docs.X_train[:2000], self.docs.y_train[:2000])

    def time_fit(self, compressor: str) -> None:
        self.model.fit(self.docs.X_train[:2000], self.docs.y_train[:2000])

    def time_predict(self, compressor: str) -> None:
        self.model.predict(self.docs.X_test[:50])

    def peakmem_fit_and_predict(self, compressor: str) -> None:
        self.model.fit(self.docs.X_train[:2000], self.docs.y_train[:2000]).predict(self.docs.X_test[:50])


def time_compressed_lengths() -> None:
    compressed_lengths([b"the cat sat on the mat " * 100] * 200, "gzip")
