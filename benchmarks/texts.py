"""Texts whose lengths are mixed as real ones are: statements of one trade, joined."""

import json
import math
import random
from pathlib import Path
from typing import NamedTuple

TRADES = Path(__file__).parents[1] / "examples" / "data" / "trades"
MEDIAN = 77  # tokens; that of package descriptions, which others have measured on
SIGMA = 0.8  # of the logarithm
LONGEST = 500  # tokens, about
TOKENS_PER_WORD = 1.35  # WordPiece on these statements


class Text(NamedTuple):
    text: str
    label: str


def mixed_texts(count: int, part: str = "train", trades: int = 8, seed: int = 0) -> list[Text]:
    """Log-normal lengths, a label each; the same arguments give the same texts.

    The parts, train and val, have no statement in common.
    """
    random_ = random.Random(seed)
    known = _by_trade("train")
    largest = sorted(known, key=lambda trade: (-len(known[trade]), trade))[:trades]
    statements = _by_trade(part)
    return [_join(statements[trade], trade, random_) for trade in random_.choices(largest, k=count)]


def write_texts(path: Path, texts: list[Text]) -> Path:
    """As JSON lines, each text once."""
    lines = [json.dumps(text._asdict()) for text in dict.fromkeys(texts)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _by_trade(part: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (TRADES / f"{part}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        found.setdefault(row["label"], []).append(row["text"])
    return found


def _join(statements: list[str], trade: str, random_: random.Random) -> Text:
    wanted = min(LONGEST, random_.lognormvariate(math.log(MEDIAN), SIGMA)) / TOKENS_PER_WORD
    words: list[str] = []
    while len(words) < wanted:
        words += random_.choice(statements).split()
    return Text(" ".join(words[: max(3, round(wanted))]), trade)
