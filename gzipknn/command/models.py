"""Model files: written by ``gzipknn train``, and read by whatever takes TRAIN.

A model file is a zip archive that skops wrote, so that reading it runs no code. Beside the classifier it holds
``gzipknn.json``: which version wrote it, what its columns were named, and how sure it is of what.
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
"""The version of gzipknn.json. Raise it when older readers would misread the file."""
NOTES = "gzipknn.json"
MARK = b"PK\x03\x04"
"""The first bytes of a zip archive."""
ENDING = ".skops"
DAMAGED = (BadZipFile, EOFError, zlib.error, json.JSONDecodeError, KeyError, AttributeError, IndexError, TypeError)
"""The errors that a damaged file raises."""


@dataclass
class Model:
    """A fitted classifier, and what is to be known of it.

    Attributes
    ----------
    classifier : estimator
    text : list of str
        The columns of which the training texts were made.
    label : str
        The column of the labels.
    n_texts : int
    left_out : list of int
        Positions in the training file of the blank texts before the last text: it was not trained on these.
    confidence : Confidence or None
        None if it was not asked for, or if there was only one text.
    """

    classifier: Any
    text: list[str]
    label: str
    n_texts: int
    left_out: list[int] = field(default_factory=list)
    confidence: Confidence | None = None

    def save(self, path: str) -> None:
        """Write a model file, as a whole or not at all."""
        import skops.io  # which takes seconds

        if "memory" in self.classifier.get_params(deep=False):
            self.classifier.set_params(memory=None)  # a folder of this machine
        notes = {name: value for name, value in vars(self).items() if name not in ("classifier", "confidence")}
        notes["confidence"] = None if self.confidence is None else asdict(self.confidence)
        with whole_file(path) as unfinished:
            skops.io.dump(self.classifier, unfinished)
            with ZipFile(unfinished, "a") as archive:
                archive.writestr(NOTES, to_json({"format": FORMAT, "gzipknn": __version__, **notes}))

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the classifier, named like the options."""
        parameters = self.classifier.get_params(deep=False)
        found = {OPTIONS[name].lstrip("-"): parameters[name] for name in OPTIONS if parameters.get(name) is not None}
        return {name: value if isinstance(value, int | float) else str(value) for name, value in found.items()}

    @property
    def positions(self) -> list[int]:
        """The position of each text in the training file."""
        return sorted(set(range(self.n_texts + len(self.left_out))) - set(self.left_out))

    @property
    def training(self) -> Training | None:
        """The training texts with labels as words, or None if the model holds counts instead of texts."""
        if not hasattr(self.classifier, "training_"):
            return None
        texts = [readable(text) for text in self.classifier.training_.texts]
        labels = [str(label) for label in self.classifier.classes_[self.classifier._y].tolist()]
        return Training(texts, labels, self.positions)

    @classmethod
    def load(cls, path: str) -> Model:
        """Read a model file, or raise a ValueError that tells why it can't be read."""
        try:
            with ZipFile(path) as archive:
                notes = _checked_notes(path, archive)
                clf = read_skops(archive, TRUSTED)
        except NotPlainError:
            import skops.io  # which takes seconds

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
    """Tell a model file, by how it begins, from a file of texts; raise if one that is named as a model is none."""
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as file:
        begins = file.read(len(MARK)) == MARK
    if not begins and path.lower().endswith(ENDING):
        raise ValueError(f"{path} is no model, or a damaged one: it does not begin like a file of gzipknn train.")
    return begins


def load_or_fit(options: argparse.Namespace, *, calibrate: bool) -> Model:
    """Return the model of TRAIN: read from a model file, or fitted to a file of texts."""
    if is_model(options.train):
        return load_model(options)
    return fit(options, load_training(options), calibrate=calibrate)


def load_model(options: argparse.Namespace) -> Model:
    """Read the model; complete the options by the names of its columns, and refuse those that would change it."""
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
    """Return a model of the texts of TRAIN; `clf` is one that was fitted to them, by default what the options say."""
    texts, labels, positions = training
    if clf is None:
        clf = classifier(options, len(texts)).fit(texts, labels)
    confidence = held_out(clf, texts, labels) if calibrate else None
    left_out = sorted(set(range(positions[-1])) - set(positions))
    return Model(clf, options.text, options.label, len(texts), left_out, confidence)
