"""The parts of a Stable Diffusion model, from the Hugging Face Hub or a local folder."""

from dataclasses import dataclass
from typing import Any

import torch
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from diffusers.utils import logging
from transformers import CLIPTextModel, CLIPTokenizer

from core.errors import ModelUnavailable
from core.pretrained import load_pretrained

logging.set_verbosity_error()  # what matters is said in our sentences


@dataclass(frozen=True)
class Base:
    name: str
    tokenizer: Any  # CLIPTokenizer
    text_encoder: Any  # CLIPTextModel
    vae: Any  # AutoencoderKL: between pictures and latents, an eighth as wide and high
    unet: Any  # UNet2DConditionModel: tells the noise in latents
    scheduler: Any  # DDPMScheduler: how much noise there is at which timestep


def load_base(name: str, dtype: torch.dtype = torch.float32) -> Base:
    """
    Args:
        dtype: Of the UNet and the text encoder, which are large; the VAE is exact.

    Raises:
        ModelUnavailable: It is not there, or no Stable Diffusion 1 or 2.
    """
    tensors: dict[str, Any] = {"use_safetensors": True}  # a pickle could run code
    base = Base(
        name,
        load_pretrained(CLIPTokenizer, name, subfolder="tokenizer"),
        load_pretrained(CLIPTextModel, name, subfolder="text_encoder", dtype=dtype, **tensors),
        load_pretrained(AutoencoderKL, name, subfolder="vae", **tensors),
        load_pretrained(UNet2DConditionModel, name, subfolder="unet", torch_dtype=dtype, **tensors),
        load_pretrained(DDPMScheduler, name, subfolder="scheduler"),
    )
    _require_stable_diffusion(base)
    return base


def _require_stable_diffusion(base: Base) -> None:
    unet, vae = base.unet.config, base.vae.config
    is_known = (
        unet.in_channels == vae.latent_channels  # for inpainting there are more
        and unet.cross_attention_dim == base.text_encoder.config.hidden_size
        and base.scheduler.config.prediction_type in ("epsilon", "v_prediction")
    )
    if not is_known:
        raise ModelUnavailable(
            f"Base model {base.name!r} is no Stable Diffusion 1 or 2 for pictures from texts;"
            " SDXL, inpainting and others are built in another way. Choose another --base-model."
        )
