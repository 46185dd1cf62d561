"""Tiny but real encoders: a configuration, random weights, and a tokenizer trained in place."""

import json
from pathlib import Path
from typing import Any

TRADES = Path(__file__).parents[1] / "examples" / "data" / "trades"
SIZE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def read_trades(name: str = "train.jsonl") -> list[dict[str, str]]:
    return [json.loads(line) for line in (TRADES / name).read_text("utf-8").splitlines()]


def save_tiny_encoder(folder: Path, architecture: str = "bert") -> Path:
    """Write a model that `from_pretrained` loads; `architecture` is bert, modernbert or distilbert."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast, set_seed

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=2000, special_tokens=list(SPECIAL.values()))
    tokenizer.train_from_iterator((row["text"] for row in read_trades()), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **SPECIAL)
    fast.save_pretrained(folder)
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    if architecture == "modernbert":
        ids |= {"cls_token_id": 2, "sep_token_id": 3}
    set_seed(0)
    config = AutoConfig.for_model(architecture, vocab_size=2000, **ids, **SIZE)
    AutoModel.from_config(config).save_pretrained(folder)
    return folder


CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def save_tiny_generator(folder: Path, architecture: str = "llama", chat: bool = True) -> Path:
    """Write a model that generates; `architecture` is llama, gpt2, t5 or bart."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import (
        AutoConfig,
        AutoModelForCausalLM,
        AutoModelForSeq2SeqLM,
        PreTrainedTokenizerFast,
        set_seed,
    )

    roles = ["<|system|>", "<|user|>", "<|assistant|>"] if chat else []
    special = {"pad_token": "<|pad|>", "eos_token": "<|end|>"}
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[*special.values(), *roles],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((row["text"] for row in read_trades()), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **special)
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    fast.save_pretrained(folder)
    set_seed(0)
    ids = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 1}
    if architecture in ("t5", "bart"):
        sizes: dict[str, Any] = (
            {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2}
            if architecture == "t5"
            else {"d_model": 32, "encoder_layers": 2, "decoder_layers": 2}
            | dict.fromkeys(("encoder_attention_heads", "decoder_attention_heads"), 2)
            | dict.fromkeys(("encoder_ffn_dim", "decoder_ffn_dim"), 64)
            | {"forced_eos_token_id": None}
        )
        config = AutoConfig.for_model(
            architecture, vocab_size=len(fast), decoder_start_token_id=0, **ids, **sizes
        )
        AutoModelForSeq2SeqLM.from_config(config).save_pretrained(folder)
    else:
        config = AutoConfig.for_model(
            architecture, vocab_size=len(fast), max_position_embeddings=512, **ids, **SIZE
        )
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder
