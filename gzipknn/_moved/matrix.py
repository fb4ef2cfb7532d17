"""Moved, see :mod:`gzipknn._moved`."""

from gzipknn.pairwise import compressed_lengths as compressed_lengths
from gzipknn.pairwise import pairwise_ncd as pairwise_ncd
