"""Asks the function in rewards.py what an answer is worth, and says in a sentence where that fails."""

import math
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from conversations import show
from core.errors import UserError, quote
from data import Prompt
from rewards import reward


class Judge:
    def __init__(self, prompts: Sequence[Prompt], tokenizer: PreTrainedTokenizerBase) -> None:
        self.prompts = prompts
        self.tokenizer = tokenizer

    def __call__(self, row: int, answer: Sequence[int]) -> float:
        """
        Args:
            row: Of the prompt, among `prompts`.

        Raises:
            UserError: The function fails, or returns no number.
        """
        return self.judge(row, self.read(answer))

    def read(self, answer: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(answer), skip_special_tokens=True)).strip()

    def judge(self, row: int, answer: str) -> float:
        prompt = self.prompts[row]
        asked = f"rewards.py: reward() for the prompt at {prompt.place} and the answer"
        try:
            value = float(reward(show(prompt.conversation), answer, prompt.reference))
        except Exception as error:  # whatever the function does
            name = type(error).__name__
            raise UserError(f"{asked} {quote(answer)} ends in {name}: {error}.") from error
        if not math.isfinite(value):
            raise UserError(f"{asked} {quote(answer)} is {value}; return a number.")
        return value

    def require_all(self) -> None:
        """Find now what would end the training in an hour: each prompt, with two simple answers.

        Raises:
            UserError: The function fails, or returns no number.
        """
        for row, prompt in enumerate(self.prompts):
            for answer in ("", prompt.reference):
                self.judge(row, answer)
