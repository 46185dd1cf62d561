"""What the tests of every task have to know about embeddings."""

from pathlib import Path

HEAD = b"query,passage\n"
LINES = [b"how to weld part %d,Clean part %d and strike an arc.\n" % (n, n) for n in range(24)]
ROWS = HEAD + b"".join(LINES)
LAST = f"row {len(LINES) + 2}"  # where a line lands that is put behind ROWS
JSONL = b"".join(b'{"query": "weld %d", "passage": "Arc %d."}\n' % (n, n) for n in range(24))
LAST_JSON = f"row {len(LINES) + 1}"
NEGATIVES = b"query,passage,negative\n" + b"".join(
    b"weld %d,Arc %d.,%s\n" % (n, n, b"Solder." if n % 2 else b"") for n in range(24)
)

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.csv": (b"", "empty.csv: holds no rows."),
    "header.csv": (HEAD, "header.csv: holds no rows."),
    "one-column.csv": (b"passage\nWeld.\n", 'one-column.csv: which column is the query, of "passa'),
    "numbers.json": (b'[{"a": 1, "b": 2}]', "numbers.json: which column is the query"),
    "nowhere.csv": (ROWS, 'has no column "ask"', ("--columns", "query=ask")),
    "no-field.csv": (ROWS, "--columns label: choose query", ("--columns", "label=query")),
    "blank.csv": (ROWS + b" ,Weld it.\n", f'blank.csv, {LAST}, column "query": is empty'),
    "no-passage.csv": (ROWS + b"weld,\n", f'no-passage.csv, {LAST}, column "passage": is empty'),
    "missing.jsonl": (JSONL + b'{"query": "weld"}\n', f'missing.jsonl, {LAST_JSON}, column "pass'),
    "nan.jsonl": (
        JSONL + b'{"query": NaN, "passage": "Weld."}\n',
        f'nan.jsonl, {LAST_JSON}, column "query": is missing',
    ),
    "number.jsonl": (
        JSONL + b'{"query": 7, "passage": "Weld."}\n',
        f'number.jsonl, {LAST_JSON}, column "query": is 7, which is no text',
    ),
    "list.jsonl": (
        JSONL + b'{"query": "weld", "passage": ["Weld."]}\n',
        f'list.jsonl, {LAST_JSON}, column "passage"',
    ),
    "surrogate.jsonl": (
        JSONL + b'{"query": "weld \\ud800", "passage": "Weld."}\n',
        f'surrogate.jsonl, {LAST_JSON}, column "query": holds half a character',
    ),
    "long.jsonl": (
        JSONL + b'{"query": "weld", "passage": "' + b"x " * 60_000 + b'"}\n',
        f'long.jsonl, {LAST_JSON}, column "passage": has 120,000 characters',
    ),
    "same.csv": (
        ROWS + b"Weld  it.,weld it.\n",
        f'same.csv, {LAST}, column "passage": is the same',
    ),
    "negative.csv": (
        NEGATIVES + b"weld,Strike an arc.,strike an arc.\n",
        f'negative.csv, {LAST}, column "negative": is the same text as the passage',
    ),
    "number-negative.jsonl": (
        JSONL + b'{"query": "weld", "passage": "Weld.", "negative": 7}\n',
        f'number-negative.jsonl, {LAST_JSON}, column "negative": is 7',
    ),
    "contradiction.csv": (
        NEGATIVES + b"weld 1,Strike an arc.,Arc 1.\n",
        f"contradiction.csv, {LAST}: its negative answers the same query in",
    ),
    "few-queries.csv": (
        HEAD + b"".join(b"weld,Clean part %d.\n" % n for n in range(24)),
        "few-queries.csv: has 1 different queries; 20",
    ),
    "few-passages.csv": (
        HEAD + b"".join(b"weld %d,Strike an arc.\n" % n for n in range(24)),
        "few-passages.csv: has 1 different passages; 20",
    ),
    "again.csv": (
        ROWS,
        "again.csv, row 2: the query is in the training data too, again.csv, row 2",
        ("--validation", "again.csv"),
    ),
    "samples.csv": (ROWS, "--samples 3: choose 10 or more", ("--samples", "3")),
    "latin-1.csv": (ROWS + "schweißen,Clean it.\n".encode("latin-1"), f"latin-1.csv, {LAST}"),
    "ragged.csv": (ROWS + b"weld\n", f"ragged.csv, {LAST}: has 1 of 2 values"),
    "huge.csv": (ROWS + b"weld," + b"x" * 200_000 + b"\n", f"huge.csv, {LAST}"),
    "truncated.jsonl": (JSONL + b'{"query": "we', f"truncated.jsonl, {LAST_JSON}"),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
    "sheet.xlsx": (b"PK\x03\x04", "sheet.xlsx: its name has to end in"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    from tests.tiny import save_tiny_encoder

    return save_tiny_encoder(folder)


LONG = dict.fromkeys(
    ("contrastive", "lora"),
    ("--epochs", "2", "--samples", "200", "--checkpoint-minutes", "0.005"),
)
