"""What a request holds and what an answer holds; the descriptions become the JSON schema."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from checks import LONGEST_NAME

MOST_POINTS = 5000

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)
]
Time = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Value = Annotated[float, Field(allow_inf_nan=False)]


class Observed(BaseModel):
    """What was measured in one period."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    time: Time = Field(description="When the period begins, such as 2025-01-31.")
    value: Value = Field(description="What was measured.")


class Input(BaseModel):
    """Which series to forecast, and what came since the training."""

    model_config = ConfigDict(
        extra="forbid",
        coerce_numbers_to_str=True,
        json_schema_extra={
            "kind": "series",  # the form that a web page shows
            "examples": [{"series": "turnover", "horizon": 6}],
        },
    )

    series: Name | None = Field(
        default=None,
        description="Name of the series, as in the training data; blank for the only one there, or"
        " for one that the model does not know: then from its history alone.",
    )
    history: list[Observed] = Field(
        default=[],
        max_length=MOST_POINTS,
        description="Newest values without gaps. Those of a known series go on from what the"
        " model knows, or replace it; blank takes what it knows.",
    )
    horizon: int | None = Field(
        default=None,
        ge=1,
        description="How many values to forecast; blank takes as many as the model was tested for,"
        " which is the most.",
    )

    @classmethod
    def with_example(cls, example: Mapping[str, Any]) -> type[Self]:
        """The same, with an example that the model can answer."""

        def replace(schema: dict[str, Any]) -> None:
            schema |= {"kind": "series", "examples": [dict(example)]}

        return create_model("Input", __base__=cls, __cls_kwargs__={"json_schema_extra": replace})

    @classmethod
    def of_model(cls, manifest: Mapping[str, Any]) -> type[Self]:
        return cls.with_example(manifest["input"]["examples"][0])


class Forecast(BaseModel):
    """What is expected of one period."""

    time: str = Field(description="When the period begins.")
    value: float = Field(description="As likely to be exceeded as not.")
    low_80: float = Field(description="The value lies from low to high with 80 %.")
    high_80: float = Field(description="See low_80.")
    low_95: float = Field(description="The value lies from low to high with 95 %.")
    high_95: float = Field(description="See low_95.")


class Output(BaseModel):
    """The next values of the series, the nearest first."""

    series: str | None = Field(description="Name of the series; null where none was given.")
    is_known: bool = Field(description="Whether the training data has the series.")
    forecast: list[Forecast] = Field(description="One entry for each period.")
