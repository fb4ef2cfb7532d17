"""Ready-made models that use compression for more than nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.ensemble import VotingClassifier

from gzipknn.base import PlainLabels
from gzipknn.baselines import KneserNey, class_model_classifier
from gzipknn.compressors import LZ77
from gzipknn.landmark_regressor import LandmarkRegressor
from gzipknn.landmarks import WEIGHED, LandmarkClassifier


class SoftVote(PlainLabels, VotingClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """A ``VotingClassifier`` that reads labels as the estimators of this library do."""


def landmark_classifier(n_landmarks: Any = "auto", **parameters: Any) -> LandmarkClassifier:
    """Make a linear classifier on the distances of a text to landmarks, which are some of the training texts.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        The number of landmarks.
    **parameters
        The other parameters of :class:`gzipknn.landmarks.LandmarkClassifier`: `alpha`, `compressor`, `metric`,
        `random_state`, `n_jobs`, `verbose`, `memory`.

    Returns
    -------
    LandmarkClassifier
        Not fitted.

    Examples
    --------
    >>> from gzipknn.recipes import landmark_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = landmark_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    return LandmarkClassifier(n_landmarks, **parameters)


def landmark_regressor(n_landmarks: Any = "auto", **parameters: Any) -> LandmarkRegressor:
    """Make a ridge regression on the distances of a text to landmarks, which are some of the training texts.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        The number of landmarks.
    **parameters
        The other parameters of :class:`gzipknn.landmark_regressor.LandmarkRegressor`: `alpha`, `compressor`, `metric`,
        `random_state`, `n_jobs`, `verbose`, `memory`.

    Returns
    -------
    LandmarkRegressor
        Not fitted.

    Examples
    --------
    >>> from gzipknn.recipes import landmark_regressor
    >>> numbers = [*range(10, 60)]
    >>> model = landmark_regressor().fit(["<li>" * n for n in numbers], numbers)
    >>> model.predict(["<li>" * 35]).round()
    array([35.])
    """
    return LandmarkRegressor(n_landmarks, **parameters)


def strong_classifier(
    backgrounds: Sequence[str | int | None] = ("blend",),
    orders: Sequence[int] = (2, 4),
    *,
    random_state: Any = 0,
    n_jobs: int | None = None,
    verbose: int = 0,
    memory: Any = None,
) -> VotingClassifier:
    """Make an average of two kinds of classifiers by compression, the most accurate model here on most data sets.

    One kind is :func:`landmark_classifier`, which compares whole texts and so finds rare phrases. The other is
    :func:`gzipknn.baselines.class_model_classifier`, which models the bytes of each class and so adds up much weak
    evidence. The probabilities of both are averaged. On validation texts of most data sets, the average
    is more accurate than either kind alone.

    Parameters
    ----------
    backgrounds : sequence of {"blend", 2, 1, 0, None}, default=("blend",)
        The backgrounds of ``"lz77"``, one for each landmark classifier. Each classifier computes its own distances.
    orders : sequence of int, default=(2, 4)
        The orders of the Kneser-Ney models, one for each class model classifier. Two orders cost little more than one.
        On validation texts they were as good as order 3 on prose, and up to five points better on DNA, machine code and
        log lines.
    random_state, n_jobs, verbose, memory
        As in :class:`gzipknn.landmarks.LandmarkClassifier`; `n_jobs` also applies to the class models.

    Returns
    -------
    VotingClassifier
        Not fitted. Its estimators have names such as ``"landmarks-blend"`` and ``"models-4"``. It uses soft voting, in
        which both kinds have the same weight.

    Examples
    --------
    >>> from gzipknn.recipes import strong_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = strong_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    for name, values in (("backgrounds", backgrounds), ("orders", orders)):
        if isinstance(values, str | bytes) or not isinstance(values, Sequence) or not values:
            raise ValueError(f"{name} must be a sequence with at least one value, such as (2,), got {values!r:.50}.")
    options = {"random_state": random_state, "n_jobs": n_jobs, "verbose": verbose, "memory": memory}
    members: list[tuple[str, Any]] = []
    for background in backgrounds:
        compressor = LZ77(background, WEIGHED.base_weight)
        members.append((f"landmarks-{background}", landmark_classifier(compressor=compressor, **options)))
    members += [(f"models-{order}", class_model_classifier(KneserNey(order), n_jobs=n_jobs)) for order in orders]
    weights = [1 / len(backgrounds)] * len(backgrounds) + [1 / len(orders)] * len(orders)
    return SoftVote(members, voting="soft", weights=weights)
