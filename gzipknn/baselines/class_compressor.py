"""A classifier with one compressor per class: a text belongs to the class to whose texts it adds the shortest code."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn.baselines.counted_classes import CountedClasses
from gzipknn.baselines.joined_texts import JoinedTexts
from gzipknn.baselines.kneser_ney import ClassModels, KneserNey
from gzipknn.compressors import Compressor, get_compressor
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_separator, encode_texts, warn_of_empty_queries
from gzipknn.texts.labels import encode_labels
from gzipknn.utils.validation import check_int, check_parallel


class ClassCompressorClassifier(CountedClasses):
    r"""Predict the class whose training texts, all compressed together, grow least when a text is added.

    There are no neighbours and no k. A prediction takes as many compressions as there are classes.

    Parameters
    ----------
    compressor : str, Compressor, KneserNey or callable, default="lz77"
        ``"kneser-ney"`` is the most accurate and by far the fastest: a model of the bytes of each class [2]_, which is
        :class:`KneserNey` with its defaults. Only with it are there :meth:`partial_fit`, :meth:`forget`,
        :meth:`predict_proba` and :meth:`leave_one_out_lengths`. All compressors of :class:`gzipknn.NCDClassifier` can
        be used as well, but not all are suitable. With ``"zstd"``, the texts of a class are a dictionary that is read
        once ([1]_ uses ``Zstd(level=9)``). With ``"lz77"``, they are sorted once per call. The others compress them
        again for each text. A compressor with a window sees only the end of the texts of a class (32 KiB with
        ``"gzip"``, 2 MiB with ``"zstd"``, 4 MiB at its level 9); ``fit`` warns if they are longer.
    n_shards : int, default=1
        The largest number of parts (shards) into which the texts of a class are divided. Each part has its own
        compressor, and the lengths that a text adds to the parts are averaged. [1]_ adds them up, so that a class with
        fewer texts than parts always wins. It must be 1 with ``"kneser-ney"``.
    separator : str or bytes, default="\n"
        The separator between the texts of a class. It is not used with ``"kneser-ney"``, which reads each text by
        itself.
    n_jobs : int, default=None
        The number of cores, as in joblib: None means 1 unless in a ``joblib.parallel_config`` context, and -1 means
        all cores.
    verbose : int, default=0
        Above 0, show a progress bar over the compressors, or over blocks of texts.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    compressor_ : Compressor or KneserNey
        The compressor. If it learns, it has learnt from the training texts.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    If a text adds equally much to several classes, the one with the most training texts is predicted.

    With ``"kneser-ney"``, the code length of the class itself is added to that of the text: -log2 of the class's share
    of the training texts. So the predicted class is the most probable one by Bayes' rule.

    References
    ----------
    .. [1] de Catheu: FTCC, Fast Text Classification with Compressors dictionary (2023).
    .. [2] Frank, Chui, Witten: Text Categorization Using Compression Models. DCC (2000).

    Examples
    --------
    >>> from gzipknn.baselines import ClassCompressorClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = ClassCompressorClassifier().fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat sat on a mat", "will stocks fall again today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        compressor: Any = "lz77",
        *,
        n_shards: int = 1,
        separator: str | bytes = "\n",
        n_jobs: int | None = None,
        verbose: int = 0,
    ) -> None:
        self.compressor = compressor
        self.n_shards = n_shards
        self.separator = separator
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> Self:
        """Read the training texts of each class: count their strings, or join them.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,)
        y : array-like, shape (n_train,)

        Returns
        -------
        self : ClassCompressorClassifier
        """
        n_shards = check_int(self.n_shards, "n_shards", 1)
        separator = encode_separator(self.separator)
        chosen = self._settings() or self._compressor()
        texts = encode_texts(X, "X")
        classes, labels = encode_labels(y, len(texts))
        if isinstance(chosen, KneserNey):
            self._models = ClassModels.fit(chosen, texts, labels, len(classes))
            self.compressor_ = chosen
        else:
            self._models = JoinedTexts.fit(chosen, texts, labels, len(classes), n_shards, separator)
            self.compressor_ = self._models.compressor
        self.classes_ = classes
        self.n_features_in_ = 1
        return self

    def _compressor(self) -> Compressor:
        try:
            compressor = get_compressor(self.compressor)
        except ValueError as error:
            raise ValueError(f"{error} This classifier alone also takes 'kneser-ney' or a KneserNey object.") from None
        if compressor.learns_labels:
            raise ValueError(
                f"this classifier needs a compressor that does not learn from labels, got {compressor!r:.80}; use "
                f"LZ77() here, or that compressor in NCDClassifier."
            )
        return compressor

    def class_lengths(self, X: Any) -> NDArray[np.float64]:
        """Return the compressed length that each text adds to each class.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float64, shape (n, n_classes)
            In bytes, or in bits with ``"lz77"`` and ``"kneser-ney"``. The columns are in the order of ``classes_``.
        """
        check_is_fitted(self)
        check_parallel(self.n_jobs, self.verbose)
        texts = Corpus.from_texts(encode_texts(X, "X"))
        lengths: NDArray[np.float64] = self._models.lengths(texts, n_jobs=self.n_jobs, verbose=self.verbose)
        return lengths

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the label of each text.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray, shape (n,)
            Elements of ``classes_``.

        Warns
        -----
        UserWarning
            If there are empty texts. They add the same to each class, so the most frequent class is predicted.
        """
        texts = encode_texts(X, "X")
        lengths = self._scores(texts)
        warn_of_empty_queries(texts)
        shortest = lengths == lengths.min(axis=1, keepdims=True)
        return np.asarray(self.classes_[np.where(shortest, self._models.n_texts, -1).argmax(axis=1)])
