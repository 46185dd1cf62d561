"""The next version of a data set: its rows, with the corrections of a model's predictions."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
from starlette.concurrency import iterate_in_threadpool

from app.core.problems import Problem, not_found
from app.core.storage import dataset_path
from app.ml.exports import column_names, to_jsonl
from app.ml.rows import Row
from app.ml.sources import Arrival, Reader
from app.ml.tables import read_rows
from app.ml.version_store import NEWEST, insert, kept_files

FIELDS = """
select r.description -> 'columns' from ml_models m join ml_recipes r on r.name = m.recipe
where m.name = $1 and m.owner_id = $2
"""
UNUSED = """
select c.id, c.output, p.input, p.output as predicted
from ml_corrections c
join ml_predictions p on p.id = c.prediction_id
join ml_models m on m.id = p.model_id
where m.name = $1 and c.owner_id = $2 and c.dataset_version_id is null
order by c.created_at, c.id
"""
USE = "update ml_corrections set dataset_version_id = $2 where id = any($1) and owner_id = $3"

Key = tuple[str, ...]


class Task(NamedTuple):
    """What is corrected: a version of the data, and the fields that the model learns from."""

    parent: asyncpg.Record
    fields: list[str]
    corrections: Sequence[asyncpg.Record]


async def add_corrections(reader: Reader, owner: UUID, dataset: UUID, model: str) -> asyncpg.Record:
    """The row of the new version; the corrections are marked in the same transaction.

    Raises:
        Problem: There is nothing to take, or it cannot be put into the newest version's columns.
    """
    task = await _find(reader, owner, dataset, model)
    parent = task.parent
    async with reader.storage.local(dataset_path(owner, parent["id"], parent["suffix"])) as file:
        names = await asyncio.to_thread(column_names, read_rows(file, parent["suffix"]))
        merge = Merge(_columns(task, names), [dict(found) for found in task.corrections])
        lines = iterate_in_threadpool(to_jsonl(merge.rows(read_rows(file, parent["suffix"]))))
        async with (
            reader.storage.stage(lines, reader.limit) as staged,
            kept_files(
                reader.storage,
                owner,
                Arrival("corrections", model, ".jsonl", staged),
                parent["columns"],
            ) as new,
            reader.database.as_service() as connection,
        ):
            row = await insert(connection, owner, dataset, new)
            if (
                await connection.fetch(f"{UNUSED} for update of c", model, owner)
                != task.corrections
            ):
                raise Problem(409, "The corrections were changed meanwhile; try again.")
            await connection.execute(
                USE, [found["id"] for found in task.corrections], new.id, owner
            )
            return row


class Merge:
    """Rows of the data, of which those with a corrected input get the corrected output."""

    def __init__(
        self, columns: Mapping[str, str], corrections: Sequence[Mapping[str, Any]]
    ) -> None:
        given = {field for correction in corrections for field in correction["input"]}
        self._inputs = [column for field, column in columns.items() if field in given]
        self._corrected: dict[Key, dict[str, Any]] = {}
        for correction in corrections:  # a later one of the same input counts
            known = correction["input"] | correction["predicted"] | correction["output"]
            values = {column: known.get(field) for field, column in columns.items()}
            self._corrected[self._key(values)] = values

    def rows(self, parent: Iterable[Row]) -> Iterator[Row]:
        """The rows of `parent` in their order, then the inputs that are new."""
        left = dict(self._corrected)
        last = 0
        for last, row in enumerate(parent, start=1):
            key = self._key(row.values)
            left.pop(key, None)
            yield Row(last, self._correct(row.values, self._corrected.get(key, {})))
        for number, values in enumerate(left.values(), start=last + 1):
            yield Row(number, values)

    def _correct(self, values: dict[str, Any], corrected: dict[str, Any]) -> dict[str, Any]:
        outputs = {name: value for name, value in corrected.items() if name not in self._inputs}
        return values | outputs

    def _key(self, values: Mapping[str, object]) -> Key:
        return tuple(_normal(values.get(column)) for column in self._inputs)


def _normal(value: object) -> str:
    """Texts that differ in case or spacing only are the same to the models; so are 3 and "3"."""
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
    return " ".join(text.split()).casefold()


async def _find(reader: Reader, owner: UUID, dataset: UUID, model: str) -> Task:
    async with reader.database.as_service() as connection:
        fields = await connection.fetchval(FIELDS, model, owner)
        parent = await connection.fetchrow(NEWEST, dataset, owner)
        corrections = await connection.fetch(UNUSED, model, owner)
    if fields is None:
        raise not_found(f"model '{model}' whose recipe a worker knows")
    if not corrections:
        raise Problem(409, f"The model '{model}' has no correction that is not in a version yet.")
    if parent is None:
        raise Problem(409, "The data set has no version to add the corrections to; add one first.")
    if not parent["suffix"]:
        detail = (
            f"The rows of {parent['source_name']} are not kept here; add a version with a file."
        )
        raise Problem(409, detail)
    return Task(parent, fields, corrections)


def _columns(task: Task, names: Sequence[str]) -> dict[str, str]:
    """Column of each field."""
    columns: dict[str, str] = {}
    for field in task.fields:
        column = task.parent["columns"].get(field, field)
        if column not in names:
            number = task.parent["number"]
            detail = f"Say first which column of version {number} holds '{field}': map its columns."
            raise Problem(409, detail)
        columns[field] = column
    return columns
