"""What the tests of every task have to know about image-generation."""

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

WORDS = "a sign with hammer on white, black. wrench warning triangle yellow blue round mandatory"


def png(side: int, shade: int = 0, depth: int = 8) -> bytes:
    """A gray square, written here: the tests of all tasks need no PIL."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        ends = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + ends

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, 0, 0, 0, 0))
    line = b"\0" + bytes([shade]) * (side * depth // 8)
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(line * side))
        + chunk(b"IEND", b"")
    )


def url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def row(image: object, caption: object = "a gray square") -> bytes:
    return json.dumps({"image": image, "caption": caption}).encode() + b"\n"


ROWS = b"".join(row(url(png(512, shade)), f"a square of gray {shade}") for shade in range(6))
CUT = png(512, 9)[:60]


def in_jsonl(name: str, said: str, *values: object) -> dict[str, tuple[bytes, str]]:
    return {f"{name}.jsonl": (ROWS + row(*values), f"{name}.jsonl, row 7, {said}")}


IMAGE, CAPTION = 'column "image": ', 'column "caption": '
BAD: dict[str, tuple[bytes, str] | tuple[bytes, str, tuple[str, ...]]] = {
    "empty.jsonl": (b"", "empty.jsonl: holds no rows."),
    "columns.csv": (b"a,b\n1,2\n", 'columns.csv: which column is the image, of "a", "b"?'),
    "few.jsonl": (row(url(png(512))), "few.jsonl: has 1 picture; 5 are the least."),
    "broken.jsonl": (ROWS + b'{"image": "da', "broken.jsonl, row 7"),
    "latin-1.csv": ("image,caption\na.png,Schweißen\n".encode("latin-1"), "latin-1.csv, row 2"),
    **in_jsonl("cut", IMAGE + "is damaged or cut off", url(CUT)),
    **in_jsonl("base64", IMAGE + "is a data URL whose base64", url(png(512))[:-3]),
    **in_jsonl("text", IMAGE + "is no PNG, JPEG, WEBP or BMP picture", url(b"hello")),
    **in_jsonl("no-bytes", IMAGE + "is an empty file", url(b"")),
    **in_jsonl("svg", IMAGE + "is no PNG", url(b"<svg/>", "image/svg+xml")),
    **in_jsonl("small", IMAGE + "is 100 x 100 pixels", url(png(100))),
    **in_jsonl("deep", IMAGE + "has other than 8 bits", url(png(512, depth=16))),
    **in_jsonl("bomb", IMAGE + "has more than 80,000,000 pixels", url(png(9000))),
    **in_jsonl("nowhere", IMAGE + "is photos/7.png, and there is no such file", "photos/7.png"),
    **in_jsonl("outside", IMAGE + "leads out of", "../../etc/hostname"),
    **in_jsonl("absolute", IMAGE + "leads out of", "/etc/hostname"),
    **in_jsonl("web", IMAGE + "is a web address", "https://example.com/7.png"),
    **in_jsonl("number", IMAGE + "is 7, which is no path", 7),
    **in_jsonl("missing", IMAGE + "is missing", None),
    **in_jsonl("unsaid", CAPTION + "is missing", url(png(512, 9)), None),
    **in_jsonl("blank", CAPTION + "is empty", url(png(512, 9)), " "),
    **in_jsonl("listed", CAPTION + "is ['a', 'b'], which is no text", url(png(512, 9)), ["a", "b"]),
    **in_jsonl("novel", CAPTION + "has 5,000 characters", url(png(512, 9)), "x" * 5000),
    "leaking.jsonl": (
        ROWS,
        "leaking.jsonl, row 1: the picture is in the training data too, leaking.jsonl, row 1",
        ("--validation", "leaking.jsonl"),
    ),
    "binary.parquet": (b"\x00\x01PAR2", "binary.parquet"),
    "photos/1.jpg": (b"not a picture", "no PNG, JPEG, WEBP or BMP picture", ("--data", "photos")),
    "photos/1.txt": (
        b"a hammer",
        "photos/2.png: has no caption; write what it shows to 2.txt",
        ("--data", "photos"),
    ),
    "photos/2.png": (png(512), "photos/3.txt: is not UTF-8", ("--data", "photos")),
    "photos/3.png": (png(512, 3), "photos/4.txt: is empty", ("--data", "photos")),
    "photos/3.txt": (b"Schwei\xdfen", "photos/3.txt", ("--data", "photos")),
    "photos/4.png": (png(512, 4), "photos/1.jpg: is no PNG", ("--data", "photos")),
    "photos/4.txt": (b" ", "photos/4.txt", ("--data", "photos")),
}

SHORT: dict[str, tuple[str, ...]] = {}
LONG = {
    "lora": (
        *("--resolution", "64", "--samples", "20", "--epochs", "2", "--repeats", "4"),
        *("--shown", "1", "--checkpoint-minutes", "0.0005"),
    )
}


def save_base_model(folder: Path, algorithm: str) -> Path:
    """A Stable Diffusion of 0.2 million random weights, with a tokenizer trained in place."""
    import torch
    from diffusers import (
        AutoencoderKL,
        PNDMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    tokenizer = _train_tokenizer()
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            intermediate_size=37,
            num_hidden_layers=2,
            num_attention_heads=4,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        layers_per_block=1,
        block_out_channels=(16, 32),
        norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        attention_head_dim=8,
    )
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 16, 16),
        norm_num_groups=8,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )
    scheduler = PNDMScheduler(  # as Stable Diffusion 1.5 has it
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        skip_prk_steps=True,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    pipeline: Any = StableDiffusionPipeline(
        vae=vae,
        text_encoder=text_encoder,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)
    return folder


def _train_tokenizer() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
    from transformers import CLIPTokenizer

    ends = ["<|startoftext|>", "<|endoftext|>"]
    bpe = Tokenizer(models.BPE(unk_token=ends[1], end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Lowercase()
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=ends,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
    )
    bpe.train_from_iterator(WORDS.split(), trainer)
    learnt = json.loads(bpe.to_str())["model"]
    merges: Any = [tuple(pair) for pair in learnt["merges"]]
    return CLIPTokenizer(vocab=learnt["vocab"], merges=merges, model_max_length=77)
