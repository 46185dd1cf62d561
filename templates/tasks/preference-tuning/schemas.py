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
    """A conversation to go on with."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "chat",  # the form that a web page shows
            "examples": [
                {
                    "messages": [
                        {
                            "role": "user",
                            "content": "Name the trade, in as few words as you can: Bend conduit.",
                        }
                    ],
                    "max_tokens": 32,
                }
            ],
        },
    )

    messages: list[Message] = Field(
        min_length=1, description="User and assistant in turn, the user last."
    )
    max_tokens: int = Field(default=256, ge=1, description="Tokens of the answer at the most.")
    temperature: float = Field(
        default=0.0,
        ge=0,
        le=2,
        description="0 takes the most probable words; higher values vary the answer.",
    )
    seed: int | None = Field(
        default=None,
        description="The same seed gives the same answer, where the temperature is not 0.",
    )


class Output(BaseModel):
    """What the assistant says next."""

    answer: str = Field(description="The assistant's message.")
