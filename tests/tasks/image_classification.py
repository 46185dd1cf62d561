"""What the tests of every task have to know about image-classification."""

import base64
import io
import json
import struct
import zlib
from pathlib import Path

from PIL import Image

SIDE = 32  # pixels that the tiny base models read


def picture(shade: int, ending: str = "PNG", mode: str = "L", others: int = 0) -> bytes:
    file = io.BytesIO()
    first, *rest = (Image.new(mode, (8, 8), shade + 60 * n) for n in range(others + 1))
    first.save(file, ending, **({"save_all": True, "append_images": rest} if rest else {}))
    return file.getvalue()


def row(content: bytes, label: object = "a") -> bytes:
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return json.dumps({"image": url, "label": label}).encode() + b"\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check


PNG = picture(1)
NOISE = picture(0)[:33] + chunk(b"IDAT", zlib.compress(b"too short")) + chunk(b"IEND", b"")
# 60,000 x 60,000 pixels in a few bytes.
BOMB = PNG[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)) + PNG[33:]
ROWS = b"".join(row(picture(n), "ab"[n % 2]) for n in range(8))  # rows 1 to 8
TABLE = b"file_name,label\n"
WHOLE = "its name has to end in"  # what is said of a picture that is taken for a table

BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "cut.jsonl": (ROWS + row(PNG)[:60], "cut.jsonl, row 9"),
    "half.jsonl": (ROWS + row(PNG[:50]), 'half.jsonl, row 9, column "image": is damaged'),
    "void.jsonl": (ROWS + row(b""), 'void.jsonl, row 9, column "image": is an empty file'),
    "text.jsonl": (ROWS + row(b"hello, there"), "text.jsonl, row 9"),
    "noise.jsonl": (ROWS + row(NOISE), 'noise.jsonl, row 9, column "image": is damaged'),
    "bomb.jsonl": (ROWS + row(BOMB), "has more than 80,000,000 pixels"),
    "moving.jsonl": (ROWS + row(picture(1, "WEBP", others=3)), 'row 9, column "image": is anim'),
    "phone.jsonl": (ROWS + row(b"\0\0\0\x18ftypheic" + b"\0" * 40), "is HEIC, as phones write it"),
    "base64.jsonl": (
        ROWS + b'{"image": "data:image/png;base64,iVBO=Rw", "label": "a"}',
        'base64.jsonl, row 9, column "image": is a data URL whose base64 is damaged',
    ),
    "address.jsonl": (
        ROWS + b'{"image": "https://example.com/a.png", "label": "a"}',
        'address.jsonl, row 9, column "image": is a web address',
    ),
    "number.jsonl": (ROWS + b'{"image": 7, "label": "a"}', "is 7, which is no path"),
    "missing.jsonl": (ROWS + b'{"label": "a"}', 'row 9, column "image": is missing'),
    "no-label.jsonl": (ROWS + row(picture(99), ""), 'no-label.jsonl, row 9, column "label"'),
    "mixed.jsonl": (ROWS + row(picture(99), 1), 'mixed.jsonl, row 9, column "label"'),
    "rare.jsonl": (ROWS + row(picture(99), "c"), 'rare.jsonl, row 9: the label "c" occurs only'),
    "single.jsonl": (row(picture(1)) + row(picture(2)), "single.jsonl: every row has the label"),
    "same.jsonl": (
        ROWS,
        "same.jsonl, row 1: the picture is in the training data too, same.jsonl, row 1",
        ("--validation", "same.jsonl"),
    ),
    "unseen.jsonl": (
        row(picture(50), "d"),
        'the label "d" is not in the training data',
        ("--data", "mended.jsonl", "--validation", "unseen.jsonl"),
    ),
    "mended.jsonl": (ROWS, 'has no column "what"', ("--columns", "label=what")),
    "gone.csv": (
        TABLE + b"pictures/none.png,a\n",
        'gone.csv, row 2, column "file_name": is pictures/none.png, and there is no such file',
    ),
    "paths.csv": (
        TABLE + b"pictures/a/broken.png,a\npictures/b/fine.png,b\n",
        'paths.csv, row 2, column "file_name": "broken.png" is damaged',
    ),
    # A folder for each label; each file of it is a case of its own, which is no table.
    "pictures/a/broken.png": (PNG[:50], "broken.png: is damaged", ("--data", "pictures")),
    "pictures/b/fine.png": (picture(2), WHOLE),
    "loose/a/1.png": (picture(1), WHOLE),
    "loose/2.png": (picture(2), "2.png: lies outside of the labels", ("--data", "loose")),
    "parts/train/a/1.png": (picture(1), "say --data parts/train", ("--data", "parts")),
    "flat/1.png": (picture(1), "has neither a folder of pictures", ("--data", "flat")),
    "texts/a/notes.txt": (b"hello", "texts: holds no pictures", ("--data", "texts")),
    "sheet.xlsx": (b"PK\x03\x04", "sheet.xlsx: its name has to end in"),
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    """A tiny but real network: a configuration, random weights, and how it reads pictures."""
    from transformers import AutoConfig, AutoModelForImageClassification, set_seed

    sizes: dict[str, dict[str, object]] = {
        "resnet": {"embedding_size": 16, "hidden_sizes": [16, 32, 64], "depths": [1, 1, 1]},
        "vit": {
            "hidden_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 96,
            "image_size": SIDE,
            "patch_size": 8,
        },
    }
    set_seed(0)
    config = AutoConfig.for_model(algorithm, **sizes[algorithm])
    AutoModelForImageClassification.from_config(config).save_pretrained(folder)
    reading = {"size": {"height": SIDE, "width": SIDE}, "image_mean": [0.5] * 3}
    reading |= {"image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(reading))
    return folder


LONG = dict.fromkeys(("resnet", "vit"), ("--epochs", "3", "--checkpoint-minutes", "0.005"))
