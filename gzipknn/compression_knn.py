"""Base class of k-NN classifiers on compression distances: explanations of labels, and a report on the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from gzipknn.compression_search import CompressionSearch
from gzipknn.explanation import ClassVotes, ExplainedNeighbor, Explanation
from gzipknn.knn import KNNClassifier
from gzipknn.phrases import compared, readable
from gzipknn.search.screen_fitting import report
from gzipknn.targets import vote_weights
from gzipknn.texts.corpus import Corpus
from gzipknn.texts.encoding import warn_of_empty_queries
from gzipknn.texts.labels import as_list, check_same_kind, encode_labels
from gzipknn.utils.accuracy import accuracy
from gzipknn.utils.validation import check_seed
from gzipknn.voting import check_weights_with

SHOWN = 3
"""The number of neighbours that an explanation shows if no number is given."""


class CompressionKNN(CompressionSearch, KNNClassifier):
    """Base class of k-NN classifiers on compression distances.

    A subclass has the parameters of :class:`gzipknn.NCDClassifier`, and its ``fit`` calls :meth:`_fit_search`.
    """

    def explain(self, text: str | bytes, n_neighbors: int | None = None) -> Explanation:
        """Explain the label of a text by its nearest training texts and the phrases that they share with it.

        Parameters
        ----------
        text : str or bytes
            One query.
        n_neighbors : int, default=None
            The number of neighbours to show. None means 3, or all if there are fewer training texts. The number may
            be smaller or larger than the number of neighbours that vote. The label is always that of :meth:`predict`.

        Returns
        -------
        Explanation
            It can be printed in a terminal. A notebook shows both texts side by side with the phrases marked.
            ``to_dict()`` returns everything as data.

        Raises
        ------
        TypeError
            If the compressor does not report what it copies. ``"gzip"``, ``"zlib"`` and ``"lz77"`` do.

        Examples
        --------
        >>> from gzipknn import NCDClassifier
        >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
        >>> clf = NCDClassifier(n_neighbors=1).fit(texts, ["pets", "pets", "money", "money"])
        >>> nearest = clf.explain("my cat sat on a mat", n_neighbors=1).neighbors[0]
        >>> nearest.label, [(phrase.text, phrase.start, phrase.query_start) for phrase in nearest.phrases]
        ('pets', [(' cat sat on ', 3, 2), ('mat', 19, 16)])
        """
        if not isinstance(text, str | bytes):
            raise TypeError(f"text must be a single text (str or bytes), got {type(text).__name__} ({text!r:.50}).")
        return self.explain_each([text], n_neighbors)[0]

    def explain_each(self, X: Any, n_neighbors: int | None = None) -> list[Explanation]:
        """Explain the labels of several texts, as :meth:`explain` does for one, with one search for all.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
        n_neighbors : int, default=None
            As in :meth:`explain`.

        Returns
        -------
        list of Explanation, length n
        """
        check_is_fitted(self)
        self._check_one_output("explain")
        self._check_weights()
        n = self.n_samples_fit_
        shown = min(SHOWN, n) if n_neighbors is None else n_neighbors
        k, k_vote = self._check_k(shown, n), self._check_k(None, n)
        texts = self._encode(X)
        # one search finds the voters and the neighbours to show, unless a screen keeps other candidates for a larger k
        one_search = k <= k_vote or self._fitted.has_same_candidates(k)
        distances, indices = voters = self._search(texts, max(k, k_vote) if one_search else k_vote)
        if not one_search:
            distances, indices = self._search(texts, k)
        voters = (voters[0][:, :k_vote], voters[1][:, :k_vote])
        (ballots,) = self._ballots(texts, *voters, self.random_state)
        winners, by_all = self.classes_[ballots.winners()], ballots.nothing
        of_all = vote_weights(self._targets, self.class_weight)
        explained = []
        for i, query in enumerate(texts):
            found = compared(self.training_, query, indices[i, :k].tolist(), distances[i, :k].tolist())
            labels = as_list(self.classes_[self._y[indices[i, :k]]])
            neighbors = tuple(ExplainedNeighbor(label=label, **one) for label, one in zip(labels, found, strict=True))
            votes = (self._y, of_all) if by_all[i] else (self._y[voters[1][i]], ballots.weights[i])
            tally, is_tied = self._tally(*votes)
            label = as_list(winners[i : i + 1])[0]
            own = next(votes for votes in tally if votes.label == label)
            explained.append(
                Explanation(
                    readable(query),
                    label,
                    neighbors,
                    n_voting=sum(votes.n for votes in tally),
                    n_agreeing=own.n,
                    share=own.share,
                    is_tied=is_tied,
                    by_all=bool(by_all[i]),
                    tally=tally,
                )
            )
        return explained

    def _tally(self, labels: NDArray[np.intp], weights: NDArray[np.float64]) -> tuple[tuple[ClassVotes, ...], bool]:
        """Return the votes of each class on one query, and whether several classes have the highest vote."""
        present, places = np.unique(labels, return_inverse=True)
        votes, counts = np.bincount(places, weights), np.bincount(places)
        order = np.lexsort((present, -counts, -votes))
        classes, total = as_list(self.classes_[present[order]]), votes.sum()
        shares = (votes / total if total else counts / len(labels))[order]
        tally = tuple(map(ClassVotes, classes, counts[order].tolist(), shares.tolist()))
        return tally, int((votes == votes.max()).sum()) > 1

    def screening_report(self, X: Any, y: Any = None, n_neighbors: int | None = None) -> dict[str, Any]:
        """Compare the search with `screen` to the exact search.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
            The queries: a few hundred texts that are not training texts.
        y : array-like, shape (n,), default=None
            Their labels. If they are given, the accuracies of both searches are compared as well.
        n_neighbors : int, default=None
            The number of neighbours; None for the `n_neighbors` of the estimator.

        Returns
        -------
        dict
            - ``n_queries`` and ``n_neighbors``.
            - ``n_candidates``: the number of training texts kept for each query.
            - ``recall``: the share of the exact neighbours that the screened search finds; and ``recall_at_1``: the
              share of queries whose nearest neighbour it finds. Each comes with its 95 % interval.
            - ``seconds_screened``, ``seconds_exact`` and ``speed_up``: the time of both searches, from end to end.
            - ``same_label``: the share of queries with the same prediction.
            - ``accuracy_screened`` and ``accuracy_exact``, if `y` is given.
        """
        check_is_fitted(self)
        if self.training_.screen is None:
            raise ValueError("screening_report needs a model that was fitted with a screen, but screen was None.")
        self._check_weights()
        if y is not None:
            self._check_one_output("screening_report with y")
        k = self._check_k(n_neighbors, self.n_samples_fit_)
        texts = self._encode(X)
        if y is not None:
            classes, truth = encode_labels(y, len(texts))
            check_same_kind(classes, self.classes_)
        warn_of_empty_queries(texts)
        results, *found = report(self.training_, Corpus.from_texts(texts), k, **self._parallel())
        seed = check_seed(self.random_state).randint(2**31)  # so that random ties fall the same way in both
        screened, exact = (self._decide(texts, *neighbors, seed) for neighbors in found)
        same = screened == exact
        results["same_label"] = accuracy(same.all(axis=1) if self.outputs_2d_ else same)
        if y is not None:
            for name, labels in (("accuracy_screened", screened), ("accuracy_exact", exact)):
                results[name] = accuracy(labels == classes[truth])
        return results

    def _check_one_output(self, what: str) -> None:
        if self.outputs_2d_:
            raise ValueError(
                f"{what} needs a model with one label for each text, but this model was fitted on {len(self.classes_)} "
                f"columns of labels; fit a model on one column of y."
            )

    def _check_weights(self) -> None:
        check_weights_with(self.weights, self._fitted.settings.normalize)
