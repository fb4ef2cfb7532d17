"""Unusual input that has an answer, which equals that of a plain version."""

import lzma

import naive
import numpy as np
import pandas as pd
import pytest
from bad_input import (
    LONG,
    MANY,
    Giving,
    X,
    Y,
    bag,
    by_class,
    cache_of_folders,
    choose,
    classify,
    command,
    distances,
    fitted,
    give,
    load,
    neighbors,
    said,
)

from gzipknn import NCDClassifier, compressed_lengths, pairwise_ncd
from gzipknn.compressors import Lzma

ANSWERED = [
    ("one training text", lambda _: (classify(["a"], ["x"]), ["x", "x"])),
    ("one empty training text", lambda _: (classify([""], ["x"], ["", "a"]), ["x", "x"])),
    ("one class", lambda _: (NCDClassifier(2).fit(X, ["x"] * 5).predict_proba(X[:2]).tolist(), [[1.0], [1.0]])),
    ("as many neighbours as texts", lambda _: (sorted(neighbors(X, X[:1], 5)[0]), [0, 1, 2, 3, 4])),
    *(
        (
            f"all texts equal, {settings}",
            lambda _, s=settings: (neighbors(["same"] * 50, ["same", "other", ""], **s), [[0, 1, 2]] * 3),
        )
        for settings in [
            {},
            {"compressor": "lz77"},
            {"compressor": "huffman", "order": "symmetric"},
            {"screen": 3},
            {"screen": "auto", "compressor": "lz77"},
            {"normalize": "local"},
            {"normalize": "half-local"},
            {"normalize": "zscore", "metric": "nmi"},
        ]
    ),
    ("settings chosen on equal texts", lambda _: (choose([0, 1] * 9, ["same"] * 18).classes_.tolist(), [0, 1])),
    ("empty texts", lambda _: distances("", "a", "")),
    ("NUL bytes", lambda _: distances("a\0", "a", "\0", "\0\0\0a")),
    ("lone surrogates", lambda _: distances("\udc80\ud83d", "\udc80", b"\xed\xb2\x80", "a")),
    ("bytes that are no UTF-8", lambda _: distances(b"\xff\xfe", b"caf\xe9", "caf\xe9")),
    ("a surrogate for a separator", lambda _: distances("ab", "abc", separator=b"\xed\xb2\x80")),
    ("a long separator", lambda _: distances("ab", "abc", separator=b"-" * 70_000)),
    ("surrogates as labels", lambda _: (classify(X[2:4], ["\udc80", "\udc81"], X[3:4]), ["\udc81"])),
    ("surrogates in a bag", lambda _: (bag(queries=["\udc80 mats", "\udc80 stocks"]).tolist(), ["pets", "money"])),
    ("an empty label", lambda _: (classify(X[2:4], ["", "b"], X[2:3]), [""])),
    ("labels that end in NUL", lambda _: (classify(X[2:4], np.array(["a\0", "a"], object), X[2:3]), ["a\0"])),
    ("labels of a list that end in NUL", lambda _: (classify(X[2:4], ["a\0", "a"], X[2:3]), ["a\0"])),
    ("labels beyond int64", lambda _: (classify(X[2:4], np.array([2**63, 1], np.uint64), X[2:3]), [2**63])),
    ("a column of labels", lambda _: (classify(labels=pd.DataFrame({"y": Y})), ["pets", "money"])),
    ("a text of 10 MB", lambda _: (compressed_lengths([LONG]).tolist(), [naive.LENGTHS["gzip"](LONG.encode())])),
    ("10 MB of two letters", lambda _: (compressed_lengths(["ab" * 5_000_000], "huffman").tolist(), [1e7])),
    ("a query of 1 MB", lambda _: (classify(queries=[LONG[: 10**6]], compressor="lz77"), ["pets"])),
    (
        "a query of 10 MB",
        lambda _: (pairwise_ncd([LONG], X[:1]).tolist(), naive.distances([LONG.encode()], [X[0].encode()])),
    ),
    ("a training text of 10 MB", lambda _: (classify([LONG, X[3]], [0, 1], ["stocks fell again", LONG]), [1, 0])),
    ("100,000 empty texts", lambda _: (set(compressed_lengths(MANY).tolist()), {20})),
    ("100,000 empty training texts", lambda _: (neighbors(MANY, ["", "a"]), [[0, 1, 2]] * 2)),
    ("100,000 screened", lambda _: (neighbors(MANY, ["", "a"], screen=10, compressor="lz77"), [[0, 1, 2]] * 2)),
    ("100,000 empty queries", lambda _: (set(classify(queries=MANY, metric="cdm")), set(classify(queries=[""])))),
    ("a screen larger than all", lambda _: (classify(screen=10**30), classify())),
    ("more shards than texts", lambda _: (by_class(n_shards=10**30).tolist(), by_class(n_shards=5).tolist())),
    ("more samples than texts", lambda _: (choose(n_samples=10**30).best_params_, choose().best_params_)),
    ("forget none", lambda _: (fitted().forget([]).n_samples_fit_, 5)),
    ("forget one twice", lambda _: (fitted().forget([1, 1]).kneighbors(X[2:3])[1].tolist(), [[1]])),
    ("forget all but one", lambda _: (fitted(screen=1).forget(range(4)).predict(X).tolist(), ["money"] * 5)),
    (
        "a small int for a level",
        lambda _: (compressed_lengths(["a"], Lzma(np.int8(0))).item(), len(lzma.compress(b"a"))),
    ),
    ("a view of 12 bytes", lambda _: (compressed_lengths(["a"], give(memoryview(np.zeros(3, "i4")))).item(), 12)),
    ("lengths as int8", lambda _: (pairwise_ncd(["a"], compressor=Giving(np.int8(99)), metric="cdm").item(), 0.5)),
    (
        "lengths without sign",
        lambda _: (pairwise_ncd(["ab"], compressor=Giving(np.uint64(9), np.uint64(5))).item(), (5 - 9) / 9),
    ),
    ("distances of bool", lambda _: (pairwise_ncd(X, metric=lambda x, y, xy: xy > 0).tolist(), [[1.0] * 5] * 5)),
    ("less than no progress", lambda _: (said(lambda: classify(verbose=-1)), "")),
    ("NUL in a file", lambda tmp: (load(tmp, "a.csv", b"text,label\na\0b,1\n"), (["a\0b"], ["1"]))),
    ("a folder in a cache", lambda tmp: (command("cache", "clear", cache_of_folders(tmp)), "0 files deleted\n")),
]


@pytest.mark.parametrize("call", [pytest.param(call, id=name) for name, call in ANSWERED])
@pytest.mark.filterwarnings("ignore:X holds", "ignore:A column-vector y was passed")
def test_answered(tmp_path, call):
    found, expected = call(tmp_path)
    assert found == expected


def test_two_training_texts():
    clf = NCDClassifier(1, compressor="lz77").fit(["a cat and a mat", "dog and cat"], ["p", "q"])
    assert len(clf.explain("dog").neighbors) == 2
    # one of the best ways to choose matches contains a match that saves nothing
    assert all(p.bits > 0 for one in clf.explain("shares and stocks").neighbors for p in one.phrases)
