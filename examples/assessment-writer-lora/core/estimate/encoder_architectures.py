"""Models that encode texts, alone or before a decoder: their parts by config.json."""

from dataclasses import replace

from core.estimate.architecture import Architecture, Block, Linear
from core.estimate.config_values import ConfigValues
from core.estimate.decoder_architectures import activation_copies, attention, gated_mlp, plain_mlp


def encoder_block(
    layers: int, hidden: int, heads: int, inner: int, copies: int = 1, dropouts: int = 2
) -> Block:
    """As in BERT: every linear with a bias, two layer norms, no turned positions."""
    return Block(
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_size=hidden // heads,
        linears=attention(hidden, hidden, hidden, bias=True, output_bias=True)
        + plain_mlp(hidden, inner),
        norm_parameters=4 * hidden,
        rms=False,
        rope=False,
        activation_copies=copies,
        dropouts=dropouts,
    )


def _encoder(
    config: ConfigValues, block: Block, *, embedding: int, head: int, extra: int, context: int
) -> Architecture:
    return Architecture(
        family=config.family,
        kind="encoder",
        vocabulary=config.count("vocab_size"),
        hidden=block.hidden,
        embedding=embedding,
        head=head,
        extra=extra,
        blocks=(block,),
        context=context,
    )


def read_bert(config: ConfigValues) -> Architecture:
    hidden, context = config.count("hidden_size"), config.count("max_position_embeddings")
    heads = config.count("num_attention_heads")
    config.share("hidden_size", "num_attention_heads")
    block = encoder_block(
        config.count("num_hidden_layers"),
        hidden,
        heads,
        config.count("intermediate_size"),
        activation_copies(config, "hidden_act", "gelu"),
    )
    is_mpnet = config.family == "mpnet"
    types = 0 if is_mpnet else config.count("type_vocab_size", default=2)
    buckets = config.count("relative_attention_num_buckets", default=32) if is_mpnet else 0
    return _encoder(
        config,
        block,
        embedding=(config.count("vocab_size") + context + types) * hidden + 2 * hidden,
        head=hidden * hidden + hidden,  # the pooler
        extra=buckets * heads,
        context=context,
    )


def read_distilbert(config: ConfigValues) -> Architecture:
    hidden, context = config.count("dim"), config.count("max_position_embeddings")
    config.share("dim", "n_heads")
    block = encoder_block(
        config.count("n_layers"),
        hidden,
        config.count("n_heads"),
        config.count("hidden_dim"),
        activation_copies(config, "activation", "gelu"),
        dropouts=1,
    )
    tokens = config.count("vocab_size")
    embedding = (tokens + context) * hidden + 2 * hidden
    return _encoder(config, block, embedding=embedding, head=0, extra=0, context=context)


def read_deberta(config: ConfigValues) -> Architecture:
    """DeBERTa 2 and 3, with positions that are relative and share their keys with the content."""
    hidden, context = config.count("hidden_size"), config.count("max_position_embeddings")
    config.share("hidden_size", "num_attention_heads")
    block = encoder_block(
        config.count("num_hidden_layers"),
        hidden,
        config.count("num_attention_heads"),
        config.count("intermediate_size"),
        activation_copies(config, "hidden_act", "gelu"),
    )
    block = replace(block, eager=True)
    positions = context if config.flag("position_biased_input", True) else 0
    embedding = (config.count("vocab_size") + positions + config.size("type_vocab_size")) * hidden
    extra = 0
    if config.flag("relative_attention", False):
        buckets = config.values.get("position_buckets", -1)
        reach = buckets if isinstance(buckets, int) and buckets > 0 else context
        extra += 2 * reach * hidden
    if "layer_norm" in config.text("norm_rel_ebd", "none"):
        extra += 2 * hidden
    if config.size("conv_kernel_size"):
        extra += hidden * hidden * config.size("conv_kernel_size") + 3 * hidden
    return _encoder(
        config, block, embedding=embedding + 2 * hidden, head=0, extra=extra, context=context
    )


def read_modernbert(config: ConfigValues) -> Architecture:
    hidden, heads = config.count("hidden_size"), config.count("num_attention_heads")
    layers = config.count("num_hidden_layers")
    norm = hidden * (2 if config.flag("norm_bias", False) else 1)
    bias = config.flag("attention_bias", False)
    block = Block(
        layers=layers,
        hidden=hidden,
        heads=heads,
        kv_heads=heads,
        head_size=config.share("hidden_size", "num_attention_heads"),
        linears=attention(hidden, hidden, hidden, bias=bias, output_bias=bias)
        + gated_mlp(hidden, config.count("intermediate_size"), config.flag("mlp_bias", False)),
        norm_parameters=2 * norm,
        rms=False,
        fused_qkv=True,
    )
    return _encoder(
        config,
        block,
        embedding=config.count("vocab_size") * hidden + norm,
        head=0,
        extra=0,  # a final norm, but the first layer lacks one
        context=config.count("max_position_embeddings"),
    )


def _with_cross_attention(block: Block, norm_parameters: int) -> Block:
    cross = tuple(
        Linear(f"cross_{x.role}", x.inputs, x.outputs, x.bias)
        for x in block.linears
        if x.role in ("q", "k", "v", "o")
    )
    return Block(
        layers=block.layers,
        hidden=block.hidden,
        heads=block.heads,
        kv_heads=block.kv_heads,
        head_size=block.head_size,
        linears=block.linears + cross,
        norm_parameters=block.norm_parameters + norm_parameters,
        norm_inputs=block.norm_inputs + 1,
        rms=block.rms,
        rope=False,
        activation_copies=block.activation_copies,
        dropouts=block.dropouts + 1,
        eager=block.eager,
        side="target",
    )


def read_t5(config: ConfigValues) -> Architecture:
    hidden, heads, size = config.count("d_model"), config.count("num_heads"), config.count("d_kv")
    layers, inner = config.count("num_layers"), config.count("d_ff")
    projection = config.text("feed_forward_proj", "relu")
    width = heads * size
    mlp = (gated_mlp if projection.startswith("gated") else plain_mlp)(hidden, inner, False)

    def block(layers: int) -> Block:
        return Block(
            layers=layers,
            hidden=hidden,
            heads=heads,
            kv_heads=heads,
            head_size=size,
            linears=attention(hidden, width, width) + mlp,
            norm_parameters=2 * hidden,
            rope=False,
            activation_copies=4 if projection == "gated-gelu" else 1,  # gelu_new
            dropouts=2,
            eager=True,
        )

    decoder = _with_cross_attention(
        block(config.count("num_decoder_layers", default=layers)), hidden
    )
    vocabulary = config.count("vocab_size")
    is_tied = config.flag("tie_word_embeddings", True)
    buckets = config.count("relative_attention_num_buckets", default=32)
    return Architecture(
        family=config.family,
        kind="encoder-decoder",
        vocabulary=vocabulary,
        hidden=hidden,
        embedding=vocabulary * hidden,
        head=0 if is_tied else vocabulary * hidden,
        extra=2 * buckets * heads + 2 * hidden,
        blocks=(block(layers), decoder),
    )


def read_bart(config: ConfigValues) -> Architecture:
    hidden, context = config.count("d_model"), config.count("max_position_embeddings")
    copies = activation_copies(config, "activation_function", "gelu")

    def block(side: str) -> Block:
        config.share("d_model", f"{side}_attention_heads")
        return encoder_block(
            config.count(f"{side}_layers"),
            hidden,
            config.count(f"{side}_attention_heads"),
            config.count(f"{side}_ffn_dim"),
            copies,
        )

    vocabulary = config.count("vocab_size")
    return Architecture(
        family=config.family,
        kind="encoder-decoder",
        vocabulary=vocabulary,
        hidden=hidden,
        embedding=(vocabulary + 2 * (context + 2)) * hidden,  # two positions are never used
        head=0 if config.flag("tie_word_embeddings", True) else vocabulary * hidden,
        extra=2 * 2 * hidden,
        blocks=(block("encoder"), _with_cross_attention(block("decoder"), 2 * hidden)),
        context=context,
    )
