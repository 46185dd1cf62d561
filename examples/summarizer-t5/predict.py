"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from core import chat_api
from core.artifact import read_manifest
from core.batch_engine import BatchEngine
from core.decoding import EncoderDecoder
from core.generation import Message
from schemas import Input, Output
from writer import Writer


@dataclass(frozen=True, slots=True)
class Prepared:
    source: list[int]
    is_cut: bool
    num_beams: int
    max_tokens: int


class Predictor:
    """`/predict` answers whole batches, `/v1` token by token, and both with the same network."""

    routers = (chat_api.router,)
    token_budget = 8192  # padded tokens of the sources in a batch
    workers = 1  # a batch takes all cores by itself

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        tokenizer = writer.encoding.tokenizer
        network = EncoderDecoder(writer.network)
        self.engine = BatchEngine(network, tokenizer, ends=[tokenizer.eos_token_id])

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        read_manifest(artifact)
        return cls(Writer.load(artifact / "weights"))

    def prepare(self, item: Input) -> Prepared:
        most = self.writer.encoding.max_target_length
        return Prepared(
            self.writer.encoding.sources([item.text])[0],
            self.writer.encoding.is_cut(item.text),
            item.num_beams or self.writer.num_beams,
            min(item.max_tokens or most, most),
        )

    def size(self, prepared: Prepared) -> int:
        return len(prepared.source)

    def infer(self, batch: list[Prepared]) -> list[Output]:
        answers: dict[int, Output] = {}
        for how in {(item.num_beams, item.max_tokens) for item in batch}:
            alike = [n for n, item in enumerate(batch) if (item.num_beams, item.max_tokens) == how]
            written = self.writer.write([batch[n].source for n in alike], *how)
            for number, answer in zip(alike, written, strict=True):
                answers[number] = Output(
                    text=answer.text,
                    finish_reason=answer.finish_reason,
                    source_cut=batch[number].is_cut,
                )
        return [answers[number] for number in range(len(batch))]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        """
        Raises:
            ValueError: It is not one message of the user, or `encode_text` refuses its text.
        """
        if [message.role for message in messages] != ["user"]:
            raise ValueError("Send one message of the user: its text is what the model works on.")
        return self.encode_text(messages[0].content)

    def encode_text(self, text: str) -> list[int]:
        """
        Raises:
            ValueError: There is nothing to work on, or more than is read.
        """
        if not text.strip():
            raise ValueError("The text is blank.")
        if self.writer.encoding.is_cut(text):
            most = self.writer.encoding.max_length
            raise ValueError(f"The text is longer than the {most:,} tokens that the model reads.")
        return self.writer.encoding.sources([text])[0]

    def room(self, ids: Sequence[int]) -> int:
        return self.writer.encoding.max_target_length

    def close(self) -> None:
        self.engine.close()
