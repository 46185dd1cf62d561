"""What the tests of every task have to know about seq2seq."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SAMPLE = Path(__file__).parents[2] / "templates/tasks/seq2seq/sample.jsonl"
HEAD = b"document,summary\n"
LINES = [b"Source number %d is a long one,Target %d\n" % (n, n) for n in range(8)]
ROWS = b"".join([HEAD, *LINES]).replace(b" one,", b" one.,")
LAST = "row 10"  # where a line lands that is put behind ROWS
JSONL = b"".join(
    b'{"document": "Source %d is long.", "summary": "%d"}\n' % (n, n) for n in range(8)
)
LAST_JSON = "row 9"
OTHER = b"document,summary\nSource number 3 is  a long one.,Other\n"


# Of tiny base models, in the order of their ids.
SPECIAL = {"<s>": "bos", "<pad>": "pad", "</s>": "eos", "<unk>": "unk"}
SIDE = {"layers": 2, "attention_heads": 2, "ffn_dim": 64}
SIZE = {
    "t5": {"num_heads": 2, "d_kv": 16, "d_ff": 64, "num_layers": 2},
    "bart": {f"{side}_{name}": n for side in ("encoder", "decoder") for name, n in SIDE.items()},
}


def jsonl(source: str, target: str) -> bytes:
    """JSONL with one more row, its values as they stand in JSON."""
    return JSONL + b'{"document": %b, "summary": %b}\n' % (source.encode(), target.encode())


BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "header.csv": (HEAD, "header.csv: holds no rows."),
    "one-column.csv": (b"text\nLong.\n", 'which column is the target, of "text"?'),
    "no-field.csv": (ROWS, "--columns label: choose", ("--columns", "label=summary")),
    "blank.csv": (ROWS + b"Some text., \n", f'blank.csv, {LAST}, column "summary": is empty'),
    "no-source.csv": (ROWS + b",Target\n", f'no-source.csv, {LAST}, column "document": is empty'),
    "null.jsonl": (jsonl('"x"', "null"), f'null.jsonl, {LAST_JSON}, column "summary": is missing'),
    "lacking.jsonl": (JSONL + b'{"document": "x"}\n', f'lacking.jsonl, {LAST_JSON}, column "summ'),
    "nan.jsonl": (jsonl("NaN", '"x"'), f'nan.jsonl, {LAST_JSON}, column "document": is missing'),
    "number.jsonl": (jsonl('"x"', "7"), f'number.jsonl, {LAST_JSON}, column "summary": is 7'),
    "list.jsonl": (jsonl('["x"]', '"y"'), f'list.jsonl, {LAST_JSON}, column "document"'),
    "object.jsonl": (jsonl('"x"', '{"a": 1}'), f"object.jsonl, {LAST_JSON}"),
    "half.jsonl": (jsonl('"\\ud800"', '"y"'), f"half.jsonl, {LAST_JSON}"),
    "nul.jsonl": (jsonl('"a\\u0000b"', '"y"'), f"nul.jsonl, {LAST_JSON}"),
    "lost.csv": (ROWS + "Schwei\ufffden,weld\n".encode(), f"lost.csv, {LAST}"),
    "long.jsonl": (
        jsonl('"' + "x" * 1_000_001 + '"', '"y"'),
        f'long.jsonl, {LAST_JSON}, column "document": has 1,000,001 characters',
    ),
    "huge.csv": (ROWS + b"x" * 200_000 + b",y\n", f"huge.csv, {LAST}"),
    "ragged.csv": (ROWS + b"one, two, three\n", f"ragged.csv, {LAST}: has 3 of 2 values"),
    "latin-1.csv": (ROWS + "Schweißen,weld\n".encode("latin-1"), f"latin-1.csv, {LAST}"),
    "truncated.jsonl": (JSONL + b'{"document": "Som', f"truncated.jsonl, {LAST_JSON}"),
    "copies.csv": (
        b"source,target\n" + b"".join(b"T%d,T%d\n" % (n, n) for n in range(9)),
        "9 of 9",
    ),
    "few.csv": (HEAD + b"Long.,Short\nLonger.,Short\n", "few.csv: 2 different sources are too few"),
    "leak.csv": (
        ROWS,
        "leak.csv, row 2: the source is in the training data too, leak.csv, row 2",
        ("--validation", "leak.csv"),
    ),
    "spaces.csv": (
        OTHER,
        "other.csv, row 5: the source is in the training data too, spaces.csv, row 2",
        ("--validation", "other.csv"),
    ),
    "other.csv": (ROWS, 'other.csv: has no column "x"', ("--columns", "target=x")),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
    "sheet.xlsx": (b"PK\x03\x04", "sheet.xlsx: its name has to end in"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    """A tiny but real T5 or BART: random weights, and a tokenizer trained in place."""
    from transformers import AutoConfig, AutoModelForSeq2SeqLM, PreTrainedTokenizerFast, set_seed

    rows = [json.loads(line) for line in SAMPLE.read_text("utf-8").splitlines()]
    tokenizer = (_t5 if algorithm == "t5" else _bart)([t for row in rows for t in row.values()])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=512,
        **{f"{name}_token": token for token, name in SPECIAL.items()},
    )
    fast.save_pretrained(folder)
    ids = {f"{name}_token_id": tokenizer.token_to_id(token) for token, name in SPECIAL.items()}
    start = ids["pad_token_id" if algorithm == "t5" else "eos_token_id"]
    set_seed(0)
    config = AutoConfig.for_model(
        algorithm,
        vocab_size=tokenizer.get_vocab_size(),
        d_model=32,
        decoder_start_token_id=start,
        **ids,
        **SIZE[algorithm],
    )
    AutoModelForSeq2SeqLM.from_config(config).save_pretrained(folder)
    return folder


def _t5(texts: list[str]) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=1000, special_tokens=[*SPECIAL], unk_token="<unk>")
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", [*SPECIAL].index("</s>"))]
    )
    return tokenizer


def _bart(texts: list[str]) -> "Tokenizer":
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1000, special_tokens=[*SPECIAL], initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", [*SPECIAL].index("</s>")), ("<s>", [*SPECIAL].index("<s>"))
    )
    return tokenizer


LONG = dict.fromkeys(("t5", "bart"), ("--epochs", "3", "--checkpoint-minutes", "0.005"))
