"""LandmarkClassifier: a linear model on the distances to some training texts, the landmarks."""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn.base import TextClassifier
from gzipknn.compressors import LZ77
from gzipknn.held_out_ridge import Calibration, one_against_rest
from gzipknn.landmark_model import LandmarkModel
from gzipknn.search.training_texts import with_labels_for
from gzipknn.targets import encode_voters
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts

WEIGHED = LZ77(base_weight=0.1)
"""Compared with a base weight of 0.3, this one was better on validation texts. Both were better than no weights."""


class LandmarkClassifier(LandmarkModel, TextClassifier):
    """A linear classifier on the distances of a text to landmarks, which are some of the training texts.

    k nearest neighbours trust every distance equally, whereas ridge regression learns which landmarks tell the classes
    apart. A query is compared only with the landmarks, however large the training set is. The classifier suits classes
    that differ in many words (sentiment, for example) and training sets of thousands of texts.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        The number of landmarks, which are drawn at random from the training texts. An int: this number, or all texts if
        there are fewer. None: all texts. ``"auto"``: 1,000, 2,000, 4,000 or 8,000; the number is doubled as long as the
        log loss on held-out texts falls by 1 % or more. More landmarks are more accurate and slower. The time to
        compute the distances and the memory (8 bytes for each pair) are proportional to the number of landmarks times
        the number of training texts.
    alpha : "auto" or float, default="auto"
        The penalty of the ridge regression on standardized distances, as in ``RidgeClassifier``. ``"auto"``: 0.003,
        0.01, 0.03, 0.1, 0.3 or 1 times the number of training texts (the sum of their weights), whichever has the
        lowest log loss on held-out texts.
    compressor : str, Compressor or callable, default=LZ77(base_weight=0.1)
        The default weighs the bits of a string by how much it tells about the class.
    metric : str or callable, default="nmi"
        As in :class:`gzipknn.NCDClassifier`, where a landmark takes the place of the training text.
    random_state : int, RandomState or None, default=0
        The seed or generator that draws the landmarks and the texts to hold out.
    n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    landmark_indices_ : ndarray of int, shape (n_landmarks,)
        The positions of the landmarks in the training set, in ascending order.
    landmarks_ : list of bytes, length n_landmarks
        The landmarks, encoded.
    alpha_ : float
        The penalty.
    calibration_ : Calibration
        The function from scores to probabilities.
    held_out_loss_ : float
        The log loss on held-out texts, in nats, with the penalty and the number of landmarks that were chosen. NaN if
        nothing could be held out, because there is a single text or a single class.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    Texts are held out in folds. A fold is a fifth of the training texts, but at most 1,000. There are as many folds as
    it takes to hold out about 1,000 texts, and at most five. While a fold is held out, its texts are not landmarks
    either, because a query is never a landmark. The distances are computed only once.

    A compressor that learns from labels has also learnt from the labels of held-out texts, so the loss on these is
    somewhat too low. When a training text is measured, its own label has contributed to the weights of its strings;
    for a query, this is not so. That does no harm, because the evidence of a string that few texts hold is smoothed:
    on validation texts, weights learnt only from other folds were no better.

    The probabilities come from Platt scaling on the held-out texts: sigmoids of the scores, with the same slope and
    shift for all classes, divided by their sum. The class with the highest score has the highest probability.

    See Also
    --------
    NCDTransformer : Returns the distances as features for any other model.

    References
    ----------
    Pękalska, Duin: The Dissimilarity Representation for Pattern Recognition. World Scientific (2005), chapter 4.

    Examples
    --------
    >>> from gzipknn.landmarks import LandmarkClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = LandmarkClassifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    >>> clf.predict_proba(["my cat likes the mat"]).shape
    (1, 2)
    """

    def __init__(
        self,
        n_landmarks: Any = "auto",
        *,
        alpha: Any = "auto",
        compressor: Any = WEIGHED,
        metric: Any = "nmi",
        random_state: Any = 0,
        n_jobs: int | None = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_landmarks = n_landmarks
        self.alpha = alpha
        self.compressor = compressor
        self.metric = metric
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Compute the distances of the training texts to the landmarks, choose the penalty, and fit the linear model.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
        y : array-like, shape (n_train,)
            Their labels, as in :meth:`gzipknn.NCDClassifier.fit`.
        sample_weight : array-like, shape (n_train,), default=None
            Factors of 0 or more by which the squared error of each text is multiplied, and its loss when it is held
            out. A text of weight 0 is left out, as if it were not in `X`.

        Returns
        -------
        self : LandmarkClassifier
        """
        texts, targets = encode_voters(encode_texts(X, "X"), y, sample_weight)
        classes, labels = targets.only_output()
        warn_of_blank_texts(texts)

        def loss_of(scores: NDArray[np.float64], rows: NDArray[np.intp]) -> tuple[float, Calibration]:
            truth = (labels[rows], targets.counted[rows])
            calibration = Calibration.fit(scores, *truth)
            return calibration.log_loss(scores, *truth), calibration

        corpus_for = partial(with_labels_for, labels=labels)
        outputs = one_against_rest(labels, len(classes))
        loss, calibration = self._fit_ridge(texts, corpus_for, outputs, loss_of, targets.weights)
        self.held_out_loss_: float = loss
        self.calibration_: Calibration = calibration or Calibration()
        self.classes_ = classes
        self._remember_column(X)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable label of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
            Elements of ``classes_``.
        """
        check_is_fitted(self)
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, calibrated on held-out training texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            The columns are in the order of ``classes_``, and each row adds up to 1.
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of each class's probability, which stays exact if the probability is tiny."""
        check_is_fitted(self)
        return self.calibration_.log_probabilities(self._predictions(X))
