"""Loads what people search for and the passages that answer it, and refuses what no model should learn.

python train.py --data data/train.csv --columns query=question --columns passage=answer
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks import explain_content, explain_negative, explain_pair, is_given
from core.columns import Field, choose_columns, most_text
from core.dataset import VALIDATION_SHARE, DataSettings, count, fingerprint, load_rows
from core.errors import DataProblem, UserError
from core.findings import Findings
from core.sources import Row

QUERY_NAMES = ("question", "anchor", "search", "title", "summary", "sentence1")
PASSAGE_NAMES = (
    *("positive", "pos", "document", "answer", "context", "text", "content"),
    *("description", "response", "sentence2"),
)
NEGATIVE_NAMES = ("neg", "hard_negative", "sentence3")


def second_text(rows: Sequence[Row], names: Sequence[str]) -> list[str]:
    """The column with most text but one: passages are longer than queries."""
    return most_text(rows, names)[1:2]


COLUMNS = (
    Field("query", QUERY_NAMES, second_text),
    Field("passage", PASSAGE_NAMES, most_text),
    Field("negative", NEGATIVE_NAMES, is_required=False),
)
FIELDS = tuple(field.name for field in COLUMNS)
LEAST = {"queries": 20, "passages": 20}
LEAST_SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Pair:
    query: str
    passage: str  # that answers it
    negative: str | None  # a passage that looks like an answer and is none
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Texts that differ in case or spacing only are written as the first of them."""

    train: list[Pair]
    validation: list[Pair]  # of queries that are not in `train`
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all pairs, before `samples` takes some


Pairs = dict[tuple[str, str, str | None], Pair]


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    spellings: dict[str, str] = {}
    train = _load_pairs(settings.data, settings.columns, spellings, found)
    validation: list[Pair] = []
    if settings.validation:
        validation = _load_pairs(settings.validation, settings.columns, spellings, found)
    everything = train + validation
    has = _summarize(everything, found)
    found.raise_problems()
    found.problems += _find_too_few(settings.data, has)
    found.problems += _find_leaks(train, validation)
    found.problems += _find_contradictions(everything)
    found.raise_problems()
    digest = fingerprint([pair.query, pair.passage, pair.negative] for pair in everything)
    if not settings.validation:
        train, validation = _split(train, settings.seed)
        pairs = count(len(validation), "row", "rows")
        queries = count(len({pair.query for pair in validation}), "query", "queries")
        found.notes.append(f"{settings.data}: set {pairs} of {queries} apart to validate.")
    if settings.samples is not None:
        train = _take(train, settings.samples, settings.seed)
        validation = _take(validation, settings.samples, settings.seed)
    _note_known_passages(train, validation, found.notes)
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_pairs(
    source: str, columns: Mapping[str, str], spellings: dict[str, str], found: Findings
) -> list[Pair]:
    rows = load_rows(source, found)
    chosen = choose_columns(source, rows, columns, COLUMNS, found)
    pairs: Pairs = {}
    repeated: list[Pair] = []
    for pair in _check_rows(rows, chosen, spellings, found.problems):
        key = pair.query, pair.passage, pair.negative
        if key in pairs:
            repeated.append(pair)
        pairs.setdefault(key, pair)
    if repeated:
        which = count(len(repeated), "row that repeats", "rows that repeat")
        found.notes.append(f"{source}: dropped {which} another, first {repeated[0].place}.")
    return list(pairs.values())


def _check_rows(
    rows: Sequence[Row],
    columns: Mapping[str, str],
    spellings: dict[str, str],
    problems: list[DataProblem],
) -> list[Pair]:
    pairs = []
    for row in rows:
        values = {role: row.values.get(column) for role, column in columns.items()}
        wrong = {
            "query": explain_content(values["query"]),
            "passage": explain_content(values["passage"])
            or explain_pair(values["query"], values["passage"]),
            "negative": explain_negative(values.get("negative"), values["passage"]),
        }
        problems += [
            DataProblem(row.file, message, row.number, columns[role])
            for role, message in wrong.items()
            if message
        ]
        if not any(wrong.values()):
            query, passage, negative = (
                _spell(values.get(role), spellings) for role in ("query", "passage", "negative")
            )
            pairs.append(Pair(query or "", passage or "", negative, row.file, row.number))
    return pairs


def _spell(value: object, spellings: dict[str, str]) -> str | None:
    """The text as it was written first; nothing where there is none."""
    if not is_given(value):
        return None
    text = str(value).strip()
    return spellings.setdefault(" ".join(text.split()).casefold(), text)


def _summarize(pairs: Sequence[Pair], found: Findings) -> dict[str, int]:
    has = {
        "queries": len({pair.query for pair in pairs}),
        "passages": len({pair.passage for pair in pairs}),
    }
    negatives = sum(pair.negative is not None for pair in pairs)
    found.summary |= has | {"pairs": len(pairs), "negatives": negatives}
    return has


def _find_too_few(source: str, has: Mapping[str, int]) -> list[DataProblem]:
    return [
        DataProblem(source, f"has {has[what]:,} different {what}; {least} are the least.")
        for what, least in LEAST.items()
        if has[what] < least
    ]


def _find_leaks(train: Sequence[Pair], validation: Sequence[Pair]) -> list[DataProblem]:
    known = {pair.query: pair for pair in reversed(train)}
    return [
        DataProblem(
            pair.file,
            f"the query is in the training data too, {known[pair.query].place};"
            " delete one of them.",
            pair.number,
        )
        for pair in validation
        if pair.query in known
    ]


def _find_contradictions(pairs: Sequence[Pair]) -> list[DataProblem]:
    answers = {(pair.query, pair.passage): pair for pair in reversed(pairs)}
    return [
        DataProblem(
            pair.file,
            f"its negative answers the same query in {answers[pair.query, pair.negative].place};"
            " delete one of them.",
            pair.number,
        )
        for pair in pairs
        if pair.negative is not None and (pair.query, pair.negative) in answers
    ]


def _split(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], list[Pair]]:
    """All pairs of a query are on one side."""
    queries = list(dict.fromkeys(pair.query for pair in pairs))
    share = max(1, round(len(queries) * VALIDATION_SHARE))
    held_out = set(random.Random(seed).sample(queries, share))
    return (
        [pair for pair in pairs if pair.query not in held_out],
        [pair for pair in pairs if pair.query in held_out],
    )


def _take(pairs: Sequence[Pair], samples: int, seed: int) -> list[Pair]:
    """At the most so many, as pairs of whole queries.

    Raises:
        UserError: Not one query fits, or they are too few to tell a passage from others.
    """
    if samples < LEAST_SAMPLES:
        raise UserError(
            f"--samples {samples}: choose {LEAST_SAMPLES} or more, as each query has to find its"
            " passage among those of others."
        )
    queries: dict[str, list[Pair]] = {}
    for pair in pairs:
        queries.setdefault(pair.query, []).append(pair)
    taken: list[Pair] = []
    for query in random.Random(seed).sample(list(queries), len(queries)):
        if len(taken) + len(queries[query]) <= samples:
            taken += queries[query]
    if not taken:
        least = min(map(len, queries.values()))
        raise UserError(f"--samples {samples}: one query alone has {least} rows at the least.")
    return taken


def _note_known_passages(
    train: Sequence[Pair], validation: Sequence[Pair], notes: list[str]
) -> None:
    known = {pair.passage for pair in train}
    queries = {pair.query for pair in validation}
    asked = {pair.query for pair in validation if pair.passage in known}
    if asked:
        notes.append(
            f"{len(asked):,} of {count(len(queries), 'validation query', 'validation queries')}"
            f" {'asks' if len(asked) == 1 else 'ask'} for a passage that training queries ask for"
            " too: the figures hold for passages that are known, new ones may be found less well."
        )
