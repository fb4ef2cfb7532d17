"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.trusted_types import TRUSTED as TRUSTED
