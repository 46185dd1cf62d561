"""The network: a frozen UNet and text encoder, with trained adapters in their attention."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers.training_utils import cast_training_params
from diffusers.utils.state_dict_utils import convert_state_dict_to_diffusers
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from torch import nn

from base import Base
from config import Config

UNET_LAYERS = ["to_q", "to_k", "to_v", "to_out.0"]
TEXT_LAYERS = ["q_proj", "k_proj", "v_proj", "out_proj"]


class Denoiser(nn.Module):
    """Tells the noise in latents, or their velocity, from what the caption says is under it."""

    def __init__(self, base: Base, config: Config) -> None:
        super().__init__()
        self.unet = base.unet
        self.text_encoder = base.text_encoder
        _adapt(self.unet, UNET_LAYERS, config.rank)
        self.adapted: list[Any] = [self.unet]
        if config.text_encoder:
            _adapt(self.text_encoder, TEXT_LAYERS, config.rank)
            self.adapted.append(self.text_encoder)
        else:
            self.text_encoder.requires_grad_(False)
        if config.gradient_checkpointing:
            self.unet.enable_gradient_checkpointing()

    def forward(
        self, noisy: torch.Tensor, timesteps: torch.Tensor, token_ids: torch.Tensor
    ) -> torch.Tensor:
        captions = self.text_encoder(token_ids)[0]
        predicted: torch.Tensor = self.unet(noisy, timesteps, captions).sample
        return predicted

    @contextmanager
    def without_adapters(self) -> Iterator[None]:
        """The base model as it came."""
        for model in self.adapted:
            model.disable_adapters()
        try:
            yield
        finally:
            for model in self.adapted:
                model.enable_adapters()

    def adopt(self, trained: "Denoiser") -> None:
        """Take over the adapters of another, whose base may be rounded to bfloat16."""
        learnt = {n: w.detach() for n, w in trained.named_parameters() if w.requires_grad}
        self.load_state_dict(self.state_dict() | learnt)

    def save_adapters(self, folder: Path) -> None:
        """Write `pytorch_lora_weights.safetensors`, as diffusers and most programs read them."""
        from diffusers import StableDiffusionPipeline  # now that warnings of what it lacks are off

        layers = [
            convert_state_dict_to_diffusers(get_peft_model_state_dict(model))
            for model in self.adapted
        ]
        StableDiffusionPipeline.save_lora_weights(
            folder, *({name: w.contiguous() for name, w in layer.items()} for layer in layers)
        )


def _adapt(model: Any, layers: list[str], rank: int) -> None:
    model.requires_grad_(False)
    # With alpha at the rank an adapter counts once: the file alone says all, in any program.
    model.add_adapter(
        LoraConfig(r=rank, lora_alpha=rank, target_modules=layers, init_lora_weights="gaussian")
    )
    cast_training_params(model, dtype=torch.float32)
