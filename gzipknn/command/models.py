"""Model files: written by ``gzipknn train``, and read by every subcommand that has the argument TRAIN.

A model file is a zip archive written by skops, so reading it runs no code. It contains the classifier, and a file
``gzipknn.json`` with the version that wrote it, the names of the columns, and the calibration of the confidence.
"""

from __future__ import annotations

import argparse
import json
import os
import zlib
from dataclasses import asdict, dataclass, field
from typing import Any
from zipfile import BadZipFile, ZipFile

from gzipknn.command.confidence import Confidence, held_out
from gzipknn.command.options import OPTIONS, Default, classifier, given, parallel
from gzipknn.command.skops_files import NotPlainError, read_skops
from gzipknn.command.texts import Training, load_training
from gzipknn.command.whole_files import whole_file
from gzipknn.phrases import readable
from gzipknn.trusted_types import TRUSTED
from gzipknn.utils.escapes import to_json
from gzipknn.versions import __version__

FORMAT = 1
"""The version of the format of gzipknn.json. Increase it if older versions of the library would misread the file."""
NOTES = "gzipknn.json"
MARK = b"PK\x03\x04"
"""The first bytes of a zip archive."""
ENDING = ".skops"
DAMAGED = (BadZipFile, EOFError, zlib.error, json.JSONDecodeError, KeyError, AttributeError, IndexError, TypeError)
"""The errors that reading a damaged file can raise."""


@dataclass
class Model:
    """A fitted classifier, and what is known about its training.

    Attributes
    ----------
    classifier : estimator
    text : list of str
        The columns from which the training texts were made.
    label : str
        The column of the labels.
    n_texts : int
    left_out : list of int
        Positions in the training file of blank texts, on which the classifier was not trained. Blank texts after the
        last other text are not listed.
    confidence : Confidence or None
        None if it was not asked for, or if there was only one training text.
    """

    classifier: Any
    text: list[str]
    label: str
    n_texts: int
    left_out: list[int] = field(default_factory=list)
    confidence: Confidence | None = None

    def save(self, path: str) -> None:
        """Write a model file, completely or not at all."""
        import skops.io  # imported here because this takes seconds

        if "memory" in self.classifier.get_params(deep=False):
            self.classifier.set_params(memory=None)  # it is a folder of this machine
        notes = {name: value for name, value in vars(self).items() if name not in ("classifier", "confidence")}
        notes["confidence"] = None if self.confidence is None else asdict(self.confidence)
        with whole_file(path) as unfinished:
            skops.io.dump(self.classifier, unfinished)
            with ZipFile(unfinished, "a") as archive:
                archive.writestr(NOTES, to_json({"format": FORMAT, "gzipknn": __version__, **notes}))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the classifier, with the names of the options."""
        parameters = self.classifier.get_params(deep=False)
        found = {OPTIONS[name].lstrip("-"): parameters[name] for name in OPTIONS if parameters.get(name) is not None}
        return {name: value if isinstance(value, int | float) else str(value) for name, value in found.items()}

    @property
    def positions(self) -> list[int]:
        """The position of each text in the training file."""
        return sorted(set(range(self.n_texts + len(self.left_out))) - set(self.left_out))

    @property
    def training(self) -> Training | None:
        """The training texts with labels as strings, or None if the model contains counts instead of texts."""
        if not hasattr(self.classifier, "training_"):
            return None
        texts = [readable(text) for text in self.classifier.training_.texts]
        labels = [str(label) for label in self.classifier.classes_[self.classifier._y].tolist()]
        return Training(texts, labels, self.positions)

    @classmethod
    def load(cls, path: str) -> Model:
        """Read a model file. Raise ValueError if it cannot be read, with the reason."""
        try:
            with ZipFile(path) as archive:
                notes = _checked_notes(path, archive)
                clf = read_skops(archive, TRUSTED)
        except NotPlainError:
            import skops.io  # imported here because this takes seconds

            clf = skops.io.load(path, trusted=list(TRUSTED))
        except DAMAGED as error:
            raise ValueError(f"{path} is a damaged model file ({error}); copy it again, or train again.") from error
        notes["confidence"] = None if notes["confidence"] is None else Confidence(**notes["confidence"])
        return cls(clf, **{name: value for name, value in notes.items() if name not in ("format", "gzipknn")})


def _checked_notes(path: str, archive: ZipFile) -> dict[str, Any]:
    if NOTES not in archive.namelist():
        raise ValueError(
            f"{path} is a zip archive, but no model that gzipknn train wrote: it holds no {NOTES}. If it is a "
            f"spreadsheet, save it as CSV (UTF-8)."
        )
    notes: dict[str, Any] = json.loads(archive.read(NOTES))
    if notes["format"] != FORMAT:
        raise ValueError(
            f"{path} was written by gzipknn {notes['gzipknn']}, whose model files (format {notes['format']}) gzipknn "
            f"{__version__} (format {FORMAT}) can't read; train again, or use that version."
        )
    return notes


def is_model(path: str) -> bool:
    """Return whether a file begins like a model file. Raise if its name is that of a model, but its content is not."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        begins = file.read(len(MARK)) == MARK
    if not begins and path.lower().endswith(ENDING):
        raise ValueError(f"{path} is no model, or a damaged one: it does not begin like a file of gzipknn train.")
    return begins


def load_or_fit(options: argparse.Namespace, *, calibrate: bool) -> Model:
    """Return the model of TRAIN. It is read from a model file, or fitted to a file of texts."""
    if is_model(options.train):
        return load_model(options)
    return fit(options, load_training(options), calibrate=calibrate)


def load_model(options: argparse.Namespace) -> Model:
    """Read the model, and take the names of its columns as options. Raise if an option would change the model."""
    wrong = [OPTIONS[name] for name in given(options)]
    wrong += [f"--{name}" for name in ("preset", "memory") if getattr(options, name, None) is not None]
    if wrong:
        raise ValueError(
            f"{options.train} is a model, and its settings can't be changed after training: leave out "
            f"{', '.join(wrong)}, or train again with it."
        )
    model = Model.load(options.train)
    if isinstance(options.text[0], Default):
        options.text = model.text
    if isinstance(options.label, Default):
        options.label = model.label
    model.classifier.set_params(**parallel(options))
    return model


def fit(options: argparse.Namespace, training: Training, *, calibrate: bool, clf: Any = None) -> Model:
    """Return a model of the texts of TRAIN. Its classifier is `clf`, or by default that of the options."""
    texts, labels, positions = training
    if clf is None:
        clf = classifier(options, len(texts)).fit(texts, labels)
    confidence = held_out(clf, texts, labels) if calibrate else None
    left_out = sorted(set(range(positions[-1])) - set(positions))
    return Model(clf, options.text, options.label, len(texts), left_out, confidence)
