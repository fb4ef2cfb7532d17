import json
import sys

import numpy as np
import pytest
from conftest import ROOT, run
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import train_test_split

from gzipknn import NCDClassifier


@pytest.fixture(scope="module")
def confidence():
    sys.path.insert(0, str(ROOT / "experiments"))
    import confidence

    yield confidence
    sys.path.remove(str(ROOT / "experiments"))


@pytest.fixture(scope="module")
def parts(docs):
    """Texts for fitting, for calibration and for evaluation. Each is a pair of texts and labels."""
    X, y = docs.X_train + docs.X_test, docs.y_train + docs.y_test
    X_fit, X_rest, y_fit, y_rest = train_test_split(X, y, test_size=0.6, stratify=y, random_state=0)
    X_cal, X_new, y_cal, y_new = train_test_split(X_rest, y_rest, test_size=0.75, stratify=y_rest, random_state=0)
    return (X_fit, y_fit), (X_cal, y_cal), (X_new, y_new)


@pytest.fixture(scope="module")
def calibrated(parts):
    clf = NCDClassifier(31, compressor="lz77", metric="nmi", normalize="local", weights="margin").fit(*parts[0])
    return CalibratedClassifierCV(FrozenEstimator(clf)).fit(*parts[1])


def test_calibrated_texts_may_be_a_list_or_an_array(parts, calibrated):
    (X_cal, y_cal), (X_new, _) = parts[1:]
    array = CalibratedClassifierCV(calibrated.estimator).fit(np.array(X_cal, dtype=object), np.array(y_cal))
    expected = calibrated.predict_proba(X_new[:20])
    assert array.predict_proba(np.array(X_new[:20], dtype=object)).tolist() == expected.tolist()


def test_calibration_without_texts_held_out(parts):
    X, y = (values[:400] for values in parts[2])
    clf = CalibratedClassifierCV(NCDClassifier(15, compressor="lz77"), cv=2, ensemble=False).fit(X, y)
    assert clf.predict_proba(X[:3]).sum(axis=1) == pytest.approx(1)


def test_calibrated_probabilities_are_nearer_to_the_truth(confidence, parts, calibrated):
    X, y = parts[2]
    ece, brier = [], []
    for clf in (calibrated.estimator, calibrated):
        shares = clf.predict_proba(X)
        right = np.array(y) == clf.predict(X)
        truth = np.searchsorted(clf.classes_, y)
        ece.append(confidence.expected_calibration_error(shares.max(axis=1), right))
        brier.append(confidence.scores(shares, truth, right)["brier"])
    assert ece[1] < ece[0]
    assert brier[1] < brier[0]


def test_expected_calibration_error_of_two_bins(confidence):
    right = np.array([True, False, True, True])
    # half of the texts with confidence 0.6 are right, and all with 0.9; 1.0 belongs to the last bin
    assert confidence.expected_calibration_error(np.array([0.6, 0.6, 0.8, 1.0]), right) == pytest.approx(
        0.5 * 0.1 + 0.25 * 0.2
    )


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_sets_cover_the_truth_as_often_as_promised(confidence, parts, calibrated, level):
    X, y = parts[2]
    truth, shares = np.searchsorted(calibrated.classes_, y), calibrated.predict_proba(X)
    covered, n_held_out = [], 200
    for seed in range(200):
        rows = np.random.RandomState(seed).permutation(len(X))
        held_out, new = rows[:n_held_out], rows[n_held_out:]
        sets = confidence.prediction_sets(shares[held_out], truth[held_out], shares[new], level)
        covered.append(np.mean(sets[np.arange(len(new)), truth[new]]))
    # on average between level and level + 1 / (n + 1), because there are almost no ties
    assert level - 0.01 < np.mean(covered) < level + 1 / (n_held_out + 1) + 0.01


def test_sets_are_those_of_the_textbook(confidence):
    random = np.random.RandomState(0)
    for n, level in [(99, 0.9), (100, 0.9), (150, 0.95), (19, 0.95), (18, 0.95), (5, 0.8), (3, 0.8)]:
        held_out, shares = random.dirichlet(np.ones(4), n), random.dirichlet(np.ones(4), 30)
        truth = random.randint(4, size=n)
        found = confidence.prediction_sets(held_out, truth, shares, level)
        wrong = sorted(1 - held_out[i, truth[i]] for i in range(n))
        rank = int(np.ceil(round((n + 1) * level, 9)))
        quantile = wrong[rank - 1] if rank <= n else 1.0
        assert found.tolist() == (1 - shares <= quantile + 1e-12).tolist()


def test_experiment(folder, tmp_path):
    limits = ("--limit-train", 500, "--limit-test", 100, "--n-jobs", 1)
    done = run("confidence.py", "--data", folder.parent, "--datasets", folder.name, *limits, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    result = json.loads((tmp_path / "confidence.json").read_text())["sets"]["docs"]
    assert result["n_fit"] + result["n_calibration"] + result["n_threshold"] == 500
    for model in result["models"].values():
        for method in ("raw", "sigmoid", "isotonic", "temperature"):
            measured = model[method]
            assert 0 <= measured["ece"] < 1
            assert 0 <= measured["brier"] < 2
        for measured in (model["raw"], model["sigmoid"]):
            sizes = [measured["sets"][level]["mean_size"] for level in ("0.8", "0.9", "0.95")]
            assert sizes == sorted(sizes)
            assert measured["sets"]["0.95"]["coverage"]["value"] > 0.8
            assert measured["sets"]["0.8"]["coverage_of_halves"] > 0.77
    one = result["models"]["gzip, k = 1"]["raw"]
    assert one["ece"] == pytest.approx(1 - one["accuracy"]["value"])  # this model is always certain
    assert ">docs</text>" in (tmp_path / "confidence.svg").read_text(encoding="utf-8")
