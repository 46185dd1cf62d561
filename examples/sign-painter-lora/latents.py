"""Pictures as latents: computed once, kept on disk, so that a training never needs the VAE."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file, save_file
from tqdm import tqdm

from core import processes
from core.run import Run
from examples import Example

CACHE = ".cache/latents"


class Latents:
    """Of squares cut from the middle of pictures."""

    def __init__(self, vae: Any, resolution: int, folder: Path) -> None:
        self.vae = vae
        self.resolution = resolution
        self.folder = folder / f"{_digest(vae)}-{resolution}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def of(self, example: Example) -> torch.Tensor:
        path = self.folder / f"{example.digest}.safetensors"
        if not path.exists():
            staged = path.with_suffix(f".{processes.rank()}")  # another process may be at it
            save_file({"latents": self._encode(example.open())}, staged)
            staged.replace(path)
        return load_file(path)["latents"]

    @torch.no_grad()
    def _encode(self, picture: Image.Image) -> torch.Tensor:
        square = ImageOps.fit(picture, (self.resolution,) * 2, Image.Resampling.LANCZOS)
        pixels = torch.from_numpy(np.asarray(square, dtype=np.float32) / 127.5 - 1)
        batch = pixels.permute(2, 0, 1)[None].to(self.vae.device)
        # The middle of the distribution: its spread is far below what the noise adds.
        mean = self.vae.encode(batch).latent_dist.mode()[0]
        latents: torch.Tensor = mean * self.vae.config.scaling_factor
        return latents.cpu().contiguous()


def encode_pictures(examples: Sequence[Example], latents: Latents, run: Run) -> list[torch.Tensor]:
    """The latents of each example; several processes share the work.

    Raises:
        Stopped: A signal came or the time is up; what was computed is kept.
    """
    together = processes.count()
    rounds = range(0, len(examples), together)
    with tqdm(rounds, unit="latents", unit_scale=together, disable=not processes.is_first()) as bar:
        for start in bar:
            for example in examples[start:][processes.rank() : processes.rank() + 1]:
                latents.of(example)
            run.agree_to_stop()
            run.stop_if_asked()
    return [latents.of(example) for example in examples]


def _digest(vae: Any) -> str:
    """Another VAE has other latents."""
    digest = hashlib.sha256()
    for name, weight in vae.state_dict().items():
        digest.update(name.encode() + weight.cpu().numpy().tobytes())
    return digest.hexdigest()[:16]
