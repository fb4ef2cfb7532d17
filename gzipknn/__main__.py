"""``python -m gzipknn``, and the console script: see :mod:`gzipknn.command`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gzipknn.utils.late_modules import import_late


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    try:
        if "sklearn" not in sys.modules:
            import_late()
        from gzipknn.command import main as run
    except KeyboardInterrupt:  # the imports take a second, in which users change their minds
        if sys.stderr is not None:
            print("gzipknn: interrupted", file=sys.stderr)
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
