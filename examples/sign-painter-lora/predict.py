"""Answers with a trained model: `Predictor.load(artifact).predict([Input(prompt="…")])`."""

import json
import os
import random
import threading
from pathlib import Path
from typing import Self

import torch

from base import load_base
from core.artifact import read_manifest
from core.errors import ModelUnavailable
from core.pictures import to_data_url
from drawing import Pipeline, Prompt, build_pipeline, draw
from schemas import LARGEST_SEED, Input, Output

SETTINGS = "drawing.json"
BASE_FOLDER = "base"  # of the artifact, where --copy-base put one
BASE_VARIABLE = "SERVE_BASE_MODEL"  # environment variable: where the base model is now


class Predictor:
    token_budget = 1  # a picture takes seconds: each is drawn alone, as if nobody else had asked

    def __init__(self, pipeline: Pipeline, resolution: int) -> None:
        self.pipeline = pipeline
        self.resolution = resolution
        self._lock = threading.Lock()  # the pipeline keeps in itself where it is in a picture

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact, ModelUnavailable where its
        base model is not there."""
        read_manifest(artifact)
        settings = json.loads((artifact / SETTINGS).read_text(encoding="utf-8"))
        device = torch.accelerator.current_accelerator() or torch.device("cpu")
        dtype = torch.float16 if device.type == "cuda" else torch.float32
        base = load_base(_find_base(artifact, settings["base_model"]), dtype)
        pipeline = build_pipeline(base, checks_safety=True)
        pipeline.load_lora_weights(artifact, weight_name="pytorch_lora_weights.safetensors")
        pipeline.fuse_lora()
        pipeline.unload_lora_weights()
        return cls(pipeline.to(device, dtype), settings["resolution"])

    def prepare(self, item: Input) -> Prompt:
        """Raises ValueError where a text is longer than what is read of it."""
        self._require_short("prompt", item.prompt)
        self._require_short("negative_prompt", item.negative_prompt)
        seed = random.randint(0, LARGEST_SEED) if item.seed is None else item.seed
        return Prompt(
            item.prompt,
            seed,
            item.width or self.resolution,
            item.height or self.resolution,
            item.negative_prompt,
            item.steps,
            item.guidance,
        )

    def size(self, prepared: Prompt) -> int:
        return 1

    def infer(self, batch: list[Prompt]) -> list[Output]:
        return [self._draw(prompt) for prompt in batch]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def _require_short(self, name: str, text: str) -> None:
        tokenizer = self.pipeline.tokenizer
        tokens, most = len(tokenizer(text)["input_ids"]), tokenizer.model_max_length
        if tokens > most:
            has = f"{name}: has {tokens} tokens, ends included"
            raise ValueError(f"{has}, and {most} are read; say it in fewer words")

    def _draw(self, prompt: Prompt) -> Output:
        with self._lock:
            picture, is_withheld = draw(self.pipeline, prompt)
        return Output(image=to_data_url(picture), seed=prompt.seed, is_withheld=is_withheld)


def _find_base(artifact: Path, recorded: str) -> str:
    """The name or the folder of the base model that the artifact was trained on."""
    given = os.environ.get(BASE_VARIABLE)
    if given:
        return given
    if (artifact / BASE_FOLDER).is_dir():
        return str(artifact / BASE_FOLDER)
    if Path(recorded).is_absolute() and not Path(recorded).is_dir():
        raise ModelUnavailable(
            f"The base model {recorded}, which {artifact} was trained on, is not there: put it"
            f" back, name its folder in {BASE_VARIABLE}, or train with --copy-base."
        )
    return recorded
