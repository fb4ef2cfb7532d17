"""Ready-made models that use compression distances for more than neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from gzipknn.transformer import NCDTransformer


class UpToLandmarks(NCDTransformer):
    """An NCDTransformer that takes all training texts as landmarks if there are fewer than asked for."""

    def _draw(self, n_texts: int) -> NDArray[np.intp]:
        enough = self.landmarks is None or self.landmarks >= n_texts
        return np.arange(n_texts) if enough else super()._draw(n_texts)


def landmark_classifier(
    n_landmarks: int = 4000,
    *,
    compressor: Any = "lz77",
    metric: Any = "cdm",
    random_state: Any = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
    memory: Any = None,
) -> Pipeline:
    """Build a linear classifier on the distances of a text to landmarks, texts of the training set.

    Where k nearest neighbours take every distance at its word, ridge regression learns which landmarks tell the
    classes apart; and a query is measured against the landmarks only, however large the training set. It suits classes
    that many words tell apart (sentiment, say) and training sets of thousands.

    Parameters
    ----------
    n_landmarks : int or None, default=4000
        How many training texts to measure to, drawn at random; all of them if there are fewer, or if None. More are
        better and slower: the time to measure goes with their number times that of the texts, memory too (8 bytes for
        each such pair).
    compressor, metric, random_state, n_jobs, verbose, memory
        As in :class:`gzipknn.NCDTransformer`.

    Returns
    -------
    Pipeline
        Steps ``"landmarks"`` (an ``NCDTransformer``), ``"scale"`` (``StandardScaler``) and ``"ridge"``
        (``RidgeClassifier``): ``landmarks__compressor`` and ``ridge__alpha`` are names for a grid search.

    References
    ----------
    Pękalska, Duin: The Dissimilarity Representation for Pattern Recognition. World Scientific (2005), chapter 4.

    Examples
    --------
    >>> from gzipknn.recipes import landmark_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = landmark_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    options = {"random_state": random_state, "n_jobs": n_jobs, "verbose": verbose, "memory": memory}
    landmarks = UpToLandmarks(n_landmarks, compressor=compressor, metric=metric, **options)
    # best on validation texts, where anything from 30 to 300 did nearly as well. Leaving one out of the training texts
    # finds far too large a penalty: most landmarks are training texts, and the nearest to themselves.
    ridge = RidgeClassifier(alpha=100)
    return Pipeline([("landmarks", landmarks), ("scale", StandardScaler()), ("ridge", ridge)])
