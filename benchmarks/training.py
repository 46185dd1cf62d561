"""How much faster the generated fine-tuning is than the naive one, at which accuracy.

    python -m benchmarks.training --encoder FOLDER [--rounds 3] [--rows 480] [--epochs 2]

Both sides train the same encoder on the same texts from scratch, in turn, each in a process of
its own. Naive is the Trainer with every text padded to 512 tokens, float32, in random order.
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

from benchmarks.texts import Text, mixed_texts

ROOT = Path(__file__).parents[1]
TASK = ROOT / "templates" / "tasks" / "text-classification"
HELD_OUT = 200
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
    """The generated pipeline as it is; its time is that of the steps, checkpoints included."""
    sys.path[:0] = [str(TASK / "full"), str(TASK), str(ROOT / "templates" / "project" / "ml")]
    from config import Config  # type: ignore[import-not-found]
    from core.run import Run  # type: ignore[import-not-found]
    from pipeline import train as train_model  # type: ignore[import-not-found]

    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("train", train), ("held_out", held_out)):
            lines = [json.dumps(row._asdict()) for row in rows]
            Path(folder, f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
        config = Config(
            data=f"{folder}/train.jsonl",
            validation=f"{folder}/held_out.jsonl",
            base_model=encoder,
            max_length=MAX_LENGTH,
            epochs=epochs,
            batch=BATCH,
            learning_rate=LEARNING_RATE,
            output=f"{folder}/runs",
        )
        run = Run(config)
        artifact = train_model(config, run)
        manifest = json.loads((artifact / "manifest.json").read_text("utf-8"))
        last = run.events("step")[-1]
    return {
        "samples_per_second": last["samples_per_second"],
        "accuracy": manifest["metrics"]["accuracy"],
    }


SIDES = {"naive": run_naive, "generated": run_generated}


def measure(side: str, options: argparse.Namespace) -> dict[str, float]:
    """One side in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.training", "--side", side]
    for name in ("encoder", "rows", "epochs"):
        command += [f"--{name}", str(getattr(options, name))]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", required=True, help="folder of an encoder")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=480)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        texts = list(dict.fromkeys(mixed_texts(options.rows + HELD_OUT)))
        train, held_out = texts[:-HELD_OUT], texts[-HELD_OUT:]
        print(json.dumps(SIDES[options.side](train, held_out, options.encoder, options.epochs)))
        return
    rounds = [{side: measure(side, options) for side in SIDES} for _ in range(options.rounds)]
    print("| side | samples/s (median) | accuracy (median) |\n|---|---|---|")
    median = {
        (side, name): statistics.median(one[side][name] for one in rounds)
        for side in SIDES
        for name in ("samples_per_second", "accuracy")
    }
    for side in SIDES:
        print(
            f"| {side} | {median[side, 'samples_per_second']:.2f} | {median[side, 'accuracy']:.3f} |"
        )
    ratio = median["generated", "samples_per_second"] / median["naive", "samples_per_second"]
    print(f"\nratio of medians {ratio:.1f}, {options.rounds} alternating rounds")


if __name__ == "__main__":
    main()
