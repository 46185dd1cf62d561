"""What a pair of answers has to be, alone and beside the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations import (
    Conversation,
    common_prefix,
    explain_conversation,
    to_conversation,
)
from core.dataset import count
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.sources import Row

LEAST = 10  # pairs; fewer prove nothing
LENGTH_BIAS = 0.7  # share of pairs from which on a model may learn the length alone


@dataclass(frozen=True, slots=True)
class Pair:
    prompt: Conversation
    chosen: Conversation
    rejected: Conversation
    file: str
    number: int

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"

    @property
    def is_longer(self) -> bool:
        """Whether the chosen answer has more characters."""
        return characters(self.chosen) > characters(self.rejected)


def characters(conversation: Conversation) -> int:
    return sum(len(message.content) for message in conversation)


def read_pair(row: Row, columns: Mapping[str, str]) -> Pair:
    """
    Raises:
        DataError: With every problem of the row.
    """
    values = {role: row.values.get(column) for role, column in columns.items()}
    is_whole = _is_whole(values["chosen"])
    wrong = {
        role: explain_conversation(value)
        for role, value in values.items()
        if role != "prompt" or not is_whole  # whole conversations hold their prompt
    }
    if any(wrong.values()):
        raise DataError(
            *(
                DataProblem(row.file, message, row.number, columns[role])
                for role, message in wrong.items()
                if message
            )
        )
    chosen, rejected = (to_conversation(values[n], "assistant") for n in ("chosen", "rejected"))
    if is_whole:
        prompt = common_prefix(chosen, rejected)[: len(chosen) - 1]
        chosen, rejected = chosen[len(prompt) :], rejected[len(prompt) :]
    elif "prompt" in values:
        prompt = to_conversation(values["prompt"], "user")
    else:
        message = "has no prompt: add a column prompt, or write both answers as whole conversations"
        raise DataError(DataProblem(row.file, f"{message}.", row.number))
    pair = Pair(prompt, chosen, rejected, row.file, row.number)
    if problem := _explain_pair(pair):
        role, message = problem
        raise DataError(DataProblem(row.file, message, row.number, columns.get(role)))
    return pair


def _is_whole(value: object) -> bool:
    """Whether it is a conversation from its beginning, rather than an answer alone."""
    first = value[0] if isinstance(value, list) and value else None
    return isinstance(first, dict) and first.get("role") != "assistant"


def _explain_pair(pair: Pair) -> tuple[str, str] | None:
    """What is wrong with its three parts together: the column, and why."""
    for role, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        if answer[-1:] and answer[-1].role != "assistant":
            return role, f"ends with the {answer[-1].role}; the assistant's answer has to be last."
    if not pair.prompt:
        return "rejected", "starts with another prompt than the chosen one; both answer the same."
    if pair.prompt[-1].role != "user":
        return "prompt", f"ends with the {pair.prompt[-1].role}; the user has to speak last."
    for role, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
        if len(answer) != 1:
            return role, "has to add one answer of the assistant to the prompt, and no more."
    if pair.chosen == pair.rejected:
        return "rejected", "is the same as the chosen answer; delete the row."
    return None


def drop_duplicates(source: str, pairs: Sequence[Pair], notes: list[str]) -> list[Pair]:
    first: dict[tuple[Conversation, ...], Pair] = {}
    for pair in pairs:
        first.setdefault((pair.prompt, pair.chosen, pair.rejected), pair)
    kept = list(first.values())
    if dropped := [pair for pair in pairs if pair not in set(kept)]:
        rows = count(len(dropped), "row that repeats", "rows that repeat")
        notes.append(f"{source}: dropped {rows} another, first {dropped[0].place}.")
    return kept


def drop_contradictions(source: str, pairs: Sequence[Pair], notes: list[str]) -> list[Pair]:
    """A pair and its reverse teach nothing, and one of them would be wrong in a validation."""
    known = {(pair.prompt, pair.chosen, pair.rejected): pair for pair in pairs}
    reverse = {id(pair): known.get((pair.prompt, pair.rejected, pair.chosen)) for pair in pairs}
    against = [pair for pair in pairs if reverse[id(pair)]]
    if against:
        other = reverse[id(against[0])]
        assert other
        notes.append(
            f"{source}: left out {len(against):,} pairs that contradict each other, first"
            f" {against[0].place} and {other.place}: each answer is preferred to the other."
        )
    return [pair for pair in pairs if not reverse[id(pair)]]


def find_too_few(source: str, pairs: Sequence[Pair]) -> list[DataProblem]:
    if len(pairs) < LEAST:
        message = f"{len(pairs)} pairs are too few; {LEAST} are needed, some hundred are a start."
        return [DataProblem(source, message)]
    if len({pair.prompt for pair in pairs}) == 1:
        return [DataProblem(source, "every row has the same prompt; add pairs of other prompts.")]
    return []


def find_leaks(train: Sequence[Pair], validation: Sequence[Pair]) -> list[DataProblem]:
    known = {pair.prompt: pair for pair in reversed(train)}
    return [
        DataProblem(
            pair.file,
            f"the prompt is in the training data too, {known[pair.prompt].place};"
            " delete one of them.",
            pair.number,
        )
        for pair in validation
        if pair.prompt in known
    ]


def note_lengths(source: str, pairs: Sequence[Pair], found: Findings) -> None:
    longer = sum(pair.is_longer for pair in pairs) / len(pairs)
    found.summary |= {"pairs": len(pairs), "chosen_is_longer": round(longer, 3)}
    if max(longer, 1 - longer) >= LENGTH_BIAS:
        which = "longer" if longer >= LENGTH_BIAS else "not longer"
        share = max(longer, 1 - longer)
        found.notes.append(
            f"{source}: the chosen answer is {which} in {share:.0%} of the pairs, so a model may"
            " learn the length alone; the report compares with that."
        )
