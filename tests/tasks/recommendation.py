"""What the tests of every task have to know about recommendation."""

HEAD = b"user,item,rating,time\n"
USERS, ITEMS = 12, 12
PAIRS = [(u, i) for u in range(USERS) for i in range(ITEMS) if (u + i) % 2]
ROWS = HEAD + b"".join(b"u%d,i%d,4,2025-01-31\n" % pair for pair in PAIRS)
LAST = f"row {len(PAIRS) + 2}"  # where a line lands that is put behind ROWS
JSONL = b"".join(b'{"user": %d, "item": "i%d"}\n' % pair for pair in PAIRS)
LAST_JSON = f"row {len(PAIRS) + 1}"

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.csv": (b"", "empty.csv: holds no rows."),
    "header.csv": (HEAD, "header.csv: holds no rows."),
    "columns.csv": (
        b"who,what\nu1,i1\n",
        'columns.csv: which column is the user, of "who", "what"?',
    ),
    "blank.csv": (ROWS + b" ,i1,4,2025-01-31\n", f'blank.csv, {LAST}, column "user"'),
    "missing.jsonl": (JSONL + b'{"user": 7}\n', f'missing.jsonl, {LAST_JSON}, column "item"'),
    "mixed.jsonl": (
        JSONL + b'{"user": "seven", "item": "i1"}\n',
        f'mixed.jsonl, {LAST_JSON}, column "user": is a text',
    ),
    "list.jsonl": (JSONL + b'{"user": 7, "item": ["i1"]}\n', f"list.jsonl, {LAST_JSON}"),
    "word.csv": (ROWS + b"u1,i1,good,2025-01-31\n", f'word.csv, {LAST}, column "rating"'),
    "comma.csv": (ROWS + b'u1,i1,"4,5",2025-01-31\n', f'comma.csv, {LAST}, column "rating"'),
    "nan.csv": (ROWS + b"u1,i1,NaN,2025-01-31\n", f'nan.csv, {LAST}, column "rating"'),
    "inf.csv": (ROWS + b"u1,i1,inf,2025-01-31\n", f'inf.csv, {LAST}, column "rating"'),
    "future.csv": (
        ROWS + b"u1,i1,4,2999-01-31\n",
        f'future.csv, {LAST}, column "time": is 2999-01-31, which is in the future',
    ),
    "no-day.csv": (ROWS + b"u1,i1,4,2025-02-31\n", f'no-day.csv, {LAST}, column "time"'),
    "count.csv": (ROWS + b"u1,i1,4,17\n", f'count.csv, {LAST}, column "time"'),
    "long-id.csv": (
        ROWS + b"u1," + b"i" * 300 + b",4,2025-01-31\n",
        f'long-id.csv, {LAST}, column "item": has 300 characters',
    ),
    "huge.csv": (ROWS + b"u1," + b"i" * 200_000 + b",4,2025-01-31\n", f"huge.csv, {LAST}"),
    "latin-1.csv": (ROWS + "u1,Schweißen,4,2025-01-31\n".encode("latin-1"), LAST),
    "ragged.csv": (ROWS + b"u1,i1\n", f"ragged.csv, {LAST}"),
    "truncated.jsonl": (JSONL + b'{"user": 7, "it', f"truncated.jsonl, {LAST_JSON}"),
    "few-users.csv": (
        HEAD + b"".join(b"u%d,i%d,4,2025-01-31\n" % (n % 2, n) for n in range(60)),
        "few-users.csv: has 2 users; 10",
    ),
    "few-items.csv": (
        HEAD + b"".join(b"u%d,i%d,4,2025-01-31\n" % (n, n % 2) for n in range(60)),
        "few-items.csv: has 2 items; 10",
    ),
    "single-items.csv": (
        HEAD + b"".join(b"u%d,i%d,4,2025-01-31\n" % (n, n % 12) for n in range(60)),
        "single-items.csv: no user has two items",
    ),
    "disliked.csv": (
        ROWS,
        "disliked.csv: has 0 users in rows rated 5 or more",
        ("--min-rating", "5"),
    ),
    "again.csv": (ROWS, "again.csv, row 2: the user has this", ("--validation", "again.csv")),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
}

SHORT = {"neural": ("--debug", "--samples", "500")}
LONG = {
    "neural": ("--epochs", "60", "--patience", "60", "--checkpoint-minutes", "0.005"),
}
