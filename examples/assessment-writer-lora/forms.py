"""The forms that training data comes in: conversations, questions with answers, or plain texts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from core.columns import Field, most_text
from core.errors import DataProblem
from core.generation import Message
from core.messages import read_messages, require_turns
from core.sources import Row
from core.values import explain_text, is_missing

MESSAGES = Field("messages", ("conversations", "conversation", "chat", "dialog"))
PROMPT = Field("prompt", ("instruction", "question"))
CONTEXT = Field("context", ("input",), is_required=False)
COMPLETION = Field("completion", ("output", "response", "answer"))
SYSTEM = Field("system", ("system_prompt",), is_required=False)
TEXT = Field("text", ("content", "document", "body"), most_text)
FIELDS = tuple(field.name for field in (MESSAGES, PROMPT, CONTEXT, COMPLETION, SYSTEM, TEXT))


class Form(Enum):
    CONVERSATIONS = "conversations"
    ANSWERS = "questions with answers"
    TEXTS = "texts"

    @property
    def plural(self) -> str:
        return self.value

    @property
    def fields(self) -> Sequence[Field]:
        return {
            Form.CONVERSATIONS: (MESSAGES,),
            Form.ANSWERS: (PROMPT, COMPLETION, CONTEXT, SYSTEM),
            Form.TEXTS: (TEXT,),
        }[self]

    @property
    def has_answers(self) -> bool:
        """Whether only a part of each row is to be learnt."""
        return self is not Form.TEXTS


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation, or a text on its own."""

    file: str
    number: int
    messages: tuple[Message, ...] = ()
    text: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}, row {self.number}"

    @property
    def content(self) -> object:
        """What is learnt from it, as JSON holds it."""
        return [[m.role, m.content] for m in self.messages] or self.text

    @property
    def whole(self) -> str:
        """All that it says, as one text."""
        return self.text or "\n".join(message.content for message in self.messages)

    @property
    def key(self) -> str:
        return " ".join(json.dumps(self.content).split()).casefold()


def choose_form(rows: Sequence[Row], given: Mapping[str, str]) -> Form:
    """By the columns that were named, else by those that are there."""
    names = {name.lower() for row in rows for name in row.values}
    for form in (Form.CONVERSATIONS, Form.ANSWERS):
        required = [field for field in form.fields if field.is_required]
        if any(field.name in given for field in form.fields):
            return form
        if not given and all(names & {field.name, *field.names} for field in required):
            return form
    return Form.TEXTS


def read_row(
    row: Row, form: Form, columns: Mapping[str, str], problems: list[DataProblem]
) -> Example | None:
    """The example in a row; what is wrong with it goes to `problems`."""
    if form is Form.CONVERSATIONS:
        return _read_conversation(row, columns["messages"], problems)
    if form is Form.ANSWERS:
        return _read_answer(row, columns, problems)
    text = _read_text(row, columns["text"], problems)
    return Example(row.file, row.number, text=text) if text else None


def _read_conversation(row: Row, column: str, problems: list[DataProblem]) -> Example | None:
    try:
        messages = read_messages(row.values.get(column))
        require_turns(messages)
    except ValueError as error:
        problems.append(DataProblem(row.file, str(error), row.number, column))
        return None
    return Example(row.file, row.number, messages)


def _read_answer(
    row: Row, columns: Mapping[str, str], problems: list[DataProblem]
) -> Example | None:
    texts = {}
    for role, column in columns.items():
        value = row.values.get(column)
        is_blank = is_missing(value) or (isinstance(value, str) and not value.strip())
        may_be_blank = role in (CONTEXT.name, SYSTEM.name)
        texts[role] = "" if is_blank and may_be_blank else _read_text(row, column, problems)
        if not texts[role] and not (is_blank and may_be_blank):
            return None
    question = "\n\n".join(filter(None, (texts["prompt"], texts.get("context"))))
    messages = [Message("user", question), Message("assistant", texts["completion"])]
    if texts.get("system"):
        messages.insert(0, Message("system", texts["system"]))
    return Example(row.file, row.number, tuple(messages))


def _read_text(row: Row, column: str, problems: list[DataProblem]) -> str:
    value = row.values.get(column)
    if problem := explain_text(value):
        problems.append(DataProblem(row.file, problem, row.number, column))
        return ""
    return str(value).strip()
