"""The library's routines said again, slowly and plainly: what every fast path must equal."""

import bz2
import gzip
import lzma
import zlib
from collections import defaultdict

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
