"""What a request holds and what an answer holds; which columns a request has, its training tells."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from cells import Cell, Kind, is_blank
from encoding import Column, Target
from features import MOST_CATEGORIES

MAX_CHARACTERS = 10_000

Probability = Annotated[float, Field(ge=0, le=1)]
Notes = Annotated[
    list[str], Field(description="What the model has not learnt: it makes the answer less sure.")
]
TYPES: dict[Kind, Any] = {
    Kind.NUMBER: Annotated[float, Field(allow_inf_nan=False)],
    Kind.FLAG: bool,
    Kind.DATE: Annotated[datetime, AfterValidator(lambda moment: moment.replace(tzinfo=None))],
    Kind.CATEGORY: Annotated[str, Field(max_length=MAX_CHARACTERS)],
}
JSON_TYPES = {
    Kind.NUMBER: "number",
    Kind.FLAG: "boolean",
    Kind.DATE: "string",
    Kind.CATEGORY: "string",
}


class Input(BaseModel):
    """One row of the table: a value for each column that the model learned from."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        coerce_numbers_to_str=True,
        json_schema_extra={"kind": "row"},  # the form that a web page shows
    )

    @classmethod
    def of_model(cls, manifest: Mapping[str, Any]) -> type[Self]:
        """The input of one trained model, which the server takes."""
        return cls.of_schema(manifest["input"])

    @classmethod
    def of_schema(cls, schema: dict[str, Any]) -> type[Self]:
        # By number: a column may be called "price (EUR)" or "copy", which no attribute can be.
        fields: dict[str, Any] = {
            f"column_{number}": _to_field(name, part)
            for number, (name, part) in enumerate(schema["properties"].items())
        }

        def replace(made: dict[str, Any]) -> None:
            made.clear()
            made.update(schema)

        options = {"json_schema_extra": replace}
        return create_model("Input", __base__=cls, __cls_kwargs__=options, **fields)

    @property
    def cells(self) -> list[Cell]:
        """In the order of the columns."""
        return [*self.__dict__.values()]


class Label(BaseModel):
    """The class that fits the row best, and how sure the model is."""

    label: str = Field(description="The most probable class.")
    confidence: Probability = Field(description="Probability of that class.")
    scores: dict[str, Probability] = Field(
        description="Probability of each class; they add up to 1."
    )
    notes: Notes

    @classmethod
    def of_scores(
        cls, labels: Sequence[str], probabilities: Sequence[float], notes: list[str]
    ) -> Self:
        scores = dict(zip(labels, probabilities, strict=True))
        best = max(scores, key=scores.__getitem__)
        return cls(label=best, confidence=scores[best], scores=scores, notes=notes)


class Estimate(BaseModel):
    """The number that is to be expected."""

    value: float = Field(description="The estimate.")
    low: float | None = Field(
        description="The truth is between low and high for 9 in 10 rows like the validation data;"
        " null where those were too few to tell."
    )
    high: float | None = Field(description="See low.")
    notes: Notes

    @classmethod
    def of_scaled(cls, target: Target, scaled: float, notes: list[str]) -> Self:
        value, half = scaled * target.spread + target.mean, target.half_width
        low, high = (None, None) if half is None else (value - half, value + half)
        return cls(value=value, low=low, high=high, notes=notes)


class Output(Label, Estimate):
    """A model of classes answers with label, confidence and scores, one of numbers with the others."""

    @classmethod
    def of_model(cls, manifest: Mapping[str, Any]) -> type[BaseModel]:
        return Label if manifest["labels"] else Estimate


def describe_row(columns: Sequence[Column], example: Mapping[str, Cell]) -> dict[str, Any]:
    """The JSON schema of the rows that a model takes; `example` is one of them."""
    return {
        "title": "Input",
        "description": Input.__doc__,
        "type": "object",
        "kind": "row",
        "properties": {column.name: _describe_column(column) for column in columns},
        "required": [column.name for column in columns if not column.has_gaps],
        "additionalProperties": False,
        "examples": [{name: _to_json(cell) for name, cell in example.items()}],
    }


def _describe_column(column: Column) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": JSON_TYPES[column.kind]}
    if column.kind is Kind.DATE:
        schema["format"] = "date-time" if column.has_hours else "date"
    if column.kind is Kind.CATEGORY and len(column.categories) < MOST_CATEGORIES:
        schema["enum"] = column.categories
    title = {"title": column.name, "description": _hint(column)}
    if not column.has_gaps:
        return title | schema
    return title | {"anyOf": [schema, {"type": "null"}], "default": None}


def _hint(column: Column) -> str:
    known = {
        Kind.CATEGORY: "A text that the training data has too; any other says nothing.",
        Kind.FLAG: "True or false.",
    }
    hint = known.get(column.kind) or f"{column.range} in the training data."
    return f"{hint} May be missing." if column.has_gaps else hint


def _to_field(name: str, schema: Mapping[str, Any]) -> tuple[Any, Any]:
    kind = _find_kind(schema.get("anyOf", [schema])[0])
    blank = BeforeValidator(lambda value: None if is_blank(value) else value)
    if "default" in schema:
        return Annotated[TYPES[kind] | None, blank], Field(None, alias=name)
    return Annotated[TYPES[kind], blank], Field(alias=name)


def _find_kind(schema: Mapping[str, Any]) -> Kind:
    if "format" in schema:
        return Kind.DATE
    return next(kind for kind, name in reversed(JSON_TYPES.items()) if name == schema["type"])


def _to_json(cell: Cell) -> object:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if not isinstance(cell, datetime):
        return cell
    return cell.isoformat() if cell.time() != datetime.min.time() else cell.date().isoformat()
