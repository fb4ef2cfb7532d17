"""``gzipknn versions``: what results depend on."""

from __future__ import annotations

import argparse
import json

from gzipknn.command.options import Commands, add_command
from gzipknn.versions import show_versions, versions


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "versions", run, "print what results depend on")
    command.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> None:
    """Print the versions."""
    if options.json:
        print(json.dumps(versions()))
    else:
        show_versions()
