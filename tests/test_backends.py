"""All backends give the same results, get the training texts once, and can be stopped."""

import _thread
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
from joblib import parallel_config

import gzipknn.search.parallel
from gzipknn import NCDClassifier, NCDClassifierCV, NCDTransformer
from gzipknn.baselines import BagOfWordsClassifier
from gzipknn.memory.cache import BlockStore
from gzipknn.search.parallel import Shared

MODELS = [
    NCDClassifier(3),
    NCDClassifier(3, compressor="lz77", normalize="local"),
    NCDClassifier(3, compressor="bz2", screen=20),
    NCDClassifier(3, compressor="lz77", screen="auto", order="train-first"),
    NCDClassifierCV(n_neighbors=[1, 3], n_samples=40),
    BagOfWordsClassifier(3),
]


@pytest.fixture(scope="module")
def texts(docs):
    return docs.X_train[:200], docs.y_train[:200], docs.X_test[:60]


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        yield client


def assert_same(model, texts, **fit):
    X, y, queries = texts
    expected = model.set_params(n_jobs=None).fit(X, y).kneighbors(queries)
    with parallel_config(**fit):
        found = model.fit(X, y).kneighbors(queries)
    assert all(np.array_equal(*pair) for pair in zip(found, expected, strict=True))


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_dask(model, texts, cluster):
    assert_same(model, texts, backend="dask")


def test_dask_hands_the_training_texts_over_once(texts, cluster, monkeypatch):
    X, y, queries = texts
    packed, tasks = [], []
    reduce, call = Shared.__reduce__, gzipknn.search.parallel.delayed

    def delayed(function):
        def run(*arguments):
            from distributed import get_worker

            get_worker().has_searched = True
            return function(*arguments)

        tasks.append(1)
        return call(run)

    monkeypatch.setattr(Shared, "__reduce__", lambda self: packed.append(self.token) or reduce(self))
    monkeypatch.setattr(gzipknn.search.parallel, "delayed", delayed)
    clf = NCDClassifier(3).fit(X, y)
    with parallel_config(backend="dask"):
        clf.kneighbors(queries)
    assert len(tasks) >= 8
    assert len(packed) == 1

    def restored(dask_worker):
        return hasattr(dask_worker, "has_searched"), list(gzipknn.search.parallel._restored)

    by_worker = list(cluster.run(restored).values())
    searching = [tokens for has_searched, tokens in by_worker if has_searched]  # one worker may do all tasks
    assert searching
    assert all(tokens[-1] == packed[0] for tokens in searching)
    assert all(len(tokens) <= gzipknn.search.parallel.MOST_RESTORED for _, tokens in by_worker)


def test_dask_with_a_cache(texts, cluster, tmp_path):
    X, y, queries = texts
    clf = NCDClassifier(3, memory=tmp_path).fit(X, y)
    with parallel_config(backend="dask"):
        found = clf.kneighbors(queries)
    assert BlockStore(tmp_path).info()["blocks"] > 1
    assert (found[1] == NCDClassifier(3).fit(X, y).kneighbors(queries)[1]).all()


@pytest.mark.parametrize("backend", ["loky", "multiprocessing", "threading", "sequential"])
@pytest.mark.parametrize("model", [MODELS[0], MODELS[3]], ids=str)
def test_joblib_backends(model, texts, backend):
    assert_same(model, texts, backend=backend, n_jobs=1 if backend == "sequential" else 2)


def test_transformer_in_processes(texts):
    X, _, queries = texts
    transformer = NCDTransformer(compressor=lambda data: len(set(data)), n_jobs=2).fit(X)
    expected = transformer.set_params(n_jobs=1).transform(queries)
    assert (transformer.set_params(n_jobs=2).transform(queries) == expected).all()


def test_ray(texts, monkeypatch):
    ray = pytest.importorskip("ray")
    put, puts = ray.put, []
    monkeypatch.setattr(ray, "put", lambda value: puts.append(1) or put(value))
    from ray.util.joblib import register_ray

    ray.init(num_cpus=2, include_dashboard=False, _node_ip_address="127.0.0.1")
    register_ray()
    try:
        for model, n_searches in ((MODELS[0], 1), (MODELS[1], 2)):  # fit also searches if hubs are corrected
            assert_same(model, texts, backend="ray", n_jobs=2)
            assert len(puts) == n_searches  # the training texts, once for all tasks of a search
            puts.clear()
    finally:
        ray.shutdown()


# ---- threads ----


def test_predict_in_eight_threads(texts, tmp_path):
    X, y, queries = texts
    for setting in ({}, {"compressor": "lz77"}, {"screen": 20}, {"compressor": "huffman"}, {"memory": tmp_path}):
        expected = NCDClassifier(3, **setting).fit(X, y).kneighbors(queries)
        clf = NCDClassifier(3, **setting).fit(X, y)
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda _: clf.kneighbors(queries), range(16)))  # noqa: B023
        assert all(np.array_equal(*pair) for some in found for pair in zip(some, expected, strict=True))


def test_models_do_not_wait_for_one_another(texts):
    X, y, queries = texts
    ready = NCDClassifier(1).fit(X, y)
    waiting, done = threading.Event(), threading.Event()

    def blocks(data):
        waiting.set()
        assert done.wait(60)
        return len(data)

    with ThreadPoolExecutor(1) as pool:
        fitted = pool.submit(NCDClassifier(1, compressor=blocks).fit, X, y)
        waiting.wait(60)
        ready.predict(queries)
        done.set()
        fitted.result()


def test_compressor_that_asks_a_model(texts):
    X, y, _ = texts
    inner = NCDClassifier(1).fit(["aaa", "bbb"], [0, 1])
    outer = NCDClassifier(1, compressor=lambda data: len(data) + int(inner.predict([data])[0]))
    assert outer.fit(X[:10], y[:10]).predict(X[:3]).shape == (3,)


def test_fit_leaves_its_input_alone(texts):
    X, y, _ = texts
    X, y = np.array(X, dtype=object), np.array(y)
    copies = X.copy(), y.copy()
    for array in (X, y):
        array.flags.writeable = False
    for model in MODELS:
        model.fit(X, y)
    assert (copies[0] == X).all()
    assert (copies[1] == y).all()


# ---- Ctrl-C ----


def heed_interrupts():
    """Let this process react to Ctrl-C again, which a shell turns off for background jobs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_threads_end_after_an_interrupt(texts, request):
    request.addfinalizer(partial(signal.signal, signal.SIGINT, signal.getsignal(signal.SIGINT)))
    heed_interrupts()
    X, y, queries = texts
    calls = []

    def slow(data):
        calls.append(1)
        if len(calls) == 1000:
            _thread.interrupt_main()
        time.sleep(0.001)
        return len(set(data))

    clf = NCDClassifier(1, compressor=slow, n_jobs=2)
    with parallel_config(backend="threading"):
        clf.fit(X, y)
        with pytest.raises(KeyboardInterrupt):
            clf.kneighbors(queries)
    time.sleep(0.5)  # each thread finishes the pair that it has begun
    ended = len(calls)
    time.sleep(0.5)
    assert len(calls) == ended < len(X) * len(queries)


def test_interrupted_command_keeps_what_is_done(folder, tmp_path):
    code = "import sys; from gzipknn.__main__ import main; sys.exit(main(sys.argv[1:]))"
    command = ["evaluate", folder, folder, "--compressor", "bz2", "--memory", tmp_path, "--n-jobs", "2"]
    command = [sys.executable, "-c", code, *map(str, command)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, preexec_fn=heed_interrupts, **pipes)
    while not list(tmp_path.rglob("*.block")) and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "gzipknn: interrupted; finished results are kept" in errors
    info = BlockStore(tmp_path).info()
    assert info["blocks"] >= 1
    assert info["damaged"] == list(tmp_path.rglob("*.unfinished")) == []
