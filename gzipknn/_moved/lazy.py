"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.utils.lazy_tables import LazyTables as LazyTables
