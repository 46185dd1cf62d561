"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_CHARACTERS = 100_000
MOST_TOKENS = 4096
MOST_BEAMS = 16

EXAMPLE = (
    "When it was zero on entry and another coroutine is waiting for it to become larger than zero"
    " again, wake up that coroutine."
)


class Input(BaseModel):
    """One text, and how the answer is written."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [{"text": EXAMPLE}],
        },
    )

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_CHARACTERS)
    ] = Field(description="The source text; not blank, and without the prefix of the training.")
    max_tokens: int | None = Field(
        default=None,
        ge=1,
        le=MOST_TOKENS,
        description="Tokens of the answer at the most; never more than the training was told.",
    )
    num_beams: int | None = Field(
        default=None,
        ge=1,
        le=MOST_BEAMS,
        description="Answers that are followed at a time, of which the likeliest is given; 1 is"
        " the fastest, null takes what the training was told.",
    )


class Output(BaseModel):
    """The text that the model wrote."""

    text: str = Field(description="The answer.")
    finish_reason: Literal["stop", "length"] = Field(
        description="stop: the model ended it. length: it was cut at `max_tokens`."
    )
    source_cut: bool = Field(
        description="Whether the text was longer than what the model reads, so that its end is"
        " not in the answer."
    )
