"""NCDClassifierCV: choose k, the weights, the metric and more on training texts that are held out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn import voting
from gzipknn.base import TextClassifier
from gzipknn.classifier import NCDClassifier
from gzipknn.compressors import LZ77, Neighbors, get_compressor
from gzipknn.explanation import Explanation
from gzipknn.held_out_votes import Score
from gzipknn.memory.identity import is_known
from gzipknn.metrics import get_metric
from gzipknn.search.hubs import check_normalize
from gzipknn.search.parallel import one_progress_bar
from gzipknn.targets import Targets, check_class_weight
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts
from gzipknn.texts.labels import encode_labels
from gzipknn.trials import Trials, best_of, hold_out, split_by
from gzipknn.utils.validation import check_int, check_seed

SEARCHED = ("compressor", "metric", "normalize", "weights", "n_neighbors")


class NCDClassifierCV(TextClassifier):
    """An NCDClassifier that chooses its own settings on the training texts.

    Some training texts are held out, and their neighbours are searched among the others once for every compressor. All
    metrics, corrections for hubs, weights and k are tried on what that search found. If ``"lz77"`` is best, it is
    searched again with weights that it learns from the labels. The settings that label most held-out texts right, or
    that another score is highest with, are used. (A k is judged together with the next smaller and larger ones: a
    single one that stands out is mostly chance.)

    Parameters
    ----------
    n_neighbors : int or list of int, default=(1, 3, 5, 9, 15, 31, 61, 121, 241)
    compressor : str, Compressor, callable or list of these, default="lz77"
        Each costs a search.
    base_weight : None, float or list of these, default=(None, 0.3, 0.1, 0.03)
        For the best compressor, if it is ``"lz77"``: which weights by the labels to try, see
        :class:`gzipknn.compressors.LZ77`. Each number costs a search. None for not to weigh, which is always tried.
    metric : str, callable or list of these, default=("ncd", "cdm", "nmi")
    normalize : None, str or list of these, default=(None, "half-local", "local", "zscore")
    weights : str, callable or list of these, default=("uniform", "margin")
        These are parameters of :class:`NCDClassifier`, or several values to choose from. Of settings that do equally
        well, the first is chosen.
    n_samples : int, default=1000
        How many training texts to try the settings on, at most: drawn at random, and about a fifth of all is held
        out at a time, so that small sets are searched in several folds. With `cv`, as many as that says.
    scoring : str or callable, default="accuracy"
        What to choose by: the name of any score of scikit-learn, such as ``"balanced_accuracy"``, ``"f1_macro"`` or
        ``"neg_log_loss"``, or a callable ``(estimator, X, y) -> float``, the higher the better, which gets the numbers
        of the held-out texts for `X`. All held-out texts are scored together, not each fold by itself. Probabilities
        are shares of the vote.
    cv : None, int, splitter or iterable of (train, test), default=None
        Which texts are held out: None for `n_samples` at random; or as in ``sklearn.model_selection``.
    class_weight : None, "balanced" or dict, default=None
        As in :class:`NCDClassifier`; of the texts that are not held out, when settings are tried.
    tie_break, order, separator, n_jobs, random_state, verbose, memory
        As in :class:`NCDClassifier`.

    Attributes
    ----------
    best_params_ : dict
        The settings chosen.
    best_score_ : float
        Their score, by default the accuracy, on the held-out texts, of which nothing was learnt. Chosen as the highest
        of many, it is a little higher than what to expect.
    cv_results_ : dict of lists
        Every setting tried, by parameter, and its score, by the name of that (``"accuracy"``; ``"score"`` of a
        callable): ready for a pandas DataFrame.
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
        compressor: Any = "lz77",
        base_weight: Any = (None, 0.3, 0.1, 0.03),
        metric: Any = ("ncd", "cdm", "nmi"),
        normalize: Any = (None, "half-local", "local", "zscore"),
        weights: Any = ("uniform", "margin"),
        n_samples: int = 1000,
        scoring: Any = "accuracy",
        cv: Any = None,
        class_weight: Any = None,
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
        self.base_weight = base_weight
        self.metric = metric
        self.normalize = normalize
        self.weights = weights
        self.n_samples = n_samples
        self.scoring = scoring
        self.cv = cv
        self.class_weight = class_weight
        self.tie_break = tie_break
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Choose the settings, then fit with them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
            At least two training texts.
        y : array-like, shape (n_train,)
            Their labels, as in :meth:`NCDClassifier.fit`.
        groups : array-like, shape (n_train,), default=None
            For a splitter `cv` that keeps the texts of a group on one side.

        Returns
        -------
        self : NCDClassifierCV

        Warns
        -----
        UserWarning
            If there are blank texts, as in :meth:`NCDClassifier.fit`.
        """
        candidates = {name: _values(getattr(self, name), name) for name in (*SEARCHED, "base_weight")}
        n_samples = check_int(self.n_samples, "n_samples", 1)
        # before the first search: it may be long
        voting.check_tie_break(self.tie_break)
        check_seed(self.random_state)
        score = Score(self.scoring)
        check_class_weight(self.class_weight)
        for compressor in candidates["compressor"]:
            get_compressor(compressor)
        for weight in candidates["base_weight"]:
            LZ77(base_weight=weight)
        for metric in candidates["metric"]:
            get_metric(metric)
        for weights in candidates["weights"]:
            voting.check_weights(weights)
        for normalize in candidates["normalize"]:
            check_normalize(normalize)
        texts = encode_texts(X, "X")
        classes, labels = encode_labels(y, len(texts))
        if len(texts) < 2:
            raise ValueError(f"X must hold two texts or more, to hold one out, got {len(texts)} sample.")
        warn_of_blank_texts(texts)
        if groups is not None and self.cv is None:
            raise ValueError("groups are for a splitter, such as cv=GroupKFold(), got cv=None.")
        folds = hold_out(len(texts), n_samples) if self.cv is None else split_by(self.cv, labels, groups)
        n_fewest = min(len(rest) for rest, _ in folds)
        # larger ones than there are training texts can't be tried
        ks = sorted({check_int(k, "n_neighbors", 1) for k in candidates["n_neighbors"]})
        candidates["n_neighbors"] = [k for k in ks if k <= n_fewest]
        if not candidates["n_neighbors"]:
            raise ValueError(
                f"n_neighbors must be at most {n_fewest}, the number of texts that are not held out, for one k at "
                f"least, got {ks}."
            )
        parallel = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        rule = (self.class_weight, self.order, self.separator, self.tie_break, self.random_state, self.memory)
        targets = Targets.of_one(classes, labels)
        trials = Trials(Corpus.from_texts(texts), targets, folds, candidates, score, *rule, parallel)
        tried: list[dict[str, Any]] = []
        told: set[str] = set()  # what was said once need not be said of every compressor
        weights_by_labels = [weight for weight in candidates["base_weight"] if weight is not None]
        n_searches = len(candidates["compressor"]) + len(weights_by_labels)
        with one_progress_bar(self.verbose, n_searches * trials.n_queries, "settings"):
            for compressor in candidates["compressor"]:
                tried += trials.of(compressor, told)
            if not tried:
                raise ValueError("no settings to choose from: weights='distance' goes with normalize=None only.")
            best = best_of(tried, score.name)
            blind = get_compressor(best["compressor"])
            if isinstance(blind, LZ77) and not blind.learns_labels and len(classes) > 1:
                for weight in weights_by_labels:
                    tried += trials.of(replace(blind, base_weight=weight), told)
                best = best_of(tried, score.name)
        self.cv_results_ = {name: [setting[name] for setting in tried] for name in tried[0]}
        self.best_score_: float = best[score.name]
        self.best_params_ = {name: best[name] for name in SEARCHED}
        common = ("class_weight", "tie_break", "order", "separator", "n_jobs", "random_state", "verbose", "memory")
        settings = {**self.best_params_, **{name: getattr(self, name) for name in common}}
        if told and not is_known(best["compressor"], best["metric"]):
            settings["memory"] = None
        best_estimator = NCDClassifier(**settings)
        self.best_estimator_ = best_estimator._fit(trials.texts, best_estimator._settings(), targets)
        self.classes_ = classes
        for estimator in (self, best_estimator):
            estimator._remember_column(X)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text, as :meth:`NCDClassifier.predict`."""
        return self._best().predict(X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return each class's share of the vote, as :meth:`NCDClassifier.predict_proba`."""
        return self._best().predict_proba(X)  # type: ignore[no-any-return]

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of each class's share, as :meth:`NCDClassifier.predict_log_proba`."""
        return self._best().predict_log_proba(X)  # type: ignore[no-any-return]

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Neighbors | NDArray[np.intp]:
        """Find the nearest training texts, as :meth:`NCDClassifier.kneighbors`."""
        return self._best().kneighbors(X, n_neighbors, return_distance)

    def explain(self, text: str | bytes, n_neighbors: int = 3) -> Explanation:
        """Say what a text has in common with its neighbours, as :meth:`NCDClassifier.explain`."""
        return self._best().explain(text, n_neighbors)

    def explain_each(self, X: Any, n_neighbors: int = 3) -> list[Explanation]:
        """Explain several texts, as :meth:`NCDClassifier.explain_each`."""
        return self._best().explain_each(X, n_neighbors)

    def _best(self) -> NCDClassifier:
        check_is_fitted(self)
        # these may be changed after fit
        names = ("class_weight", "tie_break", "n_jobs", "random_state", "verbose")
        common = {name: getattr(self, name) for name in names}
        return self.best_estimator_.set_params(**common)  # type: ignore[no-any-return]


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
    # to try a value twice would cost a search, and gain nothing
    return [value for i, value in enumerate(values) if not any(value is other for other in values[:i])]
