"""LandmarkClassifier: a linear model on distances to landmarks, texts of the training set."""

from __future__ import annotations

from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gzipknn.base import TextClassifier
from gzipknn.compressors import LZ77
from gzipknn.held_out_ridge import Calibration, one_against_rest
from gzipknn.landmark_model import LandmarkModel
from gzipknn.search.training_texts import with_labels_for
from gzipknn.targets import encode_voters
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts

WEIGHED = LZ77(base_weight=0.1)
"""Of 0.3 and 0.1 the better base weight on validation texts, where either was better than no weights at all."""


class LandmarkClassifier(LandmarkModel, TextClassifier):
    """A linear classifier on the distances of a text to landmarks, texts of the training set.

    Where k nearest neighbours take every distance at its word, ridge regression learns which landmarks tell the
    classes apart. A query is measured against the landmarks only, however large the training set is. The classifier
    suits classes that many words tell apart (sentiment, say) and training sets of thousands.

    Parameters
    ----------
    n_landmarks : "auto", int or None, default="auto"
        How many training texts to measure to, drawn at random. An int: so many, or all if there are fewer. None: all.
        ``"auto"``: 1,000, 2,000, 4,000 or 8,000; their number is doubled as long as the log loss on texts held out
        falls by 1 % or more. More landmarks are better and slower: the time to measure and the memory (8 bytes for each
        pair) go with the number of landmarks times that of the texts.
    alpha : "auto" or float, default="auto"
        The penalty of the ridge regression, on standardized distances, as in ``RidgeClassifier``. ``"auto"``: 0.003,
        0.01, 0.03, 0.1, 0.3 or 1 times the number of training texts (the sum of their weights), whichever has the least
        log loss on texts held out.
    compressor : str, Compressor or callable, default=LZ77(base_weight=0.1)
        By default the bits of a string count by how much it tells about the class.
    metric : str or callable, default="nmi"
        As in :class:`gzipknn.NCDClassifier`; the landmark is the training text of a pair.
    random_state : int, RandomState or None, default=0
        Draws the landmarks, and the texts that are held out.
    n_jobs, verbose, memory
        As in :class:`gzipknn.NCDClassifier`.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    landmark_indices_ : ndarray of int, shape (n_landmarks,)
        Where the landmarks stand in the training set, ascending.
    landmarks_ : list of bytes, length n_landmarks
        The landmarks, encoded.
    alpha_ : float
        The penalty.
    calibration_ : Calibration
        How scores become probabilities.
    held_out_loss_ : float
        The log loss on texts held out, in nats, with the penalty and number of landmarks that were chosen. NaN if there
        was nothing to hold out: a single text, or a single class.
    n_features_in_ : int
        1: a sample is one text.

    Notes
    -----
    Texts are held out by folds of a fifth of the training texts, at most 1,000: as many folds as it takes to hold out
    about 1,000 texts, at most five. A landmark that is held out is no landmark of that fold, as no query is a landmark.
    Distances are measured once.

    What a compressor learns from labels, it has learnt from those of the texts held out, too, so the loss on them is
    somewhat too low. A training text's own label is in the weights of its strings when it is measured, as a query's is
    not. That does no harm, as the evidence of a string that few texts hold is smoothed: weights learnt from other folds
    than the text's own were no better on validation texts.

    Probabilities are the sigmoids of the scores, shifted and stretched alike for all classes, and divided by their sum:
    Platt scaling on the texts held out. The class with the highest score is the one with the highest probability.

    See Also
    --------
    NCDTransformer : The distances as features for any other model.

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
        """Measure the training texts to landmarks, choose the penalty, and fit the linear model.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
        y : array-like, shape (n_train,)
            Their labels, as in :meth:`gzipknn.NCDClassifier.fit`.
        sample_weight : array-like, shape (n_train,), default=None
            By what a text's squared error is multiplied, and its loss where it is held out. A text of weight 0 is left
            out, as if it were not in `X`.

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
        """Predict the label of each text: the most probable one.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
            Elements of ``classes_``.
        """
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, calibrated on training texts that were held out.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            Columns in the order of ``classes_``; rows add up to 1.
        """
        return np.exp(self.predict_log_proba(X))

    def predict_log_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the logarithm of what :meth:`predict_proba` does, exact however small a probability is."""
        return self.calibration_.log_probabilities(self._predictions(X))
