"""NCDOutlierDetector: scores are mean distances, and the threshold is a percentile of the training texts' scores."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from gzipknn import NCDOutlierDetector, pairwise_ncd
from gzipknn.compressors import LZ77

LINES = [f"GET /item/{n * n} status=200 time={n % 7}ms" for n in range(30)]
ODD = ["disk failure on node 7", "segmentation fault (core dumped)"]


@pytest.mark.parametrize("k", [1, 3, 29])
def test_scores_are_mean_distances_to_the_nearest_others(k):
    detector = NCDOutlierDetector(k, compressor="gzip", metric="ncd").fit(LINES)
    matrix = pairwise_ncd(LINES)
    nearest = NearestNeighbors(n_neighbors=k, metric="precomputed").fit(matrix)
    expected = nearest.kneighbors(pairwise_ncd(ODD, LINES))[0].mean(axis=1)
    assert np.allclose(detector.score_samples(ODD), -expected, rtol=1e-12)
    others = np.where(np.eye(len(LINES), dtype=bool), np.inf, matrix)
    assert np.allclose(detector.training_scores_, -np.sort(others)[:, :k].mean(axis=1), rtol=1e-12)


@pytest.mark.parametrize("contamination", ["auto", 0.1, 0.5])
def test_threshold(contamination):
    detector = NCDOutlierDetector(3, contamination=contamination)
    marks = detector.fit_predict([*LINES, *ODD])
    scores = detector.training_scores_
    if contamination == "auto":
        low, high = np.percentile(scores, [25, 75])
        assert detector.offset_ == pytest.approx(low - 1.5 * (high - low))
    else:
        assert (marks == -1).sum() == np.ceil(contamination * 31)
        assert (marks[-2:] == -1).all()
    assert (marks == np.where(scores < detector.offset_, -1, 1)).all()


def test_a_training_text_is_scored_without_itself():
    texts = [*LINES, *ODD, LINES[0]]
    detector = NCDOutlierDetector(3)
    marks = detector.fit_predict(texts)
    assert (detector.predict(texts) == marks).all()
    assert np.allclose(detector.score_samples(texts), detector.training_scores_, rtol=1e-12)
    assert np.allclose(detector.decision_function(texts), detector.training_scores_ - detector.offset_)


def test_odd_texts_are_told_from_new_ones_of_the_known_kind():
    detector = NCDOutlierDetector(5).fit(LINES)
    assert detector.predict(["GET /item/77 status=200 time=3ms", *ODD]).tolist() == [1, -1, -1]


def test_with_few_texts_all_others_are_neighbours():
    with pytest.warns(
        UserWarning, match="n_neighbors=10 is more than the 2 other training texts; all of them are used"
    ):
        detector = NCDOutlierDetector().fit(LINES[:3])
    assert detector.n_neighbors_ == 2
    with pytest.raises(ValueError, match="X must hold at least two texts, as each is compared with the others, got 1"):
        NCDOutlierDetector().fit(LINES[:1])


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"contamination": 0.6}, ValueError, "above 0 and up to 0.5, got 0.6"),
        ({"contamination": 0}, ValueError, "got 0"),
        ({"contamination": "many"}, ValueError, "contamination must be 'auto' or a share.*got str"),
        ({"contamination": True}, TypeError, "got bool"),
        ({"contamination": None}, TypeError, "got NoneType"),
        ({"contamination": float("nan")}, ValueError, "got nan"),
        ({"n_neighbors": 0}, ValueError, "n_neighbors == 0"),
        ({"compressor": LZ77(base_weight=0.1)}, ValueError, "learns from the classes of the training texts"),
    ],
    ids=str,
)
def test_bad_settings(settings, error, message):
    with pytest.raises(error, match=message):
        NCDOutlierDetector(**settings).fit(LINES)
