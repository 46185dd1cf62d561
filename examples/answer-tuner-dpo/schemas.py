"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from conversations import LONGEST


class Input(BaseModel):
    """A question to answer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [
                {
                    "text": "Name the trade, in as few words as you can: Bend conduit.",
                    "max_tokens": 32,
                }
            ],
        },
    )

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)
    ] = Field(description="The question; not blank.")
    system: str = Field(
        "", max_length=LONGEST, description="How to answer; blank leaves it to the model."
    )
    max_tokens: int = Field(256, ge=1, le=8192, description="Tokens of the answer at the most.")
    temperature: float = Field(
        0.0, ge=0, le=2, description="0 gives the most probable answer, 1 and more varied ones."
    )
    seed: int | None = Field(
        None, ge=0, lt=2**63, description="The same seed gives the same answer, where it varies."
    )


class Output(BaseModel):
    """What the model answered."""

    text: str = Field(description="The answer.")
