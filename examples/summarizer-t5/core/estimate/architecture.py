"""What a transformer is made of, as far as its memory and its speed depend on it."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["decoder", "encoder", "encoder-decoder", "vision"]


@dataclass(frozen=True, slots=True)
class Linear:
    """A matrix of a block, as often as it is there.

    Args:
        role: q, k, v, o, gate, up, down, router or conv; those of cross-attention begin with
            "cross_".
        copies: One for each expert.
        active: Copies that one token goes through.
    """

    role: str
    inputs: int
    outputs: int
    bias: bool = False
    copies: int = 1
    active: int = 1

    @property
    def parameters(self) -> int:
        return self.copies * (self.inputs + self.bias) * self.outputs

    @property
    def weights(self) -> int:
        """Parameters without the bias: what is quantised."""
        return self.copies * self.inputs * self.outputs

    @property
    def active_weights(self) -> int:
        return self.active * self.inputs * self.outputs


@dataclass(frozen=True, slots=True)
class Block:
    """Layers that are all alike.

    Args:
        norm_parameters: Of one layer, and whatever else is in it beside the linears.
        norm_inputs: Tensors of the hidden size that the norms of one layer keep for the backward.
        head_norms: Queries and keys have norms of their own.
        rms: Norms compute in float32 and keep their input so.
        fused_qkv: One matrix makes queries, keys and values.
        rope: Positions are turned into queries and keys, which copies them.
        activation_copies: Tensors of the intermediate size that the activation function keeps.
        dropouts: Masks of the hidden size, a byte for each number, in one layer.
        eager: Its attention has a bias that no fused kernel knows: scores are kept.
        positions: Of the image, that convolutions give; 0 where tokens go through.
        side: Whose tokens go through it, in a model with two sequences.
    """

    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_size: int
    linears: tuple[Linear, ...]
    norm_parameters: int
    norm_inputs: int = 2
    head_norms: bool = False
    rms: bool = True
    fused_qkv: bool = False
    rope: bool = True
    activation_copies: int = 1
    dropouts: int = 0
    eager: bool = False
    positions: int = 0
    side: Literal["source", "target"] = "source"

    @property
    def parameters(self) -> int:
        """Of one layer."""
        return sum(linear.parameters for linear in self.linears) + self.norm_parameters

    @property
    def query_width(self) -> int:
        return self.heads * self.head_size

    @property
    def key_width(self) -> int:
        return self.kv_heads * self.head_size


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model's parts, counted in parameters.

    Args:
        embedding: Tokens, positions and all that is there once before the blocks.
        head: What makes logits, its own parameters; 0 where it shares those of the tokens.
        extra: Norms and the like outside of the blocks.
        context: Longest sequence in tokens; 0 where nothing says so.
        image_tokens: What an image becomes; 0 for texts.
    """

    family: str
    kind: Kind
    vocabulary: int
    hidden: int
    embedding: int
    head: int
    extra: int
    blocks: tuple[Block, ...]
    context: int = 0
    image_tokens: int = 0

    @property
    def in_blocks(self) -> int:
        return sum(block.layers * block.parameters for block in self.blocks)

    @property
    def parameters(self) -> int:
        return self.embedding + self.head + self.extra + self.in_blocks

    @property
    def linear_weights(self) -> int:
        """What is quantised of the blocks: matrices, not their biases."""
        return sum(b.layers * sum(linear.weights for linear in b.linears) for b in self.blocks)

    @property
    def active_parameters(self) -> int:
        """What one token goes through: of a mixture, the chosen experts alone."""
        idle = sum(
            b.layers
            * sum((x.copies - x.active) * (x.inputs + x.bias) * x.outputs for x in b.linears)
            for b in self.blocks
        )
        return self.parameters - idle
