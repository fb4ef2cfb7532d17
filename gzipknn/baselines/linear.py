"""Linear models on bags of words."""

from __future__ import annotations

from typing import Any

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC


def linear_classifier(features: Any = "tfidf", model: Any = "logistic", *, random_state: Any = None) -> Pipeline:
    """Make a linear model on words: what any learner of text has to beat.

    Parameters
    ----------
    features : {"tfidf", "counts"} or transformer, default="tfidf"
        Words weighed by scikit-learn's ``TfidfVectorizer``, or counted; or what a transformer such as
        :class:`TextEncoder` makes of texts.
    model : {"logistic", "svm"} or classifier, default="logistic"
        ``LogisticRegression`` or ``LinearSVC``, with scikit-learn's settings but for the number of iterations.
    random_state : int, RandomState or None, default=None
        Of the model.

    Returns
    -------
    Pipeline
        Steps ``"features"`` and ``"model"``: ``model__C`` is a name for a grid search.

    Examples
    --------
    >>> from gzipknn.baselines import linear_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = linear_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    named = {
        "tfidf": TfidfVectorizer(decode_error="replace"),
        "counts": CountVectorizer(decode_error="replace"),
        "logistic": LogisticRegression(max_iter=1000, random_state=random_state),
        "svm": LinearSVC(random_state=random_state),
    }
    steps = []
    for name, step, names in (("features", features, ("tfidf", "counts")), ("model", model, ("logistic", "svm"))):
        if isinstance(step, str) and step not in names:
            raise ValueError(f"{name} must be one of {list(names)} or an estimator, got {step!r}.")
        if not isinstance(step, str):
            check_step(name, step, "fit", "transform" if name == "features" else "predict")
        steps.append((name, named[step] if isinstance(step, str) else step))
    return Pipeline(steps)


def check_step(name: str, step: Any, *methods: str) -> None:
    """Raise unless `step` is an estimator with some methods."""
    if isinstance(step, type) or not all(hasattr(step, method) for method in ("get_params", *methods)):
        raise TypeError(
            f"{name} must be an estimator of scikit-learn's kind, with {' and '.join(methods)}, "
            f"got {type(step).__name__} ({step!r:.50})."
        )
