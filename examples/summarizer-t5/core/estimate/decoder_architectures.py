"""Language models that only decode: what their config.json says of their parts."""

from core.estimate.architecture import Architecture, Block, Linear
from core.estimate.config_values import ConfigValues

# What transformers takes where a config.json says nothing.
HEAD_SIZES = {"gemma": 256, "gemma2": 256, "gemma3_text": 256, "qwen3": 128}
TIED = {"gemma", "gemma2", "gemma3_text", "smollm3"}
QKV_BIASED = {"qwen2", "qwen2_moe"}
HEAD_NORMS = {"qwen3", "qwen3_moe", "gemma3_text"}  # of queries and of keys
FOUR_NORMS = {"gemma2", "gemma3_text"}
ACTIVATIONS = {"gelu_new": 4, "gelu_fast": 4, "gelu_pytorch_tanh": 1, "quick_gelu": 3}


def attention(
    hidden: int, query: int, key: int, *, bias: bool = False, output_bias: bool = False
) -> tuple[Linear, ...]:
    return (
        Linear("q", hidden, query, bias),
        Linear("k", hidden, key, bias),
        Linear("v", hidden, key, bias),
        Linear("o", query, hidden, output_bias),
    )


def plain_mlp(hidden: int, inner: int, bias: bool = True) -> tuple[Linear, ...]:
    return (Linear("up", hidden, inner, bias), Linear("down", inner, hidden, bias))


def gated_mlp(
    hidden: int, inner: int, bias: bool = False, copies: int = 1, active: int = 1
) -> tuple[Linear, ...]:
    return (
        Linear("gate", hidden, inner, bias, copies, active),
        Linear("up", hidden, inner, bias, copies, active),
        Linear("down", inner, hidden, bias, copies, active),
    )


def activation_copies(config: ConfigValues, name: str, default: str) -> int:
    return ACTIVATIONS.get(config.text(name, default), 1)


def read_llama(config: ConfigValues) -> Architecture:
    family = config.family
    hidden, heads = config.count("hidden_size"), config.count("num_attention_heads")
    kv_heads = config.count("num_key_value_heads", default=heads)
    head_size = (
        config.size("head_dim")
        or HEAD_SIZES.get(family)
        or config.share("hidden_size", "num_attention_heads")
    )
    layer_norm = family == "stablelm"
    qkv_bias = (
        config.flag("use_qkv_bias" if layer_norm else "attention_bias", family in QKV_BIASED)
        or family in QKV_BIASED
    )
    output_bias = qkv_bias and family not in QKV_BIASED and not layer_norm
    norms = 4 if family in FOUR_NORMS else 2
    block = Block(
        layers=config.count("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_size=head_size,
        linears=attention(
            hidden,
            heads * head_size,
            kv_heads * head_size,
            bias=qkv_bias,
            output_bias=output_bias,
        )
        + _mlp(config, hidden),
        norm_parameters=norms * hidden * (2 if layer_norm else 1)
        + (2 * head_size if family in HEAD_NORMS else 0),
        norm_inputs=norms,
        head_norms=family in HEAD_NORMS,
        rms=not layer_norm,
        fused_qkv=family == "phi3",
    )
    return _decoder(config, block, hidden * (2 if layer_norm else 1), family in TIED)


def _mlp(config: ConfigValues, hidden: int) -> tuple[Linear, ...]:
    inner = config.count("intermediate_size", default=None)
    experts = config.count("num_local_experts", "num_experts", default=1)
    if experts == 1:
        return gated_mlp(hidden, inner, config.flag("mlp_bias", False))
    chosen = config.count("num_experts_per_tok", default=2)
    inner = config.count("moe_intermediate_size", default=inner)
    mixture = gated_mlp(hidden, inner, copies=experts, active=chosen)
    router = (Linear("router", hidden, experts),)
    if config.family != "qwen2_moe":
        return router + mixture
    shared = config.count("shared_expert_intermediate_size")
    return router + mixture + gated_mlp(hidden, shared) + (Linear("router", hidden, 1),)


def _decoder(
    config: ConfigValues,
    block: Block,
    final_norm: int,
    tied: bool,
    *,
    positions: int = 0,
    embedding_size: int = 0,
    head_bias: bool = False,
) -> Architecture:
    """Of one block; `tied` is what holds where the config does not say."""
    vocabulary, hidden = config.count("vocab_size"), block.hidden
    width = embedding_size or hidden
    is_tied = config.flag("tie_word_embeddings", tied)
    return Architecture(
        family=config.family,
        kind="decoder",
        vocabulary=vocabulary,
        hidden=hidden,
        embedding=(vocabulary * width) + positions * hidden,
        head=(0 if is_tied else vocabulary * width) + (vocabulary if head_bias else 0),
        extra=final_norm + (2 * width * hidden if width != hidden else 0),
        blocks=(block,),
        context=config.size("max_position_embeddings") or config.size("n_positions"),
    )


def read_phi(config: ConfigValues) -> Architecture:
    hidden, heads = config.count("hidden_size"), config.count("num_attention_heads")
    kv_heads = config.count("num_key_value_heads", default=heads)
    size = config.share("hidden_size", "num_attention_heads")
    block = Block(
        layers=config.count("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_size=size,
        linears=attention(hidden, heads * size, kv_heads * size, bias=True, output_bias=True)
        + plain_mlp(hidden, config.count("intermediate_size")),
        norm_parameters=2 * hidden,
        norm_inputs=1,  # attention and MLP share one norm
        rms=False,
        activation_copies=activation_copies(config, "hidden_act", "gelu_new"),
    )
    return _decoder(config, block, 2 * hidden, False, head_bias=True)


def read_gpt2(config: ConfigValues) -> Architecture:
    hidden, heads = config.count("n_embd"), config.count("n_head")
    inner = config.count("n_inner", default=4 * hidden)
    block = Block(
        layers=config.count("n_layer"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_size=config.share("n_embd", "n_head"),
        linears=attention(hidden, hidden, hidden, bias=True, output_bias=True)
        + plain_mlp(hidden, inner),
        norm_parameters=4 * hidden,
        rms=False,
        fused_qkv=True,
        rope=False,
        activation_copies=activation_copies(config, "activation_function", "gelu_new"),
        dropouts=2,
    )
    positions = config.count("n_positions", default=1024)
    return _decoder(config, block, 2 * hidden, True, positions=positions)


def read_gpt_neox(config: ConfigValues) -> Architecture:
    hidden, heads = config.count("hidden_size"), config.count("num_attention_heads")
    parallel = config.flag("use_parallel_residual", True)
    bias = config.flag("attention_bias", True)
    block = Block(
        layers=config.count("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_size=config.share("hidden_size", "num_attention_heads"),
        linears=attention(hidden, hidden, hidden, bias=bias, output_bias=bias)
        + plain_mlp(hidden, config.count("intermediate_size")),
        norm_parameters=4 * hidden,
        norm_inputs=1 if parallel else 2,  # both norms of a parallel layer keep the same tensor
        rms=False,
        fused_qkv=True,
        activation_copies=activation_copies(config, "hidden_act", "gelu"),
    )
    return _decoder(config, block, 2 * hidden, False)


def read_falcon(config: ConfigValues) -> Architecture:
    hidden = config.count("hidden_size")
    heads = config.count("num_attention_heads", "n_head")
    is_new = config.flag("new_decoder_architecture", False)
    one = config.flag("multi_query", True)
    kv_heads = config.count("num_kv_heads", default=heads) if is_new else (1 if one else heads)
    size = hidden // heads
    bias = config.flag("bias", False)
    parallel = config.flag("parallel_attn", True)
    two_norms = not parallel or (is_new and config.size("num_ln_in_parallel_attn") != 1)
    block = Block(
        layers=config.count("num_hidden_layers", "n_layer"),
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_size=size,
        linears=attention(hidden, heads * size, kv_heads * size, bias=bias, output_bias=bias)
        + plain_mlp(hidden, config.count("ffn_hidden_size", default=4 * hidden), bias),
        norm_parameters=2 * hidden * (2 if two_norms else 1),
        norm_inputs=1 if parallel else 2,
        rms=False,
        fused_qkv=True,
    )
    return _decoder(config, block, 2 * hidden, True)


def read_opt(config: ConfigValues) -> Architecture:
    hidden, heads = config.count("hidden_size"), config.count("num_attention_heads")
    bias = config.flag("enable_bias", True)
    block = Block(
        layers=config.count("num_hidden_layers"),
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_size=config.share("hidden_size", "num_attention_heads"),
        linears=attention(hidden, hidden, hidden, bias=bias, output_bias=bias)
        + plain_mlp(hidden, config.count("ffn_dim"), bias),
        norm_parameters=4 * hidden,
        rms=False,
        rope=False,
        dropouts=2,
    )
    has_norm = config.flag("do_layer_norm_before", True)
    return _decoder(
        config,
        block,
        2 * hidden if has_norm else 0,
        True,
        positions=config.count("max_position_embeddings") + 2,  # two are never used
        embedding_size=config.count("word_embed_proj_dim", default=hidden),
    )
