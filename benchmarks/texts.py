"""Texts whose lengths are mixed as real ones are: statements of one trade, joined."""

import json
import math
import random
from pathlib import Path
from typing import NamedTuple

TRADES = Path(__file__).parents[1] / "examples" / "data" / "trades" / "train.jsonl"
MEDIAN = 77  # tokens; that of package descriptions, which others have measured on
SIGMA = 0.8  # of the logarithm
LONGEST = 500  # tokens, about
TOKENS_PER_WORD = 1.35  # WordPiece on these statements


class Text(NamedTuple):
    text: str
    label: str


def mixed_texts(count: int, trades: int = 8, seed: int = 0) -> list[Text]:
    """Log-normal lengths, a label each; the same arguments give the same texts."""
    random_ = random.Random(seed)
    rows = [json.loads(line) for line in TRADES.read_text("utf-8").splitlines()]
    by_trade: dict[str, list[str]] = {}
    for row in rows:
        by_trade.setdefault(row["label"], []).append(row["text"])
    largest = sorted(by_trade, key=lambda trade: (-len(by_trade[trade]), trade))[:trades]
    return [_join(by_trade[trade], trade, random_) for trade in random_.choices(largest, k=count)]


def _join(statements: list[str], trade: str, random_: random.Random) -> Text:
    wanted = min(LONGEST, random_.lognormvariate(math.log(MEDIAN), SIGMA)) / TOKENS_PER_WORD
    words: list[str] = []
    while len(words) < wanted:
        words += random_.choice(statements).split()
    return Text(" ".join(words[: max(3, round(wanted))]), trade)
