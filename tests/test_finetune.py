"""What fine-tuning does when memory runs out, and before step 1: `pytest -m slow`."""

import functools
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.run import Run
from core.settings import RunSettings
from tests.tiny import read_trades, save_tiny_encoder

pytest.importorskip("torch")
from core.finetune import finetune, last_checkpoint, longest
from core.memory import micro_batches

pytestmark = pytest.mark.slow


class Settings(RunSettings):
    epochs: int = 1
    batch: int = 12
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.1
    patience: int = 3
    checkpoint_minutes: float = 5.0
    bf16: bool | None = False
    shard: bool = False


class SmallMemory:
    """A task whose model fails as a GPU does when a batch has more than `room` texts."""

    metric = "accuracy"

    def __init__(self, folder: Path, room: int) -> None:
        from transformers import AutoTokenizer, DataCollatorWithPadding

        self.folder = folder
        self.room = room
        self.seen: list[tuple[int, int]] = []  # texts, tokens of each forward pass
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.collate = DataCollatorWithPadding(self.tokenizer)

    def build(self) -> Any:
        from transformers import AutoModelForSequenceClassification

        model = AutoModelForSequenceClassification.from_pretrained(self.folder, num_labels=2)
        forward = model.forward

        @functools.wraps(forward)  # the Trainer reads its signature
        def limited(*args: Any, **batch: Any) -> Any:
            texts, tokens = batch["input_ids"].shape
            self.seen.append((texts, tokens))
            if texts > self.room:
                raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return forward(*args, **batch)

        model.forward = limited
        return model

    def loss(self, outputs: Any, labels: Any, num_items_in_batch: Any = None) -> Any:
        import torch

        total = torch.nn.functional.cross_entropy(outputs["logits"], labels, reduction="sum")
        return total / num_items_in_batch

    def score(self, prediction: Any) -> dict[str, float]:
        right = prediction.predictions.argmax(axis=1) == prediction.label_ids
        return {"accuracy": float(right.mean())}

    def examples(self) -> list[dict[str, Any]]:
        rows = read_trades()[:60]
        return [
            {"input_ids": self.tokenizer(row["text"])["input_ids"], "labels": number % 2}
            for number, row in enumerate(rows)
        ]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_encoder(tmp_path_factory.mktemp("tiny"))


def train(encoder: Path, folder: Path, room: int) -> tuple[SmallMemory, Run]:
    task = SmallMemory(encoder, room)
    settings = Settings.from_arguments(["--data", "-", "--output", str(folder)])
    run = Run(settings)
    run.start("fingerprint")
    finetune(task, task.examples(), task.examples()[:10], settings, run)
    return task, run


def test_longest_batch_runs_first(encoder: Path, tmp_path: Path) -> None:
    task, _ = train(encoder, tmp_path, room=12)
    assert task.seen[0] == max(task.seen)


def test_longest_inputs_meet_the_longest_labels() -> None:
    examples = [
        {"input_ids": [5, 5, 5], "labels": [7]},
        {"input_ids": [5], "labels": [7, 7]},
        {"input_ids": [5, 5], "labels": [7]},
    ]
    assert longest(examples, 1) == [{"input_ids": [5, 5, 5], "labels": [7, 7]}]


def test_memory_halves_the_micro_batch_and_keeps_the_gradient(
    encoder: Path, tmp_path: Path
) -> None:
    _, roomy = train(encoder, tmp_path / "roomy", room=12)
    task, tight = train(encoder, tmp_path / "tight", room=4)
    assert [texts for texts, _ in task.seen if texts > 4] == [12, 6]
    assert [event["message"].split()[0] for event in tight.events("warning")] == ["12", "6"]
    losses = [[event["loss"] for event in run.events("step")] for run in (roomy, tight)]
    assert losses[1][0] == pytest.approx(losses[0][0], abs=0.1)  # dropout differs, data does not
    assert len(losses[1]) == len(losses[0])


def test_no_room_for_one_text_is_said(encoder: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Not even one example"):
        train(encoder, tmp_path, room=0)


def test_micro_batches_divide_the_batch() -> None:
    assert list(micro_batches(12)) == [12, 6, 3, 1]
    assert list(micro_batches(7)) == [7, 1]


def test_half_written_checkpoint_is_passed_over(tmp_path: Path) -> None:
    for step, state in ((5, "{}"), (9, '{"global_st'), (12, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert last_checkpoint(tmp_path) == tmp_path / "checkpoint-5"
