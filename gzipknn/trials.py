"""The choice of NCDClassifier's settings on held-out training texts, from which nothing is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gzipknn import voting
from gzipknn.held_out_votes import Fold, Score
from gzipknn.memory.identity import settle
from gzipknn.search.fitted import open_cache_of, unrelated_distance
from gzipknn.search.hubs import N_SAMPLE, draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.training_texts import TrainingTexts, with_labels_for
from gzipknn.targets import Targets, vote_weights
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator

Splits = list[tuple[NDArray[np.intp], NDArray[np.intp]]]
MOST_HELD_OUT = 5
"""At most about one in this number of training texts is held out at a time."""


@dataclass(frozen=True, eq=False)
class Trials:
    """Labelled texts, some of which are held out, and the settings that are the same in every trial.

    Attributes
    ----------
    texts : Corpus of n texts
    targets : Targets
        The labels, one for each text.
    folds : list of (ndarray of intp, ndarray of intp)
        For each fold, the positions of the training texts, which are the only ones a compressor learns from, and of the
        held-out texts.
    candidates : dict
        For each parameter, the values to choose from.
    score : Score
    class_weight, order, separator, tie_break, random_state, memory
        As in :class:`gzipknn.NCDClassifier`.
    parallel : dict
        ``n_jobs`` and ``verbose``.
    """

    texts: Corpus
    targets: Targets
    folds: Splits
    candidates: dict[str, list[Any]]
    score: Score
    class_weight: Any
    order: str
    separator: str | bytes
    tie_break: str
    random_state: Any
    memory: Any
    parallel: dict[str, Any]

    @property
    def n_queries(self) -> int:
        """The number of queries of a search with one compressor: the held-out texts, and those used to find hubs."""
        is_corrected = any(name is not None for name in self.candidates["normalize"])
        return sum(len(fold) + is_corrected * min(N_SAMPLE, len(rest)) for rest, fold in self.folds)

    def of(self, compressor: Any, told: set[str]) -> list[dict[str, Any]]:
        """Search with one compressor, and try all other settings on the neighbours found.

        Returns
        -------
        list of dict
            The settings, each with its score under the name of the score. Settings that differ only in k follow each
            other.
        """
        own, _ = settle(compressor, "ncd")
        folds = [self._search(own, rest, fold, told) for rest, fold in self.folds]
        classes, rule = self.targets.classes[0], (self.tie_break, self.random_state)
        truth = self.targets.labels[np.concatenate([fold for _, fold in self.folds]), 0]
        tried = []
        measures = product(self.candidates["metric"], self.candidates["normalize"])
        for number, (metric, normalize) in enumerate(measures):
            for name, k in product(self.candidates["weights"], self.candidates["n_neighbors"]):
                if voting.go_together(name, normalize):
                    ballots = [fold.ballots(number, name, k, len(classes), *rule) for fold in folds]
                    setting = {"metric": metric, "normalize": normalize, "weights": name, "n_neighbors": k}
                    score = self.score(classes, ballots, truth)
                    tried.append({"compressor": compressor, **setting, self.score.name: score})
        return tried

    def _search(self, own: Any, rest: NDArray[np.intp], fold: NDArray[np.intp], told: set[str]) -> Fold:
        """Find the neighbours of the held-out texts with each metric and each correction for hubs."""
        metrics, normalizations = self.candidates["metric"], self.candidates["normalize"]
        targets = self.targets.take(rest)
        labels = targets.combinations()
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
        unrelated = [unrelated_distance(training.compressor, *names) for names in product(metrics, normalizations)]
        return Fold(queries, labels, vote_weights(targets, self.class_weight), list(zip(found, unrelated, strict=True)))


def hold_out(n: int, n_samples: int) -> Splits:
    """Draw `n_samples` of n positions to hold out, in as few folds as possible, at random but the same in every run.

    For each fold, the positions outside and those inside are returned. At most about a fifth of the texts is held out
    at a time, so that the others are nearly as many as all.
    """
    held_out = draw(n, n_samples)
    n_folds = min(len(held_out), -(-len(held_out) * MOST_HELD_OUT // n))
    folds = [held_out[i::n_folds] for i in range(n_folds)]
    return [(np.setdiff1d(np.arange(n), fold), fold) for fold in folds]


def split_by(cv: Any, labels: NDArray[np.intp], groups: Any) -> Splits:
    """Split the positions of texts with a splitter of scikit-learn; raise if a text is on both sides of a split."""
    from sklearn.model_selection import check_cv  # here, as the import takes long

    numbers = np.arange(len(labels))
    drawn = check_cv(cv, labels, classifier=True).split(numbers, labels, groups)
    # a split may hold positions or a mask
    splits = [(np.sort(numbers[rest]), numbers[fold]) for rest, fold in drawn]
    if not splits or not all(len(rest) and len(fold) for rest, fold in splits):
        raise ValueError(
            f"cv must give one or more splits with texts on both sides, got {len(splits)} splits from cv={cv!r:.80}."
        )
    for number, (rest, fold) in enumerate(splits):
        both = np.intersect1d(rest, fold)
        if len(both):
            raise ValueError(
                f"cv must hold out texts that are not trained on, but split {number} has the text at position "
                f"{both[0]} on both sides; use a splitter that separates them."
            )
    return splits


def best_of(tried: Sequence[dict[str, Any]], score: str = "accuracy") -> dict[str, Any]:
    """Return the setting with the highest score, the first one if several are equal.

    The score of each k is averaged with those of the next smaller and the next larger k that were tried, because a
    single k that stands out is mostly chance.
    """
    best, highest = tried[0], -np.inf
    of_k = ("n_neighbors", score)
    for _, group in groupby(tried, key=lambda setting: [id(setting[name]) for name in setting if name not in of_k]):
        settings = list(group)
        scores = np.array([setting[score] for setting in settings])
        for i, setting in enumerate(settings):
            steady = float(np.mean(scores[max(0, i - 1) : i + 2]))
            if steady > highest:
                best, highest = setting, steady
    return best
