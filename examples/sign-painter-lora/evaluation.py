"""Measures how well noise is told, for each validation picture, at fixed levels and with fixed noise."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.memory import within_memory
from core.run import Run
from denoiser import Denoiser
from diffusion import LEVELS, Batch, Diffusion, Sample
from examples import Example

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evaluation:
    losses: Floats  # a row per picture, a column per level of noise

    @property
    def by_picture(self) -> Floats:
        return np.asarray(self.losses.mean(axis=1))

    @property
    def metrics(self) -> dict[str, float]:
        little, much = np.split(self.losses, 2, axis=1)
        return {
            Diffusion.metric: float(self.losses.mean()),
            "denoising_loss_of_little_noise": float(little.mean()),
            "denoising_loss_of_much_noise": float(much.mean()),
        }


def at_all_levels(
    examples: Sequence[Example],
    latents: Sequence[torch.Tensor],
    token_ids: torch.Tensor,
    learner: Diffusion,
) -> list[Sample]:
    """Each picture under each level of noise: the same noise for every model."""
    return [
        Sample(latent, ids, timestep, seed=int(example.digest[:8], 16) + timestep)
        for example, latent, ids in zip(examples, latents, token_ids, strict=True)
        for timestep in learner.timesteps
    ]


def evaluate(network: Denoiser, samples: list[Sample], learner: Diffusion, run: Run) -> Evaluation:
    """In float32, one picture at a time."""
    device = find_device()
    network.float().to(device).eval()

    @torch.no_grad()
    def measure(micro_batch: int) -> Evaluation:
        losses = []
        for start in range(0, len(samples), micro_batch):
            batch = learner.collate(samples[start : start + micro_batch])
            moved = Batch(*(part.to(device) for part in batch))
            losses.append(learner.predict(network, moved).numpy().astype(np.float64))
        return Evaluation(np.concatenate(losses).reshape(-1, LEVELS))

    return within_memory(measure, LEVELS, run)


def find_device() -> torch.device:
    return torch.accelerator.current_accelerator() or torch.device("cpu")
