import pytest
from sklearn.model_selection import GridSearchCV

from gzipknn.recipes import landmark_classifier


@pytest.mark.parametrize("n_landmarks", [100, 10_000, None])
def test_landmarks_beat_chance_by_far(docs, n_landmarks):
    X, y = docs.X_train[::4], docs.y_train[::4]
    clf = landmark_classifier(n_landmarks).fit(X, y)
    assert len(clf[0].landmarks_) == min(n_landmarks or len(X), len(X))
    assert clf.score(docs.X_test, docs.y_test) > 0.35  # of 20 classes
    again = landmark_classifier(n_landmarks).fit(X, y)
    assert clf.predict(docs.X_test).tolist() == again.predict(docs.X_test).tolist()


def test_landmarks_in_a_grid_search(docs):
    X, y = docs.X_train[:200], [len(text) > 200 for text in docs.X_train[:200]]
    grid = GridSearchCV(landmark_classifier(20), {"landmarks__compressor": ["gzip", "lz77"]}, cv=2).fit(X, y)
    assert grid.best_score_ > 0.5
