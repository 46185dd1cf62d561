"""Export: several architectures become engines that answer as torch does, and tell nobody."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import read_trades, save_tiny_encoder

CORE = Path(__file__).parents[1] / "templates" / "project" / "ml"
MAX_LENGTH = 24
TEXTS = [row["text"] for row in read_trades()[:60]]


def test_the_engine_is_one_that_the_cpu_can_run() -> None:
    encoder = pytest.importorskip("core.encoder")
    candidates = [
        {"name": "float32", "accepted": True, "milliseconds_per_text": 9.0},
        {"name": "bf16", "accepted": True, "milliseconds_per_text": 5.0},
        {"name": "int8", "accepted": False, "milliseconds_per_text": 4.0},
    ]
    measured = {"chosen": "bf16", "candidates": candidates}
    assert encoder.pick_engine(measured, ["FP32", "BF16", "INT8"]) == "bf16"
    assert encoder.pick_engine(measured, ["FP32", "INT8"]) == "float32"


def load(architecture: str, folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModel, AutoModelForSequenceClassification, AutoTokenizer

    from core.export import MeanPooling

    save_tiny_encoder(folder, architecture.removesuffix(" embeddings"))
    if architecture.endswith("embeddings"):
        model = MeanPooling(AutoModel.from_pretrained(folder))
    else:
        model = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=4)
    return model.eval(), AutoTokenizer.from_pretrained(folder)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ["bert", "distilbert", "modernbert", "bert embeddings"])
def test_float32_answers_as_torch_does(architecture: str, tmp_path: Path) -> None:
    import numpy as np
    import torch

    from core.encoder import Encoder
    from core.export import export_encoder

    model, tokenizer = load(architecture, tmp_path / "base")
    measured = export_encoder(model, tokenizer, tmp_path, TEXTS, TEXTS[:20], MAX_LENGTH)

    encoder = Encoder(tmp_path, "float32")
    encodings = [encoder.encode(text) for text in TEXTS]
    rows = encoder.run(encodings)
    assert max(map(len, encodings)) == MAX_LENGTH
    for text, row in zip(TEXTS, rows, strict=True):
        inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        with torch.inference_mode():
            answer = model(**inputs)
        expected = answer if torch.is_tensor(answer) else answer.logits
        np.testing.assert_allclose(row, expected[0].numpy(), atol=1e-4)
    accepted = {one["name"] for one in measured["candidates"] if one["accepted"]}
    assert {"float32", measured["chosen"]} <= accepted


WATCHED = """
import socket, sys, threading
from pathlib import Path

def refuse(*arguments, **options):
    print("CONNECTION", arguments, flush=True)
    raise OSError("no network here")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from core.export import export_encoder
from tests.test_export import TEXTS, load
folder = Path(sys.argv[1])
export_encoder(*load("bert", folder / "base"), folder, TEXTS, TEXTS[:20], 24)
for thread in threading.enumerate():
    if thread is not threading.main_thread():
        thread.join(5)
print([name for name in sys.modules if name.startswith("openvino_telemetry.")])
"""


@pytest.mark.slow
def test_export_connects_to_nothing(tmp_path: Path) -> None:
    root = Path(__file__).parents[1]
    done = subprocess.run(  # noqa: PLW1510 - the assertion below shows why it failed
        [sys.executable, "-c", WATCHED, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{CORE}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "CONNECTION" not in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"
    assert not (tmp_path / "intel").exists()  # where the consent file and client id would be


@pytest.mark.slow
@pytest.mark.parametrize(
    ("architecture", "slices"), [("bert", 3), ("distilbert", 3), ("bert embeddings", 0)]
)
def test_the_last_layer_works_for_the_first_token_alone(
    architecture: str, slices: int, tmp_path: Path
) -> None:
    from core.export import convert
    from core.pruning import keep_first_token

    network = convert(*load(architecture, tmp_path))
    added = [
        node
        for node in network.get_ordered_ops()
        if node.get_type_name() == "Slice" and "/" not in node.get_friendly_name()
    ]
    assert len(added) == slices
    assert keep_first_token(network) == bool(slices)  # once more changes nothing
