"""Ready-made models that use compression distances for more than neighbours."""

from __future__ import annotations

from typing import Any

from sklearn.ensemble import VotingClassifier

from gzipknn.base import PlainLabels
from gzipknn.baselines import class_model_classifier
from gzipknn.landmark_regressor import LandmarkRegressor
from gzipknn.landmarks import LandmarkClassifier


class SoftVote(PlainLabels, VotingClassifier):  # type: ignore[misc]  # scikit-learn has no types
    """A vote on texts."""


def landmark_classifier(n_landmarks: Any = "auto", **parameters: Any) -> LandmarkClassifier:
    """Make a linear classifier on the distances of a text to landmarks, texts of the training set.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        How many training texts to measure to.
    **parameters
        Those of :class:`gzipknn.landmarks.LandmarkClassifier`: `alpha`, `compressor`, `metric`, `random_state`,
        `n_jobs`, `verbose`, `memory`.

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
    """Make a ridge regression on the distances of a text to landmarks, texts of the training set.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        How many training texts to measure to.
    **parameters
        Those of :class:`gzipknn.landmark_regressor.LandmarkRegressor`: `alpha`, `compressor`, `metric`,
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
    >>> bool(abs(model.predict(["<li>" * 35])[0] - 35) < 5)
    True
    """
    return LandmarkRegressor(n_landmarks, **parameters)


def strong_classifier(
    *, random_state: Any = 0, n_jobs: int | None = None, verbose: int = 0, memory: Any = None
) -> VotingClassifier:
    """Make the mean of two classifiers, landmarks and class models: on most data sets the most accurate by compression.

    One is :func:`landmark_classifier`, which compares whole texts and so finds rare phrases. The other is
    :func:`gzipknn.baselines.class_model_classifier`, which models the bytes of each class and so adds up much weak
    evidence. Both give calibrated probabilities. On validation texts their mean is better than either on most sets.

    Parameters
    ----------
    random_state, n_jobs, verbose, memory
        As in :class:`gzipknn.landmarks.LandmarkClassifier`; `n_jobs` is that of the class models, too.

    Returns
    -------
    VotingClassifier
        Not fitted, with the estimators ``"landmarks"`` and ``"models"``, and soft voting.

    Examples
    --------
    >>> from gzipknn.recipes import strong_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = strong_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    landmarks = landmark_classifier(random_state=random_state, n_jobs=n_jobs, verbose=verbose, memory=memory)
    models = class_model_classifier(n_jobs=n_jobs)
    return SoftVote([("landmarks", landmarks), ("models", models)], voting="soft")
