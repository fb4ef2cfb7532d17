"""Compare three ways to use a pretrained encoder on any data set.

    features  the encoder is frozen: a logistic regression on its embeddings (gzipknn.baselines.TextEncoder)
    head      only the new output layers are trained
    all       all layers are trained

    python experiments/finetune.py --data FOLDER           (with train and test files, and optionally a val file)
    python experiments/finetune.py --data FOLDER --ways head all --seeds 0 1 2
    python experiments/finetune.py --data FOLDER --limit-train 500 --limit-test 200 --max-steps 20

Fine-tuning keeps the model of the epoch that is best on the validation texts. It stops when an epoch is no better than
the best epoch before it (--patience). The validation texts are those of the file `val`, or else a tenth of the training
texts. None of the three ways trains on them.
Published: DistilBERT fine-tuned on IMDb for 3 epochs, 0.9214 in 7.2 min on one A100 (nn_plus_gzip notebooks, 2023).
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from common import add_out, check_replaceable, device_name, part_of, run, write_result
from numpy.typing import NDArray
from plots import draw_scores

from gzipknn.baselines import TextEncoder, linear_classifier
from gzipknn.baselines.encoder import import_bert
from gzipknn.datasets import load_texts
from gzipknn.utils.accuracy import accuracy

LEARNING_RATES = {"head": 1e-3, "all": 5e-5}
WAYS = ("features", *LEARNING_RATES)
SETTINGS = ("epochs", "patience", "batch_size", "max_length", "max_steps", "limit_train", "limit_test")

Part = tuple[list[str], NDArray[Any]]


def main() -> None:
    options = parse_options()
    # This comes first, because the encoder may be missing. The times below do not include loading it.
    encoder = TextEncoder(options.model, max_length=options.max_length).fit(["any"])
    train, test, validation = load(options)
    data, model = (Path(name).resolve().name for name in (options.data, options.model))
    limited = options.limit_train is not None or options.limit_test is not None
    size = f"_{len(train[0])}x{len(test[0])}" if limited else ""
    path = options.out / f"finetune_{data}_{model}{size}.json"
    check_replaceable(path, options.part)  # before the work
    runs: list[dict[str, Any]] = []
    for way in options.ways:
        # With a val file, the features do not depend on the seed, so one seed is enough.
        for seed in options.seeds if way != "features" or validation is None else options.seeds[:1]:
            learn, choose = (train, validation) if validation is not None else cut(train, seed)
            if len(np.unique(learn[1])) < 2:
                raise ValueError(f"the training texts must have at least two classes, got {np.unique(learn[1])}.")
            if way == "features":
                predicted, found = use_features(encoder, learn, test[0])
            else:
                predicted, found = fine_tune(way, learn, choose, test[0], seed, options)
            runs.append({"way": way, "seed": seed, "test": accuracy(predicted == test[1]), **found})
            result = {
                "experiment": "finetune",
                "data": data,
                "limited": limited,
                "model": model,
                "settings": {name: getattr(options, name) for name in SETTINGS},
                "validation": "a tenth of train" if validation is None else "val",
                "n_train": len(learn[0]),
                "n_validation": len(choose[0]),
                "n_test": len(test[0]),
                "device": device_name(encoder.device_),
                "runs": runs,
            }
            write_result(path, result, options.part)  # after each run, because the next one may take long
    print_result(result)
    scores = {f"{one['way']}, seed {one['seed']}": one["test"] for one in runs}
    draw_scores(scores, path.with_suffix(".svg"), f"accuracy on {data} with {model}")
    print(f"written: {path} and .svg")


def use_features(encoder: TextEncoder, train: Part, texts: list[str]) -> tuple[NDArray[Any], dict[str, Any]]:
    """Train a logistic regression on embeddings. Return the predicted labels, and the cost of the training."""
    clf = linear_classifier(encoder)
    start = time.perf_counter()
    clf.fit(*train)
    fitted = time.perf_counter()
    predicted = clf.predict(texts)
    return predicted, {
        "fit_seconds": fitted - start,
        "predict_seconds": time.perf_counter() - fitted,
        "trained_parameters": clf["model"].coef_.size + clf["model"].intercept_.size,
    }


def fine_tune(
    way: str, train: Part, validation: Part, texts: list[str], seed: int, options: argparse.Namespace
) -> tuple[NDArray[Any], dict[str, Any]]:
    """Train the output layers or all layers. Return the predicted labels, and the cost of the training."""
    transformers = import_bert("transformers")
    import_bert("accelerate")  # the Trainer of transformers needs it
    transformers.utils.logging.set_verbosity_error()
    if not sys.stderr.isatty():
        transformers.utils.logging.disable_progress_bar()
    transformers.set_seed(seed)
    classes = np.unique(train[1])
    tokenizer = transformers.AutoTokenizer.from_pretrained(options.model)
    model = load_model(way, options.model, len(classes))
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    n_positions = getattr(model.config, "max_position_embeddings", options.max_length)
    max_length = min(options.max_length, n_positions, tokenizer.model_max_length)

    def rows(texts: list[str], labels: NDArray[Any] | None = None) -> list[dict[str, Any]]:
        columns = dict(tokenizer(texts, truncation=True, max_length=max_length))
        if labels is not None:
            # A label that is not in the training texts becomes -100: it is never right, and the loss ignores it.
            numbers = np.where(np.isin(labels, classes), np.searchsorted(classes, labels), -100)
            columns["labels"] = numbers.tolist()
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as checkpoints:
        trainer = transformers.Trainer(
            model,
            training_arguments(checkpoints, way, len(train[0]), seed, options),
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
            train_dataset=rows(*train),
            eval_dataset=rows(*validation),
            compute_metrics=lambda found: {"accuracy": float(np.mean(found[0].argmax(1) == found[1]))},
            callbacks=[transformers.EarlyStoppingCallback(early_stopping_patience=options.patience)],
        )
        trainer.remove_callback(transformers.PrinterCallback)
        done = trainer.train()
    fitted = time.perf_counter()
    predicted = classes[trainer.predict(rows(texts)).predictions.argmax(1)]
    return predicted, {
        "fit_seconds": fitted - start,
        "predict_seconds": time.perf_counter() - fitted,
        "trained_parameters": trained,
        "learning_rate": trainer.args.learning_rate,
        "steps": done.global_step,
        "train_loss": done.training_loss,
        "validation_accuracies": [log["eval_accuracy"] for log in trainer.state.log_history if "eval_accuracy" in log],
    }


def load_model(way: str, name: str, n_classes: int) -> Any:
    """Load the encoder with new output layers. For ``"head"``, freeze all other layers."""
    model, loading = import_bert("transformers").AutoModelForSequenceClassification.from_pretrained(
        name,
        num_labels=n_classes,
        problem_type="single_label_classification",
        ignore_mismatched_sizes=True,  # output layers for other classes are replaced
        output_loading_info=True,
    )
    if way == "head":
        for key, parameter in model.named_parameters():
            # Layers that are not in the checkpoint, such as a pooler, are new, too.
            of_encoder = key.startswith(f"{model.base_model_prefix}.") and key not in loading["missing_keys"]
            parameter.requires_grad = not of_encoder
    return model.float()  # some are stored in half precision


def training_arguments(folder: str, way: str, n_train: int, seed: int, options: argparse.Namespace) -> Any:
    kind = import_bert("transformers").TrainingArguments
    n_steps = options.epochs * math.ceil(n_train / options.batch_size)
    # The second name is that of transformers up to 4.40.
    strategy = "eval_strategy" if "eval_strategy" in kind.__dataclass_fields__ else "evaluation_strategy"
    return kind(
        folder,
        **{strategy: "epoch"},
        save_strategy="epoch",
        save_total_limit=1,
        save_only_model=True,
        load_best_model_at_end=True,
        metric_for_best_model="accuracy",
        greater_is_better=True,
        num_train_epochs=options.epochs,
        max_steps=min(options.max_steps or n_steps, n_steps),
        learning_rate=options.learning_rate or LEARNING_RATES[way],
        per_device_train_batch_size=options.batch_size,
        per_device_eval_batch_size=4 * options.batch_size,
        seed=seed,
        report_to=[],
        dataloader_pin_memory=import_bert("torch").cuda.is_available(),
        disable_tqdm=not sys.stderr.isatty(),
    )


def print_result(result: dict[str, Any]) -> None:
    print(
        f"\n{result['data']}, {result['model']} on {result['device']}: {result['n_train']} training texts, "
        f"{result['n_validation']} for validation, {result['n_test']} test texts"
    )
    print(f"{'way':<10}{'seed':>4}  {'accuracy':<26}{'trained':>12}{'fit, s':>10}{'predict, s':>12}")
    for one in result["runs"]:
        low, high = one["test"]["interval"]
        print(
            f"{one['way']:<10}{one['seed']:>4}  {one['test']['value']:.4f} [{low:.4f}, {high:.4f}]    "
            f"{one['trained_parameters']:>12,}{one['fit_seconds']:>10.1f}{one['predict_seconds']:>12.1f}"
        )
    print("Accuracy with its 95 % Wilson interval; trained: how many parameters.")


def load(options: argparse.Namespace) -> tuple[Part, Part, Part | None]:
    """Load the training texts, the test texts and, if there are any, the validation texts; limits draw random parts."""
    train, test = (load_texts(options.data, part) for part in ("train", "test"))
    validation = load_texts(options.data, "val") if any(Path(options.data).glob("val.*")) else None
    rng = np.random.default_rng(0)
    limited = []
    limits = (options.limit_train, options.limit_test, options.limit_train)
    for part, limit in zip((train, test, validation), limits, strict=True):
        if part is None:
            limited.append(None)
            continue
        rows = np.sort(rng.permutation(len(part[0]))[:limit])
        limited.append(take((part[0], np.array(part[1])), rows))
    return tuple(limited)


def cut(part: Part, seed: int) -> tuple[Part, Part]:
    """Split a random tenth off the texts. Return the rest and the tenth."""
    rows = np.random.default_rng(seed).permutation(len(part[0]))
    n = math.ceil(len(rows) / 10)
    return take(part, np.sort(rows[n:])), take(part, np.sort(rows[:n]))


def take(part: Part, rows: NDArray[np.intp]) -> Part:
    return [part[0][row] for row in rows], part[1][rows]


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, metavar="FOLDER", help="folder with train and test files")
    parser.add_argument("--model", default="distilbert-base-uncased", help="name or folder; default: %(default)s")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="default: all three")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="a run for each seed; default: 0")
    parser.add_argument("--epochs", type=int, default=3, help="largest number of epochs; default: 3")
    parser.add_argument("--patience", type=int, default=1, help="stop after N epochs without a new best; default: 1")
    parser.add_argument("--max-steps", type=int, metavar="N", help="stop after at most N batches")
    parser.add_argument("--batch-size", type=int, default=16, help="batch size of fine-tuning; default: 16")
    parser.add_argument("--learning-rate", type=float, help="default: 1e-3 for head, 5e-5 for all")
    parser.add_argument("--max-length", type=int, default=256, help="tokens that are read of each text; default: 256")
    parser.add_argument("--limit-train", type=int, metavar="N", help="use N random training texts, at most N of val")
    parser.add_argument("--limit-test", type=int, metavar="N", help="use N random test texts")
    add_out(parser)
    options = parser.parse_args()
    less = ("ways", "seeds", "epochs", "max_steps", "max_length", "limit_train", "limit_test")
    options.part = part_of(parser, options, *less)
    positive = ("epochs", "patience", "max_steps", "batch_size", "learning_rate", "limit_train", "limit_test")
    if any(getattr(options, name) is not None and getattr(options, name) <= 0 for name in positive):
        parser.error("all numbers except seeds must be above 0")
    return options


if __name__ == "__main__":
    run(main)
