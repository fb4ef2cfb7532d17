"""The methods of ClassCompressorClassifier that need models made of counts, such as partial_fit and forget."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextClassifier
from gzipknn.baselines.joined_texts import JoinedTexts
from gzipknn.baselines.kneser_ney import ClassModels, KneserNey
from gzipknn.texts.encoding import check_sequence, encode_texts, warn_of_empty_queries
from gzipknn.texts.labels import as_list, check_same_kind, encode_labels, join_classes, positions_among
from gzipknn.utils.validation import check_int

# The bytes of a text depend on each other, so their bits overstate the evidence. For probabilities, the bits of n bytes
# are divided by n ** POWER / EVIDENCE. Chosen on validation texts, see `predict_proba`.
POWER, EVIDENCE = 0.8, 6.0


def _counts_up(estimator: CountedClasses) -> bool:
    """Return True if texts can be added and taken away; raise AttributeError if not."""
    models = getattr(estimator, "_models", None)
    counts = is_kneser_ney(estimator.compressor) if models is None else isinstance(models, ClassModels)
    if not counts:
        raise AttributeError(
            f"this needs models made of counts, with compressor='kneser-ney' or a KneserNey object, got "
            f"{estimator.compressor!r:.50}; set compressor='kneser-ney' and fit again."
        )
    return True


def is_kneser_ney(compressor: Any) -> bool:
    """Tell whether the parameter `compressor` stands for Kneser-Ney models."""
    return isinstance(compressor, KneserNey) or (isinstance(compressor, str) and compressor == "kneser-ney")


class CountedClasses(TextClassifier):
    """Base class of :class:`ClassCompressorClassifier` with the methods that need models made of counts."""

    compressor: Any
    n_shards: int
    compressor_: Any
    _models: ClassModels | JoinedTexts

    def _settings(self) -> KneserNey | None:
        """Return the settings of the Kneser-Ney models, or None if another compressor is chosen."""
        n_shards = check_int(self.n_shards, "n_shards", 1)
        if not is_kneser_ney(self.compressor):
            return None
        if n_shards != 1:
            raise ValueError(f"n_shards must be 1 with compressor={self.compressor!r:.50}, got {n_shards}.")
        return self.compressor if isinstance(self.compressor, KneserNey) else KneserNey()

    @property
    def _counted(self) -> ClassModels:
        check_is_fitted(self)
        assert isinstance(self._models, ClassModels)  # available_if has checked this
        return self._models

    @property
    def nbytes(self) -> int:
        """The memory that the counts take, in bytes, which ``KneserNey(max_bytes=...)`` limits.

        It exists only with ``compressor="kneser-ney"``. Without the native kernel, it is an estimate.
        """
        _counts_up(self)
        return self._counted.nbytes

    @available_if(_counts_up)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Self:
        """Learn more texts, or fit if there are none yet; the result is the same as of one ``fit`` on all of them.

        This works only with ``compressor="kneser-ney"``, and uses the settings of the last ``fit``. If it raises, the
        model is unchanged. Do not call it while another thread predicts; that raises RuntimeError.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_new,)
        y : array-like, shape (n_new,)
            Their labels. They may be new, but must be of the same kind as those before.
        classes : array-like, default=None
            Labels that may come later. This is optional. A label without a text is in ``classes_`` but is not
            predicted.

        Returns
        -------
        self : ClassCompressorClassifier
        """
        texts = encode_texts(X, "X")
        own, labels = encode_labels(y, len(texts))
        every = own
        if classes is not None:
            check_sequence(classes, "classes", "label")
            if len(classes) == 0:
                raise ValueError("classes must hold at least one label, or be None, got none.")
            named = encode_labels(classes, len(classes))[0]
            check_same_kind(own, named)
            every = join_classes(own, named)
        if hasattr(self, "_models"):
            check_same_kind(every, self.classes_)
            models, every = self._counted, join_classes(self.classes_, every)
            places = positions_among(every, self.classes_)
        else:
            settings = self._settings()
            assert settings is not None  # available_if has checked this
            models, places = ClassModels(settings, len(every)), np.arange(len(every))
        models.learn(texts, positions_among(every, own)[labels], places, len(every))
        self._models, self.classes_ = models, every
        self.compressor_, self.n_features_in_ = models.settings, 1
        return self

    @available_if(_counts_up)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def forget(self, X: Any, y: Any) -> Self:
        """Take learnt texts out of the model; the result is the same as of a ``fit`` that never saw them.

        This works only with ``compressor="kneser-ney"``. ``classes_`` stays as it is, but a class without texts is not
        predicted. The freed memory is kept for new texts; a model that is saved to a file and loaded again takes only
        what it needs. Do not call this method while another thread predicts; that raises RuntimeError.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_dropped,)
            Texts as they were learnt. A text that is given twice is forgotten twice.
        y : array-like, shape (n_dropped,)
            The labels with which they were learnt.

        Returns
        -------
        self : ClassCompressorClassifier

        Raises
        ------
        ValueError
            If a text was not learnt with its label. The message names the first such text, and nothing is forgotten.
        """
        self._counted.forget(*self._learnt_texts(X, y))
        return self

    @available_if(_counts_up)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def leave_one_out_lengths(self, X: Any, y: Any) -> NDArray[np.float64]:
        """Return the bits of each learnt text in the model of each class, as if this text had not been learnt.

        So training texts are measured like new ones, and another classifier can be trained on the result, as
        :func:`class_model_classifier` does. This works only with ``compressor="kneser-ney"``.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
        y : array-like, shape (n,)
            The labels with which they were learnt.

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            Each row is what :meth:`class_lengths` would return between ``forget`` and ``partial_fit`` of that text.
        """
        return self._counted.leave_one_out_lengths(*self._learnt_texts(X, y))

    def _learnt_texts(self, X: Any, y: Any) -> tuple[list[bytes], NDArray[np.intp]]:
        check_is_fitted(self)
        texts = encode_texts(X, "X")
        own, labels = encode_labels(y, len(texts))
        check_same_kind(own, self.classes_)
        places = positions_among(join_classes(self.classes_, own), own)[labels]
        unknown = np.flatnonzero(~np.isin(own, self.classes_)[labels])
        if len(unknown):
            first = as_list(own)[labels[unknown[0]]]
            raise ValueError(
                f"y must hold labels of learnt texts, but {first!r:.50} at position {unknown[0]} is "
                f"none of the {len(self.classes_)} classes; nothing was changed."
            )
        return texts, places

    @available_if(_counts_up)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class for each text.

        This works only with ``compressor="kneser-ney"``. By Bayes' rule, the probability of a class is proportional to
        its share of the training texts times ``2 ** -bits``, where bits is the code length of the text in the model of
        the class. But for all but the shortest texts, such probabilities are far too near 0 and 1, because the model
        assumes that bytes are independent given the few bytes before them. So for a text of n bytes, the bits of text
        and class are divided by n ** 0.8 / 6 if that is above 1. These two numbers were chosen once for all, on
        validation texts of six data sets. The order of the classes stays that of :meth:`predict`. On long reviews
        (IMDb), the probabilities are still too near 0 and 1. :func:`class_model_classifier` learns probabilities from
        the training texts themselves.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            The columns are in the order of ``classes_``.

        Warns
        -----
        UserWarning
            If there are empty texts. Their probabilities are each class's share of the training texts.
        """
        texts = encode_texts(X, "X")
        bits = self._scores(texts)
        warn_of_empty_queries(texts)
        n_bytes = np.array([len(text) for text in texts])
        bits /= np.maximum(1, n_bytes**POWER / EVIDENCE)[:, np.newaxis]
        return np.asarray(softmax(-np.log(2) * bits, axis=1))

    def _scores(self, texts: list[bytes]) -> NDArray[np.float64]:
        """Return the scores by which the class is chosen, where lower is better: lengths plus the bits of the class.

        The bits of the class are added only for models made of counts.
        """
        lengths: NDArray[np.float64] = self.class_lengths(texts)
        if not isinstance(self._models, ClassModels):
            return lengths
        n_texts = self._models.n_texts
        if not n_texts.any():
            raise ValueError("all training texts were forgotten, so no class is known; call partial_fit or fit first.")
        with np.errstate(divide="ignore"):  # the score of a class without texts is infinite
            return np.asarray(lengths - np.log2(n_texts / n_texts.sum()))
