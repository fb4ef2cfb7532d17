"""Frozen BERT-like encoders that embed texts, with a cache on disk."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted
from tqdm.auto import tqdm

from gzipknn.base import TextEstimator
from gzipknn.texts.encoding import encode_texts
from gzipknn.utils.optional_packages import import_extra
from gzipknn.utils.validation import check_int, check_parallel

POOLINGS = ("mean", "cls", "max")
MODELS_LOADED: dict[tuple[str, str], tuple[Any, Any]] = {}


class TextEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, TextEstimator):  # type: ignore[misc]
    """Embed texts with a pretrained transformer whose weights stay as they are.

    It needs ``pip install 'gzipknn[bert]'``.

    Parameters
    ----------
    model : str or path, default="bert-base-uncased"
        The name of an encoder of the Hugging Face hub (``"distilbert-base-uncased"``,
        ``"allenai/scibert_scivocab_uncased"``), or a folder that holds one.
    pooling : {"mean", "cls", "max"}, default="mean"
        How the vectors of a text's tokens become one vector. ``"mean"``: their mean. ``"cls"``: the first vector.
        ``"max"``: the largest value of each feature.
    max_length : int, default=256
        The largest number of tokens to read of a text, also limited by the model. The rest is cut off.
    batch_size : int, default=32
        The number of texts, of similar length, to embed at a time. The time is proportional to texts times tokens.
    device : str, default="auto"
        ``"cpu"``, ``"cuda"``, ``"mps"``, ``"cuda:1"``, ...; ``"auto"`` uses a GPU if there is one.
    cache : path, default=None
        A folder in which embeddings are kept. A text that this model has embedded before with the same settings is not
        embedded again, also after an interruption. None: nothing is kept.
    verbose : int, default=0
        Above 0, show a progress bar over the texts.

    Attributes
    ----------
    device_ : str
        The device in use.
    n_features_in_ : int
        Always 1, as a sample is one text.

    Notes
    -----
    Embeddings from different devices, or from different batches, may differ in their last bits.

    References
    ----------
    .. [1] Devlin, Chang, Lee, Toutanova: BERT. NAACL (2019), section 5.3, on the feature-based approach.
    .. [2] Reimers, Gurevych: Sentence-BERT. EMNLP (2019), section 3, on the poolings.

    Examples
    --------
    >>> from gzipknn.baselines import TextEncoder, VectorNeighborsClassifier, linear_classifier
    >>> encoder = TextEncoder("distilbert-base-uncased", cache="embeddings")
    >>> nearest = VectorNeighborsClassifier(encoder, n_neighbors=5)
    >>> linear = linear_classifier(encoder)
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "bert-base-uncased",
        *,
        pooling: str = "mean",
        max_length: int = 256,
        batch_size: int = 32,
        device: str = "auto",
        cache: str | os.PathLike[str] | None = None,
        verbose: int = 0,
    ) -> None:
        self.model = model
        self.pooling = pooling
        self.max_length = max_length
        self.batch_size = batch_size
        self.device = device
        self.cache = cache
        self.verbose = verbose

    def fit(self, X: Any, y: Any = None) -> Self:
        """Load the model. Nothing is learnt from the texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)
        y : ignored

        Returns
        -------
        self : TextEncoder

        Raises
        ------
        ModuleNotFoundError
            If torch or transformers are not installed.
        OSError
            If the model can be loaded neither from a folder nor from the hub.
        """
        if not (isinstance(self.pooling, str) and self.pooling in POOLINGS):
            raise ValueError(f"pooling must be one of {list(POOLINGS)}, got {self.pooling!r:.50}.")
        for name, value in (("model", self.model), ("cache", self.cache)):
            if not (isinstance(value, str | os.PathLike) or (value is None and name == "cache")):
                expected = "a name or a folder" if name == "model" else "a folder, or None"
                raise TypeError(f"{name} must be {expected} (str or path), got {type(value).__name__} ({value!r:.50}).")
        check_parallel(None, self.verbose)
        check_int(self.max_length, "max_length", 3)
        check_int(self.batch_size, "batch_size", 1)
        encode_texts(X, "X")
        # transform uses these, even if the parameters are changed
        self._model, self._pooling, self._max_length = os.fspath(self.model), self.pooling, self.max_length
        self._n_features_out = int(self._load()[1].config.hidden_size)
        self.n_features_in_ = 1
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Embed texts.

        Parameters
        ----------
        X : sequence of str or bytes, shape (n,)

        Returns
        -------
        ndarray of float32, shape (n, n_features)
        """
        check_is_fitted(self)
        texts = encode_texts(X, "X")
        tokenizer, model = self._load()
        distinct = list(dict.fromkeys(texts))
        with closing(Store(self.cache, self._fingerprint(tokenizer, model), self._n_features_out)) as store:
            known = store.get(distinct)
            wanted = sorted((text for text in distinct if text not in known), key=len, reverse=True)
            with tqdm(total=len(wanted), unit="text", desc="embedding", disable=self.verbose <= 0) as progress:
                for start in range(0, len(wanted), self.batch_size):
                    batch = wanted[start : start + self.batch_size]
                    embedded = dict(zip(batch, self._embed(batch, tokenizer, model), strict=True))
                    store.put(embedded)
                    known.update(embedded)
                    progress.update(len(batch))
        return np.stack([known[text] for text in texts])

    def _load(self) -> tuple[Any, Any]:
        # loaded once per process, not pickled or copied with the estimator, which may come from another machine
        self.device_ = _choose_device(self.device)
        key = (self._model, self.device_)
        if key not in MODELS_LOADED:
            MODELS_LOADED[key] = _load_model(*key, show=self.verbose > 0)
        return MODELS_LOADED[key]

    def _embed(self, texts: list[bytes], tokenizer: Any, model: Any) -> NDArray[np.float32]:
        torch = import_bert("torch")
        tokens = tokenizer(
            [text.decode("utf-8", "replace") for text in texts],
            truncation=True,
            max_length=min(self._max_length, _n_positions(tokenizer, model)),
            padding=True,
            return_tensors="pt",
        ).to(self.device_)
        with torch.inference_mode():
            states = model(**tokens).last_hidden_state.float()
        mask = tokens["attention_mask"].unsqueeze(-1)
        if self._pooling == "mean":
            pooled = (states * mask).sum(1) / mask.sum(1)
        elif self._pooling == "max":
            pooled = states.masked_fill(mask == 0, float("-inf")).amax(1)
        else:
            pooled = states[:, 0]
        embedded: NDArray[np.float32] = pooled.cpu().numpy()
        return embedded

    def _fingerprint(self, tokenizer: Any, model: Any) -> bytes:
        """Return a hash of the model, whatever its name, and of the settings that the embeddings depend on."""
        if self.cache is None:
            return b""
        if not hasattr(model, "gzipknn_fingerprint"):
            model.gzipknn_fingerprint = _digest(tokenizer, model)
        settings = f"{self._pooling} {self._max_length}".encode()
        return hashlib.sha256(model.gzipknn_fingerprint + settings).digest()


class Store:
    """A cache of embeddings on disk, in one file that several processes may use at once."""

    def __init__(self, folder: str | os.PathLike[str] | None, fingerprint: bytes, n_features: int) -> None:
        self.fingerprint = fingerprint
        self.n_features = n_features
        self.database = None
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.database = sqlite3.connect(Path(folder) / "embeddings.sqlite", timeout=60)
            with self.database:
                self.database.execute("CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB)")

    def get(self, texts: list[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """Return the embeddings that are in the cache, by text."""
        if self.database is None:
            return {}
        query = "SELECT vector FROM embeddings WHERE key = ?"
        found = ((text, self.database.execute(query, (self._key(text),)).fetchone()) for text in texts)
        return {text: np.frombuffer(row[0], dtype="<f4", count=self.n_features) for text, row in found if row}

    def put(self, embedded: dict[bytes, NDArray[np.float32]]) -> None:
        """Add embeddings to the cache, either all or none of them."""
        if self.database is None:
            return
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in embedded.items()]
        with self.database:
            self.database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)

    def close(self) -> None:
        """Close the file."""
        if self.database is not None:
            self.database.close()

    def _key(self, text: bytes) -> bytes:
        return hashlib.sha256(self.fingerprint + text).digest()


def import_bert(module: str) -> Any:
    """Import torch, transformers or one of their modules; raise with the cure if it is not installed."""
    return import_extra(module, "bert", needed_by="an encoder")


def _choose_device(device: str) -> str:
    torch = import_bert("torch")
    if not (isinstance(device, str) and device == "auto"):
        try:
            return str(torch.empty(0, device=device).device)
        except (AssertionError, RuntimeError, TypeError) as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(f"device {device!r:.50} is not available here ({reason}); use device='auto'.") from error
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _load_model(name: str, device: str, *, show: bool) -> tuple[Any, Any]:
    transformers = import_bert("transformers")
    if len(Path(name).parts) > 2 and not Path(name).is_dir():  # it can't be a name of the hub
        raise FileNotFoundError(
            f"no encoder could be loaded from {name!r}: there is no such folder. Give a folder that holds one, "
            f"or the name of a model of the Hugging Face hub."
        )
    log = transformers.utils.logging
    shown = log.is_progress_bar_enabled()
    if not show:
        log.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
        model = transformers.AutoModel.from_pretrained(name)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise OSError(
            f"no encoder could be loaded from {name!r} ({type(error).__name__}: {reason:.200}). Give the name of a "
            f"model of the Hugging Face hub, and be online the first time, or a folder that holds one."
        ) from error
    finally:
        if shown:
            log.enable_progress_bar()
    return tokenizer, model.to(device).eval()


def _n_positions(tokenizer: Any, model: Any) -> int:
    known = [getattr(model.config, "max_position_embeddings", None), tokenizer.model_max_length]
    return min(int(n) for n in known if n)


def _digest(tokenizer: Any, model: Any) -> bytes:
    torch = import_bert("torch")
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes())
    for token, number in sorted(tokenizer.get_vocab().items()):
        digest.update(f"{token}\0{number}\n".encode())
    # only flags and numbers: the other settings may hold the paths of files
    settings = {name: value for name, value in tokenizer.init_kwargs.items() if isinstance(value, bool | int)}
    digest.update(repr(sorted(settings.items())).encode())
    # with the same weights, another activation or another version of the code gives other embeddings
    config = {name: value for name, value in model.config.to_dict().items() if not name.startswith("_")}
    digest.update(json.dumps(config, sort_keys=True, default=str).encode())
    packages = [torch.__version__, import_bert("transformers").__version__]
    digest.update(repr((type(model).__qualname__, type(tokenizer).__qualname__, *packages)).encode())
    return digest.digest()
