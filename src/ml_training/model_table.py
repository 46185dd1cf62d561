"""Models that are often trained: what their config.json says, for estimates without a network."""

import difflib
import re
from typing import Any

from core.errors import UserError, quote
from core.estimate.architecture import Architecture
from core.estimate.architecture_reader import read_architecture


def _llama(
    family: str,
    layers: int,
    hidden: int,
    heads: int,
    kv_heads: int,
    inner: int,
    vocabulary: int,
    **more: Any,
) -> dict[str, Any]:
    return {
        "model_type": family,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "num_key_value_heads": kv_heads,
        "intermediate_size": inner,
        "vocab_size": vocabulary,
        **more,
    }


def _bert(
    family: str, layers: int, hidden: int, heads: int, vocabulary: int, context: int, **more: Any
) -> dict[str, Any]:
    return {
        "model_type": family,
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "intermediate_size": 4 * hidden,
        "vocab_size": vocabulary,
        "max_position_embeddings": context,
        **more,
    }


def _t5(
    family: str, layers: int, hidden: int, heads: int, size: int, inner: int, gated: bool = True
) -> dict[str, Any]:
    return {
        "model_type": family,
        "num_layers": layers,
        "d_model": hidden,
        "num_heads": heads,
        "d_kv": size,
        "d_ff": inner,
        "vocab_size": 250112 if family == "mt5" else 32128,
        "feed_forward_proj": "gated-gelu" if gated else "relu",
    }


def _gpt2(layers: int, hidden: int, heads: int) -> dict[str, Any]:
    return {
        "model_type": "gpt2",
        "n_layer": layers,
        "n_embd": hidden,
        "n_head": heads,
        "n_positions": 1024,
        "vocab_size": 50257,
    }


def _neox(layers: int, hidden: int, heads: int, vocabulary: int) -> dict[str, Any]:
    return {
        "model_type": "gpt_neox",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "intermediate_size": 4 * hidden,
        "vocab_size": vocabulary,
        "max_position_embeddings": 2048,
    }


def _bart(layers: int, hidden: int, heads: int, vocabulary: int) -> dict[str, Any]:
    return {
        "model_type": "bart",
        "d_model": hidden,
        "vocab_size": vocabulary,
        "max_position_embeddings": 1024,
        **{f"{side}_layers": layers for side in ("encoder", "decoder")},
        **{f"{side}_attention_heads": heads for side in ("encoder", "decoder")},
        **{f"{side}_ffn_dim": 4 * hidden for side in ("encoder", "decoder")},
    }


def _vit(layers: int, hidden: int, heads: int) -> dict[str, Any]:
    return {
        "model_type": "vit",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "intermediate_size": 4 * hidden,
        "image_size": 224,
        "patch_size": 16,
    }


def _resnet(widths: list[int], depths: list[int], layer: str) -> dict[str, Any]:
    return {
        "model_type": "resnet",
        "hidden_sizes": widths,
        "depths": depths,
        "layer_type": layer,
    }


def _falcon(layers: int, hidden: int, heads: int, **more: Any) -> dict[str, Any]:
    return {
        "model_type": "falcon",
        "num_hidden_layers": layers,
        "hidden_size": hidden,
        "num_attention_heads": heads,
        "vocab_size": 65024,
        **more,
    }


MODERN: dict[str, Any] = {"model_type": "modernbert", "vocab_size": 50368}
TIED: dict[str, Any] = {"tie_word_embeddings": True}

CONFIGS: dict[str, dict[str, Any]] = {
    "meta-llama/Llama-2-7b-hf": _llama("llama", 32, 4096, 32, 32, 11008, 32000),
    "meta-llama/Llama-2-13b-hf": _llama("llama", 40, 5120, 40, 40, 13824, 32000),
    "meta-llama/Llama-2-70b-hf": _llama("llama", 80, 8192, 64, 8, 28672, 32000),
    "meta-llama/Meta-Llama-3-8B": _llama("llama", 32, 4096, 32, 8, 14336, 128256),
    "meta-llama/Llama-3.1-8B": _llama("llama", 32, 4096, 32, 8, 14336, 128256),
    "meta-llama/Llama-3.1-70B": _llama("llama", 80, 8192, 64, 8, 28672, 128256),
    "meta-llama/Llama-3.2-1B": _llama("llama", 16, 2048, 32, 8, 8192, 128256, head_dim=64, **TIED),
    "meta-llama/Llama-3.2-3B": _llama("llama", 28, 3072, 24, 8, 8192, 128256, head_dim=128, **TIED),
    "TinyLlama/TinyLlama-1.1B-Chat-v1.0": _llama("llama", 22, 2048, 32, 4, 5632, 32000),
    "01-ai/Yi-34B": _llama("llama", 60, 7168, 56, 8, 20480, 64000),
    "HuggingFaceTB/SmolLM2-135M-Instruct": _llama("llama", 30, 576, 9, 3, 1536, 49152, **TIED),
    "HuggingFaceTB/SmolLM2-360M-Instruct": _llama("llama", 32, 960, 15, 5, 2560, 49152, **TIED),
    "HuggingFaceTB/SmolLM2-1.7B-Instruct": _llama("llama", 24, 2048, 32, 32, 8192, 49152, **TIED),
    "mistralai/Mistral-7B-v0.1": _llama("mistral", 32, 4096, 32, 8, 14336, 32000),
    "mistralai/Mistral-7B-v0.2": _llama("mistral", 32, 4096, 32, 8, 14336, 32000),
    "mistralai/Mixtral-8x7B-v0.1": _llama(
        "mixtral", 32, 4096, 32, 8, 14336, 32000, num_local_experts=8, num_experts_per_tok=2
    ),
    "Qwen/Qwen2.5-0.5B": _llama("qwen2", 24, 896, 14, 2, 4864, 151936, **TIED),
    "Qwen/Qwen2.5-1.5B": _llama("qwen2", 28, 1536, 12, 2, 8960, 151936, **TIED),
    "Qwen/Qwen2.5-3B": _llama("qwen2", 36, 2048, 16, 2, 11008, 151936, **TIED),
    "Qwen/Qwen2.5-7B": _llama("qwen2", 28, 3584, 28, 4, 18944, 152064),
    "Qwen/Qwen2.5-14B": _llama("qwen2", 48, 5120, 40, 8, 13824, 152064),
    "Qwen/Qwen2.5-32B": _llama("qwen2", 64, 5120, 40, 8, 27648, 152064),
    "Qwen/Qwen3-0.6B": _llama("qwen3", 28, 1024, 16, 8, 3072, 151936, **TIED),
    "Qwen/Qwen3-1.7B": _llama("qwen3", 28, 2048, 16, 8, 6144, 151936, **TIED),
    "Qwen/Qwen3-4B": _llama("qwen3", 36, 2560, 32, 8, 9728, 151936, **TIED),
    "Qwen/Qwen3-8B": _llama("qwen3", 36, 4096, 32, 8, 12288, 151936),
    "google/gemma-2b": _llama("gemma", 18, 2048, 8, 1, 16384, 256000),
    "google/gemma-7b": _llama("gemma", 28, 3072, 16, 16, 24576, 256000),
    "google/gemma-2-2b": _llama("gemma2", 26, 2304, 8, 4, 9216, 256000),
    "google/gemma-2-9b": _llama("gemma2", 42, 3584, 16, 8, 14336, 256000),
    "google/gemma-3-1b-it": _llama("gemma3_text", 26, 1152, 4, 1, 6912, 262144),
    "microsoft/Phi-3-mini-4k-instruct": _llama("phi3", 32, 3072, 32, 32, 8192, 32064),
    "microsoft/phi-1_5": {
        "model_type": "phi",
        "num_hidden_layers": 24,
        "hidden_size": 2048,
        "num_attention_heads": 32,
        "intermediate_size": 8192,
        "vocab_size": 51200,
    },
    "microsoft/phi-2": {
        "model_type": "phi",
        "num_hidden_layers": 32,
        "hidden_size": 2560,
        "num_attention_heads": 32,
        "intermediate_size": 10240,
        "vocab_size": 51200,
    },
    "tiiuae/falcon-7b": _falcon(32, 4544, 71),
    "tiiuae/falcon-40b": _falcon(60, 8192, 128, new_decoder_architecture=True, num_kv_heads=8),
    "stabilityai/stablelm-base-alpha-3b": _neox(16, 4096, 32, 50688),
    "stabilityai/stablelm-base-alpha-7b": _neox(16, 6144, 48, 50432),
    "EleutherAI/pythia-160m": _neox(12, 768, 12, 50304),
    "EleutherAI/pythia-410m": _neox(24, 1024, 16, 50304),
    "EleutherAI/pythia-1b": _neox(16, 2048, 8, 50304),
    "EleutherAI/pythia-6.9b": _neox(32, 4096, 32, 50432),
    "openai-community/gpt2": _gpt2(12, 768, 12),
    "openai-community/gpt2-medium": _gpt2(24, 1024, 16),
    "openai-community/gpt2-xl": _gpt2(48, 1600, 25),
    "facebook/opt-350m": {
        "model_type": "opt",
        "num_hidden_layers": 24,
        "hidden_size": 1024,
        "num_attention_heads": 16,
        "ffn_dim": 4096,
        "vocab_size": 50272,
        "max_position_embeddings": 2048,
        "word_embed_proj_dim": 512,
        "do_layer_norm_before": False,
    },
    "google-bert/bert-base-uncased": _bert("bert", 12, 768, 12, 30522, 512),
    "google-bert/bert-large-uncased": _bert("bert", 24, 1024, 16, 30522, 512),
    "FacebookAI/roberta-base": _bert("roberta", 12, 768, 12, 50265, 514, type_vocab_size=1),
    "FacebookAI/xlm-roberta-base": _bert(
        "xlm-roberta", 12, 768, 12, 250002, 514, type_vocab_size=1
    ),
    "sentence-transformers/all-MiniLM-L6-v2": _bert("bert", 6, 384, 12, 30522, 512),
    "sentence-transformers/all-mpnet-base-v2": _bert("mpnet", 12, 768, 12, 30527, 514),
    "distilbert/distilbert-base-uncased": {
        "model_type": "distilbert",
        "n_layers": 6,
        "dim": 768,
        "n_heads": 12,
        "hidden_dim": 3072,
        "vocab_size": 30522,
        "max_position_embeddings": 512,
    },
    "microsoft/deberta-v3-base": _bert(
        "deberta-v2",
        12,
        768,
        12,
        128100,
        512,
        type_vocab_size=0,
        relative_attention=True,
        position_buckets=256,
        norm_rel_ebd="layer_norm",
        position_biased_input=False,
    ),
    "answerdotai/ModernBERT-base": {
        **MODERN,
        "num_hidden_layers": 22,
        "hidden_size": 768,
        "num_attention_heads": 12,
        "intermediate_size": 1152,
        "max_position_embeddings": 8192,
    },
    "jhu-clsp/ettin-encoder-32m": {
        **MODERN,
        "num_hidden_layers": 10,
        "hidden_size": 384,
        "num_attention_heads": 6,
        "intermediate_size": 576,
        "max_position_embeddings": 7999,
    },
    "google/flan-t5-small": _t5("t5", 8, 512, 6, 64, 1024),
    "google/flan-t5-base": _t5("t5", 12, 768, 12, 64, 2048),
    "google/flan-t5-large": _t5("t5", 24, 1024, 16, 64, 2816),
    "bigscience/T0_3B": _t5("t5", 24, 2048, 32, 64, 5120),
    "bigscience/mt0-xxl": _t5("mt5", 24, 4096, 64, 64, 10240),
    "facebook/bart-base": _bart(6, 768, 12, 50265),
    "facebook/bart-large": _bart(12, 1024, 16, 50265),
    "microsoft/resnet-18": _resnet([64, 128, 256, 512], [2, 2, 2, 2], "basic"),
    "microsoft/resnet-50": _resnet([256, 512, 1024, 2048], [3, 4, 6, 3], "bottleneck"),
    "google/vit-base-patch16-224": _vit(12, 768, 12),
    "WinKawaks/vit-small-patch16-224": _vit(12, 384, 6),
}


def find_model(name: str) -> Architecture:
    """The architecture of a model that is in the table.

    Args:
        name: As on the hub, in whatever case, with or without its owner, and tuned or not:
            what learnt to chat has the sizes of what did not.

    Raises:
        UserError: It is not in the table.
    """
    exact = {known.casefold(): known for known in CONFIGS}
    similar = {_plain(known): known for known in CONFIGS}
    known = exact.get(name.casefold()) or similar.get(_plain(name))
    if known is not None:
        return read_architecture(CONFIGS[known])
    near = difflib.get_close_matches(_plain(name), similar, n=3, cutoff=0.5)
    like = f" Known are {', '.join(similar[key] for key in near)}." if near else ""
    raise UserError(
        f"No sizes of {quote(name)} are known here: give the folder or the config.json of the model.{like}"
    )


def _plain(name: str) -> str:
    """Without the owner, and without what does not change the sizes."""
    return re.sub(
        r"-(instruct|chat|it|hf|base|v\d+(\.\d+)?)(?=-|$)", "", name.casefold().rpartition("/")[2]
    )
