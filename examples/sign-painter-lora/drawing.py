"""Draws a picture from a prompt: the same for the report and for the server."""

from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from base import Base
from core.pretrained import load_pretrained
from schemas import GUIDANCE, STEPS

Pipeline = Any  # a StableDiffusionPipeline


@dataclass(frozen=True, slots=True)
class Prompt:
    text: str
    seed: int
    width: int
    height: int
    negative: str = ""
    steps: int = STEPS
    guidance: float = GUIDANCE


def build_pipeline(base: Base, checks_safety: bool = False) -> Pipeline:
    """
    Args:
        checks_safety: With the safety checker of the base model, where it has one.
    """
    # Now that the warnings of transformers about what these lack are off.
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    parts = _load_safety_checker(base.name) if checks_safety else None
    checker, extractor = parts or (None, None)
    pipeline: Pipeline = StableDiffusionPipeline(
        vae=base.vae,
        text_encoder=base.text_encoder,
        tokenizer=base.tokenizer,
        unet=base.unet,
        # Good after 20 steps, and without a chance of its own: the seed alone decides.
        scheduler=DPMSolverMultistepScheduler.from_config(base.scheduler.config),
        safety_checker=checker,
        feature_extractor=extractor,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def draw(pipeline: Pipeline, prompt: Prompt) -> tuple[Image.Image, bool]:
    """The picture, and whether it was blackened because it is unfit to be shown."""
    drawn = pipeline(
        prompt.text,
        negative_prompt=prompt.negative,
        num_inference_steps=prompt.steps,
        guidance_scale=prompt.guidance,
        # On the CPU, so that a seed gives the same picture on every machine, about.
        generator=torch.Generator().manual_seed(prompt.seed),
        width=prompt.width,
        height=prompt.height,
    )
    picture: Image.Image = drawn.images[0]
    return picture, any(drawn.nsfw_content_detected or [])


def _load_safety_checker(name: str) -> tuple[Any, Any] | None:
    from diffusers import StableDiffusionPipeline
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPImageProcessor

    index = StableDiffusionPipeline.load_config(name)
    if not index.get("safety_checker", [None])[0]:
        return None
    options = {"subfolder": "safety_checker", "use_safetensors": True}
    return (
        load_pretrained(StableDiffusionSafetyChecker, name, **options),
        load_pretrained(CLIPImageProcessor, name, subfolder="feature_extractor"),
    )
