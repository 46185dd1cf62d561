"""What the tests of every task have to know about tabular."""

HEAD = "size,color,when,price\n"
LINES = [
    f"{n * 7 % 40},{'red' if n % 3 else 'blue'},2024-01-{n + 1:02},{n * n}\n" for n in range(24)
]
ROWS = HEAD + "".join(LINES)  # a regression of the price
SLASHES = HEAD + "".join(f"{n},red,{n + 1:02}/01/2024,{n * n}\n" for n in range(24))
CLASSES = "size,color,label\n" + "".join(f"{n * 7 % 40},red,{'ab'[n % 2]}\n" for n in range(24))
COPIED = "size,price,paid\n" + "".join(f"{n * 7 % 40},{n}.5,{n}.5\n" for n in range(24))


def change(line: int, old: str, new: str) -> bytes:
    """ROWS with one mistake in it."""
    lines = ROWS.splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "".join(lines).encode()


TO_PRICE = ("--columns", "target=price")

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.csv": (b"", "empty.csv: holds no rows."),
    "header.csv": (HEAD.encode(), "header.csv: holds no rows."),
    "latin-1.csv": ("size,label\n1,weiß\n".encode("latin-1"), "latin-1.csv, row 2"),
    "ragged.csv": (ROWS.encode() + b"1,red\n", "ragged.csv, row 26: has 2 of 4 values"),
    "twice.csv": (b"size,size,price\n1,2,3\n", 'the column "size" occurs twice'),
    "huge.csv": (HEAD.encode() + b"x" * 200_000 + b",red,,1\n", "huge.csv, row 2"),
    "word.csv": (change(5, "21", "many"), 'word.csv, row 5, column "size": is many, no number'),
    "comma.csv": (change(5, "21", '"2,1"'), 'comma.csv, row 5, column "size"'),
    "infinite.csv": (change(5, "21", "1e999"), 'infinite.csv, row 5, column "size"'),
    "february.csv": (change(5, "2024-01-04", "2024-02-30"), 'february.csv, row 5, column "when"'),
    "slashes.csv": (
        SLASHES.encode(),
        'slashes.csv, row 2, column "when": is "01/01/2024", which can be read as two dates',
    ),
    "no-price.csv": (change(5, ",9\n", ",\n"), 'no-price.csv, row 5, column "price": is missing'),
    "no-label.csv": (CLASSES.encode() + b"1,red,\n", 'no-label.csv, row 26, column "label"'),
    "free.csv": (change(5, ",9\n", ",free\n"), 'free.csv, row 5, column "price": is free'),
    "rare.csv": (CLASSES.encode() + b"1,red,c\n", 'rare.csv, row 26: the label "c" occurs only'),
    "constant.csv": (b"size,price\n" + b"1,5\n2,5\n" * 12, "constant.csv: every row has the label"),
    "few.csv": ("".join([HEAD, *LINES[:9]]).encode(), "few.csv: 9 rows are too few", TO_PRICE),
    "alone.csv": (b"price\n" + b"".join(b"%d\n" % n for n in range(24)), "has no column to learn"),
    "copy.csv": (COPIED.encode(), 'copy.csv, column "price": is a copy of the target'),
    "nowhere.csv": (ROWS.encode(), 'has no column "cost"', ("--columns", "target=cost")),
    "ignored.csv": (ROWS.encode(), "--ignore shape: no such column", ("--ignore", "shape")),
    "leaking.csv": (
        ROWS.encode(),
        "leaking.csv, row 2: the row is in the training data too, leaking.csv, row 2",
        ("--validation", "leaking.csv"),
    ),
    "nested.jsonl": (b'{"size": [1], "price": 2.5}\n' * 24, 'nested.jsonl, row 1, column "size"'),
    "surrogate.jsonl": (
        b'{"color": "\\ud800", "price": 2.5}\n{"color": "red", "price": 3.5}\n' * 12,
        'surrogate.jsonl, row 1, column "color": holds half a character',
    ),
    "truncated.json": (b'[{"size": 1, "price": 2.5}, {"si', "truncated.json, row 1"),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
}

SHORT: dict[str, tuple[str, ...]] = {}
