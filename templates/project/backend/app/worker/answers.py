"""Answers of a model server to rows of a file; a row that it refuses says why in its own row."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.core.problems import Problem
from app.ml.inference import ModelServers, Unavailable
from app.ml.rows import Row
from app.worker.outcome import Failed, Retry

REFUSED = 422
Json = dict[str, Any]


class Answers:
    """
    Args:
        columns: Column of the file for each field of the model's input; the same name if left out.
    """

    def __init__(
        self, servers: ModelServers, version: Mapping[str, Any], columns: Mapping[str, str]
    ) -> None:
        manifest = version["manifest"]
        self._servers = servers
        self._url = version["endpoint_url"]
        self._version = manifest["version"]
        self._fields: Json = manifest["input"]["properties"]
        self._columns = {field: columns.get(field, field) for field in self._fields}
        self._outputs = list(manifest["output"]["properties"])

    @property
    def columns(self) -> list[str]:
        """What is added to the columns of the file."""
        return [*(f"predicted_{name}" for name in self._outputs), "model_version", "error"]

    async def of(self, rows: Sequence[Row]) -> tuple[list[Row], int]:
        """The rows with their answers, and how many were refused."""
        self._check_columns(rows[0])
        inputs = [self._input(row) for row in rows]
        refused: dict[int, str] = {}
        outputs: list[Json] = []
        while len(refused) < len(rows):
            asked = [index for index in range(len(rows)) if index not in refused]
            try:
                outputs = await self._ask([inputs[index] for index in asked])
                break
            except Problem as problem:
                refused |= _faults(problem, asked)
        answers = iter(outputs)
        return [
            self._joined(row, None if index in refused else next(answers), refused.get(index))
            for index, row in enumerate(rows)
        ], len(refused)

    async def _ask(self, inputs: list[Json]) -> list[Json]:
        try:
            return await self._servers.predict(self._url, inputs, self._version)
        except Unavailable as problem:
            raise Retry(problem.detail) from None

    def _check_columns(self, row: Row) -> None:
        for field, column in self._columns.items():
            if "default" not in self._fields[field] and column not in row.values:
                names = ", ".join(row.values)
                raise Failed(f"The file has no column '{column}' for '{field}'; it has {names}.")

    def _input(self, row: Row) -> Json:
        values = {
            field: _value(str(row.values[column]), self._fields[field])
            for field, column in self._columns.items()
            if column in row.values
        }
        return {field: value for field, value in values.items() if value is not None}

    def _joined(self, row: Row, output: Json | None, error: str | None) -> Row:
        answer = {f"predicted_{name}": value for name, value in (output or {}).items()}
        version = self._version if output is not None else None
        return Row(row.number, {**row.values, **answer, "model_version": version, "error": error})


def _faults(problem: Problem, asked: Sequence[int]) -> dict[int, str]:
    faults = {
        asked[fault.index or 0]: f"{fault.field}: {fault.message}".removeprefix(": ")
        for fault in problem.faults
        if (fault.index or 0) < len(asked)
    }
    if problem.status_code != REFUSED or not faults:
        raise Failed(f"The model server refuses the rows: {problem.detail}")
    return faults


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    """What the cell means to the model; what it does not fit is left to the server to refuse."""
    kinds = {schema.get("type"), *(option.get("type") for option in schema.get("anyOf", []))}
    if "string" in kinds:
        return text
    try:
        return json.loads(text.lower()) if text.strip() else None
    except ValueError:
        return text
