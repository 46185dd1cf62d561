"""What the tests of every task have to know about forecasting."""

from datetime import date, timedelta

HEAD = "day,shop,sales\n"
START = date(2024, 1, 1)
LINES = [
    f"{START + timedelta(days=n)},{shop},{10 + n % 7 + n / 10}\n"
    for shop in ("north", "south")
    for n in range(80)
]
ROWS = HEAD + "".join(LINES)
SHOPS = ("--columns", "series=shop")


def change(line: int, old: str, new: str) -> bytes:
    """ROWS with one mistake in it."""
    lines = ROWS.splitlines(keepends=True)
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return "".join(lines).encode()


def every(days: int, values: int = 80) -> bytes:
    """One series with a value every so many days."""
    rows = (f"{START + timedelta(days=days * n)},{n % 5}\n" for n in range(values))
    return ("day,sales\n" + "".join(rows)).encode()


ALL = ROWS.encode()

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.csv": (b"", "empty.csv: holds no rows."),
    "header.csv": (HEAD.encode(), "header.csv: holds no rows."),
    "columns.csv": (b"who,what\na,b\n", "columns.csv: which column is the time, of"),
    "latin-1.csv": ("day,sales\n2024-01-01,weiß\n".encode("latin-1"), "latin-1.csv, row 2"),
    "ragged.csv": (ALL + b"2024-03-21,south\n", "ragged.csv, row 162: has 2 of 3 values", SHOPS),
    "no-day.csv": (change(5, "2024-01-04", "2024-02-30"), 'no-day.csv, row 5, column "day"', SHOPS),
    "no-time.csv": (change(5, "2024-01-04", ""), 'row 5, column "day": is missing', SHOPS),
    "style.csv": (
        change(5, "2024-01-04", "04/01/2024"),
        'style.csv, row 5, column "day": is 04/01/2024, which is no time',
        SHOPS,
    ),
    "mixed.csv": (
        change(5, "2024-01-04", "2024-01-04T00:00"),
        'mixed.csv, row 5, column "day": is 2024-01-04T00:00, but most rows are written as',
        SHOPS,
    ),
    "future.csv": (
        change(5, "2024-01-04", "2999-01-04"),
        'future.csv, row 5, column "day": is 2999-01-04, which is in the future',
        SHOPS,
    ),
    "twice.csv": (
        change(6, "2024-01-05", "2024-01-04"),
        'twice.csv, row 6, column "day": the series "north" has this time in twice.csv, row 5',
        SHOPS,
    ),
    "no-shop.csv": (ALL, 'the series "sales" has this time in no-shop.csv, row 2'),
    "gap.csv": (
        change(6, LINES[4], ""),
        'gap.csv, row 6, column "day": before it 1 day is missing in the series "north"',
        SHOPS,
    ),
    "word.csv": (change(5, ",13.3", ",many"), 'row 5, column "sales": is many, which is no', SHOPS),
    "comma.csv": (change(5, "13.3", '"13,3"'), 'comma.csv, row 5, column "sales"', SHOPS),
    "blank.csv": (change(5, "13.3", ""), 'row 5, column "sales": is missing; write a', SHOPS),
    "nan.csv": (change(5, "13.3", "NaN"), 'nan.csv, row 5, column "sales": is missing', SHOPS),
    "inf.csv": (change(5, "13.3", "inf"), 'inf.csv, row 5, column "sales": is inf', SHOPS),
    "name.csv": (change(5, "north", " "), 'name.csv, row 5, column "shop": is empty', SHOPS),
    "long.csv": (change(5, "north", "n" * 300), 'row 5, column "shop": has 300 char', SHOPS),
    "new.csv": (ALL + b"2024-01-01,west,4\n", 'new.csv: the series "west" has 1 value; 20', SHOPS),
    "short.csv": (every(1, 30), "short.csv: the series", ("--horizon", "20")),
    "steps.csv": (every(2), 'steps.csv, column "day": its times are at no usual distance'),
    "sparse.csv": (every(3), "sparse.csv: the series", ("--frequency", "day", "--fill", "linear")),
    "off.csv": (every(3), 'off.csv, row 3, column "day": is 2024-01-04', ("--frequency", "week")),
    "flat.csv": (
        b"year,value\n" + b"".join(b"%d,7\n" % year for year in range(1960, 2000)),
        'flat.csv: the series "value" has the value 7 all the time',
    ),
    "again.csv": (ALL, "again.csv, row 2, column", (*SHOPS, "--validation", "again.csv")),
    "huge.csv": (ALL + b"x" * 200_000 + b",south,1\n", "huge.csv, row 162", SHOPS),
    "truncated.jsonl": (b'{"day": "2024-01-01", "sales": 1}\n{"da', "truncated.jsonl, row 2"),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
}

LONG = {
    "lstm": ("--epochs", "12", "--patience", "12", "--checkpoint-minutes", "0.005"),
    "transformer": ("--epochs", "12", "--patience", "12", "--checkpoint-minutes", "0.005"),
}
