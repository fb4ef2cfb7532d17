"""The ``gzipknn`` command: results on stdout, progress and messages on stderr."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import classification_report

from gzipknn.cache import BlockStore
from gzipknn.classifier import NCDClassifier
from gzipknn.compressors import COMPRESSORS
from gzipknn.datasets import load_stdlib_docs, load_texts
from gzipknn.hubness import NORMALIZATIONS
from gzipknn.metrics import METRICS
from gzipknn.pairwise import ORDERS
from gzipknn.scores import accuracy
from gzipknn.screening import parse_screen
from gzipknn.versions import __version__, show_versions, versions
from gzipknn.voting import TIE_BREAKS, WEIGHTS

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


def _demo(options: argparse.Namespace) -> None:
    docs = load_stdlib_docs()
    print(
        f"Which of {len(docs.target_names)} modules of Python's standard library is a docstring from?\n"
        f"{len(docs.X_train)} training texts, {len(docs.X_test)} test texts."
    )
    clf = _classifier(options).fit(docs.X_train, docs.y_train)
    start = time.perf_counter()
    predicted = clf.predict(docs.X_test)
    seconds = time.perf_counter() - start
    print(f"\n{_sentence(_score(predicted, docs.y_test))} in {seconds:.1f} s\n")
    shown = range(3)
    distances, indices = clf.set_params(verbose=0).kneighbors([docs.X_test[i] for i in shown], n_neighbors=2)
    for i in shown:
        print(f"text      {_line(docs.X_test[i])}\n          is from {docs.y_test[i]}, taken for {predicted[i]}")
        for distance, index in zip(distances[i], indices[i], strict=True):
            print(f"  {distance:.3f}   {_line(docs.X_train[index])}\n          {docs.y_train[index]}")
        print()


def _evaluate(options: argparse.Namespace) -> None:
    X_train, y_train = load_texts(options.train, "train", text=options.text, label=options.label)
    X_test, y_test = load_texts(options.test, "test", text=options.text, label=options.label)
    # as words, so that the 1 of one file is the "1" of another
    y_train, y_test = [str(label) for label in y_train], [str(label) for label in y_test]
    unknown = sorted(set(y_test) - set(y_train))
    if unknown:
        print(f"gzipknn: {options.train} lacks these labels of {options.test}: {unknown}", file=sys.stderr)
    clf = _classifier(options).fit(X_train, y_train)
    start = time.perf_counter()
    predicted = clf.predict(X_test)
    seconds = time.perf_counter() - start
    score = _score(predicted, y_test)
    if options.json:
        known = {"seconds": None if options.memory else seconds}  # a part may have been known
        print(json.dumps({**score, "n_train": len(X_train), **known}))
    else:
        print(classification_report(y_test, predicted, zero_division=0))
        taken = "" if options.memory else f" in {seconds:.1f} s"
        print(f"{_sentence(score)}{taken}, {len(X_train)} training texts")


def _predict(options: argparse.Namespace) -> None:
    X_train, y_train = load_texts(options.train, "train", text=options.text, label=options.label)
    if options.input == "-":
        X = [line.removesuffix("\n") for line in _stdin()]
    else:
        X, _ = load_texts(options.input, "test", text=options.text, label=None)
    clf = _classifier(options).fit(X_train, y_train)
    for text, label in zip(X, clf.predict(X).tolist(), strict=True):
        print(json.dumps({options.text: text, options.label: label}, ensure_ascii=False) if options.json else label)


def _explain(options: argparse.Namespace) -> None:
    X_train, y_train = load_texts(options.train, "train", text=options.text, label=options.label)
    query = _stdin().read().removesuffix("\n") if options.query == "-" else options.query
    explanation = _classifier(options).fit(X_train, y_train).explain(query, options.neighbors)
    if options.html:
        head = '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        print(head + explanation._repr_html_())
    elif options.json:
        print(json.dumps(explanation.to_dict(), ensure_ascii=False, default=repr))
    else:
        print(explanation)


def _stdin() -> TextIO:
    if sys.stdin is None:
        raise OSError("there is no stdin to read texts from; give a file instead of -")
    return sys.stdin


def _cache_info(options: argparse.Namespace) -> None:
    info = options.store.info()
    if options.json:
        print(json.dumps(info))
    else:
        print(f"{info['folder']}: {_counted(info['blocks'], 'block')}, {info['bytes'] / 1e6:.3f} MB")
        for kind in ("damaged", "unfinished"):
            for path in info[kind]:
                print(f"{kind}: {path}")
    if info["damaged"]:
        damaged = _counted(len(info["damaged"]), "block")
        raise ValueError(f"damaged: {damaged}. Searched again when wanted; or clear the cache.")


def _cache_clear(options: argparse.Namespace) -> None:
    print(f"{_counted(options.store.clear(), 'file')} deleted")


def _store(text: str) -> BlockStore:
    if not os.path.isdir(text):  # nor is ""
        raise argparse.ArgumentTypeError(f"there is no folder {text!r:.200}; give the one given as --memory")
    store = BlockStore(Path(text))
    if not store.files.is_dir():
        raise argparse.ArgumentTypeError(f"nothing is kept in {text!r:.200}: no search was run with this --memory")
    return store


def _counted(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"


def _versions(options: argparse.Namespace) -> None:
    if options.json:
        print(json.dumps(versions()))
    else:
        show_versions()


def _classifier(options: argparse.Namespace) -> NCDClassifier:
    settings = ("compressor", "metric", "normalize", "screen", "weights", "tie_break", "order", "n_jobs", "memory")
    chosen: dict[str, Any] = {name: getattr(options, name) for name in settings}
    shown = sys.stderr.isatty() and not options.quiet
    return NCDClassifier(options.n_neighbors, verbose=int(shown), random_state=0, **chosen)


def _score(predicted: NDArray[Any], truth: list[Any]) -> dict[str, Any]:
    score = accuracy(predicted == np.array(truth))
    return {"accuracy": score["value"], "interval": score["interval"], "n_test": score["n"]}


def _sentence(score: dict[str, Any]) -> str:
    low, high = score["interval"]
    return f"accuracy {score['accuracy']:.3f} of {score['n_test']} texts (95 % interval {low:.3f} to {high:.3f})"


def _line(text: str, width: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gzipknn",
        description="Classify texts by compression: k nearest neighbours under the normalized compression distance.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"gzipknn {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add_command(name: str, run: Any, about: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        command.set_defaults(run=run)
        return command

    demo = add_command("demo", _demo, "classify the docstrings of the standard library, no download needed")
    _add_settings(demo, n_neighbors=1)
    evaluate = add_command("evaluate", _evaluate, "train on one file, test on another, print the accuracy")
    evaluate.add_argument("train", metavar="TRAIN", help="file with labelled texts, or folder with train.*")
    evaluate.add_argument("test", metavar="TEST", help="file with labelled texts, or folder with test.*")
    predict = add_command("predict", _predict, "print a label for each text of a file, in its order")
    predict.add_argument("train", metavar="TRAIN", help="file with labelled texts, or folder with train.*")
    input_help = "file with texts, or folder with test.*; or -, a text a line on stdin"
    predict.add_argument("input", metavar="INPUT", help=input_help)
    explain = add_command("explain", _explain, "print what a text has in common with the nearest training texts")
    explain.add_argument("train", metavar="TRAIN", help="file with labelled texts, or folder with train.*")
    explain.add_argument("query", metavar="QUERY", help="the text itself, or - for all of stdin")
    explain.add_argument("--neighbors", type=int, metavar="N", default=3, help="how many to explain (default: 3)")
    explained = explain.add_mutually_exclusive_group()
    explained.add_argument("--html", action="store_true", help="print a page with the phrases marked")
    for command in (evaluate, predict, explain):
        command.add_argument("--text", metavar="COL", default="text", help="column of the texts (default: text)")
        command.add_argument("--label", metavar="COL", default="label", help="column of the labels (default: label)")
        (explained if command is explain else command).add_argument("--json", action="store_true", help="print JSON")
        _add_settings(command, n_neighbors=5)

    cache = commands.add_parser("cache", help="what --memory keeps", description="What --memory keeps.")
    what = cache.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (
        ("info", _cache_info, "print how much there is, and which files are damaged or were never finished"),
        ("clear", _cache_clear, "delete it, and nothing else in the folder"),
    ):
        command = what.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        command.add_argument("store", type=_store, metavar="FOLDER", help="the folder given as --memory")
        command.set_defaults(run=run)
        if run is _cache_info:
            command.add_argument("--json", action="store_true", help="print JSON")

    shown = add_command("versions", _versions, "print what results depend on")
    shown.add_argument("--json", action="store_true", help="print JSON")
    return parser


def _add_settings(parser: argparse.ArgumentParser, n_neighbors: int) -> None:
    k_help = f"how many neighbours vote (default: {n_neighbors})"
    parser.add_argument("-k", dest="n_neighbors", type=int, metavar="K", default=n_neighbors, help=k_help)
    parser.add_argument("--compressor", default="gzip", choices=COMPRESSORS, help="default: gzip")
    parser.add_argument("--metric", default="ncd", choices=METRICS, help="default: ncd")
    parser.add_argument("--normalize", choices=NORMALIZATIONS, help="correct for hubs (default: not)")
    screen_help = "compress a query only with this share or number of the training texts, or 'auto' (default: all)"
    parser.add_argument("--screen", type=parse_screen, metavar="N|SHARE|auto", help=screen_help)
    parser.add_argument("--weights", default="uniform", choices=WEIGHTS, help="default: uniform")
    parser.add_argument("--tie-break", default="nearest", choices=TIE_BREAKS, help="default: nearest")
    parser.add_argument("--order", default="query-first", choices=ORDERS, help="default: query-first")
    parser.add_argument("--n-jobs", type=int, default=-1, help="cores to use (default: -1, all)")
    memory_help = "keep in this folder what was searched, and take from it what was searched before"
    parser.add_argument("--memory", metavar="FOLDER", help=memory_help)
    parser.add_argument("--quiet", action="store_true", help="no progress bar (none is shown in a pipe either)")


if __name__ == "__main__":
    sys.exit(main())
