"""What the tests of every task have to know about text-classification."""

from pathlib import Path

ROWS = b'{"text": "Weld.", "label": "a"}\n{"text": "Solder.", "label": "b"}\n' * 2

BAD: dict[str, tuple[bytes, str]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "truncated.jsonl": (ROWS + b'{"text": "We', "truncated.jsonl, row 5"),
    "latin-1.csv": ("text,label\nSchweißen,a\n".encode("latin-1"), "latin-1.csv, row 2"),
    "blank.jsonl": (ROWS + b'{"text": " ", "label": "a"}', 'blank.jsonl, row 5, column "text"'),
    "number.jsonl": (ROWS + b'{"text": 7, "label": "a"}', 'number.jsonl, row 5, column "text"'),
    "nan.jsonl": (ROWS + b'{"text": "x", "label": NaN}', 'nan.jsonl, row 5, column "label"'),
    "mixed.jsonl": (ROWS + b'{"text": "x", "label": 1}', 'mixed.jsonl, row 5, column "label"'),
    "rare.csv": (b"text,label\nWeld,a\nCut,a\nBend,b\n", "rare.csv, row 4"),
    "single.csv": (b"text,label\nWeld,a\nCut,a\nBend,a\n", "single.csv: every row"),
    "ragged.csv": (b"text,label\nWeld,a\nCut\n", "ragged.csv, row 3"),
    "huge.csv": (b"text,label\n" + b"x" * 200_000 + b",a\n", "huge.csv, row 2"),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
    "sheet.xlsx": (b"PK\x03\x04", "sheet.xlsx: its name has to end in"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    from tests.tiny import save_tiny_encoder

    return save_tiny_encoder(folder)


LONG = dict.fromkeys(("lora", "full"), ("--epochs", "2", "--checkpoint-minutes", "0.005"))
