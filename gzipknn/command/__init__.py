"""The ``gzipknn`` command: results on stdout, progress and messages on stderr. One file a subcommand."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from gzipknn.command import cache, demo, evaluate, explain, predict, versions
from gzipknn.versions import __version__

EXAMPLES = """examples:
  gzipknn demo
  gzipknn evaluate train.csv test.csv --text review --label sentiment -k 3
  gzipknn predict train.jsonl unlabelled.csv --json > labels.jsonl
  echo "Move the turtle forward." | gzipknn predict train.jsonl -
  gzipknn explain train.jsonl "Move the turtle forward." --compressor lz77
  gzipknn evaluate train.csv test.csv --memory searched      # go on if interrupted; no search twice
  gzipknn cache info searched

Files end in .csv, .tsv, .jsonl, .json (these also as .gz) or .parquet; of a folder, TRAIN takes the file train.*
and TEST or INPUT the file test.*. Exit codes: 0 done, 1 the data or a setting would not do (the message says
which), 2 the command line was wrong, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may know fewer letters than the texts
    try:
        if sys.stdout is None:
            raise OSError("there is no standard output to write to.")
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # the reader, head say, has had enough; Python must not try again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, TypeError, ValueError, ImportError) as error:
        print(f"gzipknn: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        memory = getattr(options, "memory", None)
        kept = f"; what was searched is kept, the same command goes on from there (--memory {memory})" if memory else ""
        print(f"gzipknn: interrupted{kept}", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gzipknn",
        description="Classify texts by compression: k nearest neighbours under the normalized compression distance.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gzipknn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subcommand in (demo, evaluate, predict, explain, cache, versions):
        subcommand.add_to(commands)
    return parser
