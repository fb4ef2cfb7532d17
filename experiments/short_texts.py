"""Measure how well compressors distinguish texts of one to three words.

The texts are the beginnings of training texts. There are two measures. "Finds itself" is the share of different
training texts that are their own nearest text. The accuracy is that on held-out training texts, with settings that were
chosen on the other training texts. The test sets are not read.

    python experiments/short_texts.py --data ../shared/data

Results that exist already are kept, and not measured again.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from common import add_out, part_of, read_known, run, write_result
from sets import add_sets, load_sets
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV

from gzipknn import NCDClassifier, NCDClassifierCV
from gzipknn.baselines import VectorNeighborsClassifier, linear_classifier
from gzipknn.compressors import LZ77, Compressor, Gzip, Zlib
from gzipknn.utils.accuracy import accuracy

SETS = ("trec6", "sms_spam", "agnews_10k")
WORDS = (1, 2, 3)
COMPRESSORS: dict[str, Compressor] = {
    "gzip": Gzip(),
    "zlib": Zlib(level=9),
    "lz77": LZ77(),
    **{f"lz77, background {order}": LZ77(background=order) for order in (2, 1, 0)},
}
KS = (1, 3, 5, 9, 15, 31, 61)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_sets(parser, SETS)
    parser.add_argument("--train", type=int, default=2000, help="largest number of training texts (default: 2000)")
    parser.add_argument("--validation", type=int, default=1000, help="validation texts (default: 1000)")
    parser.add_argument("--n-jobs", type=int, default=1)
    add_out(parser)
    options = parser.parse_args()
    path, part = options.out / "short_texts.json", part_of(parser, options, "train", "validation")
    tasks = read_known(path, "sets", part)
    for name, (X, y), _ in load_sets(options.datasets, options.data):
        order = np.random.RandomState(0).permutation(len(X))
        held_out, train = np.split(order[: options.validation + options.train], [options.validation])
        for n_words in WORDS:
            short = [" ".join(text.split()[:n_words]) for text in X]
            parts = [([short[i] for i in part], [y[i] for i in part]) for part in (train, held_out)]
            known = tasks.setdefault(name, {}).get(str(n_words), {"finds_itself": {}, "accuracy": {}, "chosen": {}})
            tasks[name][str(n_words)] = measure(*parts, known, options.n_jobs)
        write_result(path, {"sets": tasks}, part)


def measure(
    train: tuple[list[str], list[str]], held_out: tuple[list[str], list[str]], known: dict[str, Any], n_jobs: int
) -> dict[str, Any]:
    """Return how often a text finds itself, and the accuracy of each method. Known results are not measured again."""
    X, y = train
    distinct = list(dict.fromkeys(X))
    found: dict[str, Any] = {"n_train": len(X), "n_distinct": len(distinct), **known}
    models: dict[str, Any] = {}
    for name, compressor in COMPRESSORS.items():
        if name in found["accuracy"]:
            continue
        clf = NCDClassifier(1, compressor=compressor, n_jobs=n_jobs).fit(distinct, distinct)
        own = clf.kneighbors(distinct)[1][:, 0] == np.arange(len(distinct))
        found["finds_itself"][name] = accuracy(own)
        models[name] = NCDClassifierCV(KS, compressor=compressor, n_samples=1000, n_jobs=n_jobs)
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4))
    models["letters, k-NN"] = GridSearchCV(VectorNeighborsClassifier(letters), {"n_neighbors": KS}, cv=3)
    models["letters, linear SVM"] = linear_classifier(letters, "svm", random_state=0)
    for name, model in models.items():
        if name in found["accuracy"]:
            continue
        predicted = model.fit(X, y).predict(held_out[0])
        found["accuracy"][name] = accuracy(predicted == np.array(held_out[1]))
        settings = getattr(model, "best_params_", {})
        found["chosen"][name] = {key: value for key, value in settings.items() if key != "compressor"}
        itself = found["finds_itself"].get(name, {}).get("value", "")
        print(name, itself, found["accuracy"][name]["value"], found["chosen"][name], flush=True)
    return found


if __name__ == "__main__":
    run(main)
