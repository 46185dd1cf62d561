"""Steps of a transformer over several answers at once, with what it has computed kept between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput


class Batch(Protocol):
    """Answers that a network works on, a row each."""

    logits: Tensor  # of the next token: a row per answer

    def step(self, tokens: Sequence[int]) -> None:
        """Take a token for each answer."""

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with these rows only."""


class Network(Protocol):
    can_join: bool  # whether answers that began apart can go on together

    def start(self, prompts: Sequence[Sequence[int]]) -> Any:
        """A batch with the logits of the first tokens."""

    def join(self, first: Any, second: Any) -> Any:
        """One batch of two."""


@dataclass(frozen=True)
class Prompt:
    """What was learnt to stand before every text: vectors (P-tuning), or keys and values (prefix)."""

    vectors: Tensor | None = None  # token, feature
    layers: Sequence[tuple[Tensor, Tensor]] = ()  # keys and values: 1, head, token, feature

    @property
    def length(self) -> int:
        return self.layers[0][0].shape[2] if self.layers else 0


class Decoder:
    """A decoder: texts of any length share a batch, aligned at their ends."""

    can_join = True

    def __init__(self, model: Any, prompt: Prompt | None = None) -> None:
        self.model = model
        self.prompt = prompt or Prompt()

    @torch.inference_mode()
    def start(self, prompts: Sequence[Sequence[int]]) -> "DecoderBatch":
        texts = [self._embed(ids) for ids in prompts]
        longest = max(len(text) for text in texts)
        padded = [torch.nn.functional.pad(t, (0, 0, longest - len(t), 0)) for t in texts]
        mask = torch.tensor([[0] * (longest - len(t)) + [1] * len(t) for t in texts])
        before = torch.ones((len(texts), self.prompt.length), dtype=torch.long)
        layers = [
            (keys.expand(len(texts), -1, -1, -1), values.expand(len(texts), -1, -1, -1))
            for keys, values in self.prompt.layers
        ]
        batch = DecoderBatch(self.model, DynamicCache(layers), before.to(self.model.device))
        batch.compute(torch.stack(padded), mask.to(self.model.device))
        return batch

    def join(self, first: "DecoderBatch", second: "DecoderBatch") -> "DecoderBatch":
        length = max(first.mask.shape[1], second.mask.shape[1])
        a, b = first.lengthened(length), second.lengthened(length)
        layers = [
            (torch.cat([old[0], new[0]]), torch.cat([old[1], new[1]]))
            for old, new in zip(a, b, strict=True)
        ]
        masks = [_left(batch.mask, length, axis=1) for batch in (first, second)]
        joined = DecoderBatch(self.model, DynamicCache(layers), torch.cat(masks))
        joined.logits = torch.cat([first.logits, second.logits])
        return joined

    def _embed(self, ids: Sequence[int]) -> Tensor:
        tokens = torch.tensor(ids, device=self.model.device)
        vectors: Tensor = self.model.get_input_embeddings()(tokens)
        if self.prompt.vectors is None:
            return vectors
        return torch.cat([self.prompt.vectors.to(vectors), vectors])


class DecoderBatch:
    def __init__(self, model: Any, cache: DynamicCache, mask: Tensor) -> None:
        self.model = model
        self.cache = cache
        self.mask = mask  # of all that is in the cache: row, token
        self.logits: Tensor

    def compute(self, vectors: Tensor, mask: Tensor) -> None:
        self.mask = torch.cat([self.mask, mask], dim=1)
        positions = (self.mask.cumsum(dim=1) - 1).clamp(min=0)
        out = self.model(
            inputs_embeds=vectors,
            attention_mask=self.mask,
            position_ids=positions[:, -mask.shape[1] :],
            past_key_values=self.cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self.cache = out.past_key_values
        self.logits = out.logits[:, -1]

    @torch.inference_mode()
    def step(self, tokens: Sequence[int]) -> None:
        ids = torch.tensor(tokens, device=self.model.device)[:, None]
        self.compute(self.model.get_input_embeddings()(ids), torch.ones_like(ids))

    def keep(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(rows, device=self.mask.device)
        mask = self.mask[chosen]
        unused = int(mask.any(dim=0).int().argmax())  # columns at the beginning that no row needs
        self.mask = mask[:, unused:]
        layers = [(k[chosen, :, unused:], v[chosen, :, unused:]) for k, v in _layers(self.cache)]
        self.cache = DynamicCache(layers)
        self.logits = self.logits[chosen]

    def lengthened(self, length: int) -> list[tuple[Tensor, Tensor]]:
        return [(_left(k, length, 2), _left(v, length, 2)) for k, v in _layers(self.cache)]


class EncoderDecoder:
    """An encoder and a decoder: answers that begin together stay together, as some of these
    networks know one position for the whole batch."""

    can_join = False

    def __init__(self, model: Any) -> None:
        self.model = model

    @torch.inference_mode()
    def start(self, prompts: Sequence[Sequence[int]]) -> "EncoderDecoderBatch":
        longest = max(map(len, prompts))
        device = self.model.device
        pad = self.model.config.pad_token_id or 0
        ids = torch.tensor([[*p, *[pad] * (longest - len(p))] for p in prompts], device=device)
        mask = torch.tensor(
            [[1] * len(p) + [0] * (longest - len(p)) for p in prompts], device=device
        )
        encoded = self.model.get_encoder()(input_ids=ids, attention_mask=mask).last_hidden_state
        cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
        batch = EncoderDecoderBatch(self.model, encoded, mask, cache)
        first = self.model.generation_config.decoder_start_token_id
        batch.step(
            [self.model.config.decoder_start_token_id if first is None else first] * len(ids)
        )
        return batch

    def join(
        self, first: "EncoderDecoderBatch", second: "EncoderDecoderBatch"
    ) -> "EncoderDecoderBatch":
        raise NotImplementedError


class EncoderDecoderBatch:
    def __init__(
        self, model: Any, encoded: Tensor, mask: Tensor, cache: EncoderDecoderCache
    ) -> None:
        self.model = model
        self.encoded = encoded
        self.mask = mask
        self.cache = cache
        self.logits: Tensor

    @torch.inference_mode()
    def step(self, tokens: Sequence[int]) -> None:
        out = self.model(
            decoder_input_ids=torch.tensor(tokens, device=self.mask.device)[:, None],
            encoder_outputs=BaseModelOutput(last_hidden_state=self.encoded),
            attention_mask=self.mask,
            past_key_values=self.cache,
            use_cache=True,
        )
        self.cache = out.past_key_values
        self.logits = out.logits[:, -1]

    def keep(self, rows: Sequence[int]) -> None:
        chosen = torch.tensor(rows, device=self.mask.device)
        self.encoded, self.mask = self.encoded[chosen], self.mask[chosen]
        self.logits = self.logits[chosen]
        self.cache.batch_select_indices(chosen)


def _layers(cache: DynamicCache) -> list[tuple[Tensor, Tensor]]:
    layers: list[Any] = cache.layers
    return [(layer.keys, layer.values) for layer in layers]


def _left(tensor: Tensor, length: int, axis: int) -> Tensor:
    """`tensor` with zeros before it along `axis`, so that it is `length` long there."""
    padding = [0, 0] * (tensor.dim() - axis - 1) + [length - tensor.shape[axis], 0]
    return torch.nn.functional.pad(tensor, padding)
