"""Loads the texts and labels to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns text=statement --columns label=trade
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.columns import Field, choose_columns, fewest_values, most_text
from core.dataset import DataSettings, count, fingerprint, load_rows
from core.errors import DataError, DataProblem, quote
from core.findings import Findings
from core.labels import (
    LABEL_KINDS,
    LABEL_NAMES,
    explain_label,
    find_rare_labels,
    find_unseen_labels,
    note_alike_labels,
    split_by_label,
    take_samples,
)
from core.sources import Row
from core.values import explain_text, to_name, usual_kind

TEXT_NAMES = ("sentence", "statement", "content", "message", "review", "description")
COLUMNS = (Field("text", TEXT_NAMES, most_text), Field("label", LABEL_NAMES, fewest_values))
FIELDS = tuple(field.name for field in COLUMNS)


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    label: str
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Example]
    validation: list[Example]
    labels: list[str]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all texts and labels, before `samples` takes some


# The examples of each text, where texts that differ in case or spacing only are the same.
Texts = dict[str, list[Example]]


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
    train, validation = _flatten(texts), _flatten(held_out)
    found.summary["labels"] = dict(Counter(e.label for e in train + validation).most_common())
    found.raise_problems()
    labels = sorted({example.label for example in train})
    found.problems += find_rare_labels(settings.data, train)
    found.problems += find_unseen_labels(validation, labels)
    found.problems += _find_leaks(texts, held_out)
    found.raise_problems()
    digest = fingerprint([example.text, example.label] for example in train + validation)
    if not settings.validation:
        train, validation = _split(settings.data, texts, settings.seed)
        found.notes.append(f"{settings.data}: set {len(validation):,} rows apart to validate.")
    if settings.samples is not None:
        train, validation = take_samples(train, validation, settings.samples, settings.seed)
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, labels, found.notes, digest)


def _load_texts(source: str, columns: Mapping[str, str], found: Findings) -> Texts:
    rows = load_rows(source, found)
    chosen = choose_columns(source, rows, columns, COLUMNS, found)
    texts: Texts = {}
    for example in _check_rows(rows, chosen["text"], chosen["label"], found.problems):
        texts.setdefault(" ".join(example.text.split()).casefold(), []).append(example)
    _drop_duplicates(source, texts, found.notes)
    _note_several_labels(source, texts, found.notes)
    note_alike_labels(source, _flatten(texts), found.notes)
    return texts


def _check_rows(
    rows: Sequence[Row], text: str, label: str, problems: list[DataProblem]
) -> list[Example]:
    examples = []
    usual = usual_kind((row.values.get(label) for row in rows), LABEL_KINDS)
    for row in rows:
        text_value, label_value = row.values.get(text), row.values.get(label)
        text_problem = explain_text(text_value)
        label_problem = explain_label(label_value, usual)
        for column, message in ((text, text_problem), (label, label_problem)):
            if message:
                problems.append(DataProblem(row.file, message, row.number, column))
        if not text_problem and not label_problem:
            content = str(text_value).strip()
            examples.append(Example(content, to_name(label_value), row.file, row.number))
    return examples


def _drop_duplicates(source: str, texts: Texts, notes: list[str]) -> None:
    dropped = 0
    first = ""
    for key, examples in texts.items():
        if len(examples) > 1:
            by_label = {example.label: example for example in reversed(examples)}
            kept = [example for example in examples if by_label[example.label] is example]
            dropped += len(examples) - len(kept)
            first = first or next((e.place for e in examples if e not in kept), "")
            texts[key] = kept
    if dropped:
        rows = count(dropped, "row that repeats", "rows that repeat")
        notes.append(f"{source}: dropped {rows} another, first {first}.")


def _note_several_labels(source: str, texts: Texts, notes: list[str]) -> None:
    several = [examples for examples in texts.values() if len(examples) > 1]
    if several:
        places = " and ".join(f"{e.place} ({quote(e.label)})" for e in several[0])
        notes.append(
            f"{source}: {count(len(several), 'text has', 'texts have')} more than one label,"
            f" first {places}; kept, but a model can be right about one of them only."
        )


def _find_leaks(train: Texts, validation: Texts) -> list[DataProblem]:
    return [
        DataProblem(
            examples[0].file,
            f"the text is in the training data too, {train[key][0].place}; delete one of them.",
            examples[0].number,
        )
        for key, examples in validation.items()
        if key in train
    ]


def _split(source: str, texts: Texts, seed: int) -> tuple[list[Example], list[Example]]:
    # A text with several labels would leak if its rows fell on both sides: it stays in training.
    several = [e for examples in texts.values() if len(examples) > 1 for e in examples]
    single = [examples[0] for examples in texts.values() if len(examples) == 1]
    if len(single) < 2:
        message = f"{len(_flatten(texts))} rows are too few to set some apart; add rows."
        raise DataError(DataProblem(source, message))
    train, validation = split_by_label(single, seed)
    return several + train, validation


def _flatten(texts: Texts) -> list[Example]:
    return [example for examples in texts.values() for example in examples]
