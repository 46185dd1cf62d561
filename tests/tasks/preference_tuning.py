"""What the tests of every task have to know about preference-tuning."""

import json
from pathlib import Path


def pair(number: int = 0, **changed: object) -> dict[str, object]:
    right = {"prompt": f"Question {number}?", "chosen": f"Yes, {number}.", "rejected": "Never."}
    return {**right, **changed}


def lines(*rows: object) -> bytes:
    """JSON lines: enough right pairs, then `rows`."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in [*map(pair, range(12)), *rows])


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


USER, ASSISTANT, SYSTEM = ("user", "Which?"), ("assistant", "This."), ("system", "Be brief.")
OTHER = ("assistant", "That.")

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "header.csv": (b"prompt,chosen,rejected\n", "header.csv: holds no rows."),
    "truncated.jsonl": (lines() + b'{"prompt": "Wh', "truncated.jsonl, row 13"),
    "latin-1.csv": (
        "prompt,chosen,rejected\nWo?,Tür,Tor\n".encode("latin-1"),
        "latin-1.csv, row 2",
    ),
    "columns.jsonl": (b'{"prompt": "a", "chosen": "b"}\n', "which column is the rejected"),
    "blank.jsonl": (lines(pair(chosen=" ")), 'blank.jsonl, row 13, column "chosen": is empty'),
    "missing.jsonl": (
        lines({"prompt": "Which?", "chosen": "This."}),
        'missing.jsonl, row 13, column "rejected": is missing',
    ),
    "number.jsonl": (lines(pair(rejected=7)), 'number.jsonl, row 13, column "rejected": is 7'),
    "nan.jsonl": (lines(pair(prompt=float("nan"))), 'nan.jsonl, row 13, column "prompt"'),
    "surrogate.jsonl": (lines(pair(chosen="\ud800")), "surrogate.jsonl, row 13, column"),
    "huge.csv": (b"prompt,chosen,rejected\n" + b"x" * 200_000 + b",a,b\n", "huge.csv, row 2"),
    "huge.jsonl": (lines(pair(chosen="x" * 200_000)), "has 200,000 characters"),
    "same.jsonl": (lines(pair(rejected="Yes, 0.")), 'same.jsonl, row 13, column "rejected"'),
    "unprompted.jsonl": (
        b'{"chosen": "This.", "rejected": "That."}\n' * 12,
        "unprompted.jsonl, row 1: has no prompt",
    ),
    "role.jsonl": (
        lines(pair(prompt=said(("narrator", "Which?")))),
        'role.jsonl, row 13, column "prompt": message 1 has the role narrator',
    ),
    "order.jsonl": (
        lines(pair(prompt=said(USER, USER))),
        "order.jsonl, row 13, column \"prompt\": message 2 is the user's where it is the assistant's turn",
    ),
    "system.jsonl": (
        lines(pair(prompt=said(USER, SYSTEM))),
        'system.jsonl, row 13, column "prompt": message 2 is the system\'s',
    ),
    "answered.jsonl": (
        lines(pair(prompt=said(USER, ASSISTANT))),
        'answered.jsonl, row 13, column "prompt": the last message is the assistant',
    ),
    "empty-list.jsonl": (lines(pair(chosen=[])), "empty-list.jsonl, row 13"),
    "no-content.jsonl": (
        lines(pair(chosen=[{"role": "assistant"}])),
        'no-content.jsonl, row 13, column "chosen": message 1: its content is missing',
    ),
    "diverging.jsonl": (
        lines({"chosen": said(USER, ASSISTANT), "rejected": said(("user", "Who?"), OTHER)}),
        "diverging.jsonl, row 13",
    ),
    "unanswered.jsonl": (
        lines({"chosen": said(USER), "rejected": said(USER, OTHER)}),
        'unanswered.jsonl, row 13, column "chosen"',
    ),
    "mixed.jsonl": (
        lines({"chosen": said(USER, ASSISTANT), "rejected": "That."}),
        "mixed.jsonl, row 13",
    ),
    "few.jsonl": (b'{"prompt": "a", "chosen": "b", "rejected": "c"}\n', "few.jsonl: 1 pairs are"),
    "single.jsonl": (
        b"".join(b'{"prompt": "a", "chosen": "b%d", "rejected": "c"}\n' % n for n in range(12)),
        "single.jsonl: every row has the same prompt",
    ),
    "leaking.jsonl": (
        lines(),
        "leaking.jsonl, row 1: the prompt is in the training data too",
        ("--validation", "leaking.jsonl"),
    ),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    from tests.tiny import save_tiny_generator

    return save_tiny_generator(folder)


LONG: dict[str, tuple[str, ...]] = dict.fromkeys(
    ("dpo", "reward"), ("--epochs", "2", "--checkpoint-minutes", "0.005", "--samples", "80")
)
LONG["grpo"] = (
    *("--epochs", "2", "--checkpoint-minutes", "0.005", "--samples", "20"),
    *("--group", "4", "--answer-length", "8", "--batch", "2"),
)
