"""NCDClassifierCV: choose k, the weights, the metric and more by leave-one-out, from one search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.base import TextClassifier
from gzipknn.classifier import NCDClassifier
from gzipknn.compressors import LZ77, Neighbors, get_compressor
from gzipknn.explanation import Explanation
from gzipknn.memory.cache import Cached
from gzipknn.memory.identity import is_known, settle
from gzipknn.metrics import get_metric
from gzipknn.search.fitted import open_cache_of, unrelated_distance
from gzipknn.search.hubs import N_SAMPLE, check_normalize, draw
from gzipknn.search.many_settings import neighbors_by, vary
from gzipknn.search.neighbors import without_self
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator, encode_texts, warn_of_blank_texts
from gzipknn.texts.labels import encode_labels
from gzipknn.utils.validation import check_int, check_seed

SEARCHED = ("compressor", "metric", "normalize", "weights", "n_neighbors")
LZ77_BACKGROUNDS = (LZ77(background=2), LZ77(background=1), LZ77(background=0))


class NCDClassifierCV(TextClassifier):
    """An NCDClassifier that chooses its own settings on the training texts.

    Of each training text, or of `n_samples` drawn at random, the nearest others are searched once for every
    compressor; all metrics, corrections for hubs, weights and k are tried on what that search found. The settings
    that label most of them right are used.

    Parameters
    ----------
    n_neighbors : int or list of int, default=(1, 3, 5, 9, 15, 31, 61, 121, 241)
    compressor : str, Compressor, callable or list of these, default=LZ77_BACKGROUNDS
        Each costs a search. By default ``"lz77"`` with models of the background of order 2, 1 and 0: the more text
        to learn from, the higher the order that pays.
    metric : str, callable or list of these, default=("ncd", "cdm", "nmi")
    normalize : None, str or list of these, default=(None, "half-local", "local", "zscore")
    weights : str, callable or list of these, default=("uniform", "margin")
        These are parameters of :class:`NCDClassifier`, or several values to choose from. Of settings that do equally
        well, the first is chosen.
    n_samples : int, default=1000
        How many training texts to try the settings on, at most. Those by which corrections for hubs are made, up to
        300 or half of all, are not among them.
    tie_break, order, separator, n_jobs, random_state, verbose, memory
        As in :class:`NCDClassifier`.

    Attributes
    ----------
    best_params_ : dict
        The settings chosen.
    best_score_ : float
        Their accuracy, leaving one out. Chosen as the highest of many, it is higher than what to expect. (What a
        compressor learns from the training texts, it has learnt from the one left out, too; from its label never.)
    cv_results_ : dict of lists
        Every setting tried, by parameter, and its ``"accuracy"``: ready for a pandas DataFrame.
    best_estimator_ : NCDClassifier
        Fitted with the best settings on all training texts.
    classes_ : ndarray, shape (n_classes,)
    n_features_in_ : int
        1: a sample is one text.

    See Also
    --------
    NCDClassifier : With settings of your own.

    Examples
    --------
    >>> from gzipknn import NCDClassifierCV
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = NCDClassifierCV(n_neighbors=[1, 3]).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.best_params_["n_neighbors"]
    1
    """

    def __init__(
        self,
        n_neighbors: Any = (1, 3, 5, 9, 15, 31, 61, 121, 241),
        *,
        compressor: Any = LZ77_BACKGROUNDS,
        metric: Any = ("ncd", "cdm", "nmi"),
        normalize: Any = (None, "half-local", "local", "zscore"),
        weights: Any = ("uniform", "margin"),
        n_samples: int = 1000,
        tie_break: str = "nearest",
        order: str = "query-first",
        separator: str | bytes = " ",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.compressor = compressor
        self.metric = metric
        self.normalize = normalize
        self.weights = weights
        self.n_samples = n_samples
        self.tie_break = tie_break
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any) -> Self:
        """Choose the settings, then fit with them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
            At least two training texts.
        y : array-like, shape (n_train,)
            Their labels, as in :meth:`NCDClassifier.fit`.

        Returns
        -------
        self : NCDClassifierCV

        Warns
        -----
        UserWarning
            If there are blank texts, as in :meth:`NCDClassifier.fit`.
        """
        candidates = {name: _values(getattr(self, name), name) for name in SEARCHED}
        n_samples = check_int(self.n_samples, "n_samples", 1)
        # before the first search: it may be long
        voting.check_tie_break(self.tie_break)
        check_seed(self.random_state)
        for compressor in candidates["compressor"]:
            get_compressor(compressor)
        for metric in candidates["metric"]:
            get_metric(metric)
        for weights in candidates["weights"]:
            voting.check_weights(weights)
        for normalize in candidates["normalize"]:
            check_normalize(normalize)
        texts = encode_texts(X, "X")
        classes, labels = encode_labels(y, len(texts))
        if len(texts) < 2:
            raise ValueError(f"X must hold two texts or more, to leave one out, got {len(texts)}.")
        warn_of_blank_texts(texts)
        # larger ones than there are other texts can't be tried
        ks = [check_int(k, "n_neighbors", 1) for k in candidates["n_neighbors"]]
        candidates["n_neighbors"] = [k for k in ks if k < len(texts)]
        if not candidates["n_neighbors"]:
            raise ValueError(
                f"n_neighbors must be less than the number of texts, {len(texts)}, for one k at least, got {ks}."
            )
        corpus = Corpus.from_texts(texts)
        tried: list[dict[str, Any]] = []
        told: set[str] = set()  # what was said once need not be said of every compressor
        for compressor in candidates["compressor"]:
            own, _ = settle(compressor, "ncd")
            training = TrainingTexts.prepare(corpus, own, "ncd", self.order, self.separator)
            rest = (str.__str__(self.order), encode_separator(self.separator), corpus)
            cached = open_cache_of(self.memory, own, candidates["metric"], *rest, told=told)
            for setting, score in self._try_all(training, labels, len(classes), candidates, n_samples, cached):
                tried.append({"compressor": compressor, **setting, "accuracy": score})
        if not tried:
            raise ValueError("no settings to choose from: weights='distance' goes with normalize=None only.")
        best = max(tried, key=lambda setting: setting["accuracy"])  # the first of equals
        self.cv_results_ = {name: [setting[name] for setting in tried] for name in tried[0]}
        self.best_score_: float = best["accuracy"]
        self.best_params_ = {name: best[name] for name in SEARCHED}
        common = ("tie_break", "order", "separator", "n_jobs", "random_state", "verbose", "memory")
        settings = {**self.best_params_, **{name: getattr(self, name) for name in common}}
        if told and not is_known(best["compressor"], best["metric"]):
            settings["memory"] = None
        best_estimator = NCDClassifier(**settings)
        self.best_estimator_ = best_estimator._fit(corpus, best_estimator._settings(), classes, labels)
        self.classes_ = classes
        self.n_features_in_ = 1
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text, as :meth:`NCDClassifier.predict`."""
        return self._best().predict(X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return each class's share of the vote, as :meth:`NCDClassifier.predict_proba`."""
        return self._best().predict_proba(X)

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Neighbors | NDArray[np.intp]:
        """Find the nearest training texts, as :meth:`NCDClassifier.kneighbors`."""
        return self._best().kneighbors(X, n_neighbors, return_distance)

    def explain(self, text: str | bytes, n_neighbors: int = 3) -> Explanation:
        """Say what a text has in common with its neighbours, as :meth:`NCDClassifier.explain`."""
        return self._best().explain(text, n_neighbors)

    def _best(self) -> NCDClassifier:
        check_is_fitted(self)
        # these may be changed after fit
        common = {name: getattr(self, name) for name in ("tie_break", "n_jobs", "random_state", "verbose")}
        return self.best_estimator_.set_params(**common)  # type: ignore[no-any-return]

    def _try_all(
        self,
        training: TrainingTexts,
        labels: NDArray[np.intp],
        n_classes: int,
        candidates: dict[str, list[Any]],
        n_samples: int,
        cached: Cached | None,
    ) -> Iterable[tuple[dict[str, Any], float]]:
        n, corrected = len(training), any(normalize is not None for normalize in candidates["normalize"])
        hubs = draw(n, min(N_SAMPLE, n // 2)) if corrected else np.empty(0, dtype=np.intp)
        # a text would be farther from its like if these were corrected by their distance to it
        others = np.setdiff1d(np.arange(n), hubs)
        sample = others[draw(len(others), n_samples)]
        # where the neighbours say nothing, all other texts vote, as in KNNClassifier
        empty = np.array([not text for text in training.texts.take(sample)])
        sizes = np.bincount(labels, minlength=n_classes) - np.eye(n_classes)[labels[sample]]
        parallel: dict[str, Any] = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        settings = vary(training, candidates["metric"], candidates["normalize"], hubs, cached=cached, **parallel)
        if cached is not None:
            cached = cached.of("neighbors by", candidates["normalize"], hubs.tolist())
        k_most = max(candidates["n_neighbors"]) + 1
        options = {"cached": cached, "desc": "leaving one out", **parallel}
        found = neighbors_by(settings, training.texts.take(sample), k_most, **options)
        names = product(candidates["metric"], candidates["normalize"])
        for (metric, normalize), neighbors in zip(names, found, strict=True):
            distances, indices = without_self(*neighbors, sample)
            nothing = empty | (distances[:, 0] == unrelated_distance(training.compressor, metric, normalize))
            for name, k in product(candidates["weights"], candidates["n_neighbors"]):
                if name == "distance" and normalize is not None:
                    continue
                weights = voting.neighbor_weights(distances[:, :k], name)
                nearest = labels[indices[:, :k]]
                voted = voting.vote(nearest, weights, n_classes, self.tie_break, self.random_state)
                voted[nothing] = voting.vote_of_all(sizes[nothing], self.tie_break, self.random_state)
                setting = {"metric": metric, "normalize": normalize, "weights": name, "n_neighbors": k}
                yield setting, float(np.mean(voted == labels[sample]))


def _values(value: Any, name: str) -> list[Any]:
    if isinstance(value, Mapping | Set | Iterator):  # without an order, or there once only
        raise TypeError(
            f"{name} must be a value or a list of values to choose from, got {type(value).__name__}; "
            f"pass list(...) of it."
        )
    single = isinstance(value, str | bytes) or getattr(value, "shape", None) == ()
    several = isinstance(value, Iterable) and not single
    values = list(value) if several else [value]
    if not values:
        raise ValueError(f"{name} must be a value or a list of values to choose from, got an empty one.")
    return values
