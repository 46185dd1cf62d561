"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

LONGEST_PROMPT = 1000  # characters; the text encoder reads 77 tokens of them
LARGEST_SEED = 2**32 - 1
STEPS = 25
GUIDANCE = 7.5

Side = Annotated[int, Field(ge=64, le=1024, multiple_of=8)]


class Input(BaseModel):
    """What the picture shall show."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [
                {"prompt": "a round blue mandatory sign with a hammer", "steps": 10, "seed": 7}
            ],
        },
    )

    prompt: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PROMPT)
    ] = Field(description="What the picture shows, in the words of the training captions.")
    negative_prompt: str = Field(
        default="", max_length=LONGEST_PROMPT, description="What it shall not show."
    )
    steps: int = Field(
        default=STEPS, ge=1, le=100, description="Rounds of denoising; more take longer."
    )
    guidance: float = Field(
        default=GUIDANCE,
        ge=1,
        le=20,
        description="How closely it keeps to the prompt; 1 is loosely.",
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=LARGEST_SEED,
        description="The same seed and input give the same picture; null draws one.",
    )
    width: Side | None = Field(
        default=None, description="Pixels, a multiple of 8; null is what it was trained with."
    )
    height: Side | None = Field(
        default=None, description="Pixels, a multiple of 8; null is what it was trained with."
    )


class Output(BaseModel):
    """The picture, and what it takes to get it again."""

    image: str = Field(description="The picture as a data URL: data:image/png;base64,…")
    seed: int = Field(description="The seed it was made with.")
    is_withheld: bool = Field(
        description="The base model's safety checker found it unfit to be shown: it is black."
    )
