"""Ready-made models that use compression distances for more than neighbours."""

from __future__ import annotations

from typing import Any

from gzipknn.landmarks import LandmarkClassifier


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
