"""Loads prompts to try answers for, and refuses those that no model should learn from.

python train.py --data data/train.jsonl --columns prompt=question --columns reference=answer
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations import Conversation, as_lists, mix, read_conversation
from core.columns import Field, choose_columns
from core.dataset import VALIDATION_SHARE, DataSettings, count, fingerprint, load_rows
from core.errors import DataProblem
from core.findings import Findings
from core.messages import require_turns
from core.sources import Row
from core.values import explain_text, is_missing

PROMPT_NAMES = ("question", "instruction", "query", "input", "messages")
REFERENCE_NAMES = ("answer", "solution", "target", "label", "ground_truth")
COLUMNS = (
    Field("prompt", PROMPT_NAMES),
    Field("reference", REFERENCE_NAMES, is_required=False),
)
FIELDS = ("prompt", "chosen", "rejected", "reference")  # the two in between are of dpo and reward
LEAST = 10  # prompts; fewer prove nothing


@dataclass(frozen=True, slots=True)
class Prompt:
    conversation: Conversation
    reference: str  # for the reward function; empty where there is none
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"


@dataclass(frozen=True, slots=True)
class Dataset:
    train: list[Prompt]
    validation: list[Prompt]
    notes: list[str]  # what was guessed, dropped or looks odd
    fingerprint: str  # sha256 of all prompts, before `samples` takes some


def load_dataset(settings: DataSettings, findings: Findings | None = None) -> Dataset:
    """Read, check and split the data; the same settings give the same rows in the same order.

    Args:
        findings: Gets what is found on the way, also where it ends in an error.

    Raises:
        DataError: Each problem with file, row, column and what to do.
    """
    found = Findings() if findings is None else findings
    train = _load_prompts(settings.data, settings, found)
    validation = _load_prompts(settings.validation, settings, found) if settings.validation else []
    found.raise_problems()
    if len(train) < LEAST:
        message = f"{len(train)} prompts are too few; {LEAST} are needed, some hundred are a start."
        found.problems.append(DataProblem(settings.data, message))
    found.problems += _find_leaks(train, validation)
    found.raise_problems()
    digest = fingerprint(
        [as_lists(prompt.conversation), prompt.reference] for prompt in train + validation
    )
    if not settings.validation:
        mixed = mix(train, settings.seed)
        kept = len(mixed) - max(1, round(len(mixed) * VALIDATION_SHARE))
        train, validation = mixed[:kept], mixed[kept:]
        found.notes.append(f"{settings.data}: set {len(validation):,} prompts apart to validate.")
    if settings.samples is not None:
        train = mix(train, settings.seed)[: settings.samples]
        validation = mix(validation, settings.seed)[: settings.samples]
    found.summary |= {"train_rows": len(train), "validation_rows": len(validation)}
    return Dataset(train, validation, found.notes, digest)


def _load_prompts(source: str, settings: DataSettings, found: Findings) -> list[Prompt]:
    rows = load_rows(source, found)
    columns = choose_columns(source, rows, settings.columns, COLUMNS, found)
    if "reference" not in columns:
        found.notes.append(f"{source}: has no reference; the reward function gets an empty one.")
    prompts = _check_rows(rows, columns, found.problems)
    first: dict[Conversation, Prompt] = {}
    for prompt in prompts:
        first.setdefault(prompt.conversation, prompt)
    if repeated := [prompt for prompt in prompts if first[prompt.conversation] is not prompt]:
        rows_ = count(len(repeated), "row that repeats", "rows that repeat")
        found.notes.append(
            f"{source}: dropped {rows_} another's prompt, first {repeated[0].place}; the first"
            " reference counts."
        )
    return list(first.values())


def _check_rows(
    rows: Sequence[Row], columns: Mapping[str, str], problems: list[DataProblem]
) -> list[Prompt]:
    prompts = []
    for row in rows:
        values = {name: row.values.get(column) for name, column in columns.items()}
        wrong: dict[str, str] = {}
        try:
            conversation = read_conversation(values["prompt"], "user")
            require_turns(conversation, last="user")
        except ValueError as error:
            wrong["prompt"] = str(error)
        if "reference" in values and (reason := _explain_reference(values["reference"])):
            wrong["reference"] = reason
        problems += [DataProblem(row.file, wrong[n], row.number, columns[n]) for n in wrong]
        if not wrong:
            reference = str(values.get("reference", "")).strip()
            prompts.append(Prompt(conversation, reference, row.file, row.number))
    return prompts


def _explain_reference(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool) and not is_missing(value):
        return ""
    return explain_text(value)


def _find_leaks(train: Sequence[Prompt], validation: Sequence[Prompt]) -> list[DataProblem]:
    known = {prompt.conversation: prompt for prompt in train}
    return [
        DataProblem(
            prompt.file,
            "the prompt is in the training data too,"
            f" {known[prompt.conversation].place}; delete one of them.",
            prompt.number,
        )
        for prompt in validation
        if prompt.conversation in known
    ]
