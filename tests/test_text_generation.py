"""What a language model learns from, in place: `pytest -m slow`."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ml_training.catalog import read_catalog
from tests.tiny import save_tiny_generator

pytest.importorskip("torch")

pytestmark = pytest.mark.slow

TEMPLATES = read_catalog().root / "templates"
OWN = TEMPLATES / "tasks" / "text-generation"
SAMPLE = OWN / "sample.jsonl"

# The loss on rows as they are and on the same rows packed, and what packing makes of them.
PACKED = """
import json, sys
from transformers import AutoModelForCausalLM, AutoTokenizer
from config import Config
from core.chat import ensure_template
from data import load_dataset
from encoding import count_loss, encode_dataset
from learning import TextGeneration
from model import build_model
from packing import pack

config = Config.from_arguments(json.load(sys.stdin))
dataset = load_dataset(config)
tokenizer = AutoTokenizer.from_pretrained(config.base_model)
ensure_template(tokenizer)
rows = encode_dataset(dataset, tokenizer, 256).train
packed = pack(rows, 256)
model = build_model(config).eval()
task = TextGeneration(lambda: model, padding=0)
def loss(rows, size):
    total = 0.0
    for start in range(0, len(rows), size):
        batch = task.collate(rows[start:start + size])
        labels = batch.pop("labels")
        total += float(task.loss(model(**batch), labels, 1))
    return total / count_loss(rows)
print(json.dumps({
    "plain": loss(rows, 1), "padded": loss(rows, 7), "packed": loss(packed, 3),
    "rows": len(rows), "blocks": len(packed),
    "longest": max(len(row["input_ids"]) for row in packed),
    "tokens": [sum(len(row["input_ids"]) for row in some) for some in (rows, packed)],
}))
"""


def in_place(code: str, algorithm: str, *options: str) -> subprocess.CompletedProcess[str]:
    path = [TEMPLATES / "project/ml", OWN / algorithm, OWN]
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        input=json.dumps(options),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_packed_rows_do_not_see_each_other(tmp_path: Path, architecture: str) -> None:
    base = save_tiny_generator(tmp_path / "base", architecture)
    options = ("--data", str(SAMPLE), "--base-model", str(base), "--samples", "60", "--no-bf16")
    done = in_place(PACKED, "lora", *options)
    found = json.loads(done.stdout or done.stderr)
    assert found["padded"] == pytest.approx(found["plain"], rel=1e-5)
    assert found["packed"] == pytest.approx(found["plain"], rel=1e-5)
    assert found["blocks"] < found["rows"] / 3
    assert found["longest"] <= 256
    assert len(set(found["tokens"])) == 1


TRAIN = """
import json, sys
from core.command import run_training
from task import TASK
sys.exit(run_training(TASK, json.load(sys.stdin)))
"""


def trained(folder: Path, rows: list[Any], *options: str, **base: Any) -> tuple[int, str]:
    """The exit code of a training that is to be refused, and what it says."""
    (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    model = save_tiny_generator(folder / "base", **base)
    given = ("--data", str(folder / "a.jsonl"), "--base-model", str(model), *options)
    done = in_place(TRAIN, "lora", *given, "--output", str(folder / "runs"))
    assert "Traceback" not in done.stderr, done.stderr
    assert not (folder / "runs").exists()
    return done.returncode, done.stderr


def pair(prompt: str, completion: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


def test_a_row_whose_answer_is_cut_away_is_named(tmp_path: Path) -> None:
    rows = [pair(f"What is {n}?", "A number.") for n in range(9)]
    rows[4] = pair("word " * 300, "A number.")
    code, said = trained(tmp_path, rows, "--max-length", "64")
    assert code == 3
    assert "a.jsonl, row 5: its answer is cut away" in said
    assert said.count("cut away") == 1


def test_a_base_model_that_shows_no_question_is_refused(tmp_path: Path) -> None:
    rows = [pair(f"What is {n}?", f"The number {n}.") for n in range(9)]
    silent = "{% for m in messages if m.role == 'assistant' %}{{ m.content }}{% endfor %}"
    from transformers import AutoTokenizer

    base = save_tiny_generator(tmp_path / "silent")
    tokenizer = AutoTokenizer.from_pretrained(base)
    tokenizer.chat_template = silent
    tokenizer.save_pretrained(base)
    code, said = trained(tmp_path, rows, "--base-model", str(base))
    assert code == 2
    assert "Every token carries loss" in said
