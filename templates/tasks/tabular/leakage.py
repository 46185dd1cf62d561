"""Finds columns that give the answer away: copies of the target, and columns that tell it alone."""

import statistics
from bisect import bisect
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta

from cells import Cell

FEWEST = 40  # rows; fewer can agree by chance
EXPLAINED = 0.97  # of the baseline's mistakes or of the variance, by one column alone
ROWS_IN_GROUP = 10
MOST_GROUPS = 100


def is_copy(cells: Sequence[Cell], target: Sequence[str | float]) -> bool:
    return len(cells) > 1 and all(c == t for c, t in zip(cells, target, strict=True))


def tells_alone(cells: Sequence[Cell], target: Sequence[str | float]) -> bool:
    """Whether one column tells the target nearly perfectly, on rows apart from those looked at.

    Args:
        target: Labels, or numbers.
    """
    if len(cells) < FEWEST:
        return False
    groups = _groups(cells)
    if all(isinstance(value, float) for value in target):
        return _explained_variance(groups, [float(value) for value in target]) >= EXPLAINED
    return _avoided_mistakes(groups, [str(value) for value in target]) >= EXPLAINED


def _groups(cells: Sequence[Cell]) -> Sequence[Hashable]:
    """Rows with the same value, or with numbers that are near."""
    if len(set(cells)) <= MOST_GROUPS or any(isinstance(cell, str) for cell in cells):
        return cells
    numbers = [_number(cell) for cell in cells]
    filled = sorted(number for number in numbers if number is not None)
    groups = min(MOST_GROUPS, len(filled) // ROWS_IN_GROUP)
    edges = [filled[len(filled) * place // groups] for place in range(1, groups)]
    return [None if number is None else bisect(edges, number) for number in numbers]


def _number(cell: Cell) -> float | None:
    if isinstance(cell, datetime):
        return (cell - datetime.min) / timedelta(days=1)
    return cell if isinstance(cell, float) else None


def _avoided_mistakes(groups: Sequence[Hashable], labels: Sequence[str]) -> float:
    """Share of the mistakes of always saying the most frequent label."""
    usual = Counter(labels).most_common(1)[0][0]
    seen: dict[tuple[int, Hashable], Counter[str]] = defaultdict(Counter)
    for place, (group, label) in enumerate(zip(groups, labels, strict=True)):
        seen[place % 2, group][label] += 1
    mistakes = 0
    for place, (group, label) in enumerate(zip(groups, labels, strict=True)):
        known = seen.get((1 - place % 2, group))
        mistakes += label != (known.most_common(1)[0][0] if known else usual)
    return 1 - mistakes / max(1, sum(label != usual for label in labels))


def _explained_variance(groups: Sequence[Hashable], numbers: Sequence[float]) -> float:
    mean = statistics.fmean(numbers)
    seen: dict[tuple[int, Hashable], list[float]] = defaultdict(list)
    for place, (group, number) in enumerate(zip(groups, numbers, strict=True)):
        seen[place % 2, group].append(number)
    means = {key: statistics.fmean(values) for key, values in seen.items()}
    left = sum(
        (number - means.get((1 - place % 2, group), mean)) ** 2
        for place, (group, number) in enumerate(zip(groups, numbers, strict=True))
    )
    return 1 - left / max(sum((number - mean) ** 2 for number in numbers), 1e-300)
