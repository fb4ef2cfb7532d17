"""NCDClassifier: k nearest neighbours by compression distance."""

from __future__ import annotations

from typing import Any, Self

from gzipknn.growth import GrowingKNN
from gzipknn.search.fitted import Settings
from gzipknn.search.training_texts import with_labels_for
from gzipknn.targets import Targets, encode_voters, vote_weights
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import encode_texts, warn_of_blank_texts
from gzipknn.voting import check_weights_with


class NCDClassifier(GrowingKNN):
    """Classify texts by the labels of their nearest training texts, with distances from compressed lengths.

    A text x is near a training text y if compressing both together costs little more than compressing one
    of them: the normalized compression distance. With ``"gzip"`` nothing is learnt, and there is nothing to tune but k.

    Parameters
    ----------
    n_neighbors : int, default=5
        The number of neighbours that vote.
    compressor : str, Compressor or callable, default="gzip"
        The compressor whose lengths C the distances are computed from.

        - ``"gzip"`` (level 9, as :func:`gzip.compress`), ``"zlib"`` (level 6), ``"bz2"``, ``"lzma"``.
        - ``"zstd"``, ``"lz4"``, ``"brotli"``, if their extras are installed.
        - ``"lz77"``: information in bits, as :class:`gzipknn.compressors.LZ77` counts it. It finds better neighbours
          than ``"gzip"``, and faster.
        - ``"huffman"``: a control for ``"lz77"`` that sees only letters.
        - An object with a level, such as ``gzipknn.compressors.Gzip(level=6)``.
        - Any function from bytes to the compressed bytes or to their length. `memory` needs a key for it, see
          :class:`gzipknn.Keyed`.
    metric : {"ncd", "cdm", "clm", "nmi"} or callable, default="ncd"
        The distance that is computed from the lengths, see :mod:`gzipknn.metrics`. A callable gets arrays that
        broadcast, ``(c_x, c_y, c_xy)`` of shapes (rows, 1), (n_train,) and (rows, n_train), and returns an array of
        shape (rows, n_train). `memory` needs a key for it, see :class:`gzipknn.Keyed`.
    normalize : {None, "half-local", "local", "zscore"}, default=None
        A correction for hubs, which are training texts that are near everything. ``"local"`` subtracts from a distance
        the mean distance of the training text to the 10 nearest of 300 training texts. ``"half-local"`` subtracts half
        of that mean. ``"zscore"`` subtracts the mean distance to all 300, and divides by the standard deviation of
        these distances. Corrected distances may be below 0. ``fit`` takes longer, by the time of 300 queries. See
        :func:`gzipknn.search.hubs.normalize_distances`.
    screen : None, "auto", float or int, default=None
        None: compress each query with every training text. A float or int: compress it only with this share or number
        of the training texts, those that seem nearest by the strings that they share with the query. ``"auto"``: keep
        as many training texts as it takes to find 99 % of the `n_neighbors` nearest; ``fit`` measures this on 32
        training texts, for which it also searches the exact neighbours. The distances of the neighbours found are
        exact, but some neighbours may be missed. :meth:`screening_report` tells how many. A callable metric also gets
        estimated lengths, which are floats. See docs/screening.md.
    weights : {"uniform", "distance", "margin"} or callable, default="uniform"
        The weight of each neighbour's vote, see :func:`gzipknn.voting.neighbor_weights`.

        - ``"uniform"``: 1.
        - ``"distance"``: 1 / distance. This changes little, as most distances lie between 0.8 and 1.
        - ``"margin"``: how much nearer the neighbour is than the farthest neighbour. This allows a large `n_neighbors`.
        - A callable gets the distances, shape (n, k), and returns the weights in the same shape.
    class_weight : None, "balanced", dict or list of these, default=None
        An additional weight for the vote of each neighbour, by its class. None: every class has weight 1.
        ``"balanced"``: the weights are inversely proportional to the class frequencies, as in
        ``sklearn.utils.class_weight``. A dict from labels to weights: labels that are not in it have weight 1. If texts
        have several labels, a list holds one of these for each column of `y`, and the weights of a text's labels are
        multiplied. A neighbour whose class has weight 0 has no vote, but it still counts as one of the k neighbours.
    tie_break : {"nearest", "lowest", "random", "shrink"}, default="nearest"
        The class that wins if several classes have the highest vote.

        - ``"nearest"``: the class of the nearest neighbour among them.
        - ``"lowest"``: the first of them in ``classes_``. The code of [2]_ did this, which costs about two points on
          IMDb.
        - ``"random"``: any of them, drawn with `random_state`.
        - ``"shrink"``: the vote is repeated without the farthest neighbour until one class is left.
    order : {"query-first", "train-first", "symmetric"}, default="query-first"
        What is compressed for a pair. ``"query-first"``: query + separator + training text, as in [2]_.
        ``"train-first"``: training text + separator + query. ``"symmetric"``: both, and the smaller length counts.
    separator : str or bytes, default=" "
        The separator between the two texts of a pair.
    n_jobs : int, default=None
        The number of cores, as in joblib: None means 1 unless in a ``joblib.parallel_config`` context, and -1 means
        all cores. Results do not depend on it.
    random_state : int, RandomState or None, default=None
        For ``tie_break="random"``. With an int, every call gives the same results.
    verbose : int, default=0
        Above 0, show a progress bar over the queries.
    memory : path, joblib.Memory or None, default=None
        A folder in which the results of searches are kept. A later search for the same queries among the same training
        texts, and for as many neighbours or fewer, compresses nothing. The labels, `weights` and `tie_break` may
        differ. An interrupted search continues where it stopped. The work of ``fit`` is put off until a text is
        searched whose results are not in the folder. If `compressor` or `metric` is a function of yours, nothing is
        kept, and a RuntimeWarning says so, unless you give it a key, see :class:`gzipknn.Keyed`. See docs/scaling.md.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,), or a list of these
        The labels, sorted. If texts have several labels, a list with one array for each column of `y`.
    outputs_2d_ : bool
        Whether texts have several labels.
    n_features_in_ : int
        Always 1, as a sample is one text.
    feature_names_in_ : ndarray, shape (1,)
        The name of the column. This attribute exists only if ``fit`` got a table with one column.
    n_samples_fit_ : int
        Number of training texts.
    training_ : TrainingTexts
        The training texts with their compressed lengths.

    See Also
    --------
    NCDClassifierCV : Chooses the settings on the training texts.
    NCDTransformer : Returns the distances as features for any other model.
    gzipknn.recipes.landmark_classifier : A linear model on the distances to some training texts.

    Notes
    -----
    Neighbours are ordered by (distance, index). This order is guaranteed, because equal distances are common: the
    lengths of real compressors are whole bytes.

    `n_neighbors`, `weights`, `class_weight`, `tie_break`, `random_state`, `n_jobs` and `verbose` may be changed with
    ``set_params`` after ``fit``. The other parameters take effect in ``fit``. If they are changed, all methods use the
    values of the last ``fit`` until the next one.

    ``predict_proba`` returns shares of the vote. ``predict`` also breaks ties, so its class may differ from the argmax
    of the shares.

    References
    ----------
    .. [1] Cilibrasi, Vitányi: Clustering by Compression. IEEE Trans. Inf. Theory 51 (2005), eq. (2).
    .. [2] Jiang, Yang, Tsirlin, Tang, Dai, Lin: "Low-Resource" Text Classification: A Parameter-Free
       Classification Method with Compressors. Findings of ACL (2023).

    Examples
    --------
    >>> from gzipknn import NCDClassifier
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = NCDClassifier(n_neighbors=1).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat likes the mat", "will stocks rise today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        compressor: Any = "gzip",
        metric: Any = "ncd",
        normalize: str | None = None,
        screen: str | float | None = None,
        weights: Any = "uniform",
        class_weight: Any = None,
        tie_break: str = "nearest",
        order: str = "query-first",
        separator: str | bytes = " ",
        n_jobs: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
        memory: Any = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.compressor = compressor
        self.metric = metric
        self.normalize = normalize
        self.screen = screen
        self.weights = weights
        self.class_weight = class_weight
        self.tie_break = tie_break
        self.order = order
        self.separator = separator
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose
        self.memory = memory

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Store the training texts and compress each of them once.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
            The training texts, in a list, a tuple, a NumPy or pyarrow array, a pandas or polars Series, a column of a
            Hugging Face dataset or a similar sequence, or in an array or table of one column.
        y : array-like, shape (n_train,) or (n_train, n_outputs)
            Their labels, in a list, a tuple, a NumPy or pyarrow array, a pandas or polars Series or a similar sequence.
            All labels must be of one kind: str, int, bool, whole floats or ``datetime64``. A member of a str or int
            enum counts as the str or int that it is, so ``classes_`` holds plain values. A missing label (None, NaN,
            ``pandas.NA``) is an error. If each text has several labels, `y` has several columns. Each column has its
            own kind of labels and its own vote. A compressor that learns from labels then treats each combination of
            labels as one class.
        sample_weight : array-like, shape (n_train,), default=None
            Factors of 0 or more by which the votes of the texts are multiplied. A text of weight 0 is left out, as if
            it were not in `X`, so the positions of neighbours count only the other texts. A text of weight 2 is one
            neighbour with two votes, whereas a text that is given twice is two neighbours. Apart from texts of weight
            0, the weights change neither the search nor what a compressor learns.

        Returns
        -------
        self : NCDClassifier

        Raises
        ------
        TypeError, ValueError
            If an argument or parameter is not what is described here.

        Warns
        -----
        UserWarning
            If there are blank texts (empty, or only white space). They are kept, although they are near every short
            query. Drop them from `X` and `y` if they should not vote.
        """
        self._check_voting()
        check_weights_with(self.weights, self.normalize)
        settings = self._settings()
        texts, targets = encode_voters(encode_texts(X, "X"), y, sample_weight)
        vote_weights(targets, self.class_weight)  # raises if no text has a vote
        warn_of_blank_texts(texts)
        self._fit(Corpus.from_texts(texts), settings, targets)
        self._remember_column(X)
        return self

    def _fit(self, texts: Corpus, settings: Settings, targets: Targets) -> Self:
        """Fit on encoded texts and labels, with parameters that were already checked."""
        texts = with_labels_for(settings.compressor, texts, targets.combinations())
        self._fit_search(texts, settings)
        self._unrelated = settings.unrelated
        self._set_targets(targets)
        return self
