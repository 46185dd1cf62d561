"""Models that look at images: what their config.json says of their parts."""

from collections.abc import Iterator
from dataclasses import replace

from core.errors import UserError
from core.estimate.architecture import Architecture, Block, Linear
from core.estimate.config_values import ConfigValues
from core.estimate.decoder_architectures import activation_copies
from core.estimate.encoder_architectures import encoder_block

SIDE = 224  # pixels of an image, where the config does not say
STEM = 7 * 7  # pixels that the first convolution looks at
REDUCTION = 4  # of the channels, inside of a bottleneck


def read_vit(config: ConfigValues) -> Architecture:
    hidden = config.count("hidden_size")
    side, patch = config.count("image_size", default=224), config.count("patch_size", default=16)
    channels = config.count("num_channels", default=3)
    tokens = (side // patch) ** 2 + 1
    config.share("hidden_size", "num_attention_heads")
    block = encoder_block(
        config.count("num_hidden_layers"),
        hidden,
        config.count("num_attention_heads"),
        config.count("intermediate_size"),
        activation_copies(config, "hidden_act", "gelu"),
    )
    return Architecture(
        family=config.family,
        kind="vision",
        vocabulary=0,
        hidden=hidden,
        embedding=(channels * patch * patch + 1) * hidden + (tokens + 1) * hidden,
        head=0,
        extra=2 * hidden,
        blocks=(block,),
        context=tokens,
        image_tokens=tokens,
    )


def read_resnet(config: ConfigValues) -> Architecture:
    """Convolutions as linears: each position of their output multiplies what they look at."""
    stem, channels = (
        config.count("embedding_size", default=64),
        config.count("num_channels", default=3),
    )
    first = _convolution(SIDE // 2, [_conv(channels, stem, STEM)])
    # The pooling after it keeps 8 bytes for one position in four: which was the largest.
    blocks = (replace(first, dropouts=2), *_stages(config, stem))
    return Architecture(
        family=config.family,
        kind="vision",
        vocabulary=0,
        hidden=config.counts("hidden_sizes")[-1],
        embedding=0,
        head=0,
        extra=0,
        blocks=blocks,
        context=0,
        image_tokens=(SIDE // 32) ** 2,
    )


def _stages(config: ConfigValues, before: int) -> Iterator[Block]:
    side = SIDE // 4
    halves_first = config.flag("downsample_in_first_stage", False)
    widths, depths = config.counts("hidden_sizes"), config.counts("depths")
    if len(widths) != len(depths):
        raise UserError(
            f'config.json: "hidden_sizes" has {len(widths)} numbers, "depths" {len(depths)}.'
        )
    is_basic = config.text("layer_type", "bottleneck") == "basic"
    layer = _basic if is_basic else _bottleneck
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True)):
        stride = 2 if number or halves_first else 1
        wider = side
        side //= stride
        yield from layer(before, width, side, wider)
        for _ in range(depth - 1):
            yield from layer(width, width, side, side)
        before = width


def _basic(before: int, width: int, side: int, wider: int) -> Iterator[Block]:
    convolutions = [_conv(before, width, 9), _conv(width, width, 9)]
    yield _convolution(side, convolutions + _shortcut(before, width, side, wider))


def _bottleneck(before: int, width: int, side: int, wider: int) -> Iterator[Block]:
    inner = width // REDUCTION
    yield _convolution(wider, [_conv(before, inner, 1)])  # before its image gets smaller
    convolutions = [_conv(inner, inner, 9), _conv(inner, width, 1)]
    yield _convolution(side, convolutions + _shortcut(before, width, side, wider))


def _shortcut(before: int, width: int, side: int, wider: int) -> list[Linear]:
    return [_conv(before, width, 1)] if before != width or side != wider else []


def _conv(channels: int, outputs: int, pixels: int) -> Linear:
    return Linear("conv", channels * pixels, outputs)


def _convolution(side: int, linears: list[Linear]) -> Block:
    """Convolutions at as many positions, each with its batch norm."""
    return Block(
        layers=1,
        hidden=linears[-1].outputs,
        heads=0,
        kv_heads=0,
        head_size=0,
        linears=tuple(linears),
        norm_parameters=2 * sum(linear.outputs for linear in linears),
        norm_inputs=0,
        rms=False,
        positions=side * side,
    )
