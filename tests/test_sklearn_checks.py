"""scikit-learn's own checks on every estimator of the library. All must pass except those that are listed.

The checks fit on rows of numbers, and an adapter writes these as texts.
"""

from __future__ import annotations

import pytest
from numbers_as_texts import adapted
from sklearn.base import is_classifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.estimator_checks import parametrize_with_checks

from gzipknn import (
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
    VectorNeighborsClassifier,
    class_model_classifier,
    linear_classifier,
)
from gzipknn.recipes import landmark_classifier, landmark_regressor, strong_classifier

ESTIMATORS = [
    NCDClassifier(),
    NCDClassifierCV(n_neighbors=[1, 3], n_samples=50),
    NCDRegressor(),
    NCDNeighbors(),
    NCDNeighborsTransformer(),
    NCDOutlierDetector(),
    NCDTransformer(),
    landmark_classifier(),
    landmark_regressor(),
    strong_classifier(),
    BagOfWordsClassifier(vectorizer=TfidfVectorizer()),
    VectorNeighborsClassifier(TfidfVectorizer()),
    BM25Classifier(),
    ClassCompressorClassifier(),
    class_model_classifier(),
    linear_classifier(),
]

NO_LABELS = "the error of fit without labels has other words than scikit-learn's"
TIES = "predict breaks ties by the nearest neighbour, so it may differ from the argmax of the shares"
NEIGHBOURS = "a class of which no neighbour is has no vote, whatever its weight"
COPIES = "a text of weight 2 is one neighbour, and a copy of it another"
OWN = {
    "NCDClassifier": {
        "check_class_weight_classifiers": NEIGHBOURS,
        "check_sample_weight_equivalence_on_dense_data": COPIES,
        "check_classifiers_train": TIES,
    },
    "NCDClassifierCV": {"check_class_weight_classifiers": NEIGHBOURS},
    "LandmarkClassifier": {
        "check_parameters_default_constructible": "the default compressor is an object, which cannot be changed",
        "check_sample_weight_equivalence_on_dense_data": "a text of weight 2 is one landmark, and a copy of it another",
    },
    **{
        name: {"check_sample_weight_equivalence_on_dense_data": COPIES}
        for name in ("BagOfWordsClassifier", "VectorNeighborsClassifier", "BM25Classifier")
    },
}
IN_PLACE = dict.fromkeys(
    ("check_estimators_overwrite_params", "check_dont_overwrite_parameters"),
    "scikit-learn's Pipeline fits its steps in place, and so do these",
)


def expected_to_fail(estimator):
    name = type(estimator).__name__.removesuffix("OnNumbers")
    own = dict(OWN.get(name, {}))
    if is_classifier(estimator) and name != "TextPipeline":
        own["check_requires_y_none"] = NO_LABELS
    if name == "TextPipeline":
        own |= IN_PLACE
    return own


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([adapted(one) for one in ESTIMATORS], expected_failed_checks=expected_to_fail)
def test_scikit_learn_checks(estimator, check):
    check(estimator)
