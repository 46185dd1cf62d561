"""Classifies with an exported encoder, or with a fast one whose close calls an exact one decides."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from core.artifact import read_manifest
from core.encoder import Encoder, Floats, Precision, cpu_capabilities
from core.errors import ArtifactError

log = logging.getLogger(__name__)

Probabilities = NDArray[np.floating[Any]]  # a row per text, a column per class
Decide = Callable[[list[str], Floats], Probabilities]  # from texts and the encoder's rows for them

TOKEN_BUDGET = 512  # of a batch, padding included; more gains nothing on a CPU

FLOAT32 = Precision("openvino/float32.xml", hint="f32", needs=frozenset({"FP32"}))
BF16 = Precision("openvino/float32.xml", hint="bf16", needs=frozenset({"BF16"}))
INT8 = Precision("openvino/int8.xml", hint="f32", needs=frozenset({"INT8"}))
INT8_BF16 = Precision("openvino/int8.xml", hint="bf16", needs=frozenset({"INT8", "BF16"}))

ENGINES = {
    "float32": [FLOAT32],
    "bf16": [BF16],
    "int8": [INT8],
    "int8 + bf16": [INT8_BF16],
    "int8, then float32": [INT8, FLOAT32],
    "int8 + bf16, then bf16": [INT8_BF16, BF16],
}


@dataclass(frozen=True, slots=True)
class Tokenized:
    text: str
    encoding: Encoding

    def __len__(self) -> int:
        return len(self.encoding)


class Engine:
    """Encoders, the fastest first: a text is passed on while its two best classes are too close."""

    def __init__(self, tokenizer: Tokenizer, encoders: Sequence[Encoder], margin: float) -> None:
        self.tokenizer = tokenizer
        self.encoders = encoders
        self.margin = margin

    @classmethod
    def open(cls, artifact: Path, name: str, margin: float = 0.0) -> Self:
        tokenizer = Tokenizer.from_file(str(artifact / "tokenizer.json"))
        with ThreadPoolExecutor() as pool:  # a server's start waits for this
            encoders = pool.map(lambda one: Encoder(artifact, one, tokenizer), ENGINES[name])
        return cls(tokenizer, list(encoders), margin)

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Open the engine that was chosen, or the next best where this CPU can't run it.

        Raises:
            ArtifactError: The artifact is not complete, or its model can't be read.
        """
        picked = pick_engine(read_manifest(artifact)["engine"], cpu_capabilities())
        try:
            return cls.open(artifact, picked["name"], picked["margin"])
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ArtifactError(
                f"The model in {artifact / 'openvino'} can't be read: {reason}"
            ) from None

    def tokenize(self, text: str) -> Tokenized:
        """Cut off at the length that the model was trained with."""
        return Tokenized(text, self.tokenizer.encode(text))

    def classify(self, texts: Sequence[Tokenized], decide: Decide) -> Probabilities:
        first, *others = self.encoders
        probabilities = classify(first, texts, decide)
        for encoder in others:
            close = np.flatnonzero(margins(probabilities) < self.margin).tolist()
            if close:
                probabilities[close] = classify(encoder, [texts[row] for row in close], decide)
        return probabilities


def classify(encoder: Encoder, texts: Sequence[Tokenized], decide: Decide) -> Probabilities:
    rows = encoder.run([text.encoding for text in texts])
    return decide([text.text for text in texts], rows)


def softmax(_texts: list[str], logits: Floats) -> Probabilities:
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Probabilities = odds / odds.sum(axis=1, keepdims=True)
    return probabilities


def margins(probabilities: Probabilities) -> Probabilities:
    """How far the best class is ahead of the second, in log odds: a value per text."""
    best_two = np.sort(log_probabilities(probabilities), axis=1)[:, -2:]
    return np.diff(best_two)[:, 0]


def log_probabilities(probabilities: Probabilities) -> Probabilities:
    logs: Probabilities = np.log(probabilities.clip(np.finfo(np.float32).tiny))
    return logs


def pick_engine(measured: Mapping[str, Any], capabilities: frozenset[str]) -> Mapping[str, Any]:
    """The fastest accepted candidate that this CPU can run."""
    best: Mapping[str, Any] = min(
        (
            candidate
            for candidate in measured["candidates"]
            if candidate["accepted"] and can_run(candidate["name"], capabilities)
        ),
        key=lambda candidate: candidate["milliseconds_per_text"],
    )
    if best["name"] == measured["chosen"]:
        log.info("Engine: %s.", best["name"])
    else:
        log.warning("Engine: %s, as this CPU can't run %s.", best["name"], measured["chosen"])
    return best


def can_run(name: str, capabilities: frozenset[str]) -> bool:
    return all(precision.needs <= capabilities for precision in ENGINES[name])
