"""Linear models on bags of words: what any learner of text has to beat."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any

from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, ShuffleSplit
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.svm import LinearSVC
from sklearn.utils import check_scalar

from gzipknn.baselines.nb_svm import LogCountRatio
from gzipknn.baselines.text_pipeline import TextPipeline

FEATURES = ("tfidf", "counts", "words+characters", "phrases")
MODELS = ("logistic", "svm", "nb-svm")
WORDS_AND_PUNCTUATION = r"\w+|[^\w\s]"


def linear_classifier(
    features: Any = "tfidf",
    model: Any = "logistic",
    *,
    C: float | Sequence[float] | None = None,
    random_state: Any = None,
) -> Pipeline:
    """Make a linear model on words: what any learner of text has to beat.

    The defaults are what people try first. ``linear_classifier("words+characters", "svm", C=[0.1, 0.3, 1, 3])`` is more
    accurate on most data sets, and slower.

    Parameters
    ----------
    features : {"tfidf", "counts", "words+characters", "phrases"} or transformer, default="tfidf"
        ``"tfidf"``: words weighed by scikit-learn's ``TfidfVectorizer``. ``"counts"``: words counted.
        ``"words+characters"``: the tf-idf of words, of punctuation marks and of pairs of these, and beside them the
        tf-idf of strings of two to five characters, both with the logarithm of the counts. ``"phrases"``: 1 for each
        word, each punctuation mark, and each two or three of these in a row that a text holds, else 0. A transformer,
        such as :class:`TextEncoder`: what it makes of the texts.
    model : {"logistic", "svm", "nb-svm"} or classifier, default="logistic"
        ``LogisticRegression`` or ``LinearSVC``, with scikit-learn's settings but for the number of iterations; or
        NB-SVM [1]_, a ``LinearSVC`` for each class behind a :class:`gzipknn.baselines.nb_svm.LogCountRatio`, which
        wants ``"phrases"`` or ``"counts"``.
    C : float or sequence of float, default=None
        The inverse of how much a named model is regularized. None for scikit-learn's 1. Of several values, the one that
        labels most texts right of a fifth of the training texts, which is held out, is used; of equals, the first.
    random_state : int, RandomState or None, default=None
        Of the model.

    Returns
    -------
    Pipeline
        Steps ``"features"`` and ``"model"``: ``model__C`` is a name for a grid search. With several values of `C`,
        the model is scikit-learn's ``GridSearchCV``, of which ``best_params_`` tells the value.

    References
    ----------
    .. [1] Wang, Manning: Baselines and Bigrams: Simple, Good Sentiment and Topic Classification. ACL (2012); with
       phrases of three words, Mesnil, Mikolov, Ranzato, Bengio: Ensemble of Generative and Discriminative Techniques
       for Sentiment Analysis of Movie Reviews. ICLR workshop (2015).

    Examples
    --------
    >>> from gzipknn.baselines import linear_classifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = linear_classifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """
    for name, step, names in (("features", features, FEATURES), ("model", model, MODELS)):
        if isinstance(step, str) and step not in names:
            raise ValueError(f"{name} must be one of {list(names)} or an estimator, got {step!r}.")
        if not isinstance(step, str):
            check_step(name, step, "fit", "transform" if name == "features" else "predict")
    if C is not None and not isinstance(model, str):
        raise ValueError(f"C is for named models, {list(MODELS)}; set that of {type(model).__name__} where it is made.")
    made = _model(model, C, random_state) if isinstance(model, str) else model
    return TextPipeline([("features", _features(features) if isinstance(features, str) else features), ("model", made)])


def _features(name: str) -> Any:
    options: dict[str, Any] = {"decode_error": "replace"}
    if name == "tfidf":
        return TfidfVectorizer(**options)
    if name == "counts":
        return CountVectorizer(**options)
    words = {"token_pattern": WORDS_AND_PUNCTUATION, **options}
    if name == "phrases":
        return CountVectorizer(ngram_range=(1, 3), binary=True, **words)
    both = [
        ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **words)),
        ("characters", TfidfVectorizer(analyzer="char", ngram_range=(2, 5), sublinear_tf=True, **options)),
    ]
    return FeatureUnion(both)


def _model(name: str, C: float | Sequence[float] | None, random_state: Any) -> Any:
    made: Any = LogisticRegression(max_iter=1000, random_state=random_state)
    parameter = "C"
    if name != "logistic":
        made = LinearSVC(random_state=random_state)
    if name == "nb-svm":
        made, parameter = (
            OneVsRestClassifier(Pipeline([("ratio", LogCountRatio()), ("svm", made)])),
            "estimator__svm__C",
        )
    if C is None:
        return made
    several = not isinstance(C, Real)
    values: list[Any] = list(C) if several else [C]  # type: ignore[arg-type]
    if not values:
        raise ValueError("C must be a number or several to choose from, got none.")
    for value in values:
        check_scalar(value, "C", Real, min_val=0, include_boundaries="neither")
    if not several:
        return made.set_params(**{parameter: C})
    held_out = ShuffleSplit(1, test_size=0.2, random_state=0)  # not stratified: a class may have one text only
    return GridSearchCV(made, {parameter: values}, cv=held_out, scoring="accuracy", error_score="raise")


def check_step(name: str, step: Any, *methods: str) -> None:
    """Raise unless `step` is an estimator with some methods."""
    if isinstance(step, type) or not all(hasattr(step, method) for method in ("get_params", *methods)):
        raise TypeError(
            f"{name} must be an estimator of scikit-learn's kind, with {' and '.join(methods)}, "
            f"got {type(step).__name__} ({step!r:.50})."
        )
