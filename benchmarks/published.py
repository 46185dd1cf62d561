"""What published measurements say of a training, as what the estimates take."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.gpus import GIB, Gpu, find_gpu
from core.estimate.model_memory import gradients, model_memory
from core.estimate.training_setup import ALL_LINEAR, TrainingSetup
from ml_training.model_table import find_model

ROWS = Path(__file__).with_name("measurements.csv")
MODELS = {
    "falcon-7b": "falcon-7b",
    "falcon 7b": "falcon-7b",
    "falcon 40b": "falcon-40b",
    "gemma-2b": "gemma-2b",
    "gemma-7b": "gemma-7b",
    "gemma-2-2b": "gemma-2-2b",
    "gemma-2-9b": "gemma-2-9b",
    "llama-2-7b": "Llama-2-7b-hf",
    "llama 2 7b": "Llama-2-7b-hf",
    "llama 2 13b": "Llama-2-13b-hf",
    "llama 2 70b": "Llama-2-70b-hf",
    "llama-2 13b": "Llama-2-13b-hf",
    "llama-2 7b": "Llama-2-7b-hf",
    "llama-2 70b": "Llama-2-70b-hf",
    "llama-3-8b": "Meta-Llama-3-8B",
    "llama-3.1-8b": "Llama-3.1-8B",
    "llama-3.2-1b": "Llama-3.2-1B",
    "llama-3.2-3b": "Llama-3.2-3B",
    "mistral-7b": "Mistral-7B-v0.1",
    "mistral-7b-v0.2": "Mistral-7B-v0.2",
    "mistral 7b v0.2": "Mistral-7B-v0.2",
    "phi-2": "phi-2",
    "phi-1.5 1.3b": "phi-1_5",
    "phi-3-mini-4k-instruct": "Phi-3-mini-4k-instruct",
    "stablelm-base-alpha-3b": "stablelm-base-alpha-3b",
    "stablelm alpha 3b": "stablelm-base-alpha-3b",
    "tiny-llama": "TinyLlama-1.1B-Chat-v1.0",
    "yi 34b": "Yi-34B",
}
OPTIMIZERS = {"paged": "adamw-paged", "8bit": "adamw-8bit", "fused": "adamw-fused", "sgd": "sgd"}
ROLES = {
    "query": ("q",),
    "key": ("k",),
    "value": ("v",),
    "projection": ("o",),
    "mlp": ("gate", "up", "down"),
    "head": ("head",),
    **{role: (role,) for role in ALL_LINEAR},
}


@dataclass(frozen=True)
class Published:
    """One row; what it does not have is None."""

    id: str
    source: str
    method: str
    row: dict[str, str]
    memory: float | None  # bytes
    is_reserved: bool
    ran_out: bool
    tokens_per_second: float | None  # of all GPUs

    @property
    def excluded(self) -> str:
        """Why nothing can be said of it, or nothing."""
        if not self.row["micro_batch"] or not self.row["seq_len"]:
            return "the source does not state batch and length"
        if not self.row["kind"].startswith("measured"):
            return f"it is {self.row['kind']}, not measured"
        if self.method not in ("full", "lora", "qlora"):
            return f"{self.method}: LLaMA-Adapter as LitGPT has it, which is no method of ours"
        try:
            architecture_of(self)
            gpu_of(self)
        except UserError as error:
            return str(error)
        held, there = states_of(self), gpu_of(self).memory
        if held > there and not self.ran_out:
            return (
                f"weights, gradients and moments are {held / 1e9:.0f}e9 bytes, the GPU has"
                f" {there / 1e9:.0f}e9: it did not run as the row says"
            )
        return ""


def read(path: Path = ROWS) -> Iterator[Published]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            unit = GIB if row["vram_unit"] == "GiB" else 1e9
            yield Published(
                id=row["id"],
                source=row["source_rev"].partition("@")[0],
                method=row["method"],
                row=row,
                memory=float(row["peak_vram"]) * unit if row["peak_vram"] else None,
                is_reserved="reserved" in row["vram_kind"],
                ran_out=row["oom"] == "yes",
                tokens_per_second=float(row["tokens_per_s"]) if row["tokens_per_s"] else None,
            )


def gpu_of(published: Published) -> Gpu:
    return find_gpu(published.row["gpu"])


def architecture_of(published: Published) -> Architecture:
    name = published.row["model"]
    found = find_model(MODELS.get(name.casefold(), name))
    return _as_in_litgpt(found) if "litgpt" in published.source else found


def setup_of(published: Published) -> TrainingSetup:
    row = published.row
    gpus = int(row["n_gpus"])
    # "4x row duplicates 1x numbers", says the row: it was one GPU.
    repeats_one = "duplicates 1x" in row["train_note"]
    common: dict[str, Any] = {
        "method": published.method,
        "rank": int(row["lora_r"] or 8),
        "targets": targets_of(row["lora_targets"]),
        "sequence": int(row["seq_len"]),
        "micro_batch": int(row["micro_batch"]),
        "checkpointing": row["grad_checkpoint"] != "no" and not repeats_one,
        "packed": "no" not in row["packed"] and bool(row["packed"]),
        "gpus": 1 if repeats_one else gpus,
        "sharding": "fsdp" if "fsdp" in row["parallelism"] else "ddp",
        "double_quantization": row["quant"].endswith("-dq"),
        "keeps_quantised_inputs": True,  # all of them are from before bitsandbytes 0.44
    }
    if "litgpt" in published.source:
        return TrainingSetup(**common | _litgpt(published))
    if "fsdp_qlora" in published.source:
        return TrainingSetup(**common | _fsdp_qlora(published))
    return TrainingSetup(**common | _as_stated(published))


def states_of(published: Published) -> int:
    """Bytes that a GPU holds whatever the batch, and however the rest is computed."""
    setup = replace(setup_of(published), sequence=1, micro_batch=1, accumulation=1)
    architecture = architecture_of(published)
    held = model_memory(architecture, setup)
    return sum(held.values()) + gradients(architecture, setup)


def targets_of(text: str) -> tuple[str, ...]:
    """LitGPT adapts queries and values where a row does not say what."""
    if "all" in text:
        return ALL_LINEAR
    names = (text or "query+value").replace(",", "+").split("+")
    found = (ROLES.get(name.strip().removesuffix("_proj"), ()) for name in names)
    return tuple(dict.fromkeys(role for roles in found for role in roles)) or ALL_LINEAR


def _as_in_litgpt(architecture: Architecture) -> Architecture:
    """One matrix for queries, keys and values, heads of their own, activations as one kernel."""
    blocks = tuple(
        replace(block, fused_qkv=True, activation_copies=1) for block in architecture.blocks
    )
    head = architecture.head or architecture.vocabulary * architecture.hidden
    return replace(architecture, blocks=blocks, head=head)


def _as_stated(published: Published) -> dict[str, Any]:
    """Of a source whose defaults are not known here: what the columns say."""
    row = published.row
    optimizer, other = row["optimizer"].casefold(), row["other"].casefold()
    precision = row["precision"].casefold()
    is_half = "bf16" in precision and "mixed" not in precision
    return {
        "weights": "bfloat16" if is_half else "float32",
        "adapters": "bfloat16" if is_half else "float32",
        "autocast": "mixed" in precision or "autocast" in precision,
        "optimizer": next(
            (name for word, name in OPTIMIZERS.items() if word in optimizer), "adamw"
        ),
        "loss": "chunked" if "chunk" in other else "fused" if "liger" in other else "full",
        "compiled": row["compile"] == "yes",
        "offload": "offload" in other and int(row["n_gpus"]) > 1 and "fsdp" in row["parallelism"],
        "keeps_quantised_inputs": False,
    }


def _litgpt(published: Published) -> dict[str, Any]:
    """All in bf16, AdamW's moments too; logits in float32, in chunks where adapters are trained."""
    is_full = published.method == "full"
    return {
        "adapters": "bfloat16",
        "dropout": not is_full,
        "optimizer": "adamw-paged" if published.method == "qlora" else "adamw",
        "loss": "held" if is_full else "chunked",
        "quantised_head": True,
        # Its rows of 2024 keep inputs of nf4 in float32; those of 2023, in the tutorial, do not.
        "quantised_compute": "float32" if "config_hub" in published.row["source"] else None,
        "accumulation": 4 if is_full else 1,
    }


def _fsdp_qlora(published: Published) -> dict[str, Any]:
    """bf16, with dropout before each adapter; six linears of a block are adapted, all but o."""
    return {
        "targets": ("q", "k", "v", "gate", "up", "down"),
        "adapters": "float32",
        "dropout": True,
        "optimizer": "adamw",
        "loss": "held",  # its loop keeps the output, of a transformers that gave float32 logits
        "offload": "offload=cpu" in published.row["other"],
    }
