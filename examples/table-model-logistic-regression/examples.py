"""The rows of a table as a model learns from them, and how they are split, so that none leaks."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cells import Cell
from core.dataset import VALIDATION_SHARE, count
from core.errors import DataProblem
from core.labels import split_by_label, take_samples
from encoding import show_cell

NATURAL = 0.05  # share of rows that repeat another, from which on a table has few values, not leaks


@dataclass(frozen=True, slots=True)
class Example:
    cells: dict[str, Cell]
    target: str | float
    file: str
    number: int

    @property
    def label(self) -> str:
        return str(self.target)

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"

    @property
    def excerpt(self) -> str:
        shown = ((name, show_cell(cell)) for name, cell in self.cells.items())
        return ", ".join(f"{name} {text or 'missing'}" for name, text in shown)


# Rows whose cells are all the same, whatever their target.
Twins = list[list[Example]]


def find_twins(examples: Sequence[Example]) -> Twins:
    found: defaultdict[tuple[Cell, ...], list[Example]] = defaultdict(list)
    for example in examples:
        found[tuple(example.cells.values())].append(example)
    return list(found.values())


def note_repeats(source: str, twins: Twins, notes: list[str]) -> None:
    repeats = [example for group in twins for example in group[1:]]
    if repeats:
        rows = count(len(repeats), "row repeats", "rows repeat")
        notes.append(
            f"{source}: {rows} the values of another, first {repeats[0].place}; kept, and on the"
            " same side where rows are set apart to validate."
        )
    several = [group for group in twins if len({example.label for example in group}) > 1]
    if several and isinstance(several[0][0].target, str):
        places = " and ".join(f"{e.place} ({e.label})" for e in several[0][:2])
        values = count(len(several), "set of values has", "sets of values have")
        notes.append(f"{source}: {values} more than one label, first {places}.")


def find_leaks(train: Twins, held_out: Sequence[Example], notes: list[str]) -> list[DataProblem]:
    """Validation rows that are in the training data too: a problem where rows hardly ever repeat."""
    known = {(*group[0].cells.values(), e.target): e for group in train for e in group}
    twice = [
        (example, known[key])
        for example in held_out
        if (key := (*example.cells.values(), example.target)) in known
    ]
    rows = sum(map(len, train))
    if twice and (rows - len(train)) / rows >= NATURAL:
        found = count(len(twice), "validation row is", "validation rows are")
        notes.append(
            f"{held_out[0].file}: {found} in the training data too, first {twice[0][0].place};"
            " kept, as rows repeat there as well."
        )
        return []
    return [
        DataProblem(
            example.file,
            f"the row is in the training data too, {first.place}; delete one of them.",
            example.number,
        )
        for example, first in twice
    ]


def split(twins: Twins, seed: int) -> tuple[list[Example], list[Example]]:
    """Training and validation part; rows with the same cells are on the same side."""
    firsts = [group[0] for group in twins]
    if isinstance(firsts[0].target, str):
        _, held_out = split_by_label(firsts, seed)
    else:
        number = max(1, round(len(firsts) * VALIDATION_SHARE))
        held_out = random.Random(seed).sample(firsts, number)
    chosen = {id(example) for example in held_out}
    train = [e for group in twins for e in group if id(group[0]) not in chosen]
    return train, [e for group in twins for e in group if id(group[0]) in chosen]


def take(
    train: list[Example], validation: list[Example], samples: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """At the most so many of each.

    Raises:
        UserError: There are more labels than that.
    """
    if isinstance(train[0].target, str):
        return take_samples(train, validation, samples, seed)
    chance = random.Random(seed)
    return _draw(train, samples, chance), _draw(validation, samples, chance)


def _draw(examples: list[Example], samples: int, chance: random.Random) -> list[Example]:
    return chance.sample(examples, min(samples, len(examples)))
