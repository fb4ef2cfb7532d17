"""``python -m gzipknn``, and the console script: see :mod:`gzipknn.command`."""

import sys

from gzipknn.command import main

if __name__ == "__main__":
    sys.exit(main())
