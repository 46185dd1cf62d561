"""Turn a trained torch encoder into the OpenVINO engine that serves it, chosen by measurement."""

import logging
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from core.batching import choose
from core.encoder import ENGINES, TOKEN_BUDGET, Encoder, Floats, cpu_capabilities, openvino, softmax
from core.pruning import keep_first_token

AGREEMENT = 0.99  # share of texts that must keep float32's label
SAMPLE = 256  # texts that are timed alone and put into several batches
ROUNDS = 3  # ways to batch them
CALIBRATION = 300  # texts
LONGEST = 8  # texts on which torch has to agree: a trace may have kept the length of its example
TOLERANCE = 1e-2  # between torch and OpenVINO, both float32

Decide = Callable[[Floats], NDArray[np.floating[Any]]]


@dataclass(frozen=True)
class Candidate:
    """One way to run the model, and what it was measured to do on the validation texts."""

    name: str
    agreement: float  # share of texts that get float32's label
    batch_invariant: bool  # each text has one label, alone and in every batch tried
    largest_difference: float  # of a probability, between alone and in a batch
    milliseconds_per_text: float  # CPU time, one text at a time

    @property
    def is_accepted(self) -> bool:
        return self.batch_invariant and self.agreement >= AGREEMENT


class MeanPooling(torch.nn.Module):
    """The embedding of a text: the mean of its tokens' embeddings."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **types)[0]
        mask = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean: torch.Tensor = (tokens * mask).sum(1) / mask.sum(1)
        return mean


def export_encoder(
    model: torch.nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    calibration_texts: Sequence[str],
    validation_texts: Sequence[str],
    max_length: int,
    decide: Decide = softmax,
) -> dict[str, Any]:
    """Write `openvino/` and `tokenizer.json`, and measure them.

    Args:
        model: Gives logits or embeddings, a row per text.
        folder: The artifact.
        calibration_texts: From the training data; they set the scales of int8.
        validation_texts: What the candidates are compared on.
        decide: From the model's rows, one for each validation text, to class probabilities.

    Returns:
        For the manifest: `chosen`, a name, and `candidates`, the accepted and the others.
    """
    save_tokenizer(tokenizer, max_length, folder)
    network = convert(model, tokenizer)
    save(network, folder / ENGINES["float32"].file)
    exact = Encoder(folder, "float32")
    _require_same(model, exact, sorted(validation_texts, key=len)[-LONGEST:])
    save(quantize(network, exact, calibration_texts), folder / ENGINES["int8"].file)

    trial = Trial(exact, validation_texts, decide)
    candidates = [
        trial.measure(name, Encoder(folder, name))
        for name, engine in ENGINES.items()
        if engine.needs <= set(cpu_capabilities())
    ]
    chosen = min(
        (candidate for candidate in candidates if candidate.is_accepted),
        key=lambda candidate: candidate.milliseconds_per_text,
    )
    print(table(candidates, chosen))
    return {
        "chosen": chosen.name,
        "candidates": [asdict(c) | {"accepted": c.is_accepted} for c in candidates],
    }


def save_tokenizer(tokenizer: PreTrainedTokenizerBase, max_length: int, folder: Path) -> None:
    """The tokenizer that serves cuts off and pads as the model was trained."""
    fast = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    fast.enable_truncation(max_length)
    fast.enable_padding(pad_id=tokenizer.pad_token_id, pad_token=tokenizer.pad_token)
    fast.save(str(folder / "tokenizer.json"))


def convert(model: torch.nn.Module, tokenizer: PreTrainedTokenizerBase) -> openvino.Model:
    example = tokenizer(["one text", "another, longer text"], padding=True, return_tensors="pt")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tracer, about shapes: the trial finds out
        network: openvino.Model = openvino.convert_model(
            model.eval().cpu(), example_input=dict(example)
        )
    keep_first_token(network)
    return network


def _require_same(model: torch.nn.Module, exact: Encoder, texts: Sequence[str]) -> None:
    for text in texts:
        encoding = exact.encode(text)
        inputs = {name: torch.from_numpy(array) for name, array in exact.pad([encoding]).items()}
        with torch.inference_mode():
            answer = model(**inputs)
        expected = answer if torch.is_tensor(answer) else answer[0]
        difference = np.abs(exact.run([encoding]) - expected.numpy()).max()
        if difference > TOLERANCE:
            raise RuntimeError(
                f"The exported model differs from torch by {difference} at {text!r}."
            )


def save(network: openvino.Model, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    openvino.save_model(network, path, compress_to_fp16=False)


def quantize(network: openvino.Model, encoder: Encoder, texts: Sequence[str]) -> openvino.Model:
    """Int8 with fixed scales, measured on `texts`: scales taken from a batch would let it decide."""
    import nncf  # takes two seconds

    nncf.set_log_level(logging.WARNING)
    sample = Random(0).sample(list(texts), min(len(texts), CALIBRATION))
    batches = [encoder.pad([encoder.encode(text)]) for text in sample]
    quantized: openvino.Model = nncf.quantize(
        network.clone(),
        nncf.Dataset(batches),
        subset_size=len(batches),
        preset=nncf.QuantizationPreset.MIXED,
        model_type=nncf.ModelType.TRANSFORMER,
        # In int8 the attention's own products are slower than fused, and less exact.
        ignored_scope=nncf.IgnoredScope(types=["ScaledDotProductAttention"], validate=False),
    )
    return quantized


class Trial:
    """The same validation texts for every candidate, alone and in batches."""

    def __init__(self, exact: Encoder, texts: Sequence[str], decide: Decide) -> None:
        self.encodings = [exact.encode(text) for text in texts]
        self.decide = decide
        self.everything = list(range(len(texts)))
        self.sample = Random(0).sample(self.everything, min(len(texts), SAMPLE))
        exact_rows = self._run(exact, self._batches(self.everything, Random(0)))
        self.labels = decide(exact_rows).argmax(axis=1)

    def measure(self, name: str, encoder: Encoder) -> Candidate:
        rows = self._run(encoder, self._batches(self.everything, Random(0)))
        alone = self._run(encoder, [[place] for place in self.sample], rows)  # kernels are made
        started = time.process_time()
        self._run(encoder, [[place] for place in self.sample], rows)
        seconds = time.process_time() - started
        batched = [rows] + [
            self._run(encoder, self._batches(self.sample, Random(seed)), rows)
            for seed in range(1, ROUNDS)
        ]
        probabilities = self.decide(alone)
        others = [self.decide(rows) for rows in batched]
        labels = probabilities.argmax(axis=1)
        return Candidate(
            name,
            agreement=float((labels == self.labels).mean()),
            batch_invariant=all((other.argmax(axis=1) == labels).all() for other in others),
            largest_difference=max(float(abs(other - probabilities).max()) for other in others),
            milliseconds_per_text=seconds / len(self.sample) * 1000,
        )

    def _batches(self, places: Sequence[int], random: Random) -> Iterator[list[int]]:
        """Batches that the server could form if the texts came in a random order."""
        waiting = random.sample(places, len(places))
        while waiting:
            window = [len(self.encodings[place]) for place in waiting[: random.randint(1, 64)]]
            chosen = choose(window, TOKEN_BUDGET)
            yield [waiting[number] for number in chosen]
            for number in sorted(chosen, reverse=True):
                del waiting[number]

    def _run(
        self, encoder: Encoder, batches: Iterable[list[int]], known: Floats | None = None
    ) -> Floats:
        """A row per text; those that are in no batch are as they were `known`."""
        rows = known.copy() if known is not None else None
        for batch in batches:
            answers = encoder.run([self.encodings[place] for place in batch])
            if rows is None:
                rows = np.empty((len(self.encodings), answers.shape[1]), np.float32)
            rows[batch] = answers
        assert rows is not None
        return rows


def table(candidates: Sequence[Candidate], chosen: Candidate) -> str:
    """What was measured, for a person."""
    lines = ["engine    ms/text  agreement  batch-invariant  largest difference"]
    lines += [
        f"{c.name:8} {c.milliseconds_per_text:8.2f} {c.agreement:10.1%}"
        f"  {'yes' if c.batch_invariant else 'no':15}  {c.largest_difference:.4f}"
        f"{'  <- serves' if c is chosen else ''}"
        for c in candidates
    ]
    return "\n".join(lines)
