"""Answers with a trained model: `Predictor.load(artifact).predict([Input(text="…")])`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from core.batching import choose
from core.encoder import Floats
from core.engine import TOKEN_BUDGET, Engine, Tokenized
from schemas import Input, Match, Output

DIGITS = 6  # of a number in a vector: float32 has no more


@dataclass(frozen=True, slots=True)
class Question:
    texts: list[Tokenized]  # the text itself, then the passages
    dimensions: int | None


class Predictor:
    token_budget = TOKEN_BUDGET

    def __init__(self, engine: Engine, prompts: dict[str, str]) -> None:
        self.engine = engine
        self.prompts = prompts
        self.width = self._encode([engine.tokenize("one")]).shape[1]  # numbers in a vector

    @classmethod
    def load(cls, artifact: Path) -> Self:
        """Raises ArtifactError where there is no complete artifact."""
        engine = Engine.load(artifact)
        path = artifact / "weights" / "config_sentence_transformers.json"
        return cls(engine, json.loads(path.read_text(encoding="utf-8"))["prompts"])

    def prepare(self, item: Input) -> Question:
        """Raises ValueError where more numbers are asked for than there are."""
        if item.dimensions is not None and item.dimensions > self.width:
            raise ValueError(f"dimensions: the vectors have {self.width} numbers.")
        prompt = self.prompts["query" if item.role == "query" else "document"]
        passages = [self.prompts["document"] + passage for passage in item.passages]
        texts = [self.engine.tokenize(text) for text in (prompt + item.text, *passages)]
        return Question(texts, item.dimensions)

    def size(self, prepared: Question) -> int:
        return sum(map(len, prepared.texts))

    def infer(self, batch: list[Question]) -> list[Output]:
        vectors = self._encode([text for question in batch for text in question.texts])
        ends = np.cumsum([len(question.texts) for question in batch])
        parts = np.split(vectors, ends[:-1])
        return [_answer(*pair) for pair in zip(batch, parts, strict=True)]

    def predict(self, inputs: list[Input]) -> list[Output]:
        return self.infer([self.prepare(item) for item in inputs])

    def _encode(self, texts: list[Tokenized]) -> Floats:
        """A row per text; those of like length share a batch."""
        [encoder] = self.engine.encoders
        rows: dict[int, Floats] = {}
        waiting = list(range(len(texts)))
        while waiting:
            chosen = choose([len(texts[place]) for place in waiting], TOKEN_BUDGET)
            places = [waiting[number] for number in chosen]
            rows |= zip(places, encoder.run([texts[p].encoding for p in places]), strict=True)
            waiting = [place for place in waiting if place not in rows]
        return np.stack([rows[place] for place in range(len(texts))])


def _answer(question: Question, vectors: Floats) -> Output:
    shortened = vectors[:, : question.dimensions]
    text, *passages = shortened / np.linalg.norm(shortened, axis=1, keepdims=True)
    matches = [
        Match(index=index, similarity=round(float(text @ passage), DIGITS))
        for index, passage in enumerate(passages)
    ]
    return Output(
        embedding=[round(number, DIGITS) for number in text.tolist()],
        dimensions=len(text),
        ranking=sorted(matches, key=lambda match: -match.similarity),
    )
