"""Models of the bytes of each class by interpolated Kneser-Ney smoothing, from counts that can be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from tqdm.auto import tqdm

from gzipknn._kernel import native
from gzipknn.baselines import kneser_ney_python
from gzipknn.texts.corpus import Corpus
from gzipknn.utils.validation import check_int

MOST_ORDER = 6
"""The largest number of bytes of context, for which a key of the kernel has room."""

NO_LIMIT = 2**62
DIGEST = 12
"""The bytes of the hash by which a learnt text is recognized."""

# The bytes of texts that `fit` counts in one call. An interrupted call undoes all that it has counted.
FIT_BYTES = 1 << 24


@dataclass(frozen=True)
class KneserNey:
    """Models of the bytes of each class, for :class:`ClassCompressorClassifier`.

    Each class c has a model P of the byte w after a context h. The context is the `order` bytes before w. At the
    beginning of a text, it is all bytes before w and a mark for the beginning of the text. Let h' be the context
    without its farthest byte or mark, and n the counts of strings in the texts of c. Then::

        P(w | h) = (n(h w) - D(n(h w)) + K(h) M(w | h)) / n(h *)
        M(w | h) = background P_all(w | h) + (1 - background) P(w | h')
        K(h)     = the sum of D(n(h v)) over the bytes v with n(h v) > 0,      n(h *) = the sum of n(h v)

    P_all is the model of all training texts together, for which M(w | h) is P_all(w | h'). It is mixed in because a
    small class has few contexts: where its own texts say nothing, all texts together say more than a shorter context of
    the class. If the class does not have the context h, P(w | h) is M(w | h). If no text has it, P(w | h) is P(w | h').
    Below the empty context, the probability of each byte is 1/256.

    With `background` 0, this is interpolated Kneser-Ney smoothing [1]_. For strings of `order` + 1 symbols and for
    those that begin with the mark, n is the number of times that they occur. For shorter strings, n is the number of
    different symbols that occur before them. D is the modified discount of [2]_, equation 17, with separate values for
    n = 1, n = 2 and larger n. It is computed from the counts of counts of strings with the same number of symbols, in
    all classes together (for P_all, in all texts). If n = 1, 2 or 3 never occurs, D is 3/4. D(n) is at least 0.05 and
    at most n - 0.05.

    Parameters
    ----------
    order : int, default=3
        The number of bytes of context, from 0 to 6. A larger order takes more memory. On the validation texts of most
        data sets, 4 is no better than 3.
    background : float, default=0.3
        The share of P_all in the mixture, at least 0 and below 1. With 0, nothing is counted for all texts together,
        which takes less time and memory.
    max_bytes : int, default=None
        The largest amount of memory in bytes that the counts may take between two calls. A call that needs more raises
        ``ValueError`` and leaves the model as it was. Then ``forget`` some texts, or use a lower `order` or a higher
        limit. During a call, more memory may be in use, because a table that grows is copied. None: no limit.

    References
    ----------
    .. [1] Kneser, Ney: Improved Backing-Off for M-gram Language Modeling. ICASSP (1995).
    .. [2] Chen, Goodman: An Empirical Study of Smoothing Techniques for Language Modeling. Computer Speech and
       Language 13 (1999), section 3, equations 16 and 17.

    Examples
    --------
    >>> from gzipknn.baselines import ClassCompressorClassifier, KneserNey
    >>> texts = ["the cat sat on the mat", "a cat and a mat", "stocks fell again today", "today stocks rose"]
    >>> clf = ClassCompressorClassifier(KneserNey(order=4)).fit(texts, ["pets", "pets", "money", "money"])
    >>> clf.predict(["my cat sat on a mat", "will stocks fall again today?"])
    array(['pets', 'money'], dtype='<U5')
    """

    order: int = 3
    background: float = 0.3
    max_bytes: int | None = None

    def __post_init__(self) -> None:
        if check_int(self.order, "order", 0) > MOST_ORDER:
            raise ValueError(f"order must be from 0 to {MOST_ORDER}, got {self.order}.")
        if isinstance(self.background, bool) or not isinstance(self.background, Real):
            raise TypeError(
                f"background must be a float, got {type(self.background).__name__} ({self.background!r:.50})."
            )
        if not 0 <= self.background < 1:
            raise ValueError(f"background must be at least 0 and below 1, got {self.background}.")
        if self.max_bytes is not None:
            check_int(self.max_bytes, "max_bytes", 1)


class ClassModels:
    """The counts of strings in the texts of each class, and the hashes of the texts that were learnt.

    Labels are positions among the classes. In the counts, each class has a number, which does not change when classes
    are added.
    """

    def __init__(self, settings: KneserNey, n_classes: int) -> None:
        self.settings = settings
        self.numbers = np.arange(n_classes)
        """The number of each class in the counts, by its position."""
        self.n_texts = np.zeros(n_classes, dtype=np.int64)
        """The number of texts learnt for each class."""
        self._counts = self._empty()
        self._learnt: Counter[tuple[int, bytes]] = Counter()

    @classmethod
    def fit(cls, settings: KneserNey, texts: list[bytes], labels: NDArray[np.intp], n_classes: int) -> ClassModels:
        """Make models and learn the texts class by class, which is faster, and in several calls.

        If it is interrupted, nothing needs to be undone, because there was no model before.
        """
        models = cls(settings, n_classes)
        order = np.argsort(labels, kind="stable")
        part = np.cumsum([0, *(len(texts[i]) for i in order)])[:-1] // FIT_BYTES
        for some in np.split(order, np.flatnonzero(np.diff(part)) + 1):
            models.learn([texts[i] for i in some], labels[some])
        return models

    def learn(
        self,
        texts: list[bytes],
        labels: NDArray[np.intp],
        places: NDArray[np.intp] | None = None,
        n_classes: int | None = None,
    ) -> None:
        """Count texts; if that raises, everything is left as it was.

        If there are new classes, `n_classes` is the number of all classes, and `places` holds the positions of the old
        classes among them.
        """
        places = np.arange(len(self.numbers)) if places is None else places
        n_classes = len(self.numbers) if n_classes is None else n_classes
        numbers, n_texts = np.full(n_classes, -1), np.bincount(labels, minlength=n_classes)
        numbers[places] = self.numbers
        numbers[numbers < 0] = np.arange(len(places), n_classes)
        n_texts[places] += self.n_texts
        learnt = Counter(_digests(texts, numbers[labels]))
        limit = self.settings.max_bytes
        self._counts.add(*_arguments(texts, numbers[labels]), NO_LIMIT if limit is None else int(limit))
        self._learnt.update(learnt)
        self.numbers, self.n_texts = numbers, n_texts

    def forget(self, texts: list[bytes], labels: NDArray[np.intp]) -> None:
        """Take texts out of the counts; if that raises, everything is left as it was."""
        forgotten = self._check_learnt(texts, labels)
        self._counts.remove(*_arguments(texts, self.numbers[labels]))
        self._learnt -= forgotten
        self.n_texts -= np.bincount(labels, minlength=len(self.numbers))

    def _check_learnt(self, texts: list[bytes], labels: NDArray[np.intp], *, together: bool = True) -> Counter[Any]:
        asked: Counter[tuple[int, bytes]] = Counter()
        for position, digest in enumerate(_digests(texts, self.numbers[labels])):
            asked[digest] += 1
            if self._learnt[digest] < (asked[digest] if together else 1):
                raise ValueError(
                    f"the text at position {position} of X ({texts[position]!r:.50}) was not learnt with its label in "
                    f"y, or not as often as it occurs here, or it was forgotten; nothing was changed. Pass texts and "
                    f"labels as they were learnt."
                )
        return asked

    def lengths(self, texts: Corpus, *, n_jobs: int | None, verbose: int) -> NDArray[np.float64]:
        """Return the bits of each text in the model of each class, shape (n, n_classes)."""
        n = len(texts)
        edges = np.linspace(0, n, min(n, max(1, effective_n_jobs(n_jobs))) + 1).astype(int)
        blocks = [texts.rows(start, stop) for start, stop in pairwise(edges)]
        # threads: the kernel releases the GIL, and all of them read the same counts
        parallel = Parallel(n_jobs=n_jobs, require="sharedmem", return_as="generator")
        found = parallel(delayed(self._lengths)(block, None) for block in blocks)
        return np.concatenate(list(tqdm(found, total=len(blocks), unit="block", disable=verbose <= 0)))

    def leave_one_out_lengths(self, texts: list[bytes], labels: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the bits of each of some learnt texts, as if only this text had not been learnt.

        The shape is (n, n_classes).
        """
        self._check_learnt(texts, labels, together=False)
        return self._lengths(Corpus.from_texts(texts), self.numbers[labels])

    def _lengths(self, texts: Corpus, own: NDArray[np.int64] | None) -> NDArray[np.float64]:
        n_classes = len(self.numbers)
        bits = np.empty(len(texts) * n_classes)
        background = float(self.settings.background)
        self._counts.lengths(texts.buffer, texts.offsets, own, n_classes, background, bits)
        return bits.reshape(-1, n_classes)[:, self.numbers]

    @property
    def nbytes(self) -> int:
        """The memory that the counts take, in bytes; an estimate without the native kernel."""
        return int(self._counts.nbytes)

    def _empty(self) -> Any:
        make: Callable[..., Any] = (native() or kneser_ney_python).ClassCounts
        return make(int(self.settings.order), self.settings.background > 0)

    # ---- model files: they hold arrays that do not depend on the order in which texts were learnt ----

    def __getstate__(self) -> dict[str, Any]:
        places = np.argsort(self.numbers)
        counts = np.empty((3, self._counts.n_raw), dtype=np.int64)
        self._counts.export(*counts)
        counts[1] = places[counts[1]]
        learnt = sorted((int(places[number]), digest, times) for (number, digest), times in self._learnt.items())
        return {
            "settings": self.settings,
            "n_texts": self.n_texts,
            "counts": counts[:, np.lexsort((counts[1], counts[0]))],
            "learnt": np.array([(label, times) for label, _, times in learnt], dtype=np.int64).reshape(-1, 2),
            "digests": np.frombuffer(b"".join(digest for _, digest, _ in learnt), dtype=np.uint8),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.settings, self.n_texts = state["settings"], state["n_texts"]
        self.numbers = np.arange(len(self.n_texts))
        self._counts = self._empty()
        self._counts.restore(*(np.ascontiguousarray(row) for row in state["counts"]))
        digests = state["digests"].reshape(-1, DIGEST)
        self._learnt = Counter(
            {
                (label, digest.tobytes()): times
                for (label, times), digest in zip(state["learnt"].tolist(), digests, strict=True)
            }
        )


def _arguments(texts: list[bytes], numbers: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
    corpus = Corpus.from_texts(texts)
    return corpus.buffer, corpus.offsets, numbers.astype(np.int64)


def _digests(texts: list[bytes], numbers: NDArray[np.intp]) -> list[tuple[int, bytes]]:
    digests = (blake2b(text, digest_size=DIGEST).digest() for text in texts)
    return list(zip(numbers.tolist(), digests, strict=True))
