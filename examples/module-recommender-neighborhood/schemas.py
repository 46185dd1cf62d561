"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from checks import LONGEST_ID

MOST_ITEMS = 1000
MOST_ANSWERS = 100

Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ID)]
Source = Literal["model", "items", "popular"]


class Input(BaseModel):
    """Who gets recommendations, and how many."""

    model_config = ConfigDict(
        extra="forbid",
        coerce_numbers_to_str=True,
        json_schema_extra={
            "kind": "user",  # the form that a web page shows
            "examples": [
                {"user": "T001", "count": 5},
                {"user": None, "items": ["welding/mig", "welding/tig"], "count": 5},
                {"user": None, "count": 5},
            ],
        },
    )

    user: Id | None = Field(
        description="Id of the user, as in the training data; null where nobody is signed in."
    )
    items: list[Id] = Field(
        default=[],
        max_length=MOST_ITEMS,
        description="Ids of items that the user liked lately; they count beside what is known.",
    )
    count: int = Field(default=10, ge=1, le=MOST_ANSWERS, description="How many to recommend.")
    exclude_seen: bool = Field(
        default=True,
        description="Leave out what the user has taken before, and the items of the request.",
    )


class Recommendation(BaseModel):
    item: str = Field(description="Id of the item.")
    score: float = Field(
        description="Higher is better; compare it with the scores of the same answer only."
    )


class Output(BaseModel):
    """The items that fit the user best, the best first."""

    items: list[Recommendation] = Field(description="Fewer than asked for where no more are left.")
    source: Source = Field(
        description="model: from what is known of the user. items: the user is not known, so from"
        " the items of the request. popular: neither helps, so what most users took."
    )
    unknown_items: list[str] = Field(
        description="Items of the request that the model does not know; they were ignored."
    )
