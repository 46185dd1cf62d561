"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from checks import LONGEST

MOST_PASSAGES = 100  # of a request

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST)]


class Input(BaseModel):
    """A text to turn into a vector, and passages to rank by how well they answer it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "kind": "text",  # the form that a web page shows
            "examples": [
                {
                    "text": "read lines of a file in reverse order",
                    "passages": [
                        "Seeks to the end of the stream and yields each line, last one first.",
                        "Sends a signal to the process and waits for it to end.",
                    ],
                },
                {"text": "Sends a signal to the process.", "role": "passage"},
            ],
        },
    )

    text: Text = Field(description="A query, or a passage to be found later; not blank.")
    role: Literal["query", "passage"] = Field(
        default="query",
        description="query: what somebody searches for. passage: what is to be found.",
    )
    passages: list[Text] = Field(
        default=[],
        max_length=MOST_PASSAGES,
        description="Passages to rank by how well they answer the query; may be left out.",
    )
    dimensions: int | None = Field(
        default=None,
        ge=1,
        description="Numbers in the vector: its beginning, at length 1 again. Blank gives all.",
    )


class Match(BaseModel):
    index: int = Field(description="Place of the passage in the request, from 0.")
    similarity: float = Field(description="Cosine of query and passage, from -1 to 1.")


class Output(BaseModel):
    """The text as a vector of length 1: the product of two is their similarity."""

    embedding: list[float] = Field(description="The vector; compare it with those of this model.")
    dimensions: int = Field(description="Numbers in the vector.")
    ranking: list[Match] = Field(
        description="The passages of the request, the best answer first; empty without any."
    )
