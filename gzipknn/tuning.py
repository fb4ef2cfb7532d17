"""NCDClassifierCV: chooses k, the weights, the metric and more on training texts that it holds out."""

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
    """An NCDClassifier that chooses its own settings by cross-validation.

    Some training texts are held out, and their neighbours among the others are searched once for every compressor. All
    metrics, corrections for hubs, weights and k are tried on the results of that search. If ``"lz77"`` is the best
    compressor, it is searched again with weights that it learns from the labels. The settings with the highest score
    on the held-out texts are used; by default, the score is the accuracy. (The score of a k is averaged with those of
    the next smaller and the next larger k, because a single k that stands out is mostly chance.)

    Parameters
    ----------
    n_neighbors : int or list of int, default=(1, 3, 5, 9, 15, 31, 61, 121, 241)
        As in :class:`NCDClassifier`, but several values may be given to choose from. So may they for `compressor`,
        `metric`, `normalize` and `weights`. If several settings do equally well, the first is chosen.
    compressor : str, Compressor, callable or list of these, default="lz77"
        Each compressor costs a search.
    base_weight : None, float or list of these, default=(None, 0.3, 0.1, 0.03)
        The base weights to try if the best compressor is ``"lz77"``, see :class:`gzipknn.compressors.LZ77`. Each number
        costs a search. None stands for no weights, which is always tried.
    metric : str, callable or list of these, default=("ncd", "cdm", "nmi")
    normalize : None, str or list of these, default=(None, "half-local", "local", "zscore")
    weights : str, callable or list of these, default=("uniform", "margin")
    n_samples : int, default=1000
        The largest number of training texts to hold out. They are drawn at random. At most about a fifth of all
        training texts is held out at a time, so small sets are searched in several folds. Unused if `cv` is given.
    scoring : str or callable, default="accuracy"
        The score to choose by: the name of any score of scikit-learn, such as ``"balanced_accuracy"``, ``"f1_macro"``
        or ``"neg_log_loss"``, or a callable ``(estimator, X, y) -> float``, where higher is better. The callable gets
        the numbers of the held-out texts as `X`. All held-out texts are scored together, not each fold by itself.
        Probabilities are shares of the vote.
    cv : None, int, splitter or iterable of (train, test), default=None
        The texts to hold out. None: `n_samples` texts at random. Anything else: as in ``sklearn.model_selection``.
    class_weight : None, "balanced" or dict, default=None
        As in :class:`NCDClassifier`. When settings are tried, ``"balanced"`` counts only texts that are not held out.
    tie_break, order, separator, n_jobs, random_state, verbose, memory
        As in :class:`NCDClassifier`.

    Attributes
    ----------
    best_params_ : dict
        The settings that were chosen.
    best_score_ : float
        Their score on the held-out texts, by default the accuracy. Nothing was learnt from these texts. But this is the
        highest of many scores, so it is a little higher than the score to expect on new texts.
    cv_results_ : dict of lists
        All settings that were tried, by parameter, and their scores under the name of the score (``"accuracy"``, say;
        ``"score"`` for a callable). A pandas DataFrame can be made of it.
    best_estimator_ : NCDClassifier
        The classifier with the best settings, fitted on all training texts.
    classes_ : ndarray, shape (n_classes,)
    n_features_in_ : int
        Always 1, as a sample is one text.

    See Also
    --------
    NCDClassifier : The same classifier with settings of your own.

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
        """Choose the settings, then fit on all training texts with them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
            At least two training texts.
        y : array-like, shape (n_train,)
            Their labels, as in :meth:`NCDClassifier.fit`.
        groups : array-like, shape (n_train,), default=None
            The group of each text, if `cv` is a splitter that keeps all texts of a group on one side.

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
        # check everything before the first search, which may take long
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
            raise ValueError(f"X must hold at least two texts, as some are held out, got {len(texts)} sample.")
        warn_of_blank_texts(texts)
        if groups is not None and self.cv is None:
            raise ValueError("groups need a splitter that uses them, such as cv=GroupKFold(), got cv=None.")
        folds = hold_out(len(texts), n_samples) if self.cv is None else split_by(self.cv, labels, groups)
        n_fewest = min(len(rest) for rest, _ in folds)
        # a k can't be larger than the number of texts to search
        ks = sorted({check_int(k, "n_neighbors", 1) for k in candidates["n_neighbors"]})
        candidates["n_neighbors"] = [k for k in ks if k <= n_fewest]
        if not candidates["n_neighbors"]:
            raise ValueError(
                f"at least one n_neighbors must be at most {n_fewest}, the number of texts that are not held out, got "
                f"{ks}; try a smaller one, or fit on more texts."
            )
        parallel = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        rule = (self.class_weight, self.order, self.separator, self.tie_break, self.random_state, self.memory)
        targets = Targets.of_one(classes, labels)
        trials = Trials(Corpus.from_texts(texts), targets, folds, candidates, score, *rule, parallel)
        tried: list[dict[str, Any]] = []
        told: set[str] = set()  # the warnings that were given, so that none is repeated for every compressor
        weights_by_labels = [weight for weight in candidates["base_weight"] if weight is not None]
        n_searches = len(candidates["compressor"]) + len(weights_by_labels)
        with one_progress_bar(self.verbose, n_searches * trials.n_queries, "settings"):
            for compressor in candidates["compressor"]:
                tried += trials.of(compressor, told)
            if not tried:
                raise ValueError(
                    "no settings to choose from: weights='distance' needs normalize=None; add None to normalize, or "
                    "another weighting to weights."
                )
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
        """Predict the label of each text, as :meth:`NCDClassifier.predict` does."""
        return self._best().predict(X)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return each class's share of the vote, as :meth:`NCDClassifier.predict_proba` does."""
        return self._best().predict_proba(X)  # type: ignore[no-any-return]

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of each class's share, as :meth:`NCDClassifier.predict_log_proba` does."""
        return self._best().predict_log_proba(X)  # type: ignore[no-any-return]

    def kneighbors(
        self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True
    ) -> Neighbors | NDArray[np.intp]:
        """Find the nearest training texts, as :meth:`NCDClassifier.kneighbors` does."""
        return self._best().kneighbors(X, n_neighbors, return_distance)

    def explain(self, text: str | bytes, n_neighbors: int | None = None) -> Explanation:
        """Explain the label of a text by its nearest training texts, as :meth:`NCDClassifier.explain` does."""
        return self._best().explain(text, n_neighbors)

    def explain_each(self, X: Any, n_neighbors: int | None = None) -> list[Explanation]:
        """Explain the labels of several texts, as :meth:`NCDClassifier.explain_each` does."""
        return self._best().explain_each(X, n_neighbors)

    def _best(self) -> NCDClassifier:
        check_is_fitted(self)
        # these may be changed after fit
        names = ("class_weight", "tie_break", "n_jobs", "random_state", "verbose")
        common = {name: getattr(self, name) for name in names}
        return self.best_estimator_.set_params(**common)  # type: ignore[no-any-return]


def _values(value: Any, name: str) -> list[Any]:
    if isinstance(value, Mapping | Set | Iterator):  # these have no order, or can be read only once
        raise TypeError(
            f"{name} must be a value or a list of values to choose from, got {type(value).__name__}; "
            f"pass list(...) of it."
        )
    single = isinstance(value, str | bytes) or getattr(value, "shape", None) == ()
    several = isinstance(value, Iterable) and not single
    values = list(value) if several else [value]
    if not values:
        raise ValueError(f"{name} must be a value or a list of values to choose from, got an empty one.")
    # trying a value twice would cost a search and gain nothing
    return [value for i, value in enumerate(values) if not any(value is other for other in values[:i])]
