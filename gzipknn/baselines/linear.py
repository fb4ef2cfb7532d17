"""Linear models on bags of words, with which every text classifier should be compared."""

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
    """Make a linear model on words, with which every text classifier should be compared.

    The defaults are the usual first choice. ``linear_classifier("words+characters", "svm", C=[0.1, 0.3, 1, 3])`` is
    more accurate on most data sets, but slower.

    Parameters
    ----------
    features : {"tfidf", "counts", "words+characters", "phrases"} or transformer, default="tfidf"
        - ``"tfidf"``: the tf-idf of words, by scikit-learn's ``TfidfVectorizer``.
        - ``"counts"``: the counts of words.
        - ``"words+characters"``: the tf-idf of words, punctuation marks and pairs of these, and the tf-idf of strings
          of two to five characters, both with the logarithm of the counts.
        - ``"phrases"``: for each word or punctuation mark, and for each sequence of two or three of these, 1 if a text
          holds it, else 0.
        - A transformer, such as :class:`TextEncoder`, makes the features itself.
    model : {"logistic", "svm", "nb-svm"} or classifier, default="logistic"
        - ``"logistic"``: ``LogisticRegression``, with scikit-learn's settings but more iterations.
        - ``"svm"``: ``LinearSVC``, with scikit-learn's settings.
        - ``"nb-svm"``: NB-SVM [1]_, which is a ``LinearSVC`` for each class behind a
          :class:`gzipknn.baselines.nb_svm.LogCountRatio`. It needs ``"phrases"`` or ``"counts"``.
        - Any other classifier.
    C : float or sequence of float, default=None
        The inverse of the penalty of a named model. None: scikit-learn's default, 1. Several values: a fifth of the
        training texts is held out, and the value with the highest accuracy on them is used, the first if several are
        equal.
    random_state : int, RandomState or None, default=None
        The seed or generator of a named model.

    Returns
    -------
    Pipeline
        Its steps are ``"features"`` and ``"model"``, so a grid search can set ``model__C``. With several values of `C`,
        the model is scikit-learn's ``GridSearchCV``, whose ``best_params_`` holds the chosen value.

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
        raise ValueError(
            f"C is only for the models {list(MODELS)}; set the parameters of {type(model).__name__} where you make it."
        )
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
        raise ValueError("C must be a number or a sequence of numbers to choose from, got an empty sequence.")
    for value in values:
        check_scalar(value, "C", Real, min_val=0, include_boundaries="neither")
    if not several:
        return made.set_params(**{parameter: C})
    held_out = ShuffleSplit(1, test_size=0.2, random_state=0)  # not stratified, as a class may have only one text
    return GridSearchCV(made, {parameter: values}, cv=held_out, scoring="accuracy", error_score="raise")


def check_step(name: str, step: Any, *methods: str) -> None:
    """Raise unless `step` is an estimator with these methods."""
    if isinstance(step, type) or not all(hasattr(step, method) for method in ("get_params", *methods)):
        raise TypeError(
            f"{name} must be an estimator with the methods {' and '.join(methods)}, "
            f"got {type(step).__name__} ({step!r:.50})."
        )
