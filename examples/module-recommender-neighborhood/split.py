"""Sets the last interactions of each user apart, so that a model is asked what comes next."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from core.dataset import VALIDATION_SHARE
from core.errors import UserError


@dataclass(frozen=True, slots=True)
class Interaction:
    user: str
    item: str
    rating: float  # 1 where the data has none
    time: float | None  # seconds since 1970
    is_liked: bool  # learnt from and asked for; else only known to have been seen
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


def split_by_user(
    interactions: Sequence[Interaction], seed: int
) -> tuple[list[Interaction], list[Interaction]]:
    """Training and validation part: of each user the last liked ones, or drawn where no time is.

    Who liked one item only keeps it in the training part.
    """
    generator = random.Random(seed)
    train: list[Interaction] = []
    validation: list[Interaction] = []
    for own in _by_user(interactions).values():
        mixed = generator.sample(own, len(own))
        ordered = sorted(mixed, key=lambda interaction: interaction.time or 0)
        liked = [interaction for interaction in ordered if interaction.is_liked]
        share = max(1, round(len(liked) * VALIDATION_SHARE)) if len(liked) > 1 else 0
        held_out = set(liked[len(liked) - share :])
        train += [interaction for interaction in ordered if interaction not in held_out]
        validation += [interaction for interaction in ordered if interaction in held_out]
    return train, validation


def take_samples(
    train: Sequence[Interaction], validation: Sequence[Interaction], samples: int, seed: int
) -> tuple[list[Interaction], list[Interaction]]:
    """Whole users, drawn among those that can be validated, as long as their rows fit.

    Raises:
        UserError: Not one fits.
    """
    known, held_out = _by_user(train), _by_user(validation)
    chosen: set[str] = set()
    left = samples
    for user in random.Random(seed).sample(list(held_out), len(held_out)):
        rows = len(known[user]) + len(held_out[user])
        if rows <= left:
            chosen.add(user)
            left -= rows
    if not chosen:
        least = min(len(known[user]) + len(rows) for user, rows in held_out.items())
        raise UserError(f"--samples {samples}: one user alone has {least} rows at the least.")
    return [i for i in train if i.user in chosen], [i for i in validation if i.user in chosen]


def _by_user(interactions: Sequence[Interaction]) -> dict[str, list[Interaction]]:
    users: dict[str, list[Interaction]] = {}
    for interaction in interactions:
        users.setdefault(interaction.user, []).append(interaction)
    return users
