"""``gzipknn predict``: predict a label for each text."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from gzipknn.command.confidence import Confidence, label_with_odds
from gzipknn.command.models import Model, load_or_fit
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, add_training
from gzipknn.command.streams import flush, say, write
from gzipknn.command.tables import Rows, Writer, check_ending, open_table
from gzipknn.command.texts import load_kept, load_queries, stream_queries, text_name
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.escapes import one_line


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "predict", run, "print a label for each text of a file, in its order")
    add_training(command)
    input_help = "file with texts, or folder with test.*; or - for lines of stdin, each labelled as it comes"
    command.add_argument("input", metavar="INPUT", help=input_help)
    add_columns(command)
    proba_help = "add the probability that the label is right, and the second best label"
    command.add_argument("--proba", action="store_true", help=proba_help)
    unknown_help = "give no label to a text if its confidence is below this probability, such as 0.8"
    command.add_argument("--unknown", type=_probability, metavar="BELOW", help=unknown_help)
    keep_help = "keep the columns of INPUT, all or these, before the label; put it after the files"
    command.add_argument("--keep", metavar="COL", nargs="*", help=keep_help)
    out_help = "write a file, .csv, .jsonl or .parquet, with the texts or the columns of --keep, and the labels"
    command.add_argument("-o", "--output", metavar="FILE", help=out_help)
    command.add_argument("--json", action="store_true", help="print JSON")
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Print or write the labels."""
    _check(options)
    is_sure = options.proba or options.unknown is not None
    model = load_or_fit(options, calibrate=is_sure)
    confidence = _confidence(model) if is_sure else None
    if confidence is not None and options.unknown is not None:
        _tell_coverage(confidence, options.unknown)
    names, blocks = _stream(options, model) if options.input == "-" else _load(options)
    taken = 0, 0
    with _open(options, names) as write_rows:
        for texts, kept in blocks:
            answers = _answers(options, model, texts)
            write_rows([*before, *answer] for before, answer in zip(kept, answers, strict=True))
            taken = taken[0] + sum(answer[0] is not None for answer in answers), taken[1] + len(texts)
    if options.unknown is not None:
        below = f"the confidence of the others is below {options.unknown:g}"
        say(f"{taken[0]:,} of {taken[1]:,} texts have a label; {below}.")


def _check(options: argparse.Namespace) -> None:
    if options.output is not None:
        check_ending(options.output)
        if options.json:
            raise ValueError("--json prints, and -o writes a file: leave one of them out.")
        for other in (options.input, options.train):
            if os.path.exists(options.output) and os.path.exists(other) and os.path.samefile(options.output, other):
                raise ValueError(f"-o {options.output} would overwrite {other}; name another file.")
    if options.input == "-" and options.keep is not None:
        raise ValueError("a line of stdin has no columns for --keep; save the table as a file, and give its name.")


# ---- the texts, and the columns that are written before their labels ----

Blocks = Iterable[tuple[list[Any], list[Sequence[Any]]]]


def _load(options: argparse.Namespace) -> tuple[list[str], Blocks]:
    texts = load_queries(options, options.input)[0]
    names, kept = _beside(options, texts) if options.keep is None else load_kept(options)
    return names, [(texts, kept)]


def _stream(options: argparse.Namespace, model: Model) -> tuple[list[str], Blocks]:
    model.classifier.set_params(verbose=0)  # otherwise each block would show a progress bar
    return _beside(options, [])[0], ((texts, _beside(options, texts)[1]) for texts in stream_queries(options))


def _beside(options: argparse.Namespace, texts: list[Any]) -> tuple[list[str], list[Sequence[Any]]]:
    """Return the column of the texts, or no column if the labels are printed as plain lines."""
    if options.json or options.output is not None:
        return [text_name(options)], [[text] for text in texts]
    return [], [[] for _ in texts]


# ---- the predictions ----


def _open(options: argparse.Namespace, names: list[str]) -> AbstractContextManager[Writer]:
    if not (options.json or options.proba or options.output is not None or options.keep is not None):
        return nullcontext(_write_lines)
    names = [*names]
    for name in (options.label, *(["confidence", "second"] if options.proba else [])):
        names.append(_free(name, names))
    return open_table(options.output, names, as_json=options.json, live=options.input == "-")


def _write_lines(rows: Rows) -> None:
    for (label,) in rows:
        write("" if label is None else one_line(label))
    flush()


def _free(name: str, names: list[str]) -> str:
    """Return a name for a new column that none of the kept columns has."""
    while name in names:
        name = f"predicted_{name}"
    return name


def _answers(options: argparse.Namespace, model: Model, texts: list[Any]) -> list[list[Any]]:
    """Return each text's label, or None if it is not sure enough; if wanted, also its confidence and second label."""
    if not options.proba and options.unknown is None:
        return [[label] for label in model.classifier.predict(texts).tolist()]
    labels, odds, shares = label_with_odds(model.classifier, texts)
    classes = model.classifier.classes_
    sure = np.round(_confidence(model)(odds), 4)  # rounded as in the output
    answers: list[list[Any]] = []
    for label, confidence, row in zip(labels.tolist(), sure.tolist(), shares, strict=True):
        answer = [label if options.unknown is None or confidence >= options.unknown else None]
        if options.proba:
            others = np.where(classes == label, 0.0, row)
            answer += [confidence, classes[others.argmax()].item() if others.any() else None]
        answers.append(answer)
    return answers


def _confidence(model: Model) -> Confidence:
    if model.confidence is None:
        raise ValueError("one training text is too few to compute a confidence; train on more texts.")
    return model.confidence


def _tell_coverage(confidence: Confidence, below: float) -> None:
    answered = confidence.answered(below)
    right = np.array(confidence.right)[answered]
    told = f"{answered.mean():.1%} of {len(answered):,} held-out training texts have a confidence of at least {below:g}"
    if len(right):
        low, high = accuracy(right)["interval"]
        told += f", and {right.mean():.1%} of their labels are right (95 % interval {low:.1%} to {high:.1%})"
    say(f"{told}.")


def _probability(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"must be a probability from 0 to 1, got {text!r:.50}")
    return number
