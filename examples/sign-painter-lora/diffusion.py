"""What `core.fit` has to know: which noise is put over a picture, and what the network shall say."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from diffusers.training_utils import compute_snr
from torch import nn
from torch.nn.functional import mse_loss

from base import Base, load_base
from config import Config
from core.precision import supports_bf16
from denoiser import Denoiser

LEVELS = 8  # of noise, under which each validation picture is looked at


class Sample(NamedTuple):
    latents: torch.Tensor
    token_ids: torch.Tensor  # of the caption
    timestep: int | None = None  # none is drawn anew in each step, and so is the noise
    seed: int = 0  # of the noise


class Batch(NamedTuple):
    noisy: torch.Tensor
    timesteps: torch.Tensor
    token_ids: torch.Tensor
    wanted: torch.Tensor  # what the network shall say
    weights: torch.Tensor


class Diffusion:
    """The learner: noise, loss and metric."""

    metric = "denoising_loss"
    higher_is_better = False

    def __init__(self, config: Config, base: Base) -> None:
        self.config = config
        self.scheduler = base.scheduler
        self.no_caption = tokenize([""], base)[0]
        self.is_velocity = base.scheduler.config.prediction_type == "v_prediction"

    @property
    def timesteps(self) -> list[int]:
        """In the middle of equal parts, from little noise to much."""
        total = int(self.scheduler.config.num_train_timesteps)
        return [total * (2 * level + 1) // (2 * LEVELS) for level in range(LEVELS)]

    def build(self) -> Denoiser:
        bf16 = supports_bf16() if self.config.bf16 is None else self.config.bf16
        base = load_base(self.config.base_model, torch.bfloat16 if bf16 else torch.float32)
        return Denoiser(base, self.config)

    def collate(self, examples: list[Sample]) -> Batch:
        latents = torch.stack([example.latents for example in examples])
        token_ids = torch.stack([example.token_ids for example in examples])
        fixed = [example.timestep for example in examples if example.timestep is not None]
        if fixed:
            noise = torch.stack([_noise(e.latents.shape, e.seed) for e in examples])
            timesteps = torch.tensor(fixed)
        else:
            noise = torch.randn_like(latents)
            timesteps = torch.randint(self.scheduler.config.num_train_timesteps, (len(examples),))
            is_left_out = torch.rand(len(examples), 1) < self.config.prompt_dropout
            token_ids = torch.where(is_left_out, self.no_caption, token_ids)
        return Batch(
            self.scheduler.add_noise(latents, noise, timesteps),
            timesteps,
            token_ids,
            self.scheduler.get_velocity(latents, noise, timesteps) if self.is_velocity else noise,
            self._weights(timesteps),
        )

    def loss(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        return (self._losses(network, batch) * batch.weights).mean()

    def predict(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        """The loss of each example, all levels of noise alike."""
        return self._losses(network, batch).cpu()

    def score(self, outputs: list[torch.Tensor]) -> dict[str, float]:
        return {self.metric: float(torch.cat(outputs).mean())}

    def _losses(self, network: nn.Module, batch: Batch) -> torch.Tensor:
        said = network(batch.noisy, batch.timesteps, batch.token_ids).float()
        return mse_loss(said, batch.wanted, reduction="none").mean(dim=(1, 2, 3))

    def _weights(self, timesteps: torch.Tensor) -> torch.Tensor:
        """Min-SNR (Hang et al. 2023): what has little noise is easy, and would drown the rest."""
        if not self.config.min_snr:
            return torch.ones(len(timesteps))
        ratio: torch.Tensor = compute_snr(self.scheduler, timesteps)
        capped = ratio.clamp(max=self.config.min_snr)
        return capped / (ratio + 1 if self.is_velocity else ratio)


def tokenize(captions: Sequence[str], base: Base) -> torch.Tensor:
    """Token ids, a row for each caption, cut and filled up to what the text encoder reads."""
    ids = base.tokenizer(list(captions), padding="max_length", truncation=True, return_tensors="pt")
    token_ids: torch.Tensor = ids["input_ids"]
    return token_ids


def _noise(shape: Any, seed: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
