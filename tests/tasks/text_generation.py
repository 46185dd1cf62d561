"""What the tests of every task have to know about text-generation."""

import json
from pathlib import Path


def chat(*turns: object) -> bytes:
    """A row of one conversation: roles and contents by turns."""
    pairs = zip(turns[::2], turns[1::2], strict=True)
    return row([{"role": role, "content": content} for role, content in pairs])


def row(messages: object) -> bytes:
    return json.dumps({"messages": messages}).encode() + b"\n"


ROWS = b"".join(chat("user", f"What is {n}?", "assistant", f"It is {n}.") for n in range(4))
PAIRS = b"prompt,completion\nWeld?,Yes.\nCut?,No.\n"
PLACE = 'row 5, column "messages"'

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "truncated.jsonl": (ROWS + b'{"messages": [{"ro', "truncated.jsonl, row 5"),
    "blank.jsonl": (ROWS + row([]), f"blank.jsonl, {PLACE}: holds no messages"),
    "missing.jsonl": (ROWS + b"{}\n", f"missing.jsonl, {PLACE}: is missing"),
    "text.jsonl": (ROWS + row("hello"), f"text.jsonl, {PLACE}: is hello, which is no JSON"),
    "object.jsonl": (ROWS + row({"role": "user"}), f"object.jsonl, {PLACE}"),
    "strings.jsonl": (ROWS + row(["hello"]), f"strings.jsonl, {PLACE}: message 1 is hello"),
    "role.jsonl": (
        ROWS + chat("pirate", "Ahoy.", "assistant", "Ahoy."),
        f"role.jsonl, {PLACE}: message 1 has the role pirate",
    ),
    "tool.jsonl": (
        ROWS + chat("user", "Sum?", "tool", "4", "assistant", "4"),
        f"tool.jsonl, {PLACE}: message 2 uses a tool",
    ),
    "tool-calls.jsonl": (
        ROWS + row([{"role": "assistant", "content": None, "tool_calls": [{"id": "a"}]}]),
        f"tool-calls.jsonl, {PLACE}: message 1 uses a tool",
    ),
    "silent.jsonl": (
        ROWS + chat("user", "Well?", "assistant", " "),
        f"silent.jsonl, {PLACE}: message 2: its content is empty",
    ),
    "number.jsonl": (
        ROWS + chat("user", "Sum?", "assistant", 4),
        f"number.jsonl, {PLACE}: message 2: its content is 4, which is no text",
    ),
    "twice.jsonl": (
        ROWS + chat("user", "a", "user", "b", "assistant", "c"),
        f"twice.jsonl, {PLACE}: message 2 is the user's where it is the assistant's turn",
    ),
    "assistant-first.jsonl": (
        ROWS + chat("assistant", "a", "user", "b"),
        f"assistant-first.jsonl, {PLACE}: message 1 is the assistant's",
    ),
    "system-inside.jsonl": (
        ROWS + chat("user", "a", "system", "b", "assistant", "c"),
        f"system-inside.jsonl, {PLACE}: message 2 is the system's; only the first",
    ),
    "unanswered.jsonl": (
        ROWS + chat("user", "a", "assistant", "b", "user", "c"),
        f"unanswered.jsonl, {PLACE}: the last message is the user's",
    ),
    "system-alone.jsonl": (
        ROWS + chat("system", "a"),
        f"system-alone.jsonl, {PLACE}: the last message is the system's",
    ),
    "half.jsonl": (
        ROWS + chat("user", "a", "assistant", "\ud800"),
        f"half.jsonl, {PLACE}: message 2: its content holds half a character",
    ),
    "single.jsonl": (chat("user", "a", "assistant", "b") * 3, "single.jsonl: 1 different row is"),
    "no-answer.csv": (PAIRS + b"Bend?,\n", 'no-answer.csv, row 4, column "completion": is empty'),
    "no-question.csv": (PAIRS + b",Yes.\n", 'no-question.csv, row 4, column "prompt": is empty'),
    "one-column.csv": (
        PAIRS,
        "one-column.csv: has no column",
        ("--columns", "prompt=prompt", "--columns", "completion=answer"),
    ),
    "numbers.csv": (b"a,b\n,\n,\n", "numbers.csv: which column is the text"),
    "empty-text.csv": (b"text\nWeld.\n \nBend.\n", 'empty-text.csv, row 3, column "text"'),
    "ragged.csv": (PAIRS + b"Bend?\n", "ragged.csv, row 4"),
    "latin-1.csv": ("text\nSchweißen\n".encode("latin-1"), "latin-1.csv, row 2"),
    "huge.csv": (PAIRS + b"x" * 200_000 + b",a\n", "huge.csv, row 4"),
    "again.jsonl": (
        ROWS,
        "again.jsonl, row 1: is in the training",
        ("--validation", "again.jsonl"),
    ),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
    "sheet.xlsx": (b"PK\x03\x04", "sheet.xlsx: its name has to end in"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    from tests.tiny import save_tiny_generator

    is_plain = algorithm == "full"  # as GPT-2: without a chat template
    return save_tiny_generator(folder, "gpt2" if is_plain else "llama", chat=not is_plain)


LONG = dict.fromkeys(
    ("lora", "full", "qlora", "prefix-tuning", "p-tuning"),
    ("--epochs", "2", "--checkpoint-minutes", "0.005", "--samples", "150"),
)
