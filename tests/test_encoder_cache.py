"""Embeddings on disk are reused only for the same model, settings and text."""

import json
import shutil

import numpy as np
import pytest
from encoder_samples import TEXTS, embedded, fail, one_thread, real, tiny_models

from gzipknn.baselines import TextEncoder, encoder


def test_what_was_embedded_before_is_not_again(tmp_path, monkeypatch):
    without = real().fit_transform(TEXTS)
    first = real(cache=tmp_path / "new" / "folder").fit_transform(TEXTS)
    assert (first == without).all()
    monkeypatch.setattr(TextEncoder, "_embed", fail)
    again = real(cache=str(tmp_path / "new" / "folder"), batch_size=1, verbose=0)
    assert (again.fit_transform(TEXTS[::-1]) == first[::-1]).all()
    with pytest.raises(AssertionError, match="embedded again"):
        again.transform(["another text"])
    with pytest.raises(AssertionError, match="embedded again"):
        real(cache=tmp_path / "other").fit_transform(TEXTS)


def test_only_new_texts_are_embedded(tmp_path, embedded):
    real(cache=tmp_path).fit_transform(["a", "b"])
    del embedded[:]
    embeddings = real(cache=tmp_path).fit_transform(["b", "c", "a"])
    assert embedded == [[b"c"]]
    assert np.allclose(embeddings, real().fit_transform(["b", "c", "a"]), atol=1e-5)


def test_other_settings_do_not_share(tmp_path, embedded):
    for settings in ({}, {"pooling": "cls"}, {"pooling": "max"}, {"max_length": 64}, {"max_length": 4}):
        expected = real(**settings).fit_transform(TEXTS[:2])
        del embedded[:]
        assert (real(cache=tmp_path, **settings).fit_transform(TEXTS[:2]) == expected).all()
        assert len(embedded) == 1


def test_other_weights_do_not_share(tmp_path, tiny_models):
    texts = ["the cat", "sat on"]
    first, second = (TextEncoder(model, device="cpu", cache=tmp_path).fit_transform(texts) for model in tiny_models)
    assert not np.allclose(first, second)
    assert (second == TextEncoder(tiny_models[1], device="cpu").fit_transform(texts)).all()


def test_the_same_folder_with_other_weights_does_not_share(tmp_path, tiny_models, monkeypatch):
    texts, model = ["the cat", "sat on"], tmp_path / "model"
    embeddings = []
    for folder in tiny_models:
        shutil.copytree(folder, model, dirs_exist_ok=True)
        monkeypatch.setattr(encoder, "MODELS_LOADED", {})
        embeddings.append(TextEncoder(model, device="cpu", cache=tmp_path / "cache").fit_transform(texts))
    assert not np.allclose(*embeddings)


def test_the_same_weights_with_another_activation_do_not_share(tmp_path, tiny_models):
    changed = shutil.copytree(tiny_models[0], tmp_path / "changed")
    config = json.loads((changed / "config.json").read_text())
    (changed / "config.json").write_text(json.dumps({**config, "hidden_act": "relu"}))
    texts = ["the cat", "sat on"]
    for model in (tiny_models[0], changed):
        found = TextEncoder(model, device="cpu", cache=tmp_path).fit_transform(texts)
        assert (found == TextEncoder(model, device="cpu").fit_transform(texts)).all()


def test_the_same_model_in_another_folder_does_share(tmp_path, tiny_models, monkeypatch):
    moved = shutil.copytree(tiny_models[0], tmp_path / "moved")
    first = TextEncoder(tiny_models[0], device="cpu", cache=tmp_path).fit_transform(["the cat"])
    monkeypatch.setattr(TextEncoder, "_embed", fail)
    assert (TextEncoder(moved, device="cpu", cache=tmp_path).fit_transform(["the cat"]) == first).all()


def test_what_was_embedded_before_an_interruption_is_kept(tmp_path, monkeypatch, embedded):
    texts = ["a" * n for n in range(6)]
    watched = TextEncoder._embed

    def interrupted(self, *args):
        if len(embedded) == 1:
            raise KeyboardInterrupt
        return watched(self, *args)

    monkeypatch.setattr(TextEncoder, "_embed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        real(cache=tmp_path, batch_size=2).fit_transform(texts)
    monkeypatch.setattr(TextEncoder, "_embed", watched)
    embeddings = real(cache=tmp_path, batch_size=2).fit_transform(texts)
    assert embedded == [[b"aaaaa", b"aaaa"], [b"aaa", b"aa"], [b"a", b""]]
    assert np.allclose(embeddings, real().fit_transform(texts), atol=1e-5)
