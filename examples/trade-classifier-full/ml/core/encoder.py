"""Runs an exported encoder with OpenVINO and tokenizers alone: no torch, no transformers."""

import logging
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.artifact import read_manifest
from core.batching import available_cores
from core.errors import ArtifactError

# OpenVINO reports its use to Google Analytics, unless this import fails: then it has a stub.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino as openvino  # noqa: PLC0414 - core.export takes it from here, silenced

log = logging.getLogger(__name__)

Floats = NDArray[np.float32]
Inputs = dict[str, NDArray[np.int64]]

TOKEN_BUDGET = 512  # of a batch, padding included; more gains nothing on a CPU
WIDTH_STEP = 16  # tokens: each new width costs the CPU new kernels, and few widths are soon known


@dataclass(frozen=True)
class Engine:
    file: str  # in the artifact
    hint: str  # precision of what the file leaves open
    needs: frozenset[str]  # as the CPU reports what it can do


ENGINES = {
    "float32": Engine("openvino/float32.xml", hint="f32", needs=frozenset({"FP32"})),
    "bf16": Engine("openvino/float32.xml", hint="bf16", needs=frozenset({"BF16"})),
    "int8": Engine("openvino/int8.xml", hint="f32", needs=frozenset({"INT8"})),
    "int8 + bf16": Engine("openvino/int8.xml", hint="bf16", needs=frozenset({"INT8", "BF16"})),
}


class Encoder:
    """One model for any number of threads: each has a request of its own and one core."""

    def __init__(self, artifact: Path, name: str) -> None:
        engine = ENGINES[name]
        cores = available_cores()
        self._tokenizer = Tokenizer.from_file(str(artifact / "tokenizer.json"))
        self._padding: int = (self._tokenizer.padding or {}).get("pad_id", 0)
        self._widest: int = (self._tokenizer.truncation or {}).get("max_length", WIDTH_STEP)
        self._model = openvino.Core().compile_model(
            artifact / engine.file,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": engine.hint,
                "INFERENCE_NUM_THREADS": cores,
                "NUM_STREAMS": cores,
                "ENABLE_CPU_PINNING": False,  # the cores may be shared with others
            },
        )
        self._names = [port.any_name for port in self._model.inputs]
        self._requests = threading.local()

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Open the engine that was chosen, or the next best where this CPU can't run it.

        Raises:
            ArtifactError: The artifact is not complete, or its model can't be read.
        """
        name = pick_engine(read_manifest(artifact)["engine"], cpu_capabilities())
        try:
            return cls(artifact, name)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ArtifactError(
                f"{artifact / ENGINES[name].file} can't be read: {reason}"
            ) from None

    def encode(self, text: str) -> Encoding:
        """Tokenise, and cut off at the length that the model was trained with."""
        return self._tokenizer.encode(text)

    def run(self, encodings: Sequence[Encoding]) -> Floats:
        """Logits or embeddings, a row per text."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._model.create_infer_request()
        request: openvino.InferRequest = self._requests.own
        request.infer(self.pad(encodings), share_inputs=True)
        rows: Floats = request.get_output_tensor(0).data.copy()
        return rows

    def pad(self, encodings: Sequence[Encoding]) -> Inputs:
        """What the model takes: about as wide as the longest text, masked where there is none."""
        longest = max(len(encoding) for encoding in encodings)
        shape = len(encodings), min(-(-longest // WIDTH_STEP) * WIDTH_STEP, self._widest)
        inputs = {name: np.zeros(shape, np.int64) for name in self._names}
        inputs["input_ids"].fill(self._padding)
        for row, encoding in enumerate(encodings):
            for name, array in inputs.items():
                array[row, : len(encoding)] = _column(encoding, name)
        return inputs


def _column(encoding: Encoding, name: str) -> list[int]:
    match name:
        case "input_ids":
            return encoding.ids
        case "attention_mask":
            return encoding.attention_mask
        case _:
            return encoding.type_ids


def softmax(logits: Floats) -> Floats:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Floats = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


def cpu_capabilities() -> list[str]:
    capabilities: list[str] = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return capabilities


def pick_engine(measured: Mapping[str, Any], capabilities: Sequence[str]) -> str:
    """Name of the fastest accepted candidate that this CPU can run."""
    usable = [
        candidate
        for candidate in measured["candidates"]
        if candidate["accepted"] and ENGINES[candidate["name"]].needs <= set(capabilities)
    ]
    best: str = min(usable, key=lambda candidate: candidate["milliseconds_per_text"])["name"]
    if best == measured["chosen"]:
        log.info("Engine: %s.", best)
    else:
        log.warning("Engine: %s, as this CPU can't run %s.", best, measured["chosen"])
    return best
