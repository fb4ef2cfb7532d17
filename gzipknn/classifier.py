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
    """Classify texts by the labels of the training texts with which they compress best.

    A text x is near a training text y if compressing both together costs little more than compressing one
    of them: the normalized compression distance. With ``"gzip"`` nothing is learnt, and there is nothing to tune but k.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours vote.
    compressor : str, Compressor or callable, default="gzip"
        Gives the length C. ``"gzip"`` (level 9, as :func:`gzip.compress`), ``"zlib"`` (level 6), ``"bz2"``,
        ``"lzma"``; with their extras installed ``"zstd"``, ``"lz4"``, ``"brotli"``; ``"lz77"``, information in bits
        as :class:`gzipknn.compressors.LZ77` counts it, which finds neighbours faster than ``"gzip"`` and better ones;
        ``"huffman"``, its control without LZ77; an object with a level such as
        ``gzipknn.compressors.Gzip(level=6)``; or any function from bytes to the compressed bytes or to their length,
        for `memory` with a key, see :class:`gzipknn.Keyed`.
    metric : {"ncd", "cdm", "clm", "nmi"} or callable, default="ncd"
        The distance made of the lengths, see :mod:`gzipknn.metrics`. A callable gets arrays that broadcast,
        ``(c_x, c_y, c_xy)`` of shapes (rows, 1), (n_train,) and (rows, n_train), and returns (rows, n_train); for
        `memory` with a key, see :class:`gzipknn.Keyed`.
    normalize : {None, "half-local", "local", "zscore"}, default=None
        A correction for hubs, training texts that are near everything. ``"local"`` subtracts from a distance the mean
        distance of the training text to the 10 nearest of 300 training texts, ``"half-local"`` half of that mean.
        ``"zscore"`` subtracts the mean distance to all 300, and divides by their standard deviation. Distances may
        then be below 0; ``fit`` searches for 300 texts. See :func:`gzipknn.search.hubs.normalize_distances`.
    screen : None, "auto", float or int, default=None
        Compress a query only with a share of the training texts (float) or a number of them (int): those that seem
        nearest by the strings they have in common. Distances of the neighbours found are exact, but some neighbours
        may be missed; :meth:`screening_report` tells how many. ``"auto"`` keeps as many texts as it takes to find
        99 % of the `n_neighbors` nearest, by 32 training texts whose exact neighbours ``fit`` searches for. A callable
        metric sees estimated lengths, too, which are floats. See docs/screening.md.
    weights : {"uniform", "distance", "margin"} or callable, default="uniform"
        What a neighbour's vote counts: 1; 1 / distance, which says little, as most distances lie between 0.8 and 1;
        how much nearer it is than the farthest neighbour, which allows a large `n_neighbors`; or what a callable
        makes of the distances, shape (n, k). See :func:`gzipknn.voting.neighbor_weights`.
    class_weight : None, "balanced" or dict, default=None
        What a vote counts by its class, besides: 1; so much that all classes of the training texts have the same weight
        together, as in ``sklearn.utils.class_weight``; or as a dict from labels says, 1 for labels that it lacks. A
        list of these if texts have several labels: the weights of a text's labels are multiplied. A text of weight 0
        stays among the neighbours, without a vote.
    tie_break : {"nearest", "lowest", "random", "shrink"}, default="nearest"
        Which class wins among those with the highest vote: that of the nearest neighbour; the lowest in
        ``classes_`` (what the code of [2]_ did, which costs about two points on IMDb); any, by
        `random_state`; or the vote is taken again without the farthest neighbour until one class is left.
    order : {"query-first", "train-first", "symmetric"}, default="query-first"
        What is compressed for a pair: query + separator + training text, as in [2]_; the reverse; or
        both, of which the smaller counts.
    separator : str or bytes, default=" "
        What stands between the two.
    n_jobs : int, default=None
        As in joblib: None is 1 unless in a ``joblib.parallel_config`` context, -1 all cores. Results do not
        depend on it.
    random_state : int, RandomState or None, default=None
        For ``tie_break="random"``; an int makes every call repeatable.
    verbose : int, default=0
        Above 0, a progress bar over the queries.
    memory : path, joblib.Memory or None, default=None
        A folder for what was searched: a later search of the same queries among the same training texts, of as many
        neighbours or fewer, compresses nothing, whatever the labels, `weights` and `tie_break`; an interrupted one goes
        on where it was. What ``fit`` prepares is then made when the first text is searched that is not there. With a
        function of yours as `compressor` or `metric` nothing is kept, which a RuntimeWarning says, unless you give it
        a key, see :class:`gzipknn.Keyed`. See docs/scaling.md.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,), or a list of these
        The labels, sorted; of each output, if texts have several labels.
    outputs_2d_ : bool
        Whether texts have several labels.
    n_features_in_ : int
        1: a sample is one text.
    feature_names_in_ : ndarray, shape (1,)
        The name of the column, if ``fit`` got a table of one column. There is no such attribute otherwise.
    n_samples_fit_ : int
        Number of training texts.
    training_ : TrainingTexts
        The training texts with their compressed lengths.

    See Also
    --------
    NCDClassifierCV : Chooses the settings on the training texts.
    NCDTransformer : The distances as features for any other model.
    gzipknn.recipes.landmark_classifier : A linear model on them.

    Notes
    -----
    Neighbours are ordered by (distance, index). Equal distances are common, as lengths of real compressors are whole
    bytes, so this order is part of the contract.

    `n_neighbors`, `weights`, `class_weight`, `tie_break`, `random_state`, `n_jobs` and `verbose` may be changed by
    ``set_params`` after ``fit``. The other parameters take effect in ``fit``: until the next one, all methods go by
    those that the model was fitted with.

    ``predict_proba`` holds shares of the vote; ``predict`` also breaks ties, so it may differ from the
    argmax of the shares.

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
        """Keep the training texts, compress each once.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n_train,) or (n_train, 1)
            Training texts: a list, tuple, NumPy array, Series of pandas or polars, array of pyarrow, column of a
            Hugging Face dataset, ...; or an array or table of one column.
        y : array-like, shape (n_train,) or (n_train, n_outputs)
            Their labels, all of one kind: str, int, bool, whole floats or ``datetime64``, in a list, tuple, array of
            NumPy or pyarrow, Series of pandas or polars, ... A member of a str or int enum counts as the str or int
            that it is, so ``classes_`` holds plain values. A label that is missing (None, NaN, ``pandas.NA``) is an
            error. Several labels a text stand in columns, each with its own kind and its own vote; a compressor that
            learns from labels then counts each combination as a class.
        sample_weight : array-like, shape (n_train,), default=None
            By what a text's vote is multiplied, from 0 on. A text of weight 0 is left out, as if it were not in `X`:
            positions of neighbours then count the other texts. A text of weight 2 is one neighbour with two votes;
            given twice, it would be two neighbours. Weights change neither the search nor what a compressor learns.

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
            If there are blank texts (empty, or only white space). They are kept, though they are near every short
            query: drop them from `X` and `y` if they are not meant to vote.
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
        """Fit on texts and labels that are encoded, with parameters that are checked."""
        texts = with_labels_for(settings.compressor, texts, targets.combinations())
        self._fit_search(texts, settings)
        self._unrelated = settings.unrelated
        self._set_targets(targets)
        return self
