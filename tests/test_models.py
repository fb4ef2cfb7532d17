"""Fitted models written to files and read again."""

import gzip
import importlib
import io
import pickle
import tempfile
from pathlib import Path

import joblib
import numpy as np
import pytest
from conftest import ROOT, stable_id
from scipy.sparse import issparse
from sklearn.base import is_regressor

import gzipknn.base
from gzipknn import (
    Keyed,
    NCDClassifier,
    NCDClassifierCV,
    NCDNeighbors,
    NCDNeighborsTransformer,
    NCDOutlierDetector,
    NCDRegressor,
    NCDTransformer,
)
from gzipknn.baselines import (
    BagOfWordsClassifier,
    BM25Classifier,
    ClassCompressorClassifier,
    KneserNey,
    class_model_classifier,
    linear_classifier,
)
from gzipknn.compressors import COMPRESSORS, Gzip
from gzipknn.metrics import METRICS, cdm
from gzipknn.recipes import landmark_classifier, strong_classifier
from gzipknn.trusted_types import TRUSTED

FOLDER = tempfile.TemporaryDirectory()
MODELS = [
    *(NCDClassifier(3, compressor=name) for name in COMPRESSORS if name != "lzma"),
    *(NCDClassifier(3, metric=name) for name in METRICS),
    NCDClassifier(3, compressor="lz77", normalize="local", screen="auto", weights="margin"),
    NCDClassifier(3, memory=joblib.Memory(FOLDER.name, verbose=0)),
    NCDClassifierCV(n_neighbors=[1, 3], n_samples=20, memory=Path(FOLDER.name)),
    NCDClassifierCV(n_neighbors=[1, 3], n_samples=20),
    NCDClassifier(3, compressor=Keyed(Gzip(6), "mine"), metric=Keyed(cdm, "mine")),
    BagOfWordsClassifier(3),
    BM25Classifier(3),
    BM25Classifier(3, term_weights="information", normalize="local"),
    linear_classifier("phrases", "nb-svm"),
    ClassCompressorClassifier("lz77"),
    ClassCompressorClassifier("kneser-ney"),
    ClassCompressorClassifier(KneserNey(2, background=0)),
    class_model_classifier(KneserNey(2)),
    NCDTransformer(10, random_state=0),
    NCDRegressor(3),
    NCDNeighbors(3),
    NCDNeighborsTransformer(3),
    NCDOutlierDetector(3),
    landmark_classifier(20),
    strong_classifier(),
]


def by_pickle(model):
    return pickle.loads(pickle.dumps(model))


def by_joblib(model):
    file = io.BytesIO()
    joblib.dump(model, file)
    return joblib.load(file)


def by_skops(model):
    skops = pytest.importorskip("skops.io")
    written = skops.dumps(model)
    assert set(skops.get_untrusted_types(data=written)) <= set(TRUSTED)
    return skops.loads(written, trusted=list(TRUSTED))


@pytest.mark.parametrize("read_again", [by_pickle, by_joblib, by_skops])
@pytest.mark.parametrize("model", MODELS, ids=stable_id)
def test_round_trip(docs, model, read_again):
    X, y, queries = docs.X_train[:60], docs.y_train[:60], docs.X_test[:10]
    model.fit(X, list(map(len, X)) if is_regressor(model) else y)
    again = read_again(model)
    assert again.get_params().keys() == model.get_params().keys()
    use = next(name for name in ("predict", "transform", "kneighbors") if hasattr(model, name))
    answers = (getattr(one, use)(queries) for one in (again, model))
    assert np.array_equal(*(one.toarray() if issparse(one) else one for one in answers))


def test_model_of_another_version(docs, monkeypatch):
    clf = NCDClassifier(1).fit(docs.X_train[:5], docs.y_train[:5])
    with monkeypatch.context() as patch:
        patch.setattr(gzipknn.base, "FORMAT", 0)
        patch.setattr(gzipknn.base, "__version__", "0.0.9")
        written = pickle.dumps(clf)
    message = r"NCDClassifier was written by gzipknn 0\.0\.9, whose models \(format 0\).*fit it again, or load"
    with pytest.raises(ValueError, match=message):
        pickle.loads(written)


def test_model_from_before_there_were_formats():
    state = NCDClassifier(1).__getstate__()
    del state["_written_by"]
    with pytest.raises(ValueError, match=r"was written by gzipknn before 0\.1"):
        NCDClassifier().__setstate__(state)


def test_parameters_that_are_functions_do_not_hide_in_trusted_types():
    skops = pytest.importorskip("skops.io")
    written = skops.dumps(NCDClassifier(1, compressor=pickle.loads))
    assert not set(skops.get_untrusted_types(data=written)) <= set(TRUSTED)
    with pytest.raises(skops.exceptions.UntrustedTypesFoundException if hasattr(skops, "exceptions") else Exception):
        skops.loads(written, trusted=list(TRUSTED))


def test_restored_model_writes_nowhere(docs, tmp_path):
    clf = NCDClassifier(1, memory=tmp_path / "a").fit(docs.X_train[:20], docs.y_train[:20])
    again = by_pickle(clf)
    again.predict(docs.X_test[:3])
    assert not list(tmp_path.rglob("*.block"))
    clf.predict(docs.X_test[:3])
    assert list(tmp_path.rglob("*.block"))


def test_models_of_0_1_0_say_which_version_wrote_them():
    # the files were written with that version, by estimators that were fitted to 24 short texts
    with gzip.open(ROOT / "tests" / "golden" / "models_0.1.0.pickle.gz") as file:
        models = pickle.load(file)
    assert len(models) == 7
    for model, _ in models.values():
        with pytest.raises(ValueError, match=r"was written by gzipknn 0\.1\.0, whose models \(format 1\)"):
            pickle.loads(model)


@pytest.mark.parametrize("name", ["corpus", "hubness", "lazy", "models", "pairwise", "scores", "screening", "strings"])
def test_old_names_of_modules_can_be_imported(name):
    importlib.import_module(f"gzipknn.{name}")
