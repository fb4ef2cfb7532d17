"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.search.string_index import StringIndex as StringIndex
