"""What a pair of answers has to be, alone and beside the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from conversations import Conversation, Speaker, read_conversation
from core.dataset import count
from core.errors import DataError, DataProblem
from core.findings import Findings
from core.messages import require_turns
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
    parts, wrong = _read_parts(row, columns)
    is_whole = "chosen" in parts and parts["chosen"][0].role != "assistant"
    if is_whole:  # they hold their prompt
        wrong.pop("prompt", None)
        parts["prompt"] = ()
    elif "prompt" not in columns and not wrong:
        wrong[""] = (
            "has no prompt: add a column prompt, or write both answers as whole conversations."
        )
    if not wrong:
        wrong = _explain_turns(parts["prompt"], parts["chosen"], parts["rejected"])
    if wrong:
        raise DataError(
            *(DataProblem(row.file, wrong[n], row.number, columns.get(n)) for n in wrong)
        )
    chosen, rejected = (parts["prompt"] + parts[name] for name in ("chosen", "rejected"))
    turns = len(chosen) - 1
    return Pair(chosen[:turns], chosen[turns:], rejected[turns:], row.file, row.number)


def _read_parts(
    row: Row, columns: Mapping[str, str]
) -> tuple[dict[str, Conversation], dict[str, str]]:
    """What the columns hold, and what is wrong with the others."""
    parts: dict[str, Conversation] = {}
    wrong: dict[str, str] = {}
    for name, column in columns.items():
        try:
            speaker: Speaker = "user" if name == "prompt" else "assistant"
            parts[name] = read_conversation(row.values.get(column), speaker)
        except ValueError as error:
            wrong[name] = str(error)
    return parts, wrong


def _explain_turns(
    prompt: Conversation, chosen: Conversation, rejected: Conversation
) -> dict[str, str]:
    """What is wrong with the three together, by column."""
    try:
        if prompt:
            require_turns(prompt, last="user")
    except ValueError as error:
        return {"prompt": str(error)}
    wrong = {}
    for name, answer in (("chosen", chosen), ("rejected", rejected)):
        try:
            require_turns(prompt + answer)
        except ValueError as error:
            wrong[name] = str(error)
    if not wrong and (prompt + chosen)[:-1] != (prompt + rejected)[:-1]:
        wrong["rejected"] = (
            "differs from the chosen conversation before its last message; both have to answer"
            " the same."
        )
    if not wrong and chosen == rejected:
        wrong["rejected"] = "is the same as the chosen answer; delete the row."
    return wrong


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
