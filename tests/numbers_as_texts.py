"""An adapter for scikit-learn's own checks. They fit on rows of numbers, and the adapter turns these into texts."""

from __future__ import annotations

from functools import wraps
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

FITS = ("fit", "partial_fit", "fit_predict", "fit_transform")
ASKS = (
    *("predict", "predict_proba", "predict_log_proba", "predict_with_proba", "decision_function", "score_samples"),
    *("transform", "score", "kneighbors", "kneighbors_graph", "radius_neighbors", "radius_neighbors_graph"),
)
STEPS = 4
"""Numbers are rounded to this number of steps per unit."""
REACH = 4
"""This number of steps around a number is written, so that near numbers share words."""


def write(row: Any) -> str:
    """Write a row of numbers as words.

    Examples
    --------
    >>> len(set(write([0.0]).split()) & set(write([0.5]).split()))
    7
    """
    places = np.rint(np.clip(row, -1e6, 1e6) * STEPS).astype(int).tolist()
    return " ".join(
        f"x{column}y{place + step + 10**8}" for column, place in enumerate(places) for step in range(-REACH, REACH + 1)
    )


def adapted(estimator: BaseEstimator) -> BaseEstimator:
    """Return an estimator with the same parameters whose methods take rows of numbers instead of texts.

    The adapter checks rows as scikit-learn wants it, and knows the number of columns in ``fit``. Everything else is the
    estimator's own.
    """
    cls = type(estimator)
    methods = {name: _on_rows(getattr(cls, name), name in FITS) for name in (*FITS, *ASKS) if hasattr(estimator, name)}
    others = {
        "__module__": __name__,
        "n_features_in_": _COLUMNS,
        "__init__": cls.__init__,
        "__sklearn_tags__": _tags_of_rows(cls),
    }
    name = f"{cls.__name__}OnNumbers"
    if name not in globals():  # pickle looks for the class here
        globals()[name] = type(name, (cls,), {**methods, **others})
    made: Any = globals()[name]
    assert set(methods) <= set(vars(made)), "two estimators of one class have other methods"
    return made(**estimator.get_params(deep=False))


def _on_rows(method: Any, fits: bool) -> Any:
    @wraps(method)
    def on_rows(self: Any, X: Any = None, *args: Any, **kwargs: Any) -> Any:
        if X is None or (isinstance(X, list) and X and isinstance(X[0], str)):  # passed on by a method that was adapted
            return method(self, X, *args, **kwargs)
        fits_anew = fits and not (method.__name__ == "partial_fit" and hasattr(self, "n_features_in_"))
        if not fits:
            check_is_fitted(self)
        before = vars(self).get("_n_number_columns")
        rows = validate_data(self, X, reset=fits_anew, dtype=np.float64 if fits_anew else "numeric")
        n_columns = rows.shape[1] if fits_anew else before
        result = method(self, [write(row) for row in rows.tolist()], *args, **kwargs)
        vars(self)["_n_number_columns"] = n_columns
        return result

    return on_rows


def _tags_of_rows(cls: type) -> Any:
    def tags_of_rows(self: Any) -> Any:
        tags = cls.__sklearn_tags__(self)  # type: ignore[attr-defined]
        tags.input_tags.two_d_array, tags.input_tags.one_d_array, tags.input_tags.string = True, False, False
        return tags

    return tags_of_rows


def _get(self: Any) -> int:
    if vars(self).get("_n_number_columns") is None:
        raise AttributeError("n_features_in_ is not known before fit")
    return int(vars(self)["_n_number_columns"])


_COLUMNS = property(_get, lambda self, n: vars(self).update(_n_number_columns=n))
