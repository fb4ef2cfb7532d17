"""Compare kinds of strings for screening: the recall of the 5 nearest texts by the share of texts that are kept.

For each kind of strings, C(xy) is estimated by the model that screening fits. For each exact neighbour, the texts that
seem at least as near by this estimate are counted. Only training texts are used.

    python benchmarks/shortlist.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from typing import Any
from unittest.mock import patch

import numpy as np
from shared import add_data, load_bytes, parse, read_json, run_script, write_json

from gzipknn.compressors.base import TextIndex
from gzipknn.compressors.lz77 import Lz77Index
from gzipknn.search.hubs import draw
from gzipknn.search.neighbors import kneighbors, without_self
from gzipknn.search.screen_fitting import screen_texts
from gzipknn.search.training_texts import TrainingTexts
from gzipknn.texts.corpus import Corpus

SETS = ("r8", "ohsumed", "agnews_10k")
SHARES = (0.005, 0.01, 0.02, 0.05, 0.1)
N_QUERIES = 200
K = 5


def ngrams(*sizes: int) -> Any:
    return lambda index: (np.array(sizes, dtype=np.uint8), None)


def unweighted_keys(index: Lz77Index) -> Any:
    sizes, weights = KEYS(index)
    return sizes, np.ones_like(weights)


KEYS = Lz77Index.strings
WAYS = {
    "gzip": {f"{sizes}-grams": ngrams(*sizes) for sizes in ((3, 4, 5, 6), (4, 6), (4,), (5,), (6,))},
    "lz77": {
        "keys by what they save": KEYS,
        "keys, each as 1": unweighted_keys,
        "(4, 6)-grams": ngrams(4, 6),
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_data(parser, SETS)
    options = parse(parser)
    results = read_json(options, "shortlist")
    for name in options.sets:
        texts = Corpus.from_texts(load_bytes(options.data / name, "train"))
        for compressor, ways in WAYS.items():
            training = TrainingTexts.prepare(texts, compressor, "ncd", "query-first", " ")
            sample = draw(len(texts), N_QUERIES)
            _, exact = without_self(*kneighbors(training, texts.take(sample), K + 1, n_jobs=2), sample)
            for way, strings in ways.items():
                with patch.object(Lz77Index if compressor == "lz77" else TextIndex, "strings", strings):
                    found = recalls(training, sample, exact)
                results.setdefault(name, {}).setdefault(compressor, {})[way] = found
                print(name, compressor, way, *(f"{share:.1%}: {recall:.3f}" for share, recall in found), flush=True)
    write_json(options, "shortlist", results)


def recalls(training: TrainingTexts, sample: Any, exact: Any) -> list[tuple[float, float]]:
    screen = screen_texts(training, 1.0, K).screen
    assert screen is not None
    ranks = []
    for own, neighbors in zip(sample, exact, strict=True):
        query = training.texts.rows(own, own + 1)
        distances = screen.distances(training, query[0], training.compressor.lengths(query))
        distances[own] = np.inf
        ranks.append(np.searchsorted(np.sort(distances), distances[neighbors], side="right"))
    shares = np.concatenate(ranks) / len(training)
    return [(share, float((shares <= share).mean())) for share in SHARES]


if __name__ == "__main__":
    run_script(main)
