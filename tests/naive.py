"""Slow and plain versions of the library's routines. Every fast version must give the same results."""

import bz2
import gzip
import lzma
import math
import re
import sys
import zlib
from collections import Counter, defaultdict
from itertools import pairwise

LENGTHS = {
    "gzip": lambda data: len(gzip.compress(data)),
    "zlib": lambda data: len(zlib.compress(data)),
    "bz2": lambda data: len(bz2.compress(data)),
    "lzma": lambda data: len(lzma.compress(data)),
}


def joint_length(length, query, text, order="query-first", separator=b" "):
    query_first = query + separator + text
    train_first = text + separator + query
    if order == "query-first":
        return length(query_first)
    if order == "train-first":
        return length(train_first)
    return min(length(query_first), length(train_first))


def distance(metric, c_x, c_y, c_xy):
    if metric == "ncd":
        return (c_xy - min(c_x, c_y)) / max(c_x, c_y)
    if metric == "cdm":
        return c_xy / (c_x + c_y)
    if metric == "nmi":
        return 1 - (c_x + c_y - c_xy) / (math.sqrt(c_x) * math.sqrt(c_y))
    return 1 - (c_x + c_y - c_xy) / c_xy


def distances(queries, texts, length=LENGTHS["gzip"], metric="ncd", order="query-first", separator=b" "):
    return [
        [
            distance(metric, length(query), length(text), joint_length(length, query, text, order, separator))
            for text in texts
        ]
        for query in queries
    ]


def k_smallest(row, k):
    return sorted(range(len(row)), key=lambda i: (row[i], i))[:k]


def votes(labels, weights):
    total = defaultdict(float)
    for label, weight in zip(labels, weights, strict=True):
        total[label] += weight
    return total


def tied(labels, weights):
    total = votes(labels, weights)
    return sorted(label for label in total if total[label] == max(total.values()))


def vote(labels, weights, tie_break):
    candidates = tied(labels, weights)
    if tie_break == "lowest":
        return candidates[0]
    if tie_break == "nearest":
        return next(label for label in labels if label in candidates)
    while len(candidates) > 1:  # shrink
        labels, weights = labels[:-1], weights[:-1]
        candidates = tied(labels, weights)
    return candidates[0]


def shared_ngrams(query, text, sizes):
    """Return the number of different n-grams of given sizes that both texts contain."""

    def ngrams(data):
        return {data[i : i + n] for n in sizes for i in range(len(data) - n + 1)}

    return len(ngrams(query) & ngrams(text))


def shared_strings(query, text, sizes, weights):
    """Add up the weights of a text's strings that the query contains. Each position of the text has a string size."""
    strings = [text[i : i + size] for i, size in enumerate(sizes)]
    return sum(
        weight for s, size, weight in zip(strings, sizes, weights, strict=True) if size == len(s) > 0 and s in query
    )


def entropy_bits(data):
    return sum(-math.log2(data.count(byte) / len(data)) for byte in data)


def bag_of_words(text, pattern, stop_words=()):
    return Counter(
        word for word in re.findall(pattern, text.decode("utf-8", "replace").lower()) if word not in stop_words
    )


def word_distance(name, x, y):
    """Return the distance between two bags of words, which is 1 if one of them is empty."""
    if not x or not y:
        return 1.0
    if name == "cosine":
        squares = [sum(n * n for n in bag.values()) for bag in (x, y)]
        return 1 - sum(x[word] * y[word] for word in x) / math.sqrt(squares[0] * squares[1])
    if name == "set":
        return 1 - len(set(x) & set(y)) / len(set(x) | set(y))
    return 1 - (x & y).total() / (x | y).total()


def term_weight(kind, term, bags, labels, base, smoothing):
    """Return the BM25 weight of a term, given the terms and labels of the training texts."""
    holding = [label for bag, label in zip(bags, labels, strict=True) if term in bag]
    if not holding:
        return 0.0
    idf, most = (math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for n in (len(holding), 1))
    if kind == "idf":
        return idf
    shares = {label: n / len(labels) for label, n in Counter(labels).items()}
    unknown = -sum(share * math.log(share) for share in shares.values())
    gained = 0.0
    for label, share in shares.items():
        p = (holding.count(label) + smoothing * share) / (len(holding) + smoothing)
        gained += p * math.log(p / share)
    return base * idf / most + (max(gained, 0.0) / unknown if unknown else 0.0)


def bm25_distances(query, bags, labels, kind="idf", k1=1.2, b=0.75, base=1.0, smoothing=2.0, left_out=None):
    """Return the BM25 distance of each training text. The text `left_out` does not count in the weights."""
    average = sum(bag.total() for bag in bags) / len(bags) or 1.0

    def saturated(bag):
        half = k1 * (1 - b + b * bag.total() / average)
        return {term: n / (n + half) for term, n in bag.items()}

    def norm(weights):
        return math.sqrt(sum(weight**2 for weight in weights.values()))

    held = [i for i in range(len(bags)) if i != left_out]
    known = ([bags[i] for i in held], [labels[i] for i in held])
    asked = {term: s * term_weight(kind, term, *known, base, smoothing) for term, s in saturated(query).items()}
    longest = max(norm(saturated(bag)) for bag in bags)
    if not norm(asked):
        return [1.0] * len(bags)
    scores = [sum(asked.get(term, 0.0) * s for term, s in saturated(bag).items()) for bag in bags]
    return [1 - score / (norm(asked) * longest) for score in scores]


def shards(texts, n):
    """Cut into at most n runs whose lengths differ by at most one, longer runs first."""
    n = min(n, len(texts))
    size, rest = divmod(len(texts), n)
    starts = [i * size + min(i, rest) for i in range(n + 1)]
    return [texts[start:stop] for start, stop in pairwise(starts)]


def added_by_class(adds, texts, labels, query, separator, n_shards=1):
    """Return for each class the mean of `adds(prefix, query)` over its shards."""
    means = []
    for label in sorted(set(labels)):
        own = [text for text, its in zip(texts, labels, strict=True) if its == label]
        added = [adds(b"".join(text + separator for text in shard), query) for shard in shards(own, n_shards)]
        means.append(sum(added) / len(added))
    return means


def zstd_behind(prefix, level):
    """Return a reference function that compresses a text behind a prefix, with Python's own zstd or with zstandard."""
    if sys.version_info >= (3, 14):
        from compression import zstd

        return lambda text: zstd.compress(text, level, zstd_dict=zstd.ZstdDict(prefix, is_raw=True) if prefix else None)
    import zstandard

    dictionary = zstandard.ZstdCompressionDict(prefix, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if prefix else None
    return zstandard.ZstdCompressor(level=level, dict_data=dictionary).compress
