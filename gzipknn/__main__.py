"""The entry point of ``python -m gzipknn`` and of the console script, see :mod:`gzipknn.command`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from gzipknn.utils.late_modules import import_late


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    try:
        if "sklearn" not in sys.modules:
            import_late()
        from gzipknn.command import main as run
    except KeyboardInterrupt:  # the imports take a second, and users may interrupt them
        if sys.stderr is not None:
            print("gzipknn: interrupted", file=sys.stderr)
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
