"""Load labelled texts: docstrings of the standard library, files, folders, and data sets of the Hugging Face hub."""

from gzipknn.datasets.loading import load_texts
from gzipknn.datasets.stdlib_docs import load_stdlib_docs

__all__ = ["load_stdlib_docs", "load_texts"]
