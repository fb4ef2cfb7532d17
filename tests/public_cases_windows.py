import numpy as np
import pytest
from scipy.spatial.distance import squareform

from gzipknn import NCDClassifier, pairwise_ncd
from gzipknn.compressors import LZ77


# issue 16, item 12
def test_gzip_says_that_it_does_not_see_the_whole_of_long_texts():
    rng = np.random.default_rng(0)
    programs = [rng.bytes(50_000) for _ in range(5)]
    with pytest.warns(RuntimeWarning, match=r"5 of 5 training texts are longer than the 32,506 bytes .*lz77"):
        NCDClassifier(1).fit(programs, range(5))
    with pytest.warns(RuntimeWarning, match="5 of 5 texts are longer"):
        blind = pairwise_ncd(programs)
    assert blind.diagonal().min() > 0.99
    assert NCDClassifier(1, compressor="lz77").fit(programs, range(5)).predict(programs).tolist() == [0, 1, 2, 3, 4]


# issue 16, item 13
def test_explain_does_not_call_near_what_shares_nothing():
    words = ["leave", "yes", "no", "stop"]
    explanation = NCDClassifier(1).fit(words, words).explain("12345", 1)
    for shown in (str(explanation), explanation._repr_html_()):
        assert "near it" not in shown
        assert "The nearest training text shares no phrase with the text, so this label means little." in shown
    own = NCDClassifier(1, compressor=LZ77(background=0)).fit(words, words)
    assert own.predict(words).tolist() == words


# issue 16, item 15
def test_a_symmetric_matrix_is_symmetric_and_squareform_takes_it(docs):
    X = docs.X_train[:50]
    symmetric = pairwise_ncd(X, order="symmetric", compressor="lz77")
    assert (symmetric == symmetric.T).all()
    for compressor in ("gzip", "lz77"):
        matrix = pairwise_ncd(X, compressor=compressor, matrix="distance")
        assert squareform(matrix).shape == (50 * 49 // 2,)
