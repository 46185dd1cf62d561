"""Turn a trained torch encoder into the OpenVINO engine that serves it, chosen by measurement."""

import logging
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerBase

from core.batching import choose
from core.encoder import cpu_capabilities, openvino
from core.engine import (
    ENGINES,
    FLOAT32,
    INT8,
    TOKEN_BUDGET,
    Decide,
    Engine,
    Probabilities,
    can_run,
    log_probabilities,
    margins,
    softmax,
)
from core.pruning import keep_first_token

AGREEMENT = 0.99  # share of texts that must keep float32's label
SAMPLE = 256  # texts that are timed alone and put into several batches
ROUNDS = 3  # ways to batch them
CALIBRATION = 300  # texts
VALIDATION = 2000  # texts; more would tell little and take long
IN_DEBUG = 16  # texts of either kind: each engine is made and run, and hardly judged
LONGEST = 8  # texts on which torch has to agree: a trace may have kept the length of its example
TOLERANCE = 1e-2  # between torch and OpenVINO, both float32
CHANGE = 98  # percentile: int8 changes the odds between two classes by more on few texts
TUNING = slice(0, None, 2)  # validation texts that set the margin of a cascade
JUDGING = slice(1, None, 2)  # those that show what it is worth

T = TypeVar("T")


@dataclass(frozen=True)
class Candidate:
    """One way to run the model, and what it was measured to do on the validation texts."""

    name: str
    agreement: float  # share of texts that get float32's label
    batch_invariant: bool  # each text has one label, alone and in every batch tried
    largest_difference: float  # of a probability, between alone and in a batch
    milliseconds_per_text: float  # CPU time, one text at a time, reruns included
    margin: float  # log odds between the two best classes below which a text is run again
    rerun: float  # share of texts that are

    @property
    def is_accepted(self) -> bool:
        # Where two classes are exactly alike, even float32 may take the one or the other.
        is_exact = self.name == "float32"
        return is_exact or (self.batch_invariant and self.agreement >= AGREEMENT)


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
    *,
    cascades: bool = True,
    debug: bool = False,
) -> dict[str, Any]:
    """Write `openvino/` and `tokenizer.json`, and measure them.

    Args:
        model: Gives logits or embeddings, a row per text.
        folder: The artifact.
        calibration_texts: From the training data; they set the scales of int8.
        validation_texts: What the candidates are compared on.
        decide: From texts and the model's rows for them to class probabilities.
        cascades: Also try engines whose close calls another one decides; where the rows
            themselves are the answer, there are none.
        debug: A few of the texts do: it takes seconds, and tells little of the engines.

    Returns:
        For the manifest: `chosen`, a name, and `candidates`, the accepted and the others.
    """
    if debug:
        calibration_texts = draw(calibration_texts, IN_DEBUG)
        validation_texts = draw(validation_texts, IN_DEBUG)
    save_tokenizer(tokenizer, max_length, folder)
    network = convert(model, tokenizer)
    save(network, folder / FLOAT32.file)
    exact = Engine.open(folder, "float32")
    _require_same(model, exact, sorted(validation_texts, key=len)[-LONGEST:])
    save(quantize(network, exact, calibration_texts), folder / INT8.file)

    trial = Trial(exact, validation_texts, decide)
    candidates = [
        trial.measure(name, folder)
        for name, precisions in ENGINES.items()
        if can_run(name, cpu_capabilities()) and (cascades or len(precisions) == 1)
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


def _require_same(model: torch.nn.Module, exact: Engine, texts: Sequence[str]) -> None:
    [encoder] = exact.encoders
    for text in texts:
        encoding = exact.tokenize(text).encoding
        inputs = {name: torch.from_numpy(array) for name, array in encoder.pad([encoding]).items()}
        with torch.inference_mode():
            answer = model(**inputs)
        expected = answer if torch.is_tensor(answer) else answer[0]
        difference = np.abs(encoder.run([encoding]) - expected.numpy()).max()
        if difference > TOLERANCE:
            raise RuntimeError(
                f"The exported model differs from torch by {difference} at {text!r}."
            )


def save(network: openvino.Model, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    openvino.save_model(network, path, compress_to_fp16=False)


def quantize(network: openvino.Model, exact: Engine, texts: Sequence[str]) -> openvino.Model:
    """Int8 with fixed scales, measured on `texts`: scales taken from a batch would let it decide."""
    import nncf  # takes two seconds

    nncf.set_log_level(logging.WARNING)
    [encoder] = exact.encoders
    batches = [encoder.pad([exact.tokenize(text).encoding]) for text in draw(texts, CALIBRATION)]
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


def draw(items: Sequence[T], count: int) -> list[T]:
    return Random(0).sample(list(items), min(len(items), count))


class Trial:
    """The same validation texts for every candidate, alone and in batches."""

    def __init__(self, exact: Engine, texts: Sequence[str], decide: Decide) -> None:
        self.texts = [exact.tokenize(text) for text in draw(texts, VALIDATION)]
        self.decide = decide
        self.everything = list(range(len(self.texts)))
        self.sample = draw(self.everything, SAMPLE)
        self.exact = self._classify_all(exact)

    def measure(self, name: str, folder: Path) -> Candidate:
        engine = Engine.open(folder, name)
        rerun = self._tune(engine)
        everything = self._classify_all(engine)
        alone = [[place] for place in self.sample]
        self._classify(engine, alone, everything)  # kernels are made
        started = time.process_time()
        probabilities = self._classify(engine, alone, everything)
        seconds = time.process_time() - started
        batched = [everything] + [
            self._classify(engine, self._batches(self.sample, Random(seed)), everything)
            for seed in range(1, ROUNDS)
        ]
        labels = probabilities.argmax(axis=1)
        same = (labels == self.exact.argmax(axis=1))[JUDGING if engine.margin else slice(None)]
        return Candidate(
            name,
            agreement=float(same.sum() / max(len(same), 1)),
            batch_invariant=all((other.argmax(axis=1) == labels).all() for other in batched),
            largest_difference=max(float(abs(other - probabilities).max()) for other in batched),
            milliseconds_per_text=seconds / len(self.sample) * 1000,
            margin=engine.margin,
            rerun=rerun,
        )

    def _tune(self, engine: Engine) -> float:
        """Set the margin of a cascade; returns the share of the texts that it runs again."""
        if len(engine.encoders) == 1:
            return 0.0
        fast = self._classify_all(engine)  # nothing is run again while the margin is 0
        engine.margin = find_margin(fast[TUNING], self.exact[TUNING])
        return float((margins(fast) < engine.margin).mean())

    def _batches(self, places: Sequence[int], random: Random) -> Iterator[list[int]]:
        """Batches that the server could form if the texts came in a random order."""
        waiting = random.sample(places, len(places))
        while waiting:
            window = [len(self.texts[place]) for place in waiting[: random.randint(1, 64)]]
            chosen = choose(window, TOKEN_BUDGET)
            yield [waiting[number] for number in chosen]
            for number in sorted(chosen, reverse=True):
                del waiting[number]

    def _classify_all(self, engine: Engine) -> Probabilities:
        return self._classify(engine, self._batches(self.everything, Random(0)))

    def _classify(
        self, engine: Engine, batches: Iterable[list[int]], known: Probabilities | None = None
    ) -> Probabilities:
        """A row per text; those that are in no batch are as they were `known`."""
        rows = known.copy() if known is not None else None
        for batch in batches:
            answers = engine.classify([self.texts[place] for place in batch], self.decide)
            if rows is None:
                rows = np.empty((len(self.texts), answers.shape[1]), answers.dtype)
            rows[batch] = answers
        assert rows is not None
        return rows


def find_margin(fast: Probabilities, exact: Probabilities) -> float:
    """A lead of the best class that `exact` hardly ever takes from the one that `fast` gave it."""
    best_two = fast.argsort(axis=1)[:, -2:]
    leads = [
        np.diff(np.take_along_axis(log_probabilities(one), best_two, axis=1))
        for one in (fast, exact)
    ]
    return float(np.percentile(abs(leads[0] - leads[1]), CHANGE))


def table(candidates: Sequence[Candidate], chosen: Candidate) -> str:
    """What was measured, for a person."""
    lines = [
        "engine                  ms/text  agreement  batch-invariant  largest difference  rerun  margin"
    ]
    lines += [
        f"{c.name:22} {c.milliseconds_per_text:8.2f} {c.agreement:10.1%}"
        f"  {'yes' if c.batch_invariant else 'no':15}  {c.largest_difference:<18.4f}"
        f" {c.rerun:6.1%}  {c.margin:6.2f}{'  <- serves' if c is chosen else ''}"
        for c in candidates
    ]
    return "\n".join(lines)
