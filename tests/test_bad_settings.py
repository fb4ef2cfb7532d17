"""Parameters and functions that are refused, and the messages."""

import numpy as np
import pandas as pd
import pytest
from bad_input import (
    NAN,
    QUERIES,
    Giving,
    OwnError,
    X,
    Y,
    bag,
    bm25,
    by_class,
    change,
    choose,
    classify,
    fail,
    fail_if_long,
    fill,
    fitted,
    give,
    in_threads,
    stop,
)
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import TfidfVectorizer

from gzipknn import NCDClassifier, NCDClassifierCV, NCDTransformer, compressed_lengths, pairwise_ncd
from gzipknn.baselines import (
    BagOfWordsClassifier,
    ClassCompressorClassifier,
    TextEncoder,
)
from gzipknn.compressors import LZ77, CallableCompressor, Gzip
from gzipknn.recipes import landmark_classifier

REFUSED = [
    # ---- k ----
    ("k 0", lambda _: classify(n_neighbors=0), ValueError, "n_neighbors == 0, must be >= 1"),
    ("k negative", lambda _: fitted().kneighbors(QUERIES, -1), ValueError, "n_neighbors == -1, must be >= 1"),
    ("k True", lambda _: fitted().kneighbors(QUERIES, True), TypeError, "n_neighbors must be an int, got True"),
    ("k 2.5", lambda _: fitted().kneighbors(QUERIES, 2.5), TypeError, "n_neighbors must be .* int, not float"),
    ("k '3'", lambda _: fitted().kneighbors_graph(QUERIES, "3"), TypeError, "n_neighbors must be .* int, not str"),
    ("k None", lambda _: classify(n_neighbors=None), TypeError, "n_neighbors must be .* int, not NoneType"),
    ("k huge", lambda _: classify(n_neighbors=10**30), ValueError, "at most the number of .*: 5, got 10{30};"),
    ("k of all", lambda _: fitted().kneighbors(None, 5), ValueError, "other training texts: 4, got 5; lower"),
    ("k of one text", lambda _: classify(["a"], [1], n_neighbors=2), ValueError, "training texts: 1, got 2"),
    ("no other text", lambda _: NCDClassifier(1).fit(["a"], [1]).kneighbors(), ValueError, "other .* texts: 0, got 1"),
    ("k changed", lambda _: fitted().set_params(n_neighbors="x").predict(X), TypeError, "n_neighbors must .*not str"),
    ("k in a bag", lambda _: bag(n_neighbors=0), ValueError, "n_neighbors == 0, must be >= 1"),
    # ---- BM25 ----
    ("term weights unknown", lambda _: bm25(term_weights="chi2"), ValueError, "term_weights must be one of .*'chi2'"),
    ("term weights None", lambda _: bm25(term_weights=None), ValueError, "term_weights must be one of .*got None"),
    ("k1 below 0", lambda _: bm25(k1=-1), ValueError, "k1 == -1, must be >= 0"),
    ("b above 1", lambda _: bm25(b=2), ValueError, "b == 2, must be <= 1"),
    ("base a str", lambda _: bm25(base="0.1"), TypeError, "base must be an instance of .*not str"),
    ("smoothing 0", lambda _: bm25(smoothing=0), ValueError, "smoothing == 0, must be > 0"),
    ("terms with fractions", lambda _: bm25(vectorizer=TfidfVectorizer()), ValueError, "BM25Classifier need counts"),
    ("no vectorizer", lambda _: bm25(vectorizer="words"), TypeError, "vectorizer must be an estimator .*got str"),
    # ---- other parameters ----
    ("no compressor", lambda _: classify(compressor=None), ValueError, "compressor must be one .*callable.*None"),
    ("an unknown compressor", lambda _: compressed_lengths(X, "rar"), ValueError, "compressor must be one of .*'rar'"),
    ("a compressor's class", lambda _: pairwise_ncd(X, compressor=Gzip), ValueError, "compressor must .*got <class"),
    ("level '9'", lambda _: Gzip("9"), TypeError, r"level must be an int from 0 to 9, got str \('9'\)"),
    ("level 10", lambda _: Gzip(10), ValueError, "level must be from 0 to 9, got 10"),
    ("background 3", lambda _: LZ77(3), ValueError, "background must be 'blend', an int from 0 to 2 or None, got 3"),
    ("background mixed", lambda _: LZ77("mixed"), ValueError, "background must be 'blend', an int .*got 'mixed'"),
    ("background True", lambda _: LZ77(True), TypeError, "background must be 'blend', an int .*got bool"),
    ("no function", lambda _: CallableCompressor(3), TypeError, r"function must be a callable.*got int \(3\)"),
    ("an unknown metric", lambda _: classify(metric="l2"), ValueError, "metric must be one of .*callable.*got 'l2'"),
    ("an array for a metric", lambda _: pairwise_ncd(X, metric=np.ones(2)), ValueError, "metric must be .*got array"),
    ("normalize unknown", lambda _: classify(normalize="hubs"), ValueError, "normalize must be None or .*got 'hubs'"),
    ("normalize an array", lambda _: classify(normalize=np.ones(2)), ValueError, "normalize must be None or .*array"),
    ("screen unknown", lambda _: classify(screen="x"), ValueError, "screen must be None, 'auto', a share.*got 'x'"),
    ("screen 0", lambda _: classify(screen=0), ValueError, "screen must be a number of texts from 1 on, got 0"),
    ("screen 1.5", lambda _: classify(screen=1.5), ValueError, "screen must be a share .*got 1.5; .*pass an int"),
    ("screen NaN", lambda _: classify(screen=NAN), ValueError, "screen must be a share .*got nan"),
    ("screen True", lambda _: classify(screen=True), TypeError, r"screen must be .*got bool \(True\)"),
    ("screen a list", lambda _: classify(screen=[1]), TypeError, r"screen must be .*got list \(\[1\]\)"),
    ("weights unknown", lambda _: classify(weights="rank"), ValueError, "weights must be one of .*, got 'rank'"),
    ("weights an array", lambda _: classify(weights=np.ones(2)), ValueError, "weights must be one of .*got array"),
    ("weights NA", lambda _: bag(weights=pd.NA), ValueError, "weights must be one of .*got <NA>"),
    ("tie_break unknown", lambda _: classify(tie_break=None), ValueError, "tie_break must be one of .*got None"),
    ("tie_break an array", lambda _: choose(tie_break=np.ones(2)), ValueError, "tie_break must be one of .*got array"),
    ("matrix unknown", lambda _: pairwise_ncd(X, matrix="full"), ValueError, "matrix must be one of .*got 'full'"),
    ("matrix a bool", lambda _: pairwise_ncd(X, matrix=True), ValueError, "matrix must be one of .*got True"),
    (
        "a distance matrix between two sets",
        lambda _: pairwise_ncd(X, X, matrix="distance"),
        ValueError,
        "it needs Y=None, got list; leave Y out, or use matrix='raw'",
    ),
    ("order unknown", lambda _: pairwise_ncd(X, order="both"), ValueError, "order must be one of .*got 'both'"),
    ("order a Series", lambda _: classify(order=pd.Series(["query-first"] * 2)), ValueError, "order must be one of"),
    ("separator None", lambda _: classify(separator=None), TypeError, r"separator must be str or bytes, got NoneType"),
    ("separator 0", lambda _: by_class(separator=0), TypeError, r"separator must be str or bytes, got int \(0\)"),
    ("n_jobs 0", lambda _: classify(n_jobs=0), ValueError, r"n_jobs must be None or an int other than 0 .*got 0"),
    ("n_jobs a str", lambda _: pairwise_ncd(X, n_jobs="2"), TypeError, r"n_jobs must be .*got str \('2'\)"),
    ("n_jobs 1.5", lambda _: by_class(n_jobs=1.5), TypeError, r"n_jobs must be .*got float \(1.5\)"),
    ("n_jobs huge", lambda _: bag(n_jobs=10**30), ValueError, "n_jobs must be .*of at most 65536, got 10{30}"),
    ("random_state a str", lambda _: classify(random_state="x"), ValueError, r"random_state must be .*got str \('x'\)"),
    ("random_state -1", lambda _: choose(random_state=-1), ValueError, r"random_state must .*from 0 .*int \(-1\)"),
    ("verbose a str", lambda _: classify(verbose="x"), TypeError, r"verbose must be an int, got str \('x'\)"),
    ("mode unknown", lambda _: fitted().kneighbors_graph(mode="both"), ValueError, "mode must be one of .*got 'both'"),
    ("mode an array", lambda _: fitted().kneighbors_graph(mode=np.ones(2)), ValueError, "mode must .*got array"),
    (
        "weights by corrected distances",
        lambda _: classify(weights="distance", normalize="local"),
        ValueError,
        "weights='distance' needs distances above 0, .*use weights='margin'",
    ),
    (
        "weights by distances that were corrected in fit",
        lambda _: fitted(normalize="local").set_params(normalize=None, weights="distance").predict(X),
        ValueError,
        "weights='distance' needs distances above 0, .*normalize='local'.*use weights='margin'",
    ),
    # ---- callables: their own errors reach the user ----
    *(
        (f"{name} fails, {n_jobs} cores", lambda _, n=n_jobs, f=call: in_threads(n, f), OwnError, "^of the caller$")
        for n_jobs in (1, 2)
        for name, call in {
            "a compressor": lambda: classify(compressor=fail_if_long, queries=X),
            "a metric": lambda: classify(metric=fail),
            "a metric of pairs": lambda: pairwise_ncd(X, metric=fail),
            "a class's compressor": lambda: by_class(compressor=fail),
            "weights": lambda: classify(weights=fail),
            "a search for settings": lambda: choose(metric=["ncd", fail]),
        }.items()
    ),
    ("a compressor that stops", lambda _: compressed_lengths(X, stop), RuntimeError, "StopIteration"),
    # ---- callables that return nonsense ----
    *(
        (f"a compressor gives {value!r:.12}", lambda _, v=value: classify(compressor=give(v)), TypeError, message)
        for value, message in [
            (None, r"must return the compressed bytes or their length .*got NoneType \(None\) for a text of 22 bytes"),
            ("x", r"got str \('x'\)"),
            (NAN, r"a number >= 0, < 2\*\*53\), got float \(nan\)"),
            (-1, r"got int \(-1\)"),
            (np.inf, r"got float \(inf\)"),
            (True, r"got bool \(True\)"),
            (10**30, r"got int \(10{30}\)"),
            (1j, r"got complex \(1j\)"),
            (np.ones(2), r"got ndarray \(array"),
        ]
    ),
    *(
        (f"lengths of {value!r:.12}", lambda _, v=value: pairwise_ncd(X, compressor=Giving(v)), TypeError, message)
        for value, message in [
            (None, r"must give lengths that are numbers >= 0, < 2\*\*53, got NoneType \(None\)"),
            ("x", r"got str \('x'\)"),
            (NAN, r"got float \(nan\)"),
            (-1, r"got int \(-1\)"),
            (True, r"got bool \(True\)"),
            (10**30, r"got int \(10{30}\)"),
            ([1], r"got list \(\[1\]\)"),
        ]
    ),
    *(
        (f"a metric that returns {name}", lambda _, m=metric: classify(metric=m), error, message)
        for name, metric, error, message in [
            ("None", give(None), TypeError, r"metric must return an array of numbers, got NoneType \(None\)"),
            ("a number", give(0.5), ValueError, r"metric must return an array of shape \(2, 5\) .*got shape \(\)"),
            ("another shape", lambda x, y, xy: y, ValueError, r"of shape \(2, 5\) .*got shape \(5,\)"),
            ("NaN", fill(NAN), ValueError, "metric returned NaN; a distance must be a number"),
            ("texts", fill("1"), TypeError, "metric must return an array of numbers, got ndarray"),
            ("complex", fill(1j), TypeError, "metric must return an array of numbers, got ndarray"),
            ("dates", lambda x, y, xy: xy.astype("M8[D]"), TypeError, "metric must return an array of numbers"),
            ("a dict", give({}), TypeError, r"metric must return an array of numbers, got dict \({}\)"),
            ("a huge int", fill(10**400), TypeError, "metric must return an array of numbers, got ndarray"),
            ("ragged lists", give([[1], [1, 2]]), TypeError, r"metric must return an array of numbers, got list"),
            ("masked", lambda x, y, xy: np.ma.masked_less(xy, 99), TypeError, "array of numbers, got MaskedArray"),
        ]
    ),
    *(
        (f"weights that return {name}", lambda _, w=weights: classify(weights=w), error, message)
        for name, weights, error, message in [
            ("None", give(None), TypeError, r"weights must return an array of numbers, got NoneType \(None\)"),
            ("a number", give(1), ValueError, r"must return an array of shape \(2, 1\), got shape \(\)"),
            ("a text", give("x"), TypeError, r"weights must return an array of numbers, got str \('x'\)"),
            ("NaN", fill(NAN), ValueError, "weights must be finite, .*from nan to nan"),
            ("negative", fill(-2), ValueError, "weights must be finite, 0 or more.*from -2.0 to -2.0"),
            ("zeros", fill(0), ValueError, "weights must .*above 0 for each.*from 0.0 to 0.0"),
            ("infinite", fill(np.inf), ValueError, "weights must be finite.*from inf to inf"),
        ]
    ),
    (
        "weights too large to add",
        lambda _: classify(weights=fill(1e308), n_neighbors=2),
        ValueError,
        "add up to a finite",
    ),
    ("weights that change what they get", lambda _: classify(weights=change), ValueError, "read-only"),
    ("infinite distances", lambda _: classify(normalize="zscore", metric=fill(np.inf)), ValueError, "finite distances"),
    # ---- before fit, and after ----
    ("predict first", lambda _: NCDClassifier().predict(X), NotFittedError, "NCDClassifier instance is not fitted"),
    ("predict_proba first", lambda _: BagOfWordsClassifier().predict_proba(X), NotFittedError, "Bag.* is not fitted"),
    ("kneighbors first", lambda _: NCDClassifierCV().kneighbors(X), NotFittedError, "NCDClassifierCV .* is not fitted"),
    ("kneighbors_graph first", lambda _: NCDClassifier().kneighbors_graph(), NotFittedError, "is not fitted"),
    ("transform first", lambda _: NCDTransformer().transform(X), NotFittedError, "NCDTransformer .* is not fitted"),
    ("class_lengths first", lambda _: ClassCompressorClassifier().class_lengths(X), NotFittedError, "is not fitted"),
    ("encode first", lambda _: TextEncoder().transform(X), NotFittedError, "TextEncoder .* is not fitted"),
    ("forget first", lambda _: NCDClassifier().forget([0]), NotFittedError, "NCDClassifier .* is not fitted"),
    ("report first", lambda _: NCDClassifier(screen=9).screening_report(X), NotFittedError, "is not fitted"),
    ("forget a negative", lambda _: fitted().forget([-1]), IndexError, "indices must be from 0 to 4, got -1 to -1"),
    ("forget out of range", lambda _: fitted().forget([0, 5]), IndexError, "indices must be from 0 to 4, got 0 to 5"),
    ("forget all", lambda _: fitted().forget(range(5)), ValueError, "leave at least one training text, got all 5"),
    ("forget floats", lambda _: fitted().forget([1.0]), TypeError, r"indices must be a list of int, got .*1.0"),
    ("forget an int", lambda _: fitted().forget(1), TypeError, r"indices must be a list of int, got int \(1\)"),
    ("forget None", lambda _: fitted().forget(None), TypeError, "indices must be a list of int, got NoneType"),
    ("forget a mask", lambda _: fitted().forget([True] * 5), TypeError, r"indices must .*pass np.flatnonzero\(mask\)"),
    ("forget ragged", lambda _: fitted().forget([[0], [1, 2]]), TypeError, "indices must be a list of int, got list"),
    ("forget masked", lambda _: fitted().forget(np.ma.array([0, 1], mask=[0, 1])), TypeError, "got MaskedArray"),
    ("keep_newest first", lambda _: NCDClassifier().keep_newest(1), NotFittedError, "NCDClassifier .* is not fitted"),
    ("keep_newest of nothing", lambda _: fitted().keep_newest(), ValueError, "needs n_texts, n_bytes or both"),
    ("keep_newest 0", lambda _: fitted().keep_newest(0), ValueError, "n_texts == 0, must be >= 1"),
    ("keep_newest a float", lambda _: fitted().keep_newest(2.0), TypeError, "n_texts must be an instance of int"),
    ("keep_newest -1 bytes", lambda _: fitted().keep_newest(n_bytes=-1), ValueError, "n_bytes == -1, must be >= 1"),
    ("keep_newest True bytes", lambda _: fitted().keep_newest(n_bytes=True), TypeError, "n_bytes must be an int"),
    ("partial_fit a str", lambda _: fitted().partial_fit("a", ["pets"]), TypeError, "X must be .*single str"),
    ("partial_fit no texts", lambda _: fitted().partial_fit([], []), ValueError, "X holds 0 texts"),
    ("partial_fit y=None", lambda _: fitted().partial_fit(["a"], None), ValueError, "y must hold a label .*got None"),
    (
        "partial_fit other labels",
        lambda _: fitted().partial_fit(["a"], [1]),
        ValueError,
        r"are str \('money'\), got int \(1\); convert them to str",
    ),
    ("partial_fit, k changed", lambda _: fitted().set_params(n_neighbors="x").partial_fit(X, Y), TypeError, "not str"),
    ("report without a screen", lambda _: fitted().screening_report(X), ValueError, "needs .*screen, but .* None"),
    ("report of no texts", lambda _: fitted(screen=3).screening_report([]), ValueError, "X holds 0 texts"),
    ("report, y short", lambda _: fitted(screen=3).screening_report(X, Y[:1]), ValueError, "5 texts and 1 labels"),
    ("report, other labels", lambda _: fitted(screen=3).screening_report(X, range(5)), ValueError, "got int .*to str"),
    ("report, k 0", lambda _: fitted(screen=3).screening_report(X, Y, 0), ValueError, "n_neighbors == 0, must be >= 1"),
    # ---- NCDClassifierCV ----
    ("nothing to choose from", lambda _: choose(metric=[]), ValueError, "metric must be .*list.*an empty one"),
    ("choose from a dict", lambda _: choose(n_neighbors={1: 3}), TypeError, r"n_neighbors must .*got dict; pass list"),
    ("choose from a set", lambda _: choose(weights={"uniform"}), TypeError, "weights must be .*got set; pass list"),
    ("choose from a generator", lambda _: choose(n_neighbors=iter([1])), TypeError, "n_neighbors must .*_iterator"),
    ("choose of k", lambda _: choose(n_neighbors=[1, "x"]), TypeError, "n_neighbors must be .*int, not str"),
    ("choose a large k", lambda _: choose(n_neighbors=[5, 9]), ValueError, r"at most 4, .*got \[5, 9\]"),
    ("choose with one text", lambda _: choose([1], ["a"]), ValueError, "X must hold at least two texts, .*got 1"),
    ("n_samples True", lambda _: choose(n_samples=True), TypeError, "n_samples must be an int, got True"),
    ("n_samples 0", lambda _: choose(n_samples=0), ValueError, "n_samples == 0, must be >= 1"),
    # ---- NCDTransformer ----
    ("landmarks 0", lambda _: NCDTransformer(0).fit(X), ValueError, "landmarks must be from 1 to .*5, got 0"),
    ("landmarks huge", lambda _: NCDTransformer(10**30).fit(X), ValueError, "landmarks must be .*got 10{30}; lower"),
    ("landmarks True", lambda _: NCDTransformer(True).fit(X), ValueError, "landmarks must be from 1 .*got True"),
    ("landmarks 2.5", lambda _: NCDTransformer(2.5).fit(X), TypeError, r"landmarks must be .*\(int\).*float \(2.5\)"),
    ("n_landmarks NaN", lambda _: landmark_classifier(NAN).fit(X, Y), TypeError, r"n_landmarks .* or an int .*\(nan\)"),
    ("n_landmarks 0", lambda _: landmark_classifier(0).fit(X, Y), ValueError, "n_landmarks must .*of 1 or more, got 0"),
    ("n_landmarks all", lambda _: landmark_classifier("all").fit(X, Y), TypeError, r"'auto', None .*str \('all'\)"),
    ("alpha a str", lambda _: landmark_classifier(alpha="x").fit(X, Y), TypeError, r"alpha must .*str \('x'\)"),
    ("alpha 0", lambda _: landmark_classifier(alpha=0).fit(X, Y), ValueError, "alpha must .*above 0, got 0"),
    ("alpha NaN", lambda _: landmark_classifier(alpha=NAN).fit(X, Y), ValueError, "alpha must .*above 0, got nan"),
    (
        "infinite distances to landmarks",
        lambda _: landmark_classifier(metric=fill(np.inf)).fit(X, Y),
        ValueError,
        "needs finite distances, but the metric",
    ),
    ("landmarks a str", lambda _: NCDTransformer("cat").fit(X), TypeError, r"landmarks must .*single str.*: \[land"),
    ("landmarks missing", lambda _: NCDTransformer(["a", None]).fit(X), TypeError, "landmarks must hold .*position 1"),
    ("landmarks none", lambda _: NCDTransformer([]).fit(X), ValueError, "landmarks holds 0 texts"),
    ("landmarks a set", lambda _: NCDTransformer({"a"}).fit(X), TypeError, "landmarks must be .*got set"),
    ("landmarks at random", lambda _: NCDTransformer(2, random_state=-1).fit(X), ValueError, r"random_state .*\(-1\)"),
]


@pytest.mark.parametrize(("call", "error", "message"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED])
@pytest.mark.filterwarnings("ignore:X holds", "ignore:invalid value encountered in cast")
def test_refused(tmp_path, call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call(tmp_path)


# Extreme but legal settings: the result, and what it must equal. Each test gets an empty folder.
