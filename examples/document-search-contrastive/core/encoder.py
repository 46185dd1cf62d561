"""Runs an exported encoder with OpenVINO and tokenizers alone: no torch, no transformers."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.batching import available_cores

# OpenVINO reports its use to Google Analytics, unless this import fails: then it has a stub.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

import openvino as openvino  # noqa: PLC0414 - core.export takes it from here, silenced

Floats = NDArray[np.float32]
Inputs = dict[str, NDArray[np.int64]]

WIDTH_STEP = 16  # tokens: each new width costs the CPU new kernels, and few widths are soon known


@dataclass(frozen=True)
class Precision:
    file: str  # in the artifact
    hint: str  # precision of what the file leaves open
    needs: frozenset[str]  # as the CPU reports what it can do


class Encoder:
    """One network for any number of threads: each has a request of its own and one core."""

    def __init__(self, artifact: Path, precision: Precision, tokenizer: Tokenizer) -> None:
        cores = available_cores()
        self._padding: int = (tokenizer.padding or {}).get("pad_id", 0)
        self._widest: int = (tokenizer.truncation or {}).get("max_length", WIDTH_STEP)
        self._model = openvino.Core().compile_model(
            artifact / precision.file,
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": precision.hint,
                "INFERENCE_NUM_THREADS": cores,
                "NUM_STREAMS": cores,
                "ENABLE_CPU_PINNING": False,  # the cores may be shared with others
            },
        )
        self._names = [port.any_name for port in self._model.inputs]
        self._requests = threading.local()

    def run(self, encodings: Sequence[Encoding]) -> Floats:
        """Logits or embeddings, a row per text."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._model.create_infer_request()
        request: openvino.InferRequest = self._requests.own
        request.infer(self.pad(encodings), share_inputs=True)
        rows: Floats = request.get_output_tensor(0).data.copy()
        return rows

    def pad(self, encodings: Sequence[Encoding]) -> Inputs:
        """What the network takes: about as wide as the longest text, masked where there is none."""
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


def cpu_capabilities() -> frozenset[str]:
    return frozenset(openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
