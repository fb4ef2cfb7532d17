"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.search.screen import Screen as Screen
