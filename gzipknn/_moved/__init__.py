"""Old names of modules, under which models that were written by gzipknn 0.1.0 look for their classes.

This folder is searched after the package itself (see ``gzipknn/__init__.py``), so ``import gzipknn.corpus`` finds
``_moved/corpus.py``. Nothing in the library imports from here.
"""
