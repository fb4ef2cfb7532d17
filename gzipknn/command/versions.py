"""``gzipknn versions``: print the versions on which results depend."""

from __future__ import annotations

import argparse

from gzipknn.command.options import Commands, add_command
from gzipknn.command.streams import write, write_json
from gzipknn.versions import versions


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "versions", run, "print what results depend on")
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> None:
    """Print the versions."""
    if options.json:
        write_json(versions())
    else:
        for name, number in versions().items():
            write(f"{name:>14}  {number}")
