"""Rivals of compression on bytes: classifiers on n-grams of bytes, and k-NN by the Lempel-Ziv Jaccard distance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.model_selection import ShuffleSplit
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from gzipknn.trials import Splits

RANGES = ((1, 2), (1, 4), (2, 5))
CS, KS, ALPHAS = (0.1, 10.0), (1, 3, 9), (0.001, 0.01, 0.1, 1.0)
FEWEST = 5
"""The least mean number of training texts per class for which settings are chosen. With fewer texts, the first of the
settings are used, with n-grams of 1 to 4 bytes."""
MANY = 500
"""From this number of training texts on, n-grams that only one text has are ignored. They would take most of the
memory and teach nothing."""


class GramsClassifier(ClassifierMixin, BaseEstimator):
    """A linear SVM, k-NN or naive Bayes on n-grams of bytes, with settings chosen on a fifth of the training texts.

    First the sizes of the n-grams are chosen, and whether counts are replaced by 1 + their logarithm. Then the setting
    of the model is chosen: C, k, or the smoothing. Counts are weighted by tf-idf, except for naive Bayes.

    Parameters
    ----------
    kind : {"svm", "k-nn", "bayes"}
    """

    def __init__(self, kind: str = "svm") -> None:
        self.kind = kind

    def fit(self, X: list[bytes], y: Any, splits: Any = None) -> Self:
        """Choose the settings and fit.

        Parameters
        ----------
        X : list of bytes
        y : sequence of str
        splits : list of pairs of ndarray, default=None
            For each split, the positions of the training texts to fit on, and of those on which the accuracy is
            measured. None: one split, which holds out a random fifth of the training texts.
        """
        labels = np.asarray(y)
        settings: tuple[Any, ...] = ((1, 4), True, self._values()[0])
        if splits is not None or len(X) >= FEWEST * len(np.unique(labels)):
            self.held_out_right_, settings = self._choose(X, labels, splits or _drawn(X))
        self.chosen_ = dict(zip(("n-grams", "sublinear", "value"), map(str, settings), strict=True))
        self._model = make_pipeline(_counts(settings[0], len(X)), *self._steps(*settings[1:])).fit(X, labels)
        self.classes_ = np.unique(labels)
        return self

    def predict(self, X: list[bytes]) -> NDArray[Any]:
        """Predict the label of each text."""
        return np.asarray(self._model.predict(X))

    def _choose(
        self, X: list[bytes], labels: NDArray[Any], splits: Splits
    ) -> tuple[NDArray[np.bool_], tuple[Any, ...]]:
        """Choose the settings one after the other. Return which held-out texts they label right, and the settings."""
        tried: list[tuple[NDArray[np.bool_], tuple[Any, ...]]] = []
        first, *others = self._values()

        def right(sizes: Any, counted: Any, *settings: Any) -> tuple[NDArray[np.bool_], tuple[Any, ...]]:
            found = [
                make_pipeline(*self._steps(*settings)).fit(seen, labels[train]).predict(unseen) == labels[held_out]
                for (train, held_out), (seen, unseen) in zip(splits, counted, strict=True)
            ]
            return np.concatenate(found), (sizes, *settings)

        for sizes in RANGES:
            counts, counted = _counts(sizes, len(X)), []
            for train, held_out in splits:
                seen = counts.fit_transform([X[i] for i in train])
                counted.append((seen, counts.transform([X[i] for i in held_out])))
            own = [right(sizes, counted, sublinear, first) for sublinear in self._dampened()]
            dampened = _best(own)[1][1]
            tried += own + [right(sizes, counted, dampened, value) for value in others]
        return _best(tried)

    def _dampened(self) -> tuple[bool, ...]:
        return (True,) if self.kind == "bayes" else (True, False)

    def _values(self) -> tuple[Any, ...]:
        return {"svm": (1.0, *CS), "k-nn": KS, "bayes": ALPHAS}[self.kind]

    def _steps(self, sublinear: bool, value: Any) -> Iterator[Any]:
        if self.kind == "bayes":
            yield MultinomialNB(alpha=value)
            return
        yield TfidfTransformer(sublinear_tf=sublinear)
        if self.kind == "svm":
            yield LinearSVC(C=value, random_state=0)
        else:
            yield KNeighborsClassifier(value, metric="cosine", algorithm="brute", weights="distance")


def _drawn(X: list[bytes]) -> Splits:
    return list(ShuffleSplit(1, test_size=0.2, random_state=0).split(X))


def _best(tried: list[tuple[NDArray[np.bool_], tuple[Any, ...]]]) -> tuple[NDArray[np.bool_], tuple[Any, ...]]:
    return max(tried, key=lambda one: one[0].mean())


def _counts(sizes: tuple[int, int], n_texts: int) -> CountVectorizer:
    fewest = 2 if n_texts >= MANY else 1
    return CountVectorizer(
        analyzer="char", lowercase=False, encoding="latin-1", ngram_range=sizes, min_df=fewest, dtype=np.float64
    )


class LZJaccardClassifier(ClassifierMixin, BaseEstimator):
    """k-NN by the Lempel-Ziv Jaccard distance: the share of LZ78 phrases that two texts do not have in common.

    The paper saves time with sketches of the sets of phrases. Here all phrases are compared. k is chosen on a fifth of
    the training texts.

    References
    ----------
    Raff, Nicholas: An Alternative to NCD for Large Sequences, Lempel-Ziv Jaccard Distance. KDD (2017).
    """

    def fit(self, X: list[bytes], y: Any, splits: Any = None) -> Self:
        """Parse the training texts and choose k. `splits` is as in :meth:`GramsClassifier.fit`."""
        self._numbers: dict[bytes, int] = {}
        sets, labels = self._sets(X, learn=True), np.asarray(y)
        k = 1
        if splits is not None or len(X) >= FEWEST * len(np.unique(labels)):
            splits = splits or _drawn(X)
            distances = [_jaccard(sets[held_out], sets[train]) for train, held_out in splits]
            tried = []
            for k in (k for k in KS if k <= min(len(train) for train, _ in splits)):
                right = [
                    _nearest(k, far, labels[train]) == labels[held_out]
                    for far, (train, held_out) in zip(distances, splits, strict=True)
                ]
                tried.append((np.concatenate(right), (k,)))
            self.held_out_right_, (k,) = _best(tried)
        self.chosen_ = {"n_neighbors": k}
        self._fitted, self._labels, self.classes_ = sets, labels, np.unique(labels)
        return self

    def predict(self, X: list[bytes]) -> NDArray[Any]:
        """Predict the label of each text."""
        return _nearest(self.chosen_["n_neighbors"], _jaccard(self._sets(X), self._fitted), self._labels)

    def _sets(self, X: list[bytes], *, learn: bool = False) -> Any:
        """Return the phrases of each text as a sparse matrix of 0 and 1, and the number of phrases of each text.

        With ``learn=False``, phrases that no training text has count only in the number.
        """
        rows, unknown = [], []
        for text in X:
            phrases = _phrases(text)
            known = [self._numbers.setdefault(p, len(self._numbers)) for p in phrases] if learn else None
            known = [self._numbers[p] for p in phrases if p in self._numbers] if known is None else known
            rows.append(known)
            unknown.append(len(phrases) - len(known))
        starts = np.cumsum([0, *map(len, rows)])
        columns = np.fromiter((number for row in rows for number in row), dtype=np.int64, count=starts[-1])
        sets = csr_array((np.ones(len(columns)), columns, starts), shape=(len(X), len(self._numbers)))
        return _Sets(sets, np.diff(starts) + np.array(unknown))


class _Sets:
    def __init__(self, rows: Any, sizes: NDArray[np.intp]) -> None:
        self.rows, self.sizes = rows, sizes

    def __getitem__(self, chosen: NDArray[np.intp]) -> _Sets:
        return _Sets(self.rows[chosen], self.sizes[chosen])


def _phrases(text: bytes) -> set[bytes]:
    found: set[bytes] = set()
    start = 0
    for end in range(1, len(text) + 1):
        if text[start:end] not in found:
            found.add(text[start:end])
            start = end
    return found


def _jaccard(some: _Sets, others: _Sets) -> NDArray[np.float64]:
    common = (some.rows @ others.rows.T).toarray()
    together = some.sizes[:, None] + others.sizes[None, :] - common
    return np.asarray(1 - common / np.maximum(together, 1))


def _nearest(k: int, distances: NDArray[np.float64], labels: NDArray[Any]) -> NDArray[Any]:
    model = KNeighborsClassifier(k, metric="precomputed", weights="distance")
    model.fit(np.zeros((len(labels), len(labels))), labels)
    return np.asarray(model.predict(distances))
