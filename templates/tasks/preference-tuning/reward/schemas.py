"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from conversations import LONGEST

Role = Literal["system", "user", "assistant"]


class Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role = Field(description="Who speaks.")
    content: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)
    ] = Field(description="What is said.")


class Input(BaseModel):
    """A conversation that ends with the answer to judge."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [
                {
                    "messages": [
                        {"role": "user", "content": "Name the trade: Bend conduit."},
                        {"role": "assistant", "content": "Construction Electrician"},
                    ]
                }
            ],
        },
    )

    messages: list[Message] = Field(
        min_length=2, description="User and assistant in turn; the assistant's answer is the last."
    )


class Output(BaseModel):
    """How good the answer is, beside other answers to the same conversation."""

    score: float = Field(
        description="Higher is better; sigmoid(a - b) is the probability that an answer with score"
        " a is preferred to one with score b."
    )
