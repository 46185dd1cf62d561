"""Parameters and activations of every family, against the models that transformers builds."""

import re
import types
import weakref
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForImageClassification,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
)
from transformers.pytorch_utils import Conv1D

from core.estimate.architecture_reader import READERS, read_architecture
from core.estimate.memory_estimate import estimate_memory
from core.estimate.training_setup import TrainingSetup
from ml_training.model_table import CONFIGS

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "vocab_size": 211,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
GROUPED = SMALL | {"num_key_value_heads": 2}
MOE = GROUPED | {"moe_intermediate_size": 40, "num_experts_per_tok": 2}
BART = {
    f"{side}_{what}": size
    for side in ("encoder", "decoder")
    for what, size in (("layers", 2), ("attention_heads", 4), ("ffn_dim", 96))
}
T5 = {"d_model": 64, "d_kv": 24, "d_ff": 96, "num_layers": 3, "num_heads": 4, "vocab_size": 211}
RESNET = {"embedding_size": 16, "hidden_sizes": [16, 32, 64], "depths": [2, 1, 3]}
CASES: list[tuple[str, dict[str, Any]]] = [
    ("llama", GROUPED),
    ("llama", SMALL | {"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True}),
    ("llama", SMALL | {"head_dim": 24}),
    ("mistral", GROUPED),
    ("qwen2", GROUPED),
    ("qwen3", GROUPED),
    ("gemma", GROUPED | {"head_dim": 32}),
    ("gemma2", GROUPED),
    ("gemma3_text", GROUPED),
    ("phi3", GROUPED),
    ("smollm3", GROUPED),
    ("stablelm", GROUPED),
    ("stablelm", GROUPED | {"use_qkv_bias": True}),
    ("mixtral", GROUPED | {"num_local_experts": 4}),
    ("qwen2_moe", MOE | {"num_experts": 4, "shared_expert_intermediate_size": 56}),
    ("qwen3_moe", MOE | {"num_experts": 4}),
    ("phi", SMALL),
    ("gpt2", {"n_embd": 64, "n_layer": 3, "n_head": 4, "vocab_size": 211, "n_positions": 32}),
    ("gpt_neox", SMALL),
    ("gpt_neox", SMALL | {"use_parallel_residual": False, "attention_bias": False}),
    ("falcon", SMALL),
    ("falcon", SMALL | {"new_decoder_architecture": True, "num_kv_heads": 2}),
    ("falcon", SMALL | {"multi_query": False, "parallel_attn": False, "bias": True}),
    ("opt", SMALL | {"ffn_dim": 96, "word_embed_proj_dim": 48}),
    ("opt", SMALL | {"ffn_dim": 96, "word_embed_proj_dim": 64, "do_layer_norm_before": False}),
    ("bert", SMALL),
    ("roberta", SMALL),
    ("xlm-roberta", SMALL | {"type_vocab_size": 1}),
    ("camembert", SMALL),
    ("mpnet", SMALL),
    (
        "distilbert",
        {
            "dim": 64,
            "hidden_dim": 96,
            "n_layers": 3,
            "n_heads": 4,
            "vocab_size": 211,
            "max_position_embeddings": 32,
        },
    ),
    ("deberta-v2", SMALL),
    (
        "deberta-v2",
        SMALL
        | {
            "relative_attention": True,
            "position_buckets": 8,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "position_biased_input": False,
        },
    ),
    ("modernbert", SMALL | {"cls_token_id": 1, "sep_token_id": 2}),
    ("t5", T5),
    ("t5", T5 | {"feed_forward_proj": "gated-gelu", "num_decoder_layers": 2}),
    ("mt5", T5 | {"feed_forward_proj": "gated-gelu"}),
    ("bart", BART | {"d_model": 64, "vocab_size": 211, "max_position_embeddings": 32}),
    ("vit", SMALL | {"image_size": 32, "patch_size": 8}),
    ("resnet", RESNET | {"layer_type": "basic"}),
    ("resnet", RESNET | {"layer_type": "bottleneck", "downsample_in_first_stage": True}),
]
CLASSIFIERS = {
    "encoder": AutoModelForSequenceClassification,
    "vision": AutoModelForImageClassification,
}
MATRICES = (torch.nn.Linear, torch.nn.Conv2d, Conv1D)
CLASSES = {
    "decoder": AutoModelForCausalLM,
    "encoder": AutoModel,
    "encoder-decoder": AutoModelForSeq2SeqLM,
    "vision": AutoModel,
}


def test_every_family_has_a_case() -> None:
    assert {family for family, _ in CASES} == set(READERS)


@pytest.mark.parametrize(("family", "values"), CASES)
def test_parameters_are_exact_by_part(family: str, values: dict[str, Any]) -> None:
    architecture = read_architecture({"model_type": family, **values})
    config = AutoConfig.for_model(family, **values)
    with torch.device("meta"):
        more = {"add_pooling_layer": False} if family == "vit" else {}
        model = CLASSES[architecture.kind].from_config(config, **more)
    assert read_architecture(config.to_dict()) == architecture
    assert sum(weight.numel() for weight in model.parameters()) == architecture.parameters
    assert head_of(model) == architecture.head
    if "moe" not in family and family != "mixtral":  # their experts are no Linear modules
        assert linears_of(model) == sum(
            block.layers * sum(linear.parameters for linear in block.linears)
            for block in architecture.blocks
        )


def head_of(model: Any) -> int:
    """Parameters of what makes logits, or of the pooler, that nothing else has."""
    return sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if re.match(r"lm_head|embed_out|pooler", name)
    )


def linears_of(model: Any) -> int:
    """Parameters of the matrices inside of numbered layers."""
    return sum(
        weight.numel()
        for name, module in model.named_modules()
        if isinstance(module, MATRICES) and re.search(r"\.\d+\.|embedder.+convolution", name)
        for weight in module.parameters()
    )


class Live(TorchDispatchMode):
    """Counts bytes of tensors that are alive, and the most there were at once."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.sizes: dict[int, int] = {}
        self.now = self.most = 0

    def add(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key not in self.sizes:
            self.sizes[key] = storage.nbytes()
            self.now += storage.nbytes()
            self.most = max(self.most, self.now)
            weakref.finalize(storage, self.drop, key)

    def drop(self, key: int) -> None:
        self.now -= self.sizes.pop(key, 0)

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self.add(leaf)
        return result


def adapt(model: Any, rank: int) -> None:
    """LoRA on every linear of the blocks, as PEFT computes it."""
    for weight in model.parameters():
        weight.requires_grad_(False)
    for name, linear in list(model.named_modules()):
        if not isinstance(linear, torch.nn.Linear) or "lm_head" in name:
            continue
        dtype = linear.weight.dtype
        linear.a = torch.nn.Parameter(torch.zeros(rank, linear.in_features, dtype=dtype))
        linear.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank, dtype=dtype))

        def forward(self: Any, x: torch.Tensor) -> Any:
            return torch.nn.functional.linear(x, self.weight, self.bias) + x @ self.a.T @ self.b.T

        setattr(linear, "forward", types.MethodType(forward, linear))  # noqa: B010


def count(name: str, setup: TrainingSetup) -> int:
    """The most bytes that one forward and backward pass has alive."""
    values = {key: value for key, value in CONFIGS[name].items() if key != "model_type"}
    config = AutoConfig.for_model(CONFIGS[name]["model_type"], **values)
    for key, value in config.to_dict().items():
        if "drop" in key and isinstance(value, float):
            setattr(config, key, 0.0)  # how it is done on a CPU keeps more than on a GPU
    config.update({"use_cache": False, "decoder_start_token_id": 0, "pad_token_id": 0})
    kind = read_architecture(CONFIGS[name]).kind
    learner = {**CLASSES, **CLASSIFIERS}[kind]
    with FakeTensorMode(allow_non_fake_inputs=True):  # shapes and lifetimes, no memory
        model = learner.from_config(config, dtype=getattr(torch, setup.weights)).train()
        if setup.method == "lora":
            adapt(model, setup.rank)
        if setup.checkpointing:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        ids = torch.zeros(setup.micro_batch, setup.sequence, dtype=torch.long)
        images = torch.zeros(setup.micro_batch, 3, 224, 224, dtype=model.dtype)
        given = {"pixel_values": images} if kind == "vision" else {"input_ids": ids}
        labels = ids if "deco" in kind else ids[:, 0]
        live = Live()
        for tensor in [*model.parameters(), *model.buffers()]:
            live.add(tensor)
        with live:
            with torch.autocast("cpu", torch.bfloat16, enabled=setup.autocast):
                loss = model(**given, labels=labels).loss
            loss.backward()
    return live.most


@pytest.mark.parametrize(
    ("name", "setup"),
    [
        ("meta-llama/Llama-3.2-1B", TrainingSetup(sequence=1024, micro_batch=4)),
        (
            "meta-llama/Llama-3.2-1B",
            TrainingSetup(weights="float32", autocast=True, sequence=1024, micro_batch=4),
        ),
        (
            "meta-llama/Llama-3.2-1B",
            TrainingSetup(
                method="lora", adapters="bfloat16", checkpointing=True, sequence=2048, micro_batch=4
            ),
        ),
        (
            "HuggingFaceTB/SmolLM2-135M-Instruct",
            TrainingSetup(method="lora", adapters="bfloat16", micro_batch=16),
        ),
        (
            "Qwen/Qwen3-0.6B",
            TrainingSetup(method="lora", adapters="bfloat16", sequence=1024, micro_batch=4),
        ),
        (
            "microsoft/phi-1_5",
            TrainingSetup(method="lora", adapters="bfloat16", sequence=1024, micro_batch=2),
        ),
        (
            "openai-community/gpt2",
            TrainingSetup(weights="float32", autocast=True, sequence=1024, micro_batch=8),
        ),
        (
            "EleutherAI/pythia-410m",
            TrainingSetup(weights="float32", autocast=True, micro_batch=8),
        ),
        (
            "google-bert/bert-base-uncased",
            TrainingSetup(weights="float32", autocast=True, sequence=256, micro_batch=16),
        ),
        (
            "sentence-transformers/all-MiniLM-L6-v2",
            TrainingSetup(weights="float32", sequence=256, micro_batch=32),
        ),
        (
            "facebook/bart-base",
            TrainingSetup(weights="float32", autocast=True, sequence=256, micro_batch=16),
        ),
        (
            "microsoft/resnet-18",
            TrainingSetup(weights="float32", autocast=True, micro_batch=64),
        ),
        ("microsoft/resnet-50", TrainingSetup(weights="float32", micro_batch=32)),
        (
            "google/flan-t5-small",
            TrainingSetup(weights="float32", autocast=True, sequence=256, micro_batch=16),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value.method,
)
def test_memory_is_what_tensors_take(name: str, setup: TrainingSetup) -> None:
    """Without an optimizer, and without what only a GPU has."""
    ours = estimate_memory(read_architecture(CONFIGS[name]), replace(setup, optimizer="sgd"))
    assert ours.allocated == pytest.approx(count(name, setup), rel=0.10)
