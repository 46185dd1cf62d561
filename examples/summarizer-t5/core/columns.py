"""Finds the columns that a task reads: as they are given, else by name, else by content."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import DataError, DataProblem, UserError, quote
from core.findings import Findings
from core.sources import Row

ROWS_TO_GUESS_FROM = 1000

Guess = Callable[[Sequence[Row], Sequence[str]], Sequence[str]]


def nothing(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Content tells nothing: such a column is known by its name only."""
    return []


def most_text(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Columns with text in them, the one with most of it first."""
    lengths = dict.fromkeys(names, 0)
    for row in rows:
        for name, value in row.values.items():
            if name in lengths and isinstance(value, str):
                lengths[name] += len(value)
    return sorted((name for name in names if lengths[name]), key=lambda name: -lengths[name])


def fewest_values(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """Columns whose values occur twice or more, the one with fewest different ones first."""
    kinds = {name: len({repr(row.values.get(name)) for row in rows}) for name in names}
    return sorted((n for n in names if 1 < kinds[n] <= len(rows) / 2), key=kinds.__getitem__)


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a task reads from each row."""

    name: str
    names: Sequence[str] = ()  # lower case; what such a column is usually called, best first
    guess: Guess = nothing  # candidates by content, best first
    is_required: bool = True


def choose_columns(
    source: str,
    rows: Sequence[Row],
    given: Mapping[str, str],
    fields: Sequence[Field],
    found: Findings,
) -> dict[str, str]:
    """The column of each field; fields that may be left out and are not there are missing.

    Args:
        given: Columns by field, as the user said; what is guessed instead is noted in `found`.

    Raises:
        UserError: `given` names no field.
        DataError: A column is not there, or none can be guessed.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    _require_known(source, names, given, [field.name for field in fields])
    chosen: dict[str, str] = {}
    for field in fields:
        taken = {*chosen.values(), *(n for other, n in given.items() if other != field.name)}
        free = [name for name in names if name not in taken]
        column = given.get(field.name) or _guess(field, rows, free)
        if column:
            chosen[field.name] = column
        elif field.is_required:
            question = f"which column is the {field.name}, of {quote(*names)}?"
            raise DataError(DataProblem(source, f"{question} Say --columns {field.name}=NAME."))
    found.columns = found.columns or chosen
    for role, name in chosen.items():
        if role not in given and name != role:
            found.notes.append(f"{source}: took column {quote(name)} for the {role}.")
    return chosen


def _require_known(
    source: str, names: Sequence[str], given: Mapping[str, str], fields: Sequence[str]
) -> None:
    if unknown := sorted(set(given) - set(fields)):
        raise UserError(f"--columns {unknown[0]}: choose {' or '.join(fields)}.")
    missing = [(role, column) for role, column in given.items() if column not in names]
    if missing:
        has = f"it has {quote(*names)}."
        raise DataError(
            *(
                DataProblem(source, f"has no column {quote(column)} for the {role}; {has}")
                for role, column in missing
            )
        )


def _guess(field: Field, rows: Sequence[Row], names: Sequence[str]) -> str | None:
    wanted = dict.fromkeys((field.name, *field.names))
    by_name = [name for known in wanted for name in names if name.lower() == known]
    return next(iter([*by_name, *field.guess(rows[:ROWS_TO_GUESS_FROM], names)]), None)
