"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_CHARACTERS = 2_000_000  # of base64: a picture of 1.5 MB
DOT = (  # a red dot of 5 x 5 pixels
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO"
    "9TXL0Y4OHwAAAABJRU5ErkJggg=="
)

Probability = Annotated[float, Field(ge=0, le=1)]


class Input(BaseModel):
    """One picture to classify."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "image",  # the form that a web page shows
            "examples": [{"image": DOT}],
        },
    )

    image: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS)
    ] = Field(
        description="The file of the picture in base64, or a data URL with it.",
        json_schema_extra={
            "contentEncoding": "base64",
            "contentMediaType": "image/jpeg,image/png,image/webp,image/bmp",
        },
    )


class Output(BaseModel):
    """The label that fits the picture best, and how sure the model is."""

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
