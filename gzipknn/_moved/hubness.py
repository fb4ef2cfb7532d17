"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.search.hubs import normalize_distances as normalize_distances
