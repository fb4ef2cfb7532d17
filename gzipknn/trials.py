"""Try settings of NCDClassifier on training texts that are held out of everything else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn import voting
from gzipknn.memory.identity import settle
from gzipknn.search.fitted import open_cache_of, unrelated_distance
from gzipknn.search.hubs import N_SAMPLE, draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.training_texts import TrainingTexts, with_labels_for
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator

MOST_HELD_OUT = 5
"""About one in so many training texts is held out at a time, at most."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Labelled texts, some of which are held out, and what is the same in every trial.

    Attributes
    ----------
    texts : Corpus of n texts
    labels : ndarray of intp, shape (n,)
    n_classes : int
    folds : list of ndarray of intp
        Positions of the texts that are held out at a time. The others are then the training texts: of a compressor
        that learns, too, and of the labels that it learns from.
    candidates : dict
        The values to choose from, by parameter.
    order, separator, tie_break, random_state, memory
        As in :class:`gzipknn.NCDClassifier`.
    parallel : dict
        ``n_jobs`` and ``verbose``.
    """

    texts: Corpus
    labels: NDArray[np.intp]
    n_classes: int
    folds: list[NDArray[np.intp]]
    candidates: dict[str, list[Any]]
    order: str
    separator: str | bytes
    tie_break: str
    random_state: Any
    memory: Any
    parallel: dict[str, Any]

    @property
    def n_queries(self) -> int:
        """How many texts a search with one compressor looks up: those held out, and those that tell hubs."""
        n_held_out, is_corrected = (
            sum(map(len, self.folds)),
            any(name is not None for name in self.candidates["normalize"]),
        )
        return n_held_out + is_corrected * sum(min(N_SAMPLE, len(self.texts) - len(fold)) for fold in self.folds)

    def of(self, compressor: Any, told: set[str]) -> list[dict[str, Any]]:
        """Search with one compressor, and try all other settings on what was found.

        Returns
        -------
        list of dict
            The settings, each with its ``"accuracy"``: the share of the held-out texts that it labels right.
        """
        own, _ = settle(compressor, "ncd")
        by_fold = [self._count_right(own, fold, told) for fold in self.folds]
        n_held_out = sum(map(len, self.folds))
        return [
            {"compressor": compressor, **counts[0][0], "accuracy": sum(right for _, right in counts) / n_held_out}
            for counts in zip(*by_fold, strict=True)
        ]

    def _count_right(self, own: Any, fold: NDArray[np.intp], told: set[str]) -> list[tuple[dict[str, Any], int]]:
        """Return all settings, each with how many texts of a fold it labels right.

        Settings that differ in k alone follow each other.
        """
        metrics, normalizations = self.candidates["metric"], self.candidates["normalize"]
        rest = np.setdiff1d(np.arange(len(self.texts)), fold)
        labels, truth = self.labels[rest], self.labels[fold]
        texts = with_labels_for(own, self.texts.take(rest), labels)
        training = TrainingTexts.prepare(texts, own, "ncd", self.order, self.separator)
        cached = open_cache_of(
            self.memory, own, metrics, str.__str__(self.order), encode_separator(self.separator), texts, told=told
        )
        is_corrected = any(normalize is not None for normalize in normalizations)
        hubs = draw(len(rest), N_SAMPLE) if is_corrected else np.empty(0, dtype=np.intp)
        settings = vary(training, metrics, normalizations, hubs, cached=cached, **self.parallel)
        if cached is not None:
            cached = cached.of("neighbors by", normalizations, hubs.tolist())
        queries, k_most = self.texts.take(fold), max(self.candidates["n_neighbors"])
        found = neighbors_by(settings, queries, k_most, cached=cached, desc="held-out texts", **self.parallel)
        # where the neighbours say nothing, all training texts vote, as in KNNClassifier
        empty = np.array([not text for text in queries])
        sizes = np.bincount(labels, minlength=self.n_classes)
        rule = (self.tie_break, self.random_state)
        counted = []
        for (metric, normalize), (distances, indices) in zip(product(metrics, normalizations), found, strict=True):
            nothing = empty | (distances[:, 0] == unrelated_distance(training.compressor, metric, normalize))
            for name, k in product(self.candidates["weights"], self.candidates["n_neighbors"]):
                if not voting.go_together(name, normalize):
                    continue
                weights = voting.neighbor_weights(distances[:, :k], name)
                voted = voting.vote(labels[indices[:, :k]], weights, *rule)
                voted[nothing] = voting.vote_of_all(sizes, int(nothing.sum()), *rule)
                setting = {"metric": metric, "normalize": normalize, "weights": name, "n_neighbors": k}
                counted.append((setting, int(np.sum(voted == truth))))
        return counted


def hold_out(n: int, n_samples: int) -> list[NDArray[np.intp]]:
    """Draw `n_samples` of n positions at random, the same in every run, in as few folds as the others suffice for.

    About a fifth of the texts is held out at a time, at most, so that the others are nearly as many as all.
    """
    held_out = draw(n, n_samples)
    n_folds = min(len(held_out), -(-len(held_out) * MOST_HELD_OUT // n))
    return [held_out[i::n_folds] for i in range(n_folds)]


def best_of(tried: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the setting of the highest accuracy, of equals the first.

    Each k is judged by the mean accuracy of itself and of the next smaller and larger ones that were tried: a single k
    that stands out is mostly chance.
    """
    best, highest = tried[0], -1.0
    for _, group in groupby(tried, key=lambda setting: [id(setting[name]) for name in setting if name not in _OF_K]):
        settings = list(group)
        accuracies = np.array([setting["accuracy"] for setting in settings])
        for i, setting in enumerate(settings):
            steady = float(np.mean(accuracies[max(0, i - 1) : i + 2]))
            if steady > highest:
                best, highest = setting, steady
    return best


_OF_K = ("n_neighbors", "accuracy")
