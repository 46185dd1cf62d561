"""What a language model learns from, in place: `pytest -m slow`."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ml_training.catalog import read_catalog
from tests.generated import is_ready, post
from tests.tiny import save_tiny_generator

pytest.importorskip("torch")
openai = pytest.importorskip("openai")

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


def path_of(algorithm: str) -> list[Path]:
    return [TEMPLATES / "project/ml", OWN / algorithm, OWN]


def in_place(code: str, algorithm: str, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path_of(algorithm)))},
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


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a server with a model that was trained here."""
    folder = tmp_path_factory.mktemp("served")
    base = save_tiny_generator(folder / "base")
    options = ("--data", str(SAMPLE), "--base-model", str(base), "--debug", "--samples", "20")
    done = in_place(TRAIN, "lora", *options, "--output", str(folder / "runs"))
    assert done.returncode == 0, done.stderr
    (artifact,) = (path.parent for path in folder.glob("runs/*/manifest.json"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, str(TEMPLATES / "providers/local/serve.py")),
            *("--artifact", str(artifact), "--port", str(port)),
        ],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path_of("lora")))},
    )
    try:
        while not is_ready(f"http://127.0.0.1:{port}"):
            assert server.poll() is None
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()


def test_openais_client_gets_the_same_answer_by_every_way(address: str) -> None:
    client = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
    question = "Write a task that a Welder is assessed on."
    asked: dict[str, Any] = {
        "model": "text-generation",
        "messages": [{"role": "user", "content": question}],
        "max_tokens": 12,
        "temperature": 0,
    }
    whole = client.chat.completions.create(**asked).choices[0]
    parts = client.chat.completions.create(**asked, stream=True)
    streamed = "".join(part.choices[0].delta.content or "" for part in parts)
    predicted = post(f"{address}/predict", {"text": question, "max_tokens": 12})["text"]
    assert whole.message.content == streamed == predicted
    assert whole.finish_reason in ("stop", "length")


def test_openais_client_is_told_what_does_not_fit(address: str) -> None:
    client = openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
    with pytest.raises(openai.BadRequestError, match="at the most") as refused:
        client.completions.create(model="text-generation", prompt="word " * 900)
    assert refused.value.code == "context_length_exceeded"


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
