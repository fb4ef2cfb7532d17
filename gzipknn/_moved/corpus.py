"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.texts.corpus import Corpus as Corpus
