"""``gzipknn cache``: show or delete the results that ``--memory`` keeps."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from gzipknn.command.options import Commands, add_command
from gzipknn.command.streams import write, write_json
from gzipknn.memory.cache import BlockStore
from gzipknn.utils.counted import counted
from gzipknn.utils.escapes import escaped


def add_to(commands: Commands) -> None:
    """Add the subcommand and its own subcommands."""
    about = "show or delete the results that --memory keeps"
    cache = commands.add_parser("cache", help=about, description=f"{about[0].upper()}{about[1:]}.")
    what = cache.add_subparsers(required=True, metavar="COMMAND")
    about = "print how much is kept, and which files are damaged or unfinished"
    info = add_command(what, "info", run_info, about)
    clear = add_command(what, "clear", run_clear, "delete the kept results, and nothing else in the folder")
    for command in (info, clear):
        command.add_argument("store", type=_store, metavar="FOLDER", help="the folder given as --memory")
    info.add_argument("--json", action="store_true", help="print JSON")


def run_info(options: argparse.Namespace) -> None:
    """Print the size of the cache, and raise if some of its files are damaged."""
    info = options.store.info()
    if options.json:
        write_json(info)
    else:
        write(f"{escaped(info['folder'])}: {counted(info['blocks'], 'block')}, {info['bytes'] / 1e6:.3f} MB")
        for kind in ("damaged", "unfinished"):
            for path in info[kind]:
                write(f"{kind}: {escaped(path)}")
    if info["damaged"]:
        damaged = counted(len(info["damaged"]), "block")
        raise ValueError(f"damaged: {damaged}. The next search computes them again; or clear the cache.")


def run_clear(options: argparse.Namespace) -> None:
    """Delete the files of the cache."""
    write(f"{counted(options.store.clear(), 'file')} deleted")


def _store(text: str) -> BlockStore:
    if not os.path.isdir(text):  # "" is not a folder either
        raise argparse.ArgumentTypeError(f"there is no folder {text!r:.200}; give the one given as --memory")
    store = BlockStore(Path(text))
    if not store.files.is_dir():
        raise argparse.ArgumentTypeError(f"nothing is kept in {text!r:.200}: no search was run with this --memory")
    return store
