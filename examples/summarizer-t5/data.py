"""Loads the texts and what to make of them, and refuses data that no model should learn.

python train.py --data data/train.csv --columns source=article --columns target=summary
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeGuard

from checks import explain_side, find_copies, note_lengths
from core.columns import Field, choose_columns, most_text
from core.dataset import DataSettings, count, fingerprint, load_rows
from core.errors import DataProblem, quote
from core.findings import Findings
from core.sources import Row
from split import Example, Texts, find_leaks, flatten, split, take_samples

SOURCE_NAMES = (
    *("document", "article", "text", "body", "content", "dialogue", "passage"),
    *("input", "question", "prompt", "src", "original", "en", "english"),
)
TARGET_NAMES = (
    *("summary", "highlights", "abstract", "headline", "title", "translation"),
    *("output", "answer", "response", "completion", "tgt", "corrected", "simplified"),
    *("de", "german", "fr", "french", "es", "spanish", "it", "italian", "en", "english"),
)
COLUMNS = (Field("source", SOURCE_NAMES, most_text), Field("target", TARGET_NAMES, most_text))
FIELDS = tuple(field.name for field in COLUMNS)


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all sources and targets, before `samples` takes some


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    texts = _load_texts(settings.data, settings.columns, found)
    held_out: Texts = {}
    if settings.validation:
        held_out = _load_texts(settings.validation, settings.columns, found)
    train, validation = flatten(texts), flatten(held_out)
    found.summary["characters"] = _lengths(train + validation)
    found.problems += find_leaks(texts, held_out)
    found.raise_problems()
    digest = fingerprint([example.source, example.target] for example in train + validation)
    if not settings.validation:
        train, validation = split(settings.data, texts, settings.seed)
        found.notes.append(f"{settings.data}: set {len(validation):,} rows apart to validate.")
    if settings.samples is not None:
        train, validation = take_samples(train, validation, settings.samples, settings.seed)
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_texts(source: str, columns: Mapping[str, str], found: Findings) -> Texts:
    rows = _unfold(source, load_rows(source, found), found)
    chosen = choose_columns(source, rows, columns, COLUMNS, found)
    texts: Texts = {}
    for example in _check_rows(rows, chosen["source"], chosen["target"], found.problems):
        texts.setdefault(" ".join(example.source.split()), []).append(example)
    _drop_duplicates(source, texts, found.notes)
    _note_several_targets(source, texts, found.notes)
    found.problems += find_copies(source, flatten(texts), found.notes)
    note_lengths(source, flatten(texts), found.notes)
    return texts


def _unfold(source: str, rows: list[Row], found: Findings) -> list[Row]:
    """Of `{"translation": {"en": …, "de": …}}`, as data sets of translations are, the languages."""
    counts = Counter(n for row in rows for n, value in row.values.items() if _is_object(value))
    (name, times), *_ = [*counts.most_common(1), ("", 0)]
    if times <= len(rows) / 2:
        return rows
    found.notes.append(f"{source}: took the parts of column {quote(name)} for columns.")
    unfolded = []
    for row in rows:
        values = dict(row.values)
        inner = values.pop(name, None)
        unfolded.append(row._replace(values={**values, **(inner if _is_object(inner) else {})}))
    return unfolded


def _is_object(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict)


def _check_rows(
    rows: Sequence[Row], source: str, target: str, problems: list[DataProblem]
) -> list[Example]:
    examples = []
    for row in rows:
        values = [row.values.get(column) for column in (source, target)]
        wrong = [explain_side(value) for value in values]
        for column, message in zip((source, target), wrong, strict=True):
            if message:
                problems.append(DataProblem(row.file, message, row.number, column))
        if not any(wrong):
            asked, expected = (str(value).strip() for value in values)
            examples.append(Example(asked, expected, row.file, row.number))
    return examples


def _drop_duplicates(source: str, texts: Texts, notes: list[str]) -> None:
    dropped = 0
    first = ""
    for key, examples in texts.items():
        by_target = {example.target: example for example in reversed(examples)}
        kept = [example for example in examples if by_target[example.target] is example]
        dropped += len(examples) - len(kept)
        first = first or next((e.place for e in examples if e not in kept), "")
        texts[key] = kept
    if dropped:
        rows = count(dropped, "row that repeats", "rows that repeat")
        notes.append(f"{source}: dropped {rows} another, first {first}.")


def _note_several_targets(source: str, texts: Texts, notes: list[str]) -> None:
    several = [examples for examples in texts.values() if len(examples) > 1]
    if several:
        places = " and ".join(example.place for example in several[0])
        notes.append(
            f"{source}: {count(len(several), 'source has', 'sources have')} more than one target,"
            f" first {places}; kept, and all of them are trained on."
        )


def _lengths(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    sides = {"source": [e.source for e in examples], "target": [e.target for e in examples]}
    return {
        side: {"median": median(map(len, texts)), "longest": max(map(len, texts))}
        for side, texts in sides.items()
        if texts
    }
