"""Loads the texts and labels to learn from, and refuses data that no model should learn.

python train.py --data data/train.csv --columns text=statement --columns label=trade
"""

import difflib
import hashlib
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import DataError, DataProblem, UserError, quote, shorten
from core.findings import Findings
from core.sources import Row, ignored_files, read_rows

FIELDS = ("text", "label")
VALIDATION_SHARE = 0.15
ROWS_TO_GUESS_FROM = 1000
TEXT_NAMES = ("text", "sentence", "statement", "content", "message", "review", "description")
LABEL_NAMES = ("label", "category", "class", "target", "topic", "intent", "sentiment")
LABEL_KINDS = ("a text", "a whole number", "true or false")
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which no tokenizer takes
HALF_CHARACTER = "holds half a character (a lone surrogate); export the file again as UTF-8."


class DataSettings(Protocol):
    """The part of a configuration that says which data to use."""

    @property
    def data(self) -> str: ...
    @property
    def validation(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def samples(self) -> int | None: ...
    @property
    def seed(self) -> int: ...


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
    found.problems += _find_rare_labels(settings.data, train)
    found.problems += _find_unseen_labels(validation, labels)
    found.problems += _find_leaks(texts, held_out)
    found.raise_problems()
    fingerprint = _fingerprint(train + validation)
    if not settings.validation:
        train, validation = _split(settings.data, texts, settings.seed)
        found.notes.append(f"{settings.data}: set {len(validation):,} rows apart to validate.")
    if settings.samples is not None:
        if settings.samples < len(labels):
            raise UserError(f"--samples {settings.samples}: {len(labels)} labels need that many.")
        train = _mix(train, settings.seed)[: settings.samples]
        validation = _mix(validation, settings.seed)[: settings.samples]
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, labels, found.notes, fingerprint)


def _load_texts(source: str, columns: Mapping[str, str], found: Findings) -> Texts:
    notes = found.notes
    rows = read_rows(source)
    if not rows:
        raise DataError(DataProblem(source, "holds no rows."))
    found.rows += len(rows)
    files = Counter(row.file for row in rows)
    if len(files) > 1:
        notes.append(
            f"{source}: joined {', '.join(f'{f} ({n:,} rows)' for f, n in files.items())}."
        )
    if ignored := ignored_files(source):
        notes.append(f"{source}: passed over {', '.join(ignored)}.")
    text, label = _choose_columns(source, rows, columns, notes)
    found.columns = found.columns or dict(zip(FIELDS, (text, label), strict=True))
    texts: Texts = {}
    for example in _check_rows(rows, text, label, found.problems):
        texts.setdefault(" ".join(example.text.split()).casefold(), []).append(example)
    _drop_duplicates(source, texts, notes)
    _note_doubtful_labels(source, texts, notes)
    return texts


def _choose_columns(
    source: str, rows: Sequence[Row], given: Mapping[str, str], notes: list[str]
) -> tuple[str, str]:
    if unknown := sorted(set(given) - set(FIELDS)):
        raise UserError(f"--columns {unknown[0]}: choose {' or '.join(FIELDS)}.")
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    if missing := [(role, column) for role, column in given.items() if column not in names]:
        has = f"it has {quote(*names)}."
        raise DataError(
            *(
                DataProblem(source, f"has no column {quote(column)} for the {role}; {has}")
                for role, column in missing
            )
        )
    text = given.get("text") or _guess_text(rows, [n for n in names if n != given.get("label")])
    label = given.get("label") or _guess_label(rows, [n for n in names if n != text])
    if not text or not label:
        role = "label" if text else "text"
        question = f"which column is the {role}, of {quote(*names)}? Say --columns {role}=NAME."
        raise DataError(DataProblem(source, question))
    for role, name in (("text", text), ("label", label)):
        if role not in given and name != role:
            notes.append(f"{source}: took column {quote(name)} for the {role}.")
    return text, label


def _guess_text(rows: Sequence[Row], names: Sequence[str]) -> str | None:
    by_name = [name for wanted in TEXT_NAMES for name in names if name.lower() == wanted]
    lengths = dict.fromkeys(names, 0)
    for row in rows[:ROWS_TO_GUESS_FROM]:
        for name, value in row.values.items():
            if name in lengths and isinstance(value, str):
                lengths[name] += len(value)
    by_content = sorted((name for name in names if lengths[name]), key=lambda n: -lengths[n])
    return next(iter(by_name + by_content), None)


def _guess_label(rows: Sequence[Row], names: Sequence[str]) -> str | None:
    by_name = [name for wanted in LABEL_NAMES for name in names if name.lower() == wanted]
    some = rows[:ROWS_TO_GUESS_FROM]
    kinds = {name: len({repr(row.values.get(name)) for row in some}) for name in names}
    by_content = sorted((n for n in names if 1 < kinds[n] <= len(some) / 2), key=kinds.__getitem__)
    return next(iter(by_name + by_content), None)


def _check_rows(
    rows: Sequence[Row], text: str, label: str, problems: list[DataProblem]
) -> list[Example]:
    examples = []
    kinds = Counter(_kind(row.values.get(label)) for row in rows)
    usual = max(LABEL_KINDS, key=kinds.__getitem__)
    for row in rows:
        text_value, label_value = row.values.get(text), row.values.get(label)
        text_problem = _explain_text(text_value)
        label_problem = _explain_label(label_value, usual)
        for column, message in ((text, text_problem), (label, label_problem)):
            if message:
                problems.append(DataProblem(row.file, message, row.number, column))
        if not text_problem and not label_problem:
            name = str(int(label_value)) if isinstance(label_value, float) else str(label_value)
            examples.append(Example(str(text_value).strip(), name.strip(), row.file, row.number))
    return examples


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _kind(value: object) -> str:
    """What people call the type of `value`; tables with gaps hold whole numbers as floats."""
    if _is_missing(value):
        return "missing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "a whole number"
    return "a text" if isinstance(value, str) else "something else"


def _explain_text(value: object) -> str:
    if _is_missing(value):
        return "is missing; write a text or delete the row."
    if not isinstance(value, str):
        return f"is {shorten(value)}, which is no text; put it between quotes or delete the row."
    if not value.strip():
        return "is empty; write a text or delete the row."
    if SURROGATE.search(value):
        return HALF_CHARACTER
    return ""


def _explain_label(value: object, usual: str) -> str:
    kind = _kind(value)
    if kind == "missing":
        return "is missing; write a label or delete the row."
    if isinstance(value, str) and not value.strip():
        return "is empty; write a label or delete the row."
    if kind not in LABEL_KINDS:
        return f"is {shorten(value)}; a label is a text or a whole number."
    if kind != usual:
        return f"is {kind}, {shorten(value)}, but {usual} in most rows; write all in one way."
    if isinstance(value, str) and SURROGATE.search(value):
        return HALF_CHARACTER
    return ""


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
        rows = _count(dropped, "row that repeats", "rows that repeat")
        notes.append(f"{source}: dropped {rows} another, first {first}.")


def _note_doubtful_labels(source: str, texts: Texts, notes: list[str]) -> None:
    several = [examples for examples in texts.values() if len(examples) > 1]
    if several:
        places = " and ".join(f"{e.place} ({quote(e.label)})" for e in several[0])
        notes.append(
            f"{source}: {_count(len(several), 'text has', 'texts have')} more than one label,"
            f" first {places}; kept, but a model can be right about one of them only."
        )
    labels = sorted({example.label for example in _flatten(texts)})
    by_case = Counter(label.casefold() for label in labels)
    if alike := [label for label in labels if by_case[label.casefold()] > 1]:
        notes.append(f"{source}: the labels {quote(*alike)} differ in case only.")


def _find_rare_labels(source: str, examples: Sequence[Example]) -> list[DataProblem]:
    counts = Counter(example.label for example in examples)
    if len(counts) == 1:
        message = f"every row has the label {quote(*counts)}; two are the least."
        return [DataProblem(source, message)]
    advice = "occurs only here; add rows or delete this one."
    return [
        DataProblem(e.file, f"the label {quote(e.label)} {advice}", e.number)
        for e in examples
        if counts[e.label] == 1
    ]


def _find_unseen_labels(validation: Sequence[Example], labels: Sequence[str]) -> list[DataProblem]:
    known = set(labels)
    counts = Counter(e.label for e in validation if e.label not in known)
    firsts = {e.label: e for e in reversed(validation)}
    problems = []
    for label, count in counts.items():
        near = difflib.get_close_matches(label, labels, n=1)
        hint = f"; did you mean {quote(*near)}?" if near else "; add rows of it there."
        message = f"the label {quote(label)} is not in the training data{hint}"
        first = firsts[label]
        place = f"{count:,} times, first in {first.place}" if count > 1 else ""
        problems.append(DataProblem(first.file, message, first.number, place=place))
    return problems


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
    single = _mix([examples[0] for examples in texts.values() if len(examples) == 1], seed)
    kept = len(single) - max(1, round(len(single) * VALIDATION_SHARE))
    if kept < 1:
        message = f"{len(_flatten(texts))} rows are too few to set some apart; add rows."
        raise DataError(DataProblem(source, message))
    return several + single[:kept], single[kept:]


def _mix(examples: Sequence[Example], seed: int) -> list[Example]:
    """A random order in which every beginning has the labels in proportion, none left out."""
    totals = Counter(example.label for example in examples)
    seen: Counter[str] = Counter()
    ranked = []
    for example in random.Random(seed).sample(examples, len(examples)):
        ranked.append((seen[example.label] / totals[example.label], example))
        seen[example.label] += 1
    return [example for _, example in sorted(ranked, key=lambda pair: pair[0])]


def _fingerprint(examples: Iterable[Example]) -> str:
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example.text, example.label]).encode() + b"\n")
    return digest.hexdigest()


def _flatten(texts: Texts) -> list[Example]:
    return [example for examples in texts.values() for example in examples]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
