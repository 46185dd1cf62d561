"""The network: a language model with adapters that tries answers, and learns from what they earn."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModelForCausalLM, TaskType
from transformers import AutoModelForCausalLM, PreTrainedTokenizerBase
from transformers.utils.generic import ModelOutput

from adapters import new_adapters
from config import Config
from language_model import end_tokens, load_weights, log_probabilities, pad
from objective import advantages, losses

Tokens = list[int]
Judge = Callable[[int, Tokens], float]  # from a prompt's row and an answer to its reward


@dataclass
class Trial(ModelOutput):
    """What a batch of prompts came to: a row or a value per prompt."""

    loss: torch.Tensor | None = None  # of all
    losses: torch.Tensor | None = None
    rewards: torch.Tensor | None = None  # of each answer
    lengths: torch.Tensor | None = None  # of each answer, in tokens


class AnswerExplorer(PeftModelForCausalLM):
    """Takes prompts instead of texts; its adapters fit any causal language model."""

    def __init__(
        self, base: Any, settings: Config, judge: Judge, ends: list[int], padding: int
    ) -> None:
        super().__init__(base, new_adapters(settings, TaskType.CAUSAL_LM))
        self.settings = settings
        self.judge = judge
        self.ends = ends
        self.padding = padding

    def forward(  # type: ignore[override]  # not for whoever has a text
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        rows: torch.Tensor,
        labels: torch.Tensor | None = None,
        **_: Any,  # the Trainer says how many prompts there are in a step
    ) -> Trial:
        """Try a group of answers to each prompt.

        Args:
            input_ids: Prompts, filled up on the left, where `attention_mask` is 0.
            rows: Of the prompts, for the judge.
            labels: A row of two per prompt, whatever they hold.
        """
        device = input_ids.device
        groups = self.answer(input_ids, attention_mask)
        rewards = self.reward(rows.tolist(), groups).to(device)
        sizes = attention_mask.sum(dim=1).tolist()
        prompts = [ids[-size:].tolist() for ids, size in zip(input_ids, sizes, strict=True)]
        of_prompts = self._losses(prompts, groups, rewards)
        lengths = torch.tensor([[len(answer) for answer in group] for group in groups])
        return Trial(of_prompts.mean(), of_prompts, rewards, lengths.to(device))

    @torch.no_grad()
    def answer(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> list[list[Tokens]]:
        """A group of answers to each prompt, drawn anew while training and else alike each time."""
        settings = self.settings
        with _drawing(None if self.training else settings.seed, input_ids.device):
            tokens: torch.Tensor = self.generate(  # type: ignore[no-untyped-call]
                input_ids=input_ids,
                attention_mask=attention_mask,
                do_sample=True,
                temperature=settings.temperature,
                top_k=0,
                top_p=1.0,
                max_new_tokens=settings.answer_length,
                num_return_sequences=settings.group,
                pad_token_id=self.padding,
                eos_token_id=self.ends,
            )
        answers = [self._end(row) for row in tokens[:, input_ids.shape[1] :].tolist()]
        starts = range(0, len(answers), settings.group)
        return [answers[start : start + settings.group] for start in starts]

    def reward(self, rows: Sequence[int], groups: Sequence[Sequence[Tokens]]) -> torch.Tensor:
        """What the judge gives: a row per prompt, a column per answer."""
        return torch.tensor(
            [
                [self.judge(row, answer) for answer in group]
                for row, group in zip(rows, groups, strict=True)
            ]
        )

    def _losses(
        self, prompts: Sequence[Tokens], groups: Sequence[Sequence[Tokens]], rewards: torch.Tensor
    ) -> torch.Tensor:
        settings = self.settings
        answered = [
            (prompt, answer)
            for prompt, group in zip(prompts, groups, strict=True)
            for answer in group
        ]
        starts = [len(prompt) for prompt, _ in answered]
        padded = pad([prompt + answer for prompt, answer in answered], starts, self.padding)
        batch = {name: rows.to(rewards.device) for name, rows in padded.items()}
        ours = log_probabilities(super().forward, **batch, temperature=settings.temperature)
        with torch.no_grad(), self.disable_adapter():
            base = log_probabilities(super().forward, **batch, temperature=settings.temperature)
        is_answer = batch["answer_mask"][:, 1:]
        of_answers = losses(
            ours,
            base,
            is_answer[:, is_answer.any(dim=0)],
            advantages(rewards).flatten(),
            settings.beta,
            settings.answer_length,
        )
        return of_answers.view(rewards.shape).mean(dim=1)

    def _end(self, answer: Tokens) -> Tokens:
        """Up to the token that ends it; what follows fills up the batch."""
        places = (place for place, token in enumerate(answer, start=1) if token in self.ends)
        return answer[: next(places, None)]


def build_model(config: Config, tokenizer: PreTrainedTokenizerBase, judge: Judge) -> AnswerExplorer:
    """The base model with new adapters in all its linear layers.

    Raises:
        ModelUnavailable: `config.base_model` cannot be loaded.
    """
    base = load_weights(AutoModelForCausalLM, config.base_model)
    ends = end_tokens(base, tokenizer)
    return AnswerExplorer(base, config, judge, ends, tokenizer.pad_token_id)


@contextmanager
def _drawing(seed: int | None, device: torch.device) -> Iterator[None]:
    """By `seed`, if there is one: the same draws each time, and none that the training misses."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng([device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield
