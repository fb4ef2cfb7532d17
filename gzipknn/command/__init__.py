"""The ``gzipknn`` command: results go to stdout, messages to stderr. There is one file for each subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress

from gzipknn.command import cache, completion, demo, evaluate, explain, near, predict, train, versions
from gzipknn.command.options import Parser
from gzipknn.command.streams import ReaderGoneError, flush, plain_warnings, prepare_streams, say
from gzipknn.versions import __version__

EXAMPLES = """examples:
  gzipknn demo
  gzipknn train tickets.csv -o tickets.skops --tune --text subject body --label queue
  gzipknn predict tickets.skops new.csv --proba --keep -o labelled.csv
  tail -f log.txt | gzipknn predict tickets.skops -
  gzipknn evaluate tickets.skops test.csv
  gzipknn evaluate tickets.csv --sep ";" --encoding cp1252 --text subject body --label queue
  gzipknn explain tickets.skops "The printer is on fire."
  gzipknn evaluate train.csv test.csv --memory searched      # go on if interrupted; no search twice
  gzipknn cache info searched

Files end in .csv, .tsv, .jsonl, .ndjson, .json (these also as .gz) or .parquet; of a folder, TRAIN takes the file
train.* and TEST or INPUT the file test.*. Where TRAIN stands, a model that gzipknn train wrote may stand. Exit codes:
0 done, 1 the data or a setting would not do, or the results could not be written (the message says which), 2 the
command line was wrong, 130 interrupted."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    prepare_streams()
    options = argparse.Namespace()
    try:
        _parse(arguments, options)
        if sys.stdout is None:
            raise OSError("there is no standard output to write to.")
        with plain_warnings():
            options.run(options)
        flush()
    except ReaderGoneError:
        return 0
    except (OSError, TypeError, ValueError, ImportError) as error:
        with suppress(OSError, ReaderGoneError):
            flush()  # so that results come before the message
        say(str(error))
        return 1
    except KeyboardInterrupt:
        memory = getattr(options, "memory", None)
        kept = f"; finished results are kept: run the same command to continue (--memory {memory})" if memory else ""
        say(f"interrupted{kept}")
        return 130
    return 0


def _parse(arguments: Sequence[str] | None, options: argparse.Namespace) -> None:
    try:
        _parser().parse_args(arguments, options)
    except SystemExit:  # argparse exits after --help, --version and wrong arguments
        flush()
        raise


def _parser() -> Parser:
    parser = Parser(
        prog="gzipknn",
        description="Classify texts by compression: k nearest neighbours under the normalized compression distance.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gzipknn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for subcommand in (demo, train, predict, evaluate, explain, near, cache, versions):
        subcommand.add_to(commands)
    completion.add_to(commands, parser)
    return parser
