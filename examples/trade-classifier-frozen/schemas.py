"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_CHARACTERS = 100_000

Probability = Annotated[float, Field(ge=0, le=1)]


class Input(BaseModel):
    """One text to classify."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [{"text": "Bend conduit and pull wires through it."}],
        },
    )

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS)
    ] = Field(description="The text to classify; not blank.")


class Output(BaseModel):
    """The label that fits the text best, and how sure the model is."""

    label: str = Field(description="The most probable label.")
    confidence: Probability = Field(description="Probability of that label.")
    scores: dict[str, Probability] = Field(
        description="Probability of each label; they add up to 1."
    )

    @classmethod
    def of(cls, labels: Sequence[str], probabilities: Sequence[float]) -> Self:
        scores = dict(zip(labels, probabilities, strict=True))
        best = max(scores, key=scores.__getitem__)
        return cls(label=best, confidence=scores[best], scores=scores)
