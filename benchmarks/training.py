"""How much faster the generated fine-tuning is than the naive one, at which accuracy.

python -m benchmarks.training --encoder FOLDER [--rounds 3]
python -m benchmarks.training --encoder FOLDER --accuracy

Both sides fine-tune the same encoder on texts from the same source, in turn, each in a process of
its own. Naive is the Trainer with every text padded to 512 tokens, float32, in random order. Its
speed does not depend on the texts, so it is timed on fewer; with --accuracy both sides train on
the same texts, and what they say of others counts.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.texts import Text, mixed_texts, write_texts

ROOT = Path(__file__).parents[1]
TASK = ROOT / "templates" / "tasks" / "text-classification"
HELD_OUT = 300
ROWS = {"naive": 96, "generated": 1600}  # about as long each
ACCURACY_ROWS = 128
ACCURACY_EPOCHS = 3
BATCH = 16
LEARNING_RATE = 2e-4
MAX_LENGTH = 512


def run_naive(
    train: list[Text], held_out: list[Text], encoder: str, epochs: int
) -> dict[str, float]:
    import torch
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        Trainer,
        TrainingArguments,
        set_seed,
    )

    set_seed(0)
    labels = sorted({row.label for row in train})
    tokenizer = AutoTokenizer.from_pretrained(encoder)

    def encode(rows: list[Text]) -> list[dict[str, Any]]:
        options = {"padding": "max_length", "truncation": True, "max_length": MAX_LENGTH}
        return [
            {**tokenizer(row.text, **options), "labels": labels.index(row.label)} for row in rows
        ]

    model = AutoModelForSequenceClassification.from_pretrained(
        encoder, num_labels=len(labels), dtype=torch.float32
    )
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            num_train_epochs=epochs,
            per_device_train_batch_size=BATCH,
            learning_rate=LEARNING_RATE,
            warmup_steps=0.1,
            weight_decay=0.01,
            save_strategy="no",
            report_to="none",
            use_cpu=not torch.accelerator.is_available(),
        )
        trainer = Trainer(model=model, args=arguments, train_dataset=encode(train))
        started = time.perf_counter()
        trainer.train()
        seconds = time.perf_counter() - started
        logits = trainer.predict(encode(held_out)).predictions
    right = [
        labels[best] == row.label for best, row in zip(logits.argmax(1), held_out, strict=True)
    ]
    return {"samples_per_second": len(train) * epochs / seconds, "accuracy": statistics.mean(right)}


def run_generated(
    train: list[Text], held_out: list[Text], encoder: str, epochs: int
) -> dict[str, float]:
    """The generated pipeline up to its trained model."""
    sys.path[:0] = [str(TASK / "full"), str(TASK), str(ROOT / "templates" / "project" / "ml")]
    import pipeline  # type: ignore[import-not-found]
    from config import Config  # type: ignore[import-not-found]
    from core.run import Run

    # What follows the training, export and report, is no part of the comparison.
    pipeline.export_encoder = lambda *_, **__: {}
    pipeline.publish_classifier = lambda run, **_: run.folder
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            data=str(write_texts(Path(folder, "train.jsonl"), train)),
            validation=str(write_texts(Path(folder, "val.jsonl"), held_out)),
            base_model=encoder,
            max_length=MAX_LENGTH,
            epochs=epochs,
            batch=BATCH,
            learning_rate=LEARNING_RATE,
            output=f"{folder}/runs",
        )
        run = Run(config)
        pipeline.train(config, run)
        speed = run.events("step")[-1]["samples_per_second"]
        accuracy = max(event["metrics"]["accuracy"] for event in run.events("evaluation"))
    return {"samples_per_second": speed, "accuracy": accuracy}


SIDES = {"naive": run_naive, "generated": run_generated}


def measure(side: str, encoder: str, rows: int, epochs: int, held_out: int) -> dict[str, float]:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training", "--encoder", encoder, "--side", side]
    command += ["--rows", str(rows), "--epochs", str(epochs), "--held-out", str(held_out)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare_speed(encoder: str, rounds: int) -> None:
    rates: dict[str, list[float]] = {side: [] for side in SIDES}
    for _ in range(rounds):
        for side in SIDES:
            rates[side].append(measure(side, encoder, ROWS[side], 1, BATCH)["samples_per_second"])
    print("| side | samples/s (median) | least | most |\n|---|---|---|---|")
    for side, found in rates.items():
        print(f"| {side} | {statistics.median(found):.2f} | {min(found):.2f} | {max(found):.2f} |")
    ratio = statistics.median(rates["generated"]) / statistics.median(rates["naive"])
    print(f"\nratio of medians {ratio:.1f}, {rounds} alternating rounds")


def compare_accuracy(encoder: str) -> None:
    print(f"{ACCURACY_ROWS} texts, {ACCURACY_EPOCHS} epochs, {HELD_OUT} other texts")
    for side in SIDES:
        found = measure(side, encoder, ACCURACY_ROWS, ACCURACY_EPOCHS, HELD_OUT)
        print(f"{side}: accuracy {found['accuracy']:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", required=True, help="folder of an encoder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--accuracy", action="store_true")
    for name in ("--rows", "--epochs", "--held-out"):
        parser.add_argument(name, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        train, held_out = mixed_texts(options.rows), mixed_texts(options.held_out, "val")
        print(json.dumps(SIDES[options.side](train, held_out, options.encoder, options.epochs)))
    elif options.accuracy:
        compare_accuracy(options.encoder)
    else:
        compare_speed(options.encoder, options.rounds)


if __name__ == "__main__":
    main()
