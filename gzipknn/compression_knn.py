"""A fitted k-NN classifier on compression distances: its neighbours, why a text has its label, what a screen misses."""

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


class CompressionKNN(CompressionSearch, KNNClassifier):
    """A k-NN classifier on compression distances, once it is fitted; how it is fitted, a subclass says.

    It has the parameters of :class:`gzipknn.NCDClassifier`, and ``fit`` calls :meth:`_fit_search`.
    """

    def explain(self, text: str | bytes, n_neighbors: int = 3) -> Explanation:
        """Show why a text is labelled as it is: its nearest training texts, and the phrases they share with it.

        Parameters
        ----------
        text : str or bytes
            One query.
        n_neighbors : int, default=3
            How many neighbours to explain: the first of those that voted, and more if there are to be more. The label
            is that of :meth:`predict`.

        Returns
        -------
        Explanation
            Printed, it is for the terminal; in a notebook, both texts stand side by side, phrases marked;
            ``to_dict()`` has all of it.

        Raises
        ------
        TypeError
            If the compressor does not tell what it copies: ``"gzip"``, ``"zlib"`` and ``"lz77"`` do.

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

    def explain_each(self, X: Any, n_neighbors: int = 3) -> list[Explanation]:
        """Explain several texts as :meth:`explain` does one, with one search for all.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
        n_neighbors : int, default=3

        Returns
        -------
        list of Explanation, length n
        """
        check_is_fitted(self)
        self._check_one_output("explain")
        self._check_weights()
        n = self.n_samples_fit_
        k, k_vote = self._check_k(n_neighbors, n), self._check_k(None, n)
        texts = self._encode(X)
        # one search serves both, unless a screen keeps other candidates for more neighbours than vote
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
        """Count the votes of one query, by class; and tell whether several classes have the highest."""
        present, places = np.unique(labels, return_inverse=True)
        votes, counts = np.bincount(places, weights), np.bincount(places)
        order = np.lexsort((present, -counts, -votes))
        classes, total = as_list(self.classes_[present[order]]), votes.sum()
        shares = (votes / total if total else counts / len(labels))[order]
        tally = tuple(map(ClassVotes, classes, counts[order].tolist(), shares.tolist()))
        return tally, int((votes == votes.max()).sum()) > 1

    def screening_report(self, X: Any, y: Any = None, n_neighbors: int | None = None) -> dict[str, Any]:
        """Compare the search with `screen` to the exact one.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
            Queries: some hundred texts that are not training texts.
        y : array-like, shape (n,), default=None
            Their labels, to compare accuracies as well.
        n_neighbors : int, default=None
            None for the `n_neighbors` of the estimator.

        Returns
        -------
        dict
            ``n_queries``, ``n_neighbors``; ``n_candidates``, the texts kept for each query; ``recall``, the share of
            the exact neighbours found, and ``recall_at_1``, of the nearest ones, each with its 95 % interval;
            ``seconds_screened``, ``seconds_exact`` and ``speed_up``, from end to end; ``same_label``, the share of
            queries of which the prediction is the same; with `y`, ``accuracy_screened`` and ``accuracy_exact``.
        """
        check_is_fitted(self)
        if self.training_.screen is None:
            raise ValueError("screening_report needs a model that was fitted with screen, got screen=None.")
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
        seed = check_seed(self.random_state).randint(2**31)  # ties at random fall alike
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
                f"{what} needs texts with one label each, got a model of {len(self.classes_)} outputs; fit a model on "
                f"one column of y."
            )

    def _check_weights(self) -> None:
        check_weights_with(self.weights, self._fitted.settings.normalize)
