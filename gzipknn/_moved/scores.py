"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.utils.accuracy import accuracy as accuracy
