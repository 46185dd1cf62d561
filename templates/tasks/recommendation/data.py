"""Loads who took what, and refuses data that no model should learn.

python train.py --data data/train.csv --columns user=member --columns item=course
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from checks import (
    ID_KINDS,
    explain_id,
    explain_rating,
    explain_time,
    read_rating,
    read_time,
)
from core.columns import Field, choose_columns
from core.dataset import DataSettings, count, fingerprint, load_rows
from core.errors import DataProblem, quote
from core.findings import Findings
from core.sources import Row
from core.values import to_name, usual_kind
from split import Interaction, split_by_user, take_samples

USER_NAMES = ("user_id", "userid", "member", "customer", "customer_id", "trainee", "learner")
ITEM_NAMES = ("item_id", "itemid", "product", "product_id", "movie", "movieid", "course", "module")
RATING_NAMES = ("stars", "score", "value", "count", "quantity")
TIME_NAMES = ("timestamp", "date", "datetime", "created_at", "when")
COLUMNS = (
    Field("user", USER_NAMES),
    Field("item", ITEM_NAMES),
    Field("rating", RATING_NAMES, is_required=False),
    Field("time", TIME_NAMES, is_required=False),
)
FIELDS = tuple(field.name for field in COLUMNS)
LEAST = {"users": 10, "items": 10, "interactions": 50}


class Settings(DataSettings, Protocol):
    @property
    def min_rating(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Interaction]
    validation: list[Interaction]  # liked items of users that are in `train`
    has_times: bool
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all interactions, before `samples` takes some


# By user and item: there is one interaction of a user with an item.
Pairs = dict[tuple[str, str], Interaction]


def load_dataset(settings: Settings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    known = _load_pairs(settings.data, settings, found)
    held_out: Pairs = {}
    if settings.validation:
        held_out = _load_pairs(settings.validation, settings, found)
    _summarize(known, found)
    found.raise_problems()
    found.problems += _find_too_few(settings.data, known, settings.min_rating)
    found.problems += _find_leaks(known, held_out)
    found.raise_problems()
    train, validation = list(known.values()), list(held_out.values())
    digest = fingerprint([i.user, i.item, i.rating, i.time] for i in train + validation)
    if settings.validation:
        validation = _keep_known_users(settings.validation, train, validation, found)
    else:
        train, validation = split_by_user(train, settings.seed)
        _note_split(settings.data, train, validation, found.notes)
    if not validation:
        message = "no user has two items that they liked, so there is nothing to validate on."
        found.problems.append(DataProblem(settings.validation or settings.data, message))
    found.raise_problems()
    if settings.samples is not None:
        train, validation = take_samples(train, validation, settings.samples, settings.seed)
    _note_new_items(train, validation, found)
    found.raise_problems()
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    has_times = train[0].time is not None
    return Dataset(train, validation, has_times, found.notes, digest)


def _load_pairs(source: str, settings: Settings, found: Findings) -> Pairs:
    rows = load_rows(source, found)
    chosen = choose_columns(source, rows, settings.columns, COLUMNS, found)
    interactions = _check_rows(rows, chosen, settings.min_rating, found.problems)
    if "rating" in chosen and len({i.rating for i in interactions}) == 1:
        only = f"{interactions[0].rating:g}"
        found.notes.append(f"{source}: every rating is {only}, so they tell nothing apart.")
    _note_alike_ids(source, interactions, found.notes)
    return _keep_last(source, interactions, found.notes)


def _check_rows(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    min_rating: float | None,
    problems: list[DataProblem],
) -> list[Interaction]:
    usual = {
        role: usual_kind((row.values.get(columns[role]) for row in rows), ID_KINDS)
        for role in ("user", "item")
    }
    interactions = []
    for row in rows:
        values = {role: row.values.get(column) for role, column in columns.items()}
        wrong = {
            "user": explain_id(values["user"], usual["user"]),
            "item": explain_id(values["item"], usual["item"]),
            "rating": explain_rating(values.get("rating", 1)),
            "time": explain_time(values["time"]) if "time" in columns else "",
        }
        problems += [
            DataProblem(row.file, message, row.number, columns[role])
            for role, message in wrong.items()
            if message
        ]
        if not any(wrong.values()):
            interactions.append(_read_row(row, values, min_rating))
    return interactions


def _read_row(row: Row, values: Mapping[str, object], min_rating: float | None) -> Interaction:
    rating = read_rating(values.get("rating", 1))
    return Interaction(
        to_name(values["user"]),
        to_name(values["item"]),
        rating,
        read_time(values["time"]) if "time" in values else None,
        rating > 0 if min_rating is None else rating >= min_rating,
        row.file,
        row.number,
    )


def _keep_last(source: str, interactions: Sequence[Interaction], notes: list[str]) -> Pairs:
    """The last interaction of each user with each item: by time where there is one, else by row."""
    pairs: Pairs = {}
    repeated: list[Interaction] = []
    for interaction in interactions:
        before = pairs.get((interaction.user, interaction.item))
        if before is not None:
            is_older = (interaction.time or 0) < (before.time or 0)
            repeated.append(interaction if is_older else before)
        if before is None or repeated[-1] is before:
            pairs[interaction.user, interaction.item] = interaction
    if repeated:
        rows = count(len(repeated), "row", "rows")
        notes.append(
            f"{source}: dropped {rows} of a user with an item that comes again;"
            f" the last one counts, first {repeated[0].place}."
        )
    return pairs


def _note_alike_ids(source: str, interactions: Sequence[Interaction], notes: list[str]) -> None:
    for what, ids in (
        ("users", sorted({i.user for i in interactions})),
        ("items", sorted({i.item for i in interactions})),
    ):
        by_case = Counter(name.casefold() for name in ids)
        if alike := [name for name in ids if by_case[name.casefold()] > 1]:
            notes.append(f"{source}: the {what} {quote(*alike[:4])} differ in case only.")


def _summarize(pairs: Pairs, found: Findings) -> None:
    users, items = {user for user, _ in pairs}, {item for _, item in pairs}
    found.summary |= {
        "users": len(users),
        "items": len(items),
        "interactions": len(pairs),
        "filled": round(len(pairs) / max(1, len(users) * len(items)), 4),  # share of the matrix
    }


def _find_too_few(source: str, pairs: Pairs, min_rating: float | None) -> list[DataProblem]:
    liked = [pair for pair, interaction in pairs.items() if interaction.is_liked]
    has = {
        "users": len({user for user, _ in liked}),
        "items": len({item for _, item in liked}),
        "interactions": len(liked),
    }
    where = "" if min_rating is None else f" in rows rated {min_rating:g} or more"
    return [
        DataProblem(source, f"has {has[what]:,} {what}{where}; {least} are the least.")
        for what, least in LEAST.items()
        if has[what] < least
    ]


def _find_leaks(train: Pairs, validation: Pairs) -> list[DataProblem]:
    return [
        DataProblem(
            interaction.file,
            f"the user has this item in the training data too, {train[pair].place};"
            " delete one of them.",
            interaction.number,
        )
        for pair, interaction in validation.items()
        if pair in train
    ]


def _keep_known_users(
    source: str, train: Sequence[Interaction], validation: Sequence[Interaction], found: Findings
) -> list[Interaction]:
    users = {interaction.user for interaction in train}
    unknown = [i for i in validation if i.user not in users]
    if len(unknown) == len(validation):
        message = "none of its users is in the training data; take the users from there."
        found.problems.append(DataProblem(source, message))
    elif unknown:
        rows = count(len(unknown), "row of a user", "rows of users")
        found.notes.append(
            f"{source}: passed over {rows} that the training data does not have,"
            f" first {quote(unknown[0].user)} in {unknown[0].place}."
        )
    return [i for i in validation if i.user in users and i.is_liked]


def _note_split(
    source: str, train: Sequence[Interaction], validation: Sequence[Interaction], notes: list[str]
) -> None:
    users = {interaction.user for interaction in validation}
    single = len({interaction.user for interaction in train} - users)
    which = "their last ones" if train[0].time is not None else "drawn, as the data has no times"
    notes.append(
        f"{source}: set {count(len(validation), 'interaction', 'interactions')} of"
        f" {count(len(users), 'user', 'users')} apart to validate, {which}."
    )
    if single:
        notes.append(
            f"{source}: {count(single, 'user has', 'users have')} a single item only:"
            " it is learnt from, and nothing of theirs is validated."
        )


def _note_new_items(
    train: Sequence[Interaction], validation: Sequence[Interaction], found: Findings
) -> None:
    known = {interaction.item for interaction in train}
    new = [interaction for interaction in validation if interaction.item not in known]
    if len(new) == len(validation):
        message = "no item that is held out is in the training part too; take more rows."
        found.problems.append(DataProblem(new[0].file, message))
    elif new:
        names = list(dict.fromkeys(interaction.item for interaction in new))
        found.notes.append(
            f"{count(len(names), 'item occurs', 'items occur')} in the validation part only and"
            f" cannot be recommended; each counts as a miss: {quote(*names[:5])}"
            f"{' …' if len(names) > 5 else ''}."
        )
