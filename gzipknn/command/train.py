"""``gzipknn train``: fit a classifier to a file of texts, and write it to a model file."""

from __future__ import annotations

import argparse
import os
from typing import Any

from gzipknn.command.confidence import ENOUGH
from gzipknn.command.evaluation import sentence
from gzipknn.command.models import ENDING, fit, is_model
from gzipknn.command.options import Commands, add_columns, add_command, add_settings, given, named, parallel
from gzipknn.command.streams import warn, write, write_json
from gzipknn.command.texts import Training, load_training
from gzipknn.tuning import NCDClassifierCV
from gzipknn.utils.counted import counted


def add_to(commands: Commands) -> None:
    """Add the subcommand."""
    command = add_command(commands, "train", run, "fit a classifier to labelled texts, and write it to a model file")
    command.add_argument("train", metavar="TRAIN", help="file with labelled texts, or folder with train.*")
    out_help = f"the model file to write, such as tickets{ENDING}; other commands accept it as TRAIN"
    command.add_argument("-o", "--output", metavar="MODEL", required=True, help=out_help)
    tune_help = "choose the settings that are not given, on held-out training texts; this takes longer"
    command.add_argument("--tune", action="store_true", help=tune_help)
    add_columns(command)
    command.add_argument("--json", action="store_true", help="print JSON")
    add_settings(command)


def run(options: argparse.Namespace) -> None:
    """Write the model. Print its settings and the accuracy to expect."""
    _check(options)
    training = load_training(options)
    _warn_of_copies(options.train, training)
    model = fit(options, training, calibrate=True, clf=_tuned(options, training) if options.tune else None)
    model.save(options.output)
    settings, expected = model.settings, None if model.confidence is None else model.confidence.accuracy
    if options.json:
        write_json({"model": options.output, "n_train": model.n_texts, "settings": settings, "expected": expected})
        return
    chosen = "chosen" if options.tune else "settings"
    write(f"{chosen}: {', '.join(f'{name} {value}' for name, value in settings.items())}")
    if expected is not None:
        # if there are few texts, the settings were chosen on some of these
        chance = options.tune and model.n_texts < 2 * ENOUGH
        optimistic = "; these texts also helped to choose the settings, so expect a little less" if chance else ""
        write(f"expected {sentence(expected)} that were held out of training{optimistic}")
    n_classes = len(model.classifier.classes_)
    sizes = f"{counted(model.n_texts, 'training text')}, {counted(n_classes, 'class', 'classes')}"
    write(f"written: {options.output}, {sizes}")


def _check(options: argparse.Namespace) -> None:
    if is_model(options.train):
        raise ValueError(f"{options.train} is a model already; give the file of texts to train on.")
    if os.path.exists(options.output) and not is_model(options.output):
        raise ValueError(f"-o {options.output} exists, and is no model: name another file, or remove it first.")
    folder = os.path.dirname(os.path.abspath(options.output))
    if not os.path.isdir(folder):
        raise ValueError(f"-o {options.output}: there is no folder {folder}.")
    if not options.tune:
        return
    own = given(options)
    if options.preset is not None:
        raise ValueError("--tune chooses the settings itself, so it goes with no --preset; leave one of them out.")
    if "screen" in own:
        raise ValueError("--tune chooses on exact searches, so it goes with no --screen; leave one of them out.")
    if own:
        warn(f"--tune keeps what was given, {named(own)}, and chooses the other settings only.")


def _warn_of_copies(source: str, training: Training) -> None:
    """Warn if texts are copies. Held-out texts are then known, so the accuracy to expect is too high."""
    first: dict[Any, int] = {}
    rows, conflicts = [], set()
    for i, text in enumerate(training.texts):
        original = first.setdefault(text, i)
        if original != i:
            rows.append(training.positions[i] + 1)
            if training.labels[original] != training.labels[i]:
                conflicts.add(original)
    if not rows:
        return
    are = "is a copy of a text" if len(rows) == 1 else "are copies of texts"
    which = "" if len(rows) == 1 else "the first "
    n_groups = counted(len(conflicts), "group")
    conflict = f"; the labels conflict in {n_groups} of copies" if conflicts else ""
    warn(
        f"{source}: {len(rows):,} of {counted(len(training.texts), 'training text')} {are} further up, "
        f"{which}in row {rows[0]}{conflict}. For new texts that are no copies, expect a lower accuracy than the "
        f"printed one; 'gzipknn near' lists the copies."
    )


def _tuned(options: argparse.Namespace, training: Training) -> Any:
    """Return a fitted classifier with the settings that NCDClassifierCV chooses."""
    if len(training.texts) < 2:
        raise ValueError("--tune needs two training texts or more, to hold one out.")
    search = NCDClassifierCV(**given(options), **parallel(options), random_state=0, memory=options.memory)
    return search.fit(training.texts, training.labels).best_estimator_
