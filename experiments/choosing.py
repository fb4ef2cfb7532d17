"""Choose the settings of the k-NN methods on training texts, by the same rule for all data sets.

Each of up to 1,000 training texts is left out in turn and classified by the others. The settings with the highest
accuracy are chosen; of equally good settings, the first. For compression, `NCDClassifierCV` chooses on the same number
of texts, which it holds out.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from sklearn.model_selection import ParameterGrid

from gzipknn import NCDClassifierCV
from gzipknn.baselines.vector_knn import VectorKNN
from gzipknn.search.hubs import N_SAMPLE, NORMALIZATIONS, draw
from gzipknn.texts.encoding import encode_texts

KS = (1, 3, 5, 9, 15, 31, 61, 121, 241)
NORMALIZE = (None, *NORMALIZATIONS)
WEIGHTS = ("uniform", "margin")
N_TUNING = 1000
"""The largest number of training texts on which settings are compared."""


def choose_compression(compressor: Any, metric: Any, X: list[str], y: list[Any], **options: Any) -> dict[str, Any]:
    """Choose the settings of an ``NCDClassifier``. `compressor` and `metric` may each be one choice or several."""
    chooser = NCDClassifierCV(
        KS,
        compressor=compressor,
        metric=metric,
        normalize=NORMALIZE,
        weights=WEIGHTS,
        n_samples=N_TUNING,
        **options,
    )
    return dict(chooser.fit(X, y).best_params_)


def choose_vectors(clf: VectorKNN, more: dict[str, Any], X: list[str], y: list[Any]) -> dict[str, Any]:
    """Choose the settings of a k-NN classifier on vectors. `more` holds choices for further parameters."""
    n = len(X)
    hubs = draw(n, min(N_SAMPLE, n // 2))
    # Texts on which corrections are measured are not in the sample. Otherwise, the corrections of a text's neighbours
    # would depend on their distances to this text, and these neighbours would seem farther away.
    others = np.setdiff1d(np.arange(n), hubs)
    sample = others[draw(len(others), N_TUNING)]
    texts, truth = encode_texts([X[row] for row in sample]), np.array(y)[sample]
    ks = [k for k in KS if k < n]
    tried: list[tuple[float, dict[str, Any]]] = []
    for params in ParameterGrid(more):
        clf.set_params(**params).fit(X, y)
        for normalize in NORMALIZE:
            clf._correct(normalize)
            distances, indices = clf._leave_one_out(sample, max(ks))
            for weights, k in product(WEIGHTS, ks):
                clf.set_params(weights=weights)
                right = clf._decide(texts, distances[:, :k], indices[:, :k], None) == truth
                chosen = {**params, "normalize": normalize, "weights": weights, "n_neighbors": k}
                tried.append((float(np.mean(right)), chosen))
    return max(tried, key=lambda one: one[0])[1]
