"""Puts short rows together into long ones, so that no step computes padding.

Positions begin at 0 with each row: that is how transformers tells where one ends, and keeps it from
attending to its neighbours.
"""

from collections.abc import Sequence

from encoding import Row


def pack(rows: Sequence[Row], max_length: int) -> list[Row]:
    """Blocks of at most `max_length` tokens: each row goes into the first one with room for it,
    the longest first."""
    blocks: list[list[Row]] = []
    room: list[int] = []
    for row in sorted(rows, key=lambda row: -len(row["input_ids"])):
        size = len(row["input_ids"])
        place = next((n for n, free in enumerate(room) if free >= size), None)
        if place is None:
            blocks.append([])
            room.append(max_length)
            place = len(blocks) - 1
        blocks[place].append(row)
        room[place] -= size
    return [_join(block) for block in blocks]


def _join(rows: Sequence[Row]) -> Row:
    return {
        "input_ids": [token for row in rows for token in row["input_ids"]],
        "labels": [label for row in rows for label in row["labels"]],
        "position_ids": [place for row in rows for place in range(len(row["input_ids"]))],
    }
