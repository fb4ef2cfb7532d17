"""Frozen encoders give the vectors that transformers gives for each text by itself. Nothing is downloaded."""

import copy
import pickle
import re
import sys

import numpy as np
import pytest
from encoder_samples import MODEL, TEXTS, by_hand, embedded, fail, one_thread, real, tiny_models, torch, transformers
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from gzipknn.baselines import TextEncoder, VectorNeighborsClassifier, encoder, linear_classifier


@pytest.mark.parametrize("max_length", [256, 20, 3])
@pytest.mark.parametrize(
    ("pooling", "pool"), [("mean", lambda s: s.mean(0)), ("max", lambda s: s.max(0)), ("cls", lambda s: s[0])]
)
def test_embeddings_are_those_of_transformers(by_hand, pooling, pool, max_length):
    embeddings = real(pooling=pooling, max_length=max_length, batch_size=3).fit_transform(TEXTS)
    assert embeddings.shape == (len(TEXTS), 384)
    assert embeddings.dtype == np.float32
    expected = [pool(by_hand(text, max_length)) for text in TEXTS]
    assert np.allclose(embeddings, expected, rtol=1e-4, atol=1e-5)


def test_batches_do_not_matter():
    one = real(batch_size=1).fit_transform(TEXTS)
    for size in (2, 32):
        assert np.allclose(real(batch_size=size).fit_transform(TEXTS), one, rtol=1e-4, atol=1e-5)
    backwards = real().fit_transform(TEXTS[::-1])
    assert np.allclose(backwards[::-1], one, rtol=1e-4, atol=1e-5)


def test_batches_are_of_like_length_and_equal_texts_are_embedded_once(embedded):
    texts = ["a", "a longer text", "a", b"a", "the longest text of all", "", "a longer text"]
    embeddings = real(batch_size=2).fit_transform(texts)
    assert embedded == [[b"the longest text of all", b"a longer text"], [b"a", b""]]
    assert (embeddings[0] == embeddings[[2, 3]]).all()
    assert (embeddings[1] == embeddings[6]).all()
    assert len(np.unique(embeddings, axis=0)) == 4


def test_a_text_longer_than_the_positions_of_the_model_is_cut(tiny_models):
    long = "the cat sat on the mat " * 5
    embeddings = TextEncoder(tiny_models[0], max_length=10_000, device="cpu").fit_transform([long, long + "cat mat"])
    assert embeddings.shape == (2, 8)
    assert np.allclose(embeddings[0], embeddings[1], atol=1e-6)


def test_a_progress_bar_if_wanted(capsys):
    real().fit_transform(TEXTS[:2])
    assert capsys.readouterr() == ("", "")
    real(verbose=1).fit_transform(TEXTS[:2])
    assert "embedding: 100%" in capsys.readouterr().err


def test_a_model_is_loaded_once(monkeypatch):
    first = real().fit(TEXTS)
    monkeypatch.setattr(encoder, "_load_model", fail)
    assert (real().fit_transform(TEXTS[:1]) == first.transform(TEXTS[:1])).all()


def test_clone_and_pickle(tmp_path):
    fitted = real(pooling="cls", max_length=9, batch_size=2, cache=tmp_path).fit(TEXTS)
    embeddings = fitted.transform(TEXTS)
    pickled = pickle.dumps(fitted)
    assert len(pickled) < 2000
    for restored in (pickle.loads(pickled), copy.deepcopy(fitted)):
        assert (restored.transform(TEXTS) == embeddings).all()
    fresh = clone(fitted)
    assert fresh.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        fresh.transform(TEXTS)


def test_unpickled_where_no_model_is_loaded(tiny_models, monkeypatch):
    fitted = TextEncoder(tiny_models[0], device="cpu").fit(["the cat"])
    pickled, expected = pickle.dumps(fitted), fitted.transform(["the cat"])
    monkeypatch.setattr(encoder, "MODELS_LOADED", {})
    assert (pickle.loads(pickled).transform(["the cat"]) == expected).all()


def test_names_of_the_features(tiny_models):
    fitted = TextEncoder(tiny_models[0], device="cpu").fit(["the cat"])
    assert fitted.get_feature_names_out().tolist() == [f"textencoder{i}" for i in range(8)]
    assert fitted.set_output(transform="pandas").transform(["the cat"]).columns.tolist()[-1] == "textencoder7"


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")]
)
def test_a_gpu_is_used_if_there_is_one(tiny_models, monkeypatch, cuda, mps, expected):
    model = TextEncoder(tiny_models[0], device="cpu").fit([""])._load()
    monkeypatch.setattr(encoder, "MODELS_LOADED", {(str(tiny_models[0]), expected): model})
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert TextEncoder(tiny_models[0]).fit([""]).device_ == expected


def test_settings_of_fit_stay_until_the_next_fit(tiny_models):
    encoder = TextEncoder(tiny_models[0], device="cpu").fit(TEXTS)
    expected = encoder.transform(TEXTS).tolist()
    encoder.set_params(model=tiny_models[1], pooling="meen", max_length=3)
    assert encoder.transform(TEXTS).tolist() == expected


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_embeddings_on_a_gpu(pooling):
    on_gpu = TextEncoder(MODEL, pooling=pooling).fit(TEXTS)
    assert on_gpu.device_ == "cuda"
    expected = real(pooling=pooling).fit_transform(TEXTS)
    assert np.allclose(on_gpu.transform(TEXTS), expected, rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"pooling": "sum"}, ValueError, r"pooling must be one of \['mean', 'cls', 'max'\], got 'sum'"),
        ({"max_length": 2}, ValueError, "max_length == 2, must be >= 3"),
        ({"max_length": 9.5}, TypeError, "max_length must be an instance of"),
        ({"batch_size": 0}, ValueError, "batch_size == 0, must be >= 1"),
        ({"device": "toaster"}, ValueError, r"device 'toaster' is not available here .*use device='auto'"),
        ({"device": "cuda:99"}, ValueError, r"device 'cuda:99' is not available here"),
    ],
)
def test_bad_parameters_are_found_in_fit(params, error, message):
    with pytest.raises(error, match=message):
        TextEncoder(MODEL, **{"device": "cpu", **params}).fit(TEXTS)


def test_bad_texts():
    with pytest.raises(TypeError, match=r"got a single str \('one text'\)"):
        real().fit("one text")
    with pytest.raises(TypeError, match="position 1 is NoneType"):
        real().fit(["a"]).transform(["a", None])
    with pytest.raises(ValueError, match="X holds 0 texts"):
        real().fit([])


@pytest.mark.parametrize("module", ["torch", "transformers"])
def test_without_an_optional_package(monkeypatch, module):
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(encoder, "MODELS_LOADED", {})
    with pytest.raises(ModuleNotFoundError, match=rf"'{module}'.*not installed.*pip install 'gzipknn\[bert\]'") as info:
        real().fit(TEXTS)
    assert info.value.name == module


def test_unknown_models(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    (tmp_path / "empty").mkdir()
    for model, message in (
        ("no-such-owner/no-such-encoder", " .*be online the first time, or a folder that holds one"),
        (tmp_path / "missing", ": there is no such folder"),
        (tmp_path / "empty", " .*or a folder that holds one"),
    ):
        with pytest.raises(OSError, match=rf"(?s)could be loaded from {re.escape(repr(str(model)))}{message}"):
            TextEncoder(model, device="cpu").fit(TEXTS)


def test_progress_bars_of_transformers_stay_as_they_were(tiny_models, monkeypatch):
    log = transformers.utils.logging
    before = log.is_progress_bar_enabled()
    for set_to, shown in ((log.enable_progress_bar, True), (log.disable_progress_bar, False)):
        set_to()
        monkeypatch.setattr(encoder, "MODELS_LOADED", {})
        TextEncoder(tiny_models[0], device="cpu").fit([""])
        assert log.is_progress_bar_enabled() == shown
    (log.enable_progress_bar if before else log.disable_progress_bar)()


def test_meaning_without_a_common_word():
    clf = VectorNeighborsClassifier(real(), 1).fit(
        ["A kitten sleeps upon a rug", "Shares lost value"], ["pets", "money"]
    )
    queries = ["my cat is lying by the door", "markets fell today", "dogs bark", "investors buy bonds"]
    assert clf.predict(queries).tolist() == ["pets", "money", "pets", "money"]


def test_neighbours_and_linear_models_learn_far_more_than_chance(docs, tmp_path):
    training, labels = docs.X_train[:160], docs.y_train[:160]
    queries, expected = docs.X_test[:60], docs.y_test[:60]
    few_words = real(max_length=32, cache=tmp_path)
    nearest = VectorNeighborsClassifier(few_words, 3).fit(training, labels)
    assert nearest.score(queries, expected) > 0.3  # the largest class: 0.05
    linear = linear_classifier(few_words, "svm").fit(training, labels)
    assert linear.score(queries, expected) > 0.3
    restored = pickle.loads(pickle.dumps(nearest))
    assert (restored.predict(queries) == nearest.predict(queries)).all()
